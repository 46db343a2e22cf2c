// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OperatorSet} from "../OperatorSet.sol";
import {IAllocationManager} from "./IAllocationManager.sol";
import {IDelegationManager} from "./IDelegationManager.sol";
import {IStrategy} from "./IStrategy.sol";

/// @title IStrategyManager: where stakers deposit, and who owns which deposit shares
/// @dev Signatures as in EigenLayer v1.12. Deposit shares never shrink by a slash: what a staker can take out is
/// `DelegationManager.getWithdrawableShares`, and what was slashed is noted here until it is burned or redistributed.
interface IStrategyManager {
    error MaxStrategiesExceeded();
    error OnlyDelegationManager();
    error OnlyStrategyWhitelister();
    error SharesAmountZero();
    error SharesAmountTooHigh();
    error InvalidSignature();
    error SignatureExpired();
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
    event BurnOrRedistributableSharesDecreased(
        OperatorSet operatorSet, uint256 slashId, IStrategy strategy, uint256 shares
    );

    /// @notice Moves `amount` of `token` from the caller into `strategy` and credits the shares to the caller and
    /// to the operator it is delegated to. The caller must have approved this contract.
    function depositIntoStrategy(IStrategy strategy, IERC20 token, uint256 amount)
        external
        returns (uint256 depositShares);

    /// @notice Deposits the caller's tokens for `staker`, who signed that it wants so.
    /// @param expiry Unix second after which the signature is refused.
    /// @param signature By `staker` (ECDSA or ERC-1271) of `calculateStrategyDepositDigestHash`.
    function depositIntoStrategyWithSignature(
        IStrategy strategy,
        IERC20 token,
        uint256 amount,
        address staker,
        uint256 expiry,
        bytes memory signature
    ) external returns (uint256 depositShares);

    /// @notice Removes shares that go into the queue of withdrawals. Only the delegation manager.
    /// @return Deposit shares that the staker keeps in the strategy.
    function removeDepositShares(address staker, IStrategy strategy, uint256 depositSharesToRemove)
        external
        returns (uint256);

    /// @notice Credits shares that come out of the queue. Only the delegation manager.
    /// @return Deposit shares that the staker had before, and those added.
    function addShares(address staker, IStrategy strategy, uint256 shares) external returns (uint256, uint256);

    /// @notice Pays shares that come out of the queue in tokens. Only the delegation manager.
    function withdrawSharesAsTokens(address staker, IStrategy strategy, IERC20 token, uint256 shares) external;

    /// @notice Burns what a slash took, or sends it to the set's redistribution recipient. Anyone may call.
    /// @return Tokens sent, per strategy that was pending.
    function clearBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId)
        external
        returns (uint256[] memory);

    /// @notice As `clearBurnOrRedistributableShares`, for one strategy of the slash.
    function clearBurnOrRedistributableSharesByStrategy(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy
    ) external returns (uint256);

    function setStrategyWhitelister(address newStrategyWhitelister) external;
    function addStrategiesToDepositWhitelist(IStrategy[] calldata strategiesToWhitelist) external;
    function removeStrategiesFromDepositWhitelist(IStrategy[] calldata strategiesToRemoveFromWhitelist)
        external;

    /// @notice Notes slashed shares that wait to be burned or redistributed. Only the delegation manager.
    function increaseBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint256 addedSharesToBurn
    ) external;

    /// @notice All strategies of which shares of slash `slashId` of the set still wait, with the shares.
    function getBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares);

    function getBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy
    ) external view returns (uint256);

    /// @notice How many strategies of the slash still wait.
    function getBurnOrRedistributableCount(OperatorSet calldata operatorSet, uint256 slashId)
        external
        view
        returns (uint256);

    /// @notice Sets with slashes that wait to be burned or redistributed.
    function getPendingOperatorSets() external view returns (OperatorSet[] memory);
    function getPendingSlashIds(OperatorSet calldata operatorSet) external view returns (uint256[] memory);

    function strategyIsWhitelistedForDeposit(IStrategy strategy) external view returns (bool);
    function getDeposits(address staker)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares);
    function getStakerStrategyList(address staker) external view returns (IStrategy[] memory);
    function stakerStrategyList(address staker, uint256 index) external view returns (IStrategy);
    function stakerStrategyListLength(address staker) external view returns (uint256);
    function stakerDepositShares(address user, IStrategy strategy) external view returns (uint256);
    function delegation() external view returns (IDelegationManager);
    function strategyWhitelister() external view returns (address);
    function allocationManager() external view returns (IAllocationManager);

    /// @notice Where tokens are sent that nobody shall have.
    function DEFAULT_BURN_ADDRESS() external view returns (address);

    /// @notice Deposits that `signer` ever signed: the nonce that its next signature must carry.
    function nonces(address signer) external view returns (uint256);

    /// @notice EIP-712 digest that a staker signs for a deposit that another makes for it.
    function calculateStrategyDepositDigestHash(
        address staker,
        IStrategy strategy,
        IERC20 token,
        uint256 amount,
        uint256 nonce,
        uint256 expiry
    ) external view returns (bytes32);

    /// @notice EIP-712 domain separator of the signed deposits.
    function domainSeparator() external view returns (bytes32);
}
