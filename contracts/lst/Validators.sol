// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title IValidatorsPool: takes back what its validators held
interface IValidatorsPool {
    function receiveFromValidators() external payable;
}

/// @title Validators: stands for the beacon chain on a devnet: what a pool staked, with rewards and penalties
/// @dev Its balance is what the pool's oracle reports on. On a real chain the deposit contract and withdrawal
/// credentials are in its place.
contract Validators {
    error OnlyPool(address caller);
    error OnlyChain(address caller);

    event Penalized(uint256 eth);

    /// @dev Where penalties go: nobody has its key.
    address private constant BURNED = address(0xdEaD);

    IValidatorsPool public immutable pool;
    /// @notice Who penalizes: the devnet's stand-in for the protocol.
    address public immutable chain;

    constructor(address chain_) {
        pool = IValidatorsPool(msg.sender);
        chain = chain_;
    }

    /// @notice Deposits of the pool, and rewards by anyone.
    receive() external payable {}

    /// @notice Sends ETH back to the pool.
    function withdraw(uint256 eth) external {
        require(msg.sender == address(pool), OnlyPool(msg.sender));
        pool.receiveFromValidators{value: eth}();
    }

    /// @notice Burns ETH as a slashing on the beacon chain does.
    function penalize(uint256 eth) external {
        require(msg.sender == chain, OnlyChain(msg.sender));
        Address.sendValue(payable(BURNED), eth);
        emit Penalized(eth);
    }
}
