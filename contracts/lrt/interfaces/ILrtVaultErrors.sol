// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Role} from "./ILrtTypes.sol";

/// @title ILrtVaultErrors: why the vault refuses
interface ILrtVaultErrors {
    // ----- who
    error LrtVaultOnlyEntry(address caller);
    error LrtVaultOnlyRole(Role role, address caller);
    /// @notice What only a proposal that has waited may do.
    error LrtVaultOnlyTimelock(address caller);
    /// @notice The caller is neither the controller (or owner) nor an operator of it.
    error LrtVaultNotOperator(address controller, address caller);
    error LrtVaultZeroAddress();

    // ----- coming in
    error LrtVaultNotOpen();
    error LrtVaultAlreadyOpen();
    error LrtVaultPaused();
    /// @notice The deposit would be worth no share, or no share was asked for.
    error LrtVaultZeroShares();
    /// @notice Less arrived than the shares asked for cost.
    error LrtVaultShortDeposit(uint256 units, uint256 needed);
    /// @param left Wei of ETH that the LST's cap still admits.
    error LrtVaultCap(address token, uint256 value, uint256 left);
    /// @notice The LST's market feed is below its own rate by more than was set, stale, not positive or silent.
    error LrtVaultDepegged(address token);
    /// @notice Nothing is left of what the shares stood for: no price to mint at.
    error LrtVaultWorthless();

    // ----- going out
    error LrtVaultAmount(uint256 asked, uint256 available);

    // ----- stake
    error LrtVaultUnknownLst(address token);
    error LrtVaultUnknownOperator(address operator);
    error LrtVaultUnknownWithdrawal(bytes32 root);
    /// @notice Nothing would move.
    error LrtVaultNothingToDo();

    // ----- parameters
    error LrtVaultLimit(uint256 value, uint256 limit);
    error LrtVaultKnownLst(address token);
    error LrtVaultKnownOperator(address operator);
    /// @notice The strategy is of another token.
    error LrtVaultStrategy(address strategy, address token);
    error LrtVaultLengths(uint256 left, uint256 right);
    /// @notice The account still has stake, withdrawals or a delegation in the core.
    error LrtVaultAccountInUse(address account);
    /// @notice A token that is no reward: an LST or the LRT.
    error LrtVaultNotReward(address token);
    /// @notice A feed that gives no price to sell at.
    error LrtVaultNoPrice(address token);
    /// @notice The buyer would pay more than it wanted to.
    error LrtVaultPrice(uint256 cost, uint256 most);

    // ----- time lock
    /// @notice No proposal, or one whose window is over.
    error LrtVaultNotProposed(bytes32 id);
    error LrtVaultAlreadyProposed(bytes32 id);
    error LrtVaultTooEarly(bytes32 id, uint256 readyBlock);
    /// @notice The data calls nothing that a proposal may call.
    error LrtVaultNotProposable(bytes4 selector);
}
