// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PoolAccounts} from "./PoolAccounts.sol";
import {PoolShares} from "./PoolShares.sol";
import {RETH} from "./RETH.sol";
import {UnstakeQueue} from "./UnstakeQueue.sol";
import {Bounds} from "./interfaces/IStakingPool.sol";

/// @title REthPool: a deposit pool whose token has a rate that follows the pool's ETH
contract REthPool is UnstakeQueue {
    RETH private immutable _token;

    constructor(
        string memory name_,
        string memory symbol_,
        address owner_,
        address oracle_,
        Bounds memory bounds_
    ) PoolAccounts(owner_, oracle_, bounds_) {
        _token = new RETH(name_, symbol_);
    }

    function token() external view returns (address) {
        return address(_token);
    }

    function _mintFor(address account, uint256 eth) internal override returns (uint256 amount) {
        amount = _token.getRethValue(eth);
        if (_token.totalSupply() == 0) {
            require(amount > PoolShares.DEAD_UNITS, DepositTooSmall(eth));
            amount -= PoolShares.DEAD_UNITS;
            _token.mint(PoolShares.DEAD, PoolShares.DEAD_UNITS, PoolShares.DEAD_UNITS);
            _token.mint(account, amount, eth - PoolShares.DEAD_UNITS);
        } else {
            _token.mint(account, amount, eth);
        }
    }

    function _take(address account, uint256 amount) internal override returns (uint256) {
        // OpenZeppelin's transfers revert, and return true else.
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        _token.transferFrom(account, address(this), amount);
        return amount;
    }

    function _burnTaken(uint256 amount) internal override {
        _token.burn(amount, _ethOf(amount));
    }

    function _ethOf(uint256 amount) internal view override returns (uint256) {
        return _token.getEthValue(amount);
    }
}
