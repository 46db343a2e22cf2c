// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PoolAccounts} from "./PoolAccounts.sol";
import {PoolShares} from "./PoolShares.sol";
import {UnstakeQueue} from "./UnstakeQueue.sol";
import {IStETH} from "./interfaces/IStETH.sol";
import {Bounds} from "./interfaces/IStakingPool.sol";

/// @title StETH: a staking pool that is its own rebasing token
/// @dev Balances are parts of the pool's ETH, so that a report changes them all at once. Shares that wait in the queue
/// are kept by this contract; nobody else can send it any.
contract StETH is UnstakeQueue, ERC20, IStETH {
    error TransferToPool();

    mapping(address account => uint256) private _shares;
    /// @inheritdoc IStETH
    uint256 public getTotalShares;

    constructor(
        string memory name_,
        string memory symbol_,
        address owner_,
        address oracle_,
        Bounds memory bounds_
    ) ERC20(name_, symbol_) PoolAccounts(owner_, oracle_, bounds_) {}

    /// @inheritdoc IStETH
    function submit(address referral) external payable returns (uint256 shares) {
        shares = _deposit();
        emit Submitted(msg.sender, msg.value, referral);
    }

    /// @inheritdoc IStETH
    function transferShares(address recipient, uint256 sharesAmount) external returns (uint256 amount) {
        amount = getPooledEthByShares(sharesAmount);
        _moveSharesOf(msg.sender, recipient, sharesAmount, amount);
    }

    /// @inheritdoc IStETH
    /// @dev Spends the allowance that the shares are worth.
    function transferSharesFrom(address sender, address recipient, uint256 sharesAmount)
        external
        returns (uint256 amount)
    {
        amount = getPooledEthByShares(sharesAmount);
        _spendAllowance(sender, msg.sender, amount);
        _moveSharesOf(sender, recipient, sharesAmount, amount);
    }

    function token() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc IStETH
    function getTotalPooledEther() external view returns (uint256) {
        return pooledEth();
    }

    /// @inheritdoc IStETH
    function sharesOf(address account) external view returns (uint256) {
        return _shares[account];
    }

    function totalSupply() public view override(ERC20, IERC20) returns (uint256) {
        return pooledEth();
    }

    function balanceOf(address account) public view override(ERC20, IERC20) returns (uint256) {
        return getPooledEthByShares(_shares[account]);
    }

    /// @inheritdoc IStETH
    function getSharesByPooledEth(uint256 ethAmount) public view returns (uint256) {
        return PoolShares.toUnits(ethAmount, getTotalShares, pooledEth());
    }

    /// @inheritdoc IStETH
    function getPooledEthByShares(uint256 sharesAmount) public view returns (uint256) {
        return PoolShares.toEth(sharesAmount, getTotalShares, pooledEth());
    }

    /// @dev OpenZeppelin's one place where balances change; here only transfers by amount come through it.
    function _update(address from, address to, uint256 amount) internal override {
        _moveSharesOf(from, to, getSharesByPooledEth(amount), amount);
    }

    function _mintFor(address account, uint256 eth) internal override returns (uint256 shares) {
        shares = getSharesByPooledEth(eth);
        if (getTotalShares == 0) {
            require(shares > PoolShares.DEAD_UNITS, DepositTooSmall(eth));
            shares -= PoolShares.DEAD_UNITS;
            _mintShares(PoolShares.DEAD, PoolShares.DEAD_UNITS, PoolShares.DEAD_UNITS);
            _mintShares(account, shares, eth - PoolShares.DEAD_UNITS);
        } else {
            _mintShares(account, shares, eth);
        }
    }

    function _take(address account, uint256 amount) internal override returns (uint256 shares) {
        shares = getSharesByPooledEth(amount);
        _moveShares(account, address(this), shares, amount);
    }

    function _burnTaken(uint256 shares) internal override {
        uint256 amount = getPooledEthByShares(shares);
        _shares[address(this)] -= shares;
        getTotalShares -= shares;
        emit Transfer(address(this), address(0), amount);
        emit TransferShares(address(this), address(0), shares);
        emit SharesBurnt(address(this), amount, getPooledEthByShares(shares), shares);
    }

    function _ethOf(uint256 shares) internal view override returns (uint256) {
        return getPooledEthByShares(shares);
    }

    function _reported(uint256 before, uint256 elapsed) internal override {
        uint256 shares = getTotalShares;
        emit TokenRebased(block.timestamp, elapsed, shares, before, shares, pooledEth(), 0);
    }

    function _mintShares(address account, uint256 shares, uint256 amount) private {
        _shares[account] += shares;
        getTotalShares += shares;
        emit Transfer(address(0), account, amount);
        emit TransferShares(address(0), account, shares);
    }

    /// @dev A transfer by a holder, which cannot go to the pool: what it keeps there is the queue's.
    function _moveSharesOf(address from, address to, uint256 shares, uint256 amount) private {
        require(to != address(0), ERC20InvalidReceiver(to));
        require(to != address(this), TransferToPool());
        _moveShares(from, to, shares, amount);
    }

    function _moveShares(address from, address to, uint256 shares, uint256 amount) private {
        uint256 held = _shares[from];
        require(shares <= held, ERC20InsufficientBalance(from, getPooledEthByShares(held), amount));
        _shares[from] = held - shares;
        _shares[to] += shares;
        emit Transfer(from, to, amount);
        emit TransferShares(from, to, shares);
    }
}
