// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../OperatorSet.sol";
import {IStrategy} from "./IStrategy.sol";

/// @title IDelegationManager: operators, and the stake delegated to them
/// @dev Signatures as in EigenLayer v1.12.
interface IDelegationManager {
    /// @param expiry Unix second after which the signature is refused.
    struct SignatureWithExpiry {
        bytes signature;
        uint256 expiry;
    }

    error OnlyStrategyManagerOrEigenPodManager();
    error OnlyAllocationManager();
    error ActivelyDelegated();
    error OperatorNotRegistered();
    error FullySlashed();
    error SaltSpent();
    error InvalidSignature();
    error SignatureExpired();

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
    event DepositScalingFactorUpdated(address staker, IStrategy strategy, uint256 newDepositScalingFactor);
    event OperatorSharesSlashed(address indexed operator, IStrategy strategy, uint256 totalSlashedShares);

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

    /// @notice Tells of a deposit. Only the strategy manager.
    function increaseDelegatedShares(
        address staker,
        IStrategy strategy,
        uint256 prevDepositShares,
        uint256 addedShares
    ) external;

    /// @notice Takes an operator's shares down as its maximum magnitude went. Only the allocation manager.
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
}
