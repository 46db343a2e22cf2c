// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title PoolToken: an ERC-20 that only the pool that created it mints and burns
abstract contract PoolToken is ERC20 {
    error OnlyPool(address caller);

    /// @notice The staking pool.
    address public immutable pool;

    constructor(string memory name_, string memory symbol_) ERC20(name_, symbol_) {
        pool = msg.sender;
    }

    modifier onlyPool() {
        _checkPool();
        _;
    }

    function _checkPool() private view {
        require(msg.sender == pool, OnlyPool(msg.sender));
    }
}
