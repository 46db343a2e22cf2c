// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStrategyManager} from "./IStrategyManager.sol";

/// @title IStrategy: holds one ERC-20 and divides it into shares
/// @dev Signatures as in EigenLayer v1.12.
interface IStrategy {
    error OnlyStrategyManager();
    error NewSharesZero();
    error TotalSharesExceedsMax();
    error OnlyUnderlyingToken();
    error WithdrawalAmountExceedsTotalDeposits();

    /// @param rate Value of one share in underlying units, times 1e18.
    event ExchangeRateEmitted(uint256 rate);
    event StrategyTokenSet(IERC20 token, uint8 decimals);

    /// @notice Turns `amount` tokens, which the strategy manager has just sent, into shares.
    function deposit(IERC20 token, uint256 amount) external returns (uint256 newShares);

    /// @notice Pays `amountShares` out to `recipient`. Only the strategy manager.
    /// @return amountOut Tokens sent, rounded down.
    function withdraw(address recipient, IERC20 token, uint256 amountShares)
        external
        returns (uint256 amountOut);

    /// @notice Asked by the strategy manager before shares are added to a staker; a revert refuses.
    function beforeAddShares(address staker, uint256 shares) external;

    /// @notice Asked by the strategy manager before shares of a staker are removed; a revert refuses.
    function beforeRemoveShares(address staker, uint256 shares) external;

    /// @notice Value of shares in units of the underlying token, rounded down.
    function sharesToUnderlyingView(uint256 amountShares) external view returns (uint256);

    /// @notice Shares that `amountUnderlying` tokens are worth, rounded down.
    function underlyingToSharesView(uint256 amountUnderlying) external view returns (uint256);

    /// @notice As `sharesToUnderlyingView`; strategies that must settle first may write state here.
    function sharesToUnderlying(uint256 amountShares) external returns (uint256);

    /// @notice As `underlyingToSharesView`; strategies that must settle first may write state here.
    function underlyingToShares(uint256 amountUnderlying) external returns (uint256);

    /// @notice Deposit shares of `user` in this strategy.
    function shares(address user) external view returns (uint256);

    /// @notice Value of the deposit shares of `user` in underlying units.
    function userUnderlyingView(address user) external view returns (uint256);

    /// @notice As `userUnderlyingView`; strategies that must settle first may write state here.
    function userUnderlying(address user) external returns (uint256);

    function strategyManager() external view returns (IStrategyManager);
    function underlyingToken() external view returns (IERC20);
    function totalShares() external view returns (uint256);

    /// @notice A sentence about the strategy for people.
    function explanation() external view returns (string memory);
}
