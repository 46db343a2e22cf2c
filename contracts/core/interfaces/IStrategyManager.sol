// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OperatorSet} from "../OperatorSet.sol";
import {IDelegationManager} from "./IDelegationManager.sol";
import {IStrategy} from "./IStrategy.sol";

/// @title IStrategyManager: where stakers deposit, and who owns which deposit shares
/// @dev Signatures as in EigenLayer v1.12. Deposit shares never shrink by a slash: what a staker can take out is
/// `DelegationManager.getWithdrawableShares`, and what was slashed is noted here until it is burned.
interface IStrategyManager {
    error MaxStrategiesExceeded();
    error OnlyDelegationManager();
    error OnlyStrategyWhitelister();
    error SharesAmountZero();
    error StakerAddressZero();
    error StrategyNotWhitelisted();
    error StrategyAlreadyInSlash();

    event Deposit(address staker, IStrategy strategy, uint256 shares);
    event StrategyWhitelisterChanged(address previousAddress, address newAddress);
    event StrategyAddedToDepositWhitelist(IStrategy strategy);
    event StrategyRemovedFromDepositWhitelist(IStrategy strategy);
    event BurnOrRedistributableSharesIncreased(
        OperatorSet operatorSet, uint256 slashId, IStrategy strategy, uint256 shares
    );

    /// @notice Moves `amount` of `token` from the caller into `strategy` and credits the shares to the caller and
    /// to the operator it is delegated to. The caller must have approved this contract.
    function depositIntoStrategy(IStrategy strategy, IERC20 token, uint256 amount)
        external
        returns (uint256 depositShares);

    function setStrategyWhitelister(address newStrategyWhitelister) external;
    function addStrategiesToDepositWhitelist(IStrategy[] calldata strategiesToWhitelist) external;
    function removeStrategiesFromDepositWhitelist(IStrategy[] calldata strategiesToRemoveFromWhitelist)
        external;

    /// @notice Notes slashed shares that wait to be burned. Only the delegation manager.
    function increaseBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint256 addedSharesToBurn
    ) external;

    /// @notice All strategies in which slash `slashId` of the set took shares, with the shares.
    function getBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares);

    function strategyIsWhitelistedForDeposit(IStrategy strategy) external view returns (bool);
    function getDeposits(address staker)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares);
    function getStakerStrategyList(address staker) external view returns (IStrategy[] memory);
    function stakerStrategyListLength(address staker) external view returns (uint256);
    function stakerDepositShares(address user, IStrategy strategy) external view returns (uint256);
    function delegation() external view returns (IDelegationManager);
    function strategyWhitelister() external view returns (address);
}
