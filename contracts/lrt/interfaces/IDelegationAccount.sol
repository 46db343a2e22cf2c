// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";

/// @title IDelegationAccount: the staker that stands for the vault at one operator
/// @dev The core lets a staker delegate to one operator only, so the vault has one such account for each. All functions
/// are the vault's alone. An account can talk to the core and hand tokens to the vault, and nothing else.
interface IDelegationAccount {
    /// @notice Thrown when another than the vault calls.
    error DelegationAccountOnlyVault(address caller);

    function vault() external view returns (address);

    /// @notice The operator that it was made for. Whether it is delegated there now, the core knows.
    function operator() external view returns (address);

    /// @notice Delegates to `operator()`. The signature is the operator's approver's, if it has one.
    function delegate(IDelegationManager.SignatureWithExpiry calldata approval, bytes32 salt) external;

    /// @notice Deposits all that it holds of `token` into `strategy`.
    function stake(IStrategy strategy, IERC20 token) external;

    /// @notice Queues one withdrawal of deposit shares.
    /// @return root Of the withdrawal in the core.
    function queue(IStrategy[] calldata strategies, uint256[] calldata depositShares)
        external
        returns (bytes32 root);

    /// @notice Ends the delegation; the core queues a withdrawal for each strategy.
    function undelegate() external;

    /// @notice Completes a withdrawal into tokens and hands all that it then holds of them to the vault.
    /// @param kinds Of the tokens: stETH moves by shares, so that nothing is lost to rounding.
    function complete(
        IDelegationManager.Withdrawal calldata withdrawal,
        IERC20[] calldata tokens,
        LstRates.Kind[] calldata kinds
    ) external;

    /// @notice Claims rewards for the vault.
    function claim(IRewardsCoordinator rewards, IRewardsCoordinator.RewardsMerkleClaim calldata rewardsClaim)
        external;
}
