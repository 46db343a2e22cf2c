// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Permissioned} from "./Permissioned.sol";
import {SlashingMath, WAD} from "./SlashingMath.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title Delegations: operators, and the stake delegated to them
abstract contract Delegations is IDelegationManager, Permissioned, EIP712, ReentrancyGuardTransient {
    bytes32 public constant DELEGATION_APPROVAL_TYPEHASH = keccak256(
        "DelegationApproval(address delegationApprover,address staker,address operator,bytes32 salt,uint256 expiry)"
    );

    /// @inheritdoc IDelegationManager
    IStrategyManager public strategyManager;
    /// @inheritdoc IDelegationManager
    IAllocationManager public allocationManager;

    /// @inheritdoc IDelegationManager
    mapping(address staker => address) public delegatedTo;
    /// @inheritdoc IDelegationManager
    mapping(address operator => address) public delegationApprover;
    /// @inheritdoc IDelegationManager
    mapping(address approver => mapping(bytes32 salt => bool)) public delegationApproverSaltIsSpent;
    /// @inheritdoc IDelegationManager
    mapping(address operator => mapping(IStrategy => uint256)) public operatorShares;
    /// @dev 0 stands for WAD.
    mapping(address staker => mapping(IStrategy => uint256)) private _scalingFactor;

    /// @inheritdoc IDelegationManager
    function registerAsOperator(
        address initDelegationApprover,
        uint32 allocationDelay,
        string calldata metadataURI
    ) external nonReentrant {
        require(!isDelegated(msg.sender), ActivelyDelegated());
        allocationManager.setAllocationDelay(msg.sender, allocationDelay);
        _setApprover(msg.sender, initDelegationApprover);
        _delegate(msg.sender, msg.sender);
        emit OperatorRegistered(msg.sender, initDelegationApprover);
        emit OperatorMetadataURIUpdated(msg.sender, metadataURI);
    }

    /// @inheritdoc IDelegationManager
    function modifyOperatorDetails(address operator, address newDelegationApprover)
        external
        onlyFor(operator)
        nonReentrant
    {
        require(isOperator(operator), OperatorNotRegistered());
        _setApprover(operator, newDelegationApprover);
    }

    /// @inheritdoc IDelegationManager
    function updateOperatorMetadataURI(address operator, string calldata metadataURI)
        external
        onlyFor(operator)
    {
        require(isOperator(operator), OperatorNotRegistered());
        emit OperatorMetadataURIUpdated(operator, metadataURI);
    }

    /// @inheritdoc IDelegationManager
    function delegateTo(
        address operator,
        SignatureWithExpiry calldata approverSignatureAndExpiry,
        bytes32 approverSalt
    ) public nonReentrant {
        require(!isDelegated(msg.sender), ActivelyDelegated());
        require(isOperator(operator), OperatorNotRegistered());
        _checkApproval(msg.sender, operator, approverSignatureAndExpiry, approverSalt);
        _delegate(msg.sender, operator);
    }

    /// @inheritdoc IDelegationManager
    function increaseDelegatedShares(
        address staker,
        IStrategy strategy,
        uint256 prevDepositShares,
        uint256 addedShares
    ) external nonReentrant {
        require(msg.sender == address(strategyManager), OnlyStrategyManagerOrEigenPodManager());
        _increase(staker, delegatedTo[staker], strategy, prevDepositShares, addedShares);
    }

    /// @inheritdoc IDelegationManager
    function isDelegated(address staker) public view returns (bool) {
        return delegatedTo[staker] != address(0);
    }

    /// @inheritdoc IDelegationManager
    function isOperator(address operator) public view returns (bool) {
        return operator != address(0) && delegatedTo[operator] == operator;
    }

    /// @inheritdoc IDelegationManager
    function getOperatorShares(address operator, IStrategy[] memory strategies)
        public
        view
        returns (uint256[] memory shares)
    {
        shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < shares.length; i++) {
            shares[i] = operatorShares[operator][strategies[i]];
        }
    }

    /// @inheritdoc IDelegationManager
    function getOperatorsShares(address[] memory operators, IStrategy[] memory strategies)
        external
        view
        returns (uint256[][] memory shares)
    {
        shares = new uint256[][](operators.length);
        for (uint256 i = 0; i < shares.length; i++) {
            shares[i] = getOperatorShares(operators[i], strategies);
        }
    }

    /// @inheritdoc IDelegationManager
    function getWithdrawableShares(address staker, IStrategy[] memory strategies)
        external
        view
        returns (uint256[] memory withdrawableShares, uint256[] memory depositShares)
    {
        withdrawableShares = new uint256[](strategies.length);
        depositShares = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; i++) {
            IStrategy strategy = strategies[i];
            depositShares[i] = strategyManager.stakerDepositShares(staker, strategy);
            withdrawableShares[i] = SlashingMath.withdrawable(
                depositShares[i],
                depositScalingFactor(staker, strategy),
                _slashingFactor(delegatedTo[staker], strategy)
            );
        }
    }

    /// @inheritdoc IDelegationManager
    function convertToDepositShares(
        address staker,
        IStrategy[] memory strategies,
        uint256[] memory withdrawableShares
    ) external view returns (uint256[] memory depositShares) {
        depositShares = new uint256[](strategies.length);
        for (uint256 i = 0; i < depositShares.length; i++) {
            depositShares[i] = SlashingMath.toDepositShares(
                withdrawableShares[i],
                depositScalingFactor(staker, strategies[i]),
                _slashingFactor(delegatedTo[staker], strategies[i])
            );
        }
    }

    /// @inheritdoc IDelegationManager
    function getDepositedShares(address staker)
        public
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares)
    {
        return strategyManager.getDeposits(staker);
    }

    /// @inheritdoc IDelegationManager
    function depositScalingFactor(address staker, IStrategy strategy) public view returns (uint256) {
        uint256 factor = _scalingFactor[staker][strategy];
        return factor == 0 ? WAD : factor;
    }

    /// @inheritdoc IDelegationManager
    function calculateDelegationApprovalDigestHash(
        address staker,
        address operator,
        address approver,
        bytes32 approverSalt,
        uint256 expiry
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(DELEGATION_APPROVAL_TYPEHASH, approver, staker, operator, approverSalt, expiry)
            )
        );
    }

    /// @inheritdoc IDelegationManager
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _setApprover(address operator, address approver) private {
        delegationApprover[operator] = approver;
        emit DelegationApproverUpdated(operator, approver);
    }

    function _delegate(address staker, address operator) private {
        delegatedTo[staker] = operator;
        emit StakerDelegated(staker, operator);
        (IStrategy[] memory strategies, uint256[] memory shares) = getDepositedShares(staker);
        for (uint256 i = 0; i < strategies.length; i++) {
            // As if it were all deposited now: earlier slashes of the operator are not this staker's.
            _increase(staker, operator, strategies[i], 0, shares[i]);
        }
    }

    function _increase(
        address staker,
        address operator,
        IStrategy strategy,
        uint256 prevDepositShares,
        uint256 addedShares
    ) internal {
        uint256 slashingFactor = _slashingFactor(operator, strategy);
        require(slashingFactor != 0, FullySlashed());
        if (addedShares == 0) return;
        uint256 factor = SlashingMath.nextScalingFactor(
            depositScalingFactor(staker, strategy), prevDepositShares, addedShares, slashingFactor
        );
        _scalingFactor[staker][strategy] = factor;
        emit DepositScalingFactorUpdated(staker, strategy, factor);
        if (operator == address(0)) return;
        operatorShares[operator][strategy] += addedShares;
        emit OperatorSharesIncreased(operator, staker, strategy, addedShares);
    }

    /// @param staker Whose shares they are; zero for those of all stakers, which a slash takes.
    function _decrease(address operator, address staker, IStrategy strategy, uint256 removedShares) internal {
        operatorShares[operator][strategy] -= removedShares;
        emit OperatorSharesDecreased(operator, staker, strategy, removedShares);
    }

    /// @dev Forgets the scaling factor of a staker that has no shares left, so that it starts anew.
    function _resetScalingFactor(address staker, IStrategy strategy) internal {
        delete _scalingFactor[staker][strategy];
        emit DepositScalingFactorUpdated(staker, strategy, WAD);
    }

    function _checkApproval(
        address staker,
        address operator,
        SignatureWithExpiry calldata approval,
        bytes32 salt
    ) private {
        address approver = delegationApprover[operator];
        if (approver == address(0)) return;
        require(!delegationApproverSaltIsSpent[approver][salt], SaltSpent());
        delegationApproverSaltIsSpent[approver][salt] = true;
        require(approval.expiry >= block.timestamp, SignatureExpired());
        bytes32 digest =
            calculateDelegationApprovalDigestHash(staker, operator, approver, salt, approval.expiry);
        require(
            SignatureChecker.isValidSignatureNow(approver, digest, approval.signature), InvalidSignature()
        );
    }

    /// @dev Share of a deposit that is left after the operator's slashes, of WAD; WAD for a staker without operator.
    function _slashingFactor(address operator, IStrategy strategy) internal view returns (uint256) {
        return operator == address(0) ? WAD : allocationManager.getMaxMagnitude(operator, strategy);
    }
}
