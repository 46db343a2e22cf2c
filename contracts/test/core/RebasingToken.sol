// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title RebasingToken: balances that move by themselves, with the rounding of stETH
/// @dev An account holds parts; a balance is parts × pool / all parts, rounded down, and a transfer moves
/// amount × all parts / pool parts, rounded down: it may bring a unit or two less than its amount.
contract RebasingToken is ERC20("Rebasing", "RB") {
    mapping(address account => uint256) private _parts;
    uint256 private _allParts;
    uint256 private _pool;

    /// @notice Sets what all parts together are worth.
    function rebase(uint256 pool) external {
        _pool = pool;
    }

    function mint(address to, uint256 amount) external {
        uint256 parts = _pool == 0 ? amount : amount * _allParts / _pool;
        _parts[to] += parts;
        _allParts += parts;
        _pool += amount;
    }

    function totalSupply() public view override returns (uint256) {
        return _pool;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return _allParts == 0 ? 0 : _parts[account] * _pool / _allParts;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 parts = amount * _allParts / _pool;
        require(parts <= _parts[from], ERC20InsufficientBalance(from, balanceOf(from), amount));
        _parts[from] -= parts;
        _parts[to] += parts;
        emit Transfer(from, to, amount);
    }
}
