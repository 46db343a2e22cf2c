// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title StrategyBase: shares of the balance of one plain or rebasing ERC-20
/// @dev A share's value is (balance + offset) / (shares + offset): the offsets stand for shares that nobody owns, so
/// that a donation to an empty strategy cannot make the next deposit round to nothing.
contract StrategyBase is IStrategy {
    using SafeERC20 for IERC20;

    /// @dev Virtual shares, and virtual balance in the token's smallest units.
    uint256 private constant OFFSET = 1e3;
    /// @dev Keeps shares within the 38 decimal digits that rewards are computed with.
    uint256 private constant MAX_TOTAL_SHARES = 1e38 - 1;

    /// @inheritdoc IStrategy
    IStrategyManager public immutable strategyManager;
    /// @inheritdoc IStrategy
    IERC20 public immutable underlyingToken;
    /// @inheritdoc IStrategy
    uint256 public totalShares;

    modifier onlyStrategyManager() {
        _checkStrategyManager();
        _;
    }

    constructor(IStrategyManager manager, IERC20Metadata token) {
        strategyManager = manager;
        underlyingToken = token;
        emit StrategyTokenSet(token, token.decimals());
    }

    /// @inheritdoc IStrategy
    function deposit(IERC20 token, uint256 amount) external onlyStrategyManager returns (uint256 newShares) {
        require(address(token) == address(underlyingToken), OnlyUnderlyingToken());
        // The tokens are here already: the price is that of before they came. A rebasing token may bring a few units
        // less than the amount, even to an empty strategy: the offset takes that up.
        uint256 balanceBefore = _balance() + OFFSET - amount;
        newShares = Math.mulDiv(amount, totalShares + OFFSET, balanceBefore);
        require(newShares != 0, NewSharesZero());
        uint256 newTotal = totalShares + newShares;
        require(newTotal <= MAX_TOTAL_SHARES, TotalSharesExceedsMax());
        totalShares = newTotal;
        emit ExchangeRateEmitted(sharesToUnderlyingView(1e18));
    }

    /// @inheritdoc IStrategy
    function withdraw(address recipient, IERC20 token, uint256 amountShares)
        external
        onlyStrategyManager
        returns (uint256 amountOut)
    {
        require(address(token) == address(underlyingToken), OnlyUnderlyingToken());
        require(amountShares <= totalShares, WithdrawalAmountExceedsTotalDeposits());
        // After a negative rebase the offset's part of the price is more than nothing: the last one to leave would be
        // owed up to OFFSET units that are not there.
        amountOut = Math.min(sharesToUnderlyingView(amountShares), _balance());
        totalShares -= amountShares;
        emit ExchangeRateEmitted(Math.mulDiv(1e18, _balance() + OFFSET - amountOut, totalShares + OFFSET));
        token.safeTransfer(recipient, amountOut);
    }

    /// @inheritdoc IStrategy
    function beforeAddShares(address staker, uint256 shares_) external onlyStrategyManager {}

    /// @inheritdoc IStrategy
    function beforeRemoveShares(address staker, uint256 shares_) external onlyStrategyManager {}

    /// @inheritdoc IStrategy
    function sharesToUnderlyingView(uint256 amountShares) public view returns (uint256) {
        return Math.mulDiv(amountShares, _balance() + OFFSET, totalShares + OFFSET);
    }

    /// @inheritdoc IStrategy
    function underlyingToSharesView(uint256 amountUnderlying) public view returns (uint256) {
        return Math.mulDiv(amountUnderlying, totalShares + OFFSET, _balance() + OFFSET);
    }

    /// @inheritdoc IStrategy
    function sharesToUnderlying(uint256 amountShares) external view returns (uint256) {
        return sharesToUnderlyingView(amountShares);
    }

    /// @inheritdoc IStrategy
    function underlyingToShares(uint256 amountUnderlying) external view returns (uint256) {
        return underlyingToSharesView(amountUnderlying);
    }

    /// @inheritdoc IStrategy
    function shares(address user) public view returns (uint256) {
        return strategyManager.stakerDepositShares(user, this);
    }

    /// @inheritdoc IStrategy
    function userUnderlyingView(address user) public view returns (uint256) {
        return sharesToUnderlyingView(shares(user));
    }

    /// @inheritdoc IStrategy
    function userUnderlying(address user) external view returns (uint256) {
        return userUnderlyingView(user);
    }

    /// @inheritdoc IStrategy
    function explanation() external pure returns (string memory) {
        return "Holds one ERC-20 for stakers; a share is a part of the balance";
    }

    function _checkStrategyManager() private view {
        require(msg.sender == address(strategyManager), OnlyStrategyManager());
    }

    function _balance() private view returns (uint256) {
        return underlyingToken.balanceOf(address(this));
    }
}
