// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OperatorSet} from "../OperatorSet.sol";
import {IAllocationManager} from "./IAllocationManager.sol";
import {IStrategy} from "./IStrategy.sol";
import {IStrategyManager} from "./IStrategyManager.sol";

/// @title IDelegationManager: operators, the stake delegated to them, and the queue through which it leaves
/// @dev Signatures as in EigenLayer v1.12.
interface IDelegationManager {
    /// @param expiry Unix second after which the signature is refused.
    struct SignatureWithExpiry {
        bytes signature;
        uint256 expiry;
    }

    /// @notice A withdrawal as it was queued. Its hash names it, and it must be given whole to be completed.
    /// @param delegatedTo Operator of the staker when it was queued, or zero.
    /// @param withdrawer Who completes it: always the staker.
    /// @param nonce Number of this withdrawal of the staker's, from 0.
    /// @param startBlock Block of the queueing. Slashable through startBlock + minWithdrawalDelayBlocks, inclusive.
    /// @param scaledShares Deposit shares × scaling factor: times the operator's maximum magnitude they are shares.
    struct Withdrawal {
        address staker;
        address delegatedTo;
        address withdrawer;
        uint256 nonce;
        uint32 startBlock;
        IStrategy[] strategies;
        uint256[] scaledShares;
    }

    /// @param depositShares Deposit shares to withdraw per strategy; `convertToDepositShares` tells how many.
    /// @param __deprecated_withdrawer Not read.
    struct QueuedWithdrawalParams {
        IStrategy[] strategies;
        uint256[] depositShares;
        address __deprecated_withdrawer;
    }

    error OnlyStrategyManagerOrEigenPodManager();
    error OnlyAllocationManager();
    error ActivelyDelegated();
    error NotActivelyDelegated();
    error OperatorsCannotUndelegate();
    error CallerCannotUndelegate();
    error OperatorNotRegistered();
    error FullySlashed();
    error SaltSpent();
    error InvalidSignature();
    error SignatureExpired();
    error InputArrayLengthMismatch();
    error InputArrayLengthZero();
    error WithdrawalNotQueued();
    error WithdrawalDelayNotElapsed();
    error WithdrawerNotCaller();

    event OperatorRegistered(address indexed operator, address delegationApprover);
    event DelegationApproverUpdated(address indexed operator, address newDelegationApprover);
    event OperatorMetadataURIUpdated(address indexed operator, string metadataURI);
    event OperatorSharesIncreased(
        address indexed operator, address staker, IStrategy strategy, uint256 shares
    );
    event OperatorSharesDecreased(
        address indexed operator, address staker, IStrategy strategy, uint256 shares
    );
    event StakerDelegated(address indexed staker, address indexed operator);
    event StakerUndelegated(address indexed staker, address indexed operator);
    /// @notice Emitted before `StakerUndelegated` when not the staker itself called.
    event StakerForceUndelegated(address indexed staker, address indexed operator);
    event DepositScalingFactorUpdated(address staker, IStrategy strategy, uint256 newDepositScalingFactor);
    event OperatorSharesSlashed(address indexed operator, IStrategy strategy, uint256 totalSlashedShares);

    /// @param sharesToWithdraw What would be paid out if nothing more was slashed.
    event SlashingWithdrawalQueued(bytes32 withdrawalRoot, Withdrawal withdrawal, uint256[] sharesToWithdraw);
    event SlashingWithdrawalCompleted(bytes32 withdrawalRoot);

    /// @notice Makes the caller an operator, forever delegated to itself.
    /// @param initDelegationApprover Account whose signature `delegateTo` then wants, or zero.
    /// @param allocationDelay Blocks from an allocation until it is slashable.
    function registerAsOperator(
        address initDelegationApprover,
        uint32 allocationDelay,
        string calldata metadataURI
    ) external;

    function modifyOperatorDetails(address operator, address newDelegationApprover) external;
    function updateOperatorMetadataURI(address operator, string calldata metadataURI) external;

    /// @notice Delegates all of the caller's deposits, now and later, to `operator`.
    /// @param approverSignatureAndExpiry Read only if the operator has an approver, as is `approverSalt`.
    function delegateTo(
        address operator,
        SignatureWithExpiry calldata approverSignatureAndExpiry,
        bytes32 approverSalt
    ) external;

    /// @notice Ends the delegation of `staker` and queues one withdrawal per strategy of all that it has there. May be
    /// called by the staker, by its operator or an appointee of it, and by the operator's delegation approver.
    function undelegate(address staker) external returns (bytes32[] memory withdrawalRoots);

    /// @notice Undelegates the caller and delegates it to `newOperator`. What was queued on the way can be completed as
    /// shares, which are then delegated to the new operator.
    function redelegate(
        address newOperator,
        SignatureWithExpiry calldata newOperatorApproverSig,
        bytes32 approverSalt
    ) external returns (bytes32[] memory withdrawalRoots);

    /// @notice Takes the caller's shares out of its stake and queues them, one withdrawal per element. They can be
    /// slashed while they wait.
    function queueWithdrawals(QueuedWithdrawalParams[] calldata params)
        external
        returns (bytes32[] memory withdrawalRoots);

    /// @notice Ends a withdrawal whose delay is over. Only the withdrawer.
    /// @param tokens One per strategy; not read if `receiveAsTokens` is false.
    /// @param receiveAsTokens Whether tokens are paid out, or the shares are staked again (and delegated, if the staker
    /// has an operator now).
    function completeQueuedWithdrawal(
        Withdrawal calldata withdrawal,
        IERC20[] calldata tokens,
        bool receiveAsTokens
    ) external;

    function completeQueuedWithdrawals(
        Withdrawal[] calldata withdrawals,
        IERC20[][] calldata tokens,
        bool[] calldata receiveAsTokens
    ) external;

    /// @notice Tells of a deposit. Only the strategy manager.
    function increaseDelegatedShares(
        address staker,
        IStrategy strategy,
        uint256 prevDepositShares,
        uint256 addedShares
    ) external;

    /// @notice Takes an operator's shares down as its maximum magnitude went, those in the queue too. Only the allocation
    /// manager.
    /// @return totalDepositSharesToSlash Shares to burn or redistribute: delegated and queued ones.
    function slashOperatorShares(
        address operator,
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint64 prevMaxMagnitude,
        uint64 newMaxMagnitude
    ) external returns (uint256 totalDepositSharesToSlash);

    function delegatedTo(address staker) external view returns (address);
    function isDelegated(address staker) external view returns (bool);
    function isOperator(address operator) external view returns (bool);
    function delegationApprover(address operator) external view returns (address);
    function delegationApproverSaltIsSpent(address approver, bytes32 salt) external view returns (bool);
    function operatorShares(address operator, IStrategy strategy) external view returns (uint256);
    function getOperatorShares(address operator, IStrategy[] memory strategies)
        external
        view
        returns (uint256[] memory);

    /// @return One row of shares per operator, in the order of `strategies`.
    function getOperatorsShares(address[] memory operators, IStrategy[] memory strategies)
        external
        view
        returns (uint256[][] memory);

    /// @notice What a staker holds after slashes, beside what it once deposited.
    function getWithdrawableShares(address staker, IStrategy[] memory strategies)
        external
        view
        returns (uint256[] memory withdrawableShares, uint256[] memory depositShares);
    function getDepositedShares(address staker)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares);

    /// @notice Ratio of withdrawable to deposit shares before the operator's slashes, times 1e18.
    function depositScalingFactor(address staker, IStrategy strategy) external view returns (uint256);

    /// @notice EIP-712 digest that an operator's approver signs.
    function calculateDelegationApprovalDigestHash(
        address staker,
        address operator,
        address approver,
        bytes32 approverSalt,
        uint256 expiry
    ) external view returns (bytes32);

    /// @notice Deposit shares that `queueWithdrawals` must be given for these shares to be withdrawn, rounded down.
    function convertToDepositShares(
        address staker,
        IStrategy[] memory strategies,
        uint256[] memory withdrawableShares
    ) external view returns (uint256[] memory);

    /// @notice Queued withdrawals of a staker, with the shares that each pays out after the slashes so far.
    function getQueuedWithdrawals(address staker)
        external
        view
        returns (Withdrawal[] memory withdrawals, uint256[][] memory shares);

    /// @notice One queued withdrawal, and the shares that it pays out; empty if it is not queued.
    function getQueuedWithdrawal(bytes32 withdrawalRoot)
        external
        view
        returns (Withdrawal memory withdrawal, uint256[] memory shares);
    function queuedWithdrawals(bytes32 withdrawalRoot) external view returns (Withdrawal memory withdrawal);
    function getQueuedWithdrawalRoots(address staker) external view returns (bytes32[] memory);
    function pendingWithdrawals(bytes32 withdrawalRoot) external view returns (bool);

    /// @notice How many withdrawals the staker ever queued: the nonce of its next one.
    function cumulativeWithdrawalsQueued(address staker) external view returns (uint256);

    /// @notice Shares in the queue that a slash of the operator can still take.
    function getSlashableSharesInQueue(address operator, IStrategy strategy) external view returns (uint256);

    /// @notice Blocks for which a queued withdrawal can be slashed, and not completed; the block after is the first
    /// in which it can.
    function minWithdrawalDelayBlocks() external view returns (uint32);

    /// @notice Name of a withdrawal: the hash of its encoding.
    function calculateWithdrawalRoot(Withdrawal memory withdrawal) external pure returns (bytes32);

    /// @notice EIP-712 domain separator of the approvals.
    function domainSeparator() external view returns (bytes32);
    function strategyManager() external view returns (IStrategyManager);
    function allocationManager() external view returns (IAllocationManager);
}
