// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAVSRegistrar} from "../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../core/interfaces/IStrategy.sol";
import {Certificate, Epoch, IServiceManager, Statement, Testimony} from "./interfaces/IServiceManager.sol";
import {IServiceManagerErrors} from "./interfaces/IServiceManagerErrors.sol";
import {Parameters} from "./interfaces/Parameters.sol";
import {StrategyWeight} from "./interfaces/StrategyWeight.sol";
import {Bls12381} from "./lib/Bls12381.sol";
import {Digests} from "./lib/Digests.sol";
import {EpochBuilding} from "./lib/EpochBuilding.sol";
import {EpochTable} from "./lib/EpochTable.sol";
import {Epochs} from "./lib/Epochs.sol";
import {Equivocation} from "./lib/Equivocation.sol";
import {Operators} from "./lib/Operators.sol";
import {ParameterChecks} from "./lib/ParameterChecks.sol";

/// @title ServiceManager: base of every AVS: operators, keys, epochs, certificates
/// @dev It is at once the AVS's account in the core, its registrar and its slasher. An AVS inherits it, says which
/// services it has and when their slots are (`slotTime`), and acts on certificates (`_verifyCertificate`). An epoch's
/// weights are stake that the core can still slash at the last block at which evidence against the epoch can arrive:
/// all from the beginning of its building to that block fits into the core's DEALLOCATION_DELAY.
abstract contract ServiceManager is IServiceManager, IServiceManagerErrors, IAVSRegistrar, Ownable2Step {
    using SafeCast for uint256;

    /// @notice Kinds of statements. Only `KIND_CERTIFY` statements can become a certificate.
    uint8 public constant KIND_CERTIFY = 1;
    uint8 public constant KIND_OBSERVE = 2;
    uint8 public constant KIND_PROPOSE = 3;
    uint8 public constant KIND_DEAL = 4;

    /// @notice The core's contract that operators join through.
    IAllocationManager public immutable allocationManager;
    /// @inheritdoc IServiceManager
    uint32 public immutable operatorSetId;
    /// @inheritdoc IServiceManager
    uint16 public immutable quorumBps;
    /// @inheritdoc IServiceManager
    uint64 public immutable graceSeconds;
    uint256 private immutable _chainId;
    bytes32 private immutable _domain;

    Operators.Registry internal _operators;
    Epochs.State internal _epochs;

    constructor(Parameters memory parameters_, IAllocationManager allocationManager_, address owner_)
        Ownable(owner_)
    {
        _epochs.slashableBlocks = ParameterChecks.check(parameters_, allocationManager_.DEALLOCATION_DELAY());
        _epochs.parameters = parameters_;
        _epochs.allocationManager = allocationManager_;
        allocationManager = allocationManager_;
        operatorSetId = parameters_.operatorSetId;
        quorumBps = parameters_.quorumBps;
        graceSeconds = parameters_.grace;
        _chainId = block.chainid;
        _domain = Digests.domain(address(this));
    }

    modifier onlyCore(address avs, uint32[] calldata operatorSetIds) {
        require(msg.sender == address(allocationManager), OnlyAllocationManager(msg.sender));
        require(avs == address(this), WrongAvs(avs));
        require(operatorSetIds.length == 1 && operatorSetIds[0] == operatorSetId, WrongOperatorSets());
        _;
    }

    // set-up and rule

    /// @notice Sets this AVS up in the core, once: metadata, registrar, and its one operator set.
    /// @param strategies_ Strategies whose stake counts.
    /// @param weights For each how it counts.
    function initialize(
        string calldata metadataURI,
        IStrategy[] calldata strategies_,
        StrategyWeight[] calldata weights
    ) external onlyOwner {
        EpochBuilding.setStrategies(_epochs, strategies_, weights);
        Operators.createSet(allocationManager, operatorSetId, metadataURI, strategies_);
    }

    /// @notice Sets how stake in a strategy of this AVS counts, in tables begun from now on. Should a token stop to
    /// answer for its rate, no table can be begun until its strategy has a fixed one.
    function setStrategyWeight(IStrategy strategy, StrategyWeight calldata weight) external onlyOwner {
        EpochBuilding.setStrategyWeight(_epochs, strategy, weight);
    }

    /// @notice Throws an operator out: its weight is gone at once, and it leaves the operator set. Also one that left
    /// already, and still has weight in an epoch.
    function ejectOperator(address operator) external onlyOwner {
        Epochs.revoke(_epochs, operator);
        Operators.eject(_operators, allocationManager, operatorSetId, operator);
    }

    /// @inheritdoc IServiceManager
    function setAppointee(address appointee, address target, bytes4 selector) external {
        _appoint(appointee, target, selector, true);
    }

    /// @inheritdoc IServiceManager
    function removeAppointee(address appointee, address target, bytes4 selector) external {
        _appoint(appointee, target, selector, false);
    }

    /// @notice What this contract was deployed with.
    function parameters() external view returns (Parameters memory) {
        return _epochs.parameters;
    }

    /// @inheritdoc IServiceManager
    function strategies() external view returns (IStrategy[] memory) {
        return _epochs.strategies;
    }

    /// @inheritdoc IServiceManager
    function strategyWeight(IStrategy strategy) external view returns (StrategyWeight memory) {
        return _epochs.strategyWeights[strategy];
    }

    /// @inheritdoc IServiceManager
    function strategyRate(IStrategy strategy) external view returns (uint256 worth, uint256 counted) {
        return EpochBuilding.strategyRate(_epochs, strategy);
    }

    // statements and certificates

    /// @inheritdoc IServiceManager
    function statementDigest(Statement calldata statement) external view returns (bytes32) {
        return Digests.statement(_separator(), statement);
    }

    /// @inheritdoc IServiceManager
    function registrationDigest(address operator, bytes calldata publicKey) external view returns (bytes32) {
        return Digests.registration(_separator(), operator, publicKey);
    }

    /// @inheritdoc IServiceManager
    function verifyCertificate(Statement calldata statement, Certificate calldata certificate)
        external
        view
        returns (uint64 signedWeight)
    {
        return _verifyCertificate(statement, certificate);
    }

    /// @inheritdoc IServiceManager
    function slotTime(bytes32 service, uint64 slot) public view virtual returns (uint64);

    // operators

    /// @inheritdoc IAVSRegistrar
    /// @param data A `Registration`, ABI-encoded.
    function registerOperator(
        address operator,
        address avs,
        uint32[] calldata operatorSetIds,
        bytes calldata data
    ) external onlyCore(avs, operatorSetIds) {
        Operators.register(_operators, _separator(), operator, data);
    }

    /// @inheritdoc IAVSRegistrar
    /// @dev Takes no weight away: the operator stays slashable for DEALLOCATION_DELAY blocks, which is longer than
    /// any epoch that counts it, and may go on signing. A slash or an ejection does take it, at once.
    function deregisterOperator(address operator, address avs, uint32[] calldata operatorSetIds)
        external
        onlyCore(avs, operatorSetIds)
    {
        Operators.remove(_operators, operator);
        // The list was reordered under a table that may be being built.
        ++_epochs.version;
    }

    /// @inheritdoc IAVSRegistrar
    function supportsAVS(address avs) external view returns (bool) {
        return avs == address(this);
    }

    /// @inheritdoc IServiceManager
    function setPeer(bytes calldata peerId, string[] calldata addresses) external {
        Operators.setPeer(_operators, msg.sender, peerId, addresses);
    }

    /// @inheritdoc IServiceManager
    function rotateKey(bytes calldata publicKey, bytes calldata proofOfPossession) external {
        Operators.rotateKey(_operators, _separator(), msg.sender, publicKey, proofOfPossession);
    }

    /// @inheritdoc IServiceManager
    function operatorCount() external view returns (uint256) {
        return _operators.list.length;
    }

    /// @inheritdoc IServiceManager
    function operatorsPage(uint256 from, uint256 count) external view returns (address[] memory) {
        return Operators.slice(_operators, from, count);
    }

    /// @inheritdoc IServiceManager
    /// @dev Also of operators that left; empty if the operator never registered a key.
    function keyOf(address operator) external view returns (bytes memory publicKey) {
        Bls12381.G1 memory key = Operators.keyOf(_operators, operator);
        return Bls12381.isInfinity(key) ? bytes("") : abi.encode(key);
    }

    /// @inheritdoc IServiceManager
    /// @dev Also of operators that left; empty if the operator never registered.
    function peerOf(address operator) external view returns (bytes memory peerId, string[] memory addresses) {
        return Operators.peerOf(_operators, operator);
    }

    // epochs

    /// @inheritdoc IServiceManager
    function beginEpoch() external {
        EpochBuilding.begin(_epochs);
    }

    /// @inheritdoc IServiceManager
    function addToEpoch(uint256 count) external {
        EpochBuilding.add(_epochs, _operators, count);
    }

    /// @inheritdoc IServiceManager
    function finishEpoch() external {
        EpochBuilding.finish(_epochs, _operators);
    }

    /// @inheritdoc IServiceManager
    /// @dev For calls from outside: it weighs all operators.
    function epochDue() external view returns (bool) {
        return EpochBuilding.isDue(_epochs, _operators);
    }

    /// @inheritdoc IServiceManager
    function epochProgress() external view returns (uint64 epoch, uint32 added, uint32 total) {
        if (!EpochBuilding.isBuilding(_epochs)) return (0, 0, 0);
        return (_epochs.building.epoch, _epochs.building.visited, _operators.list.length.toUint32());
    }

    /// @inheritdoc IServiceManager
    function latestEpoch() external view returns (uint64) {
        return _epochs.latest;
    }

    /// @inheritdoc IServiceManager
    function epochInfo(uint64 epoch) external view returns (Epoch memory) {
        return Epochs.info(_epochs, epoch);
    }

    /// @inheritdoc IServiceManager
    function epochAt(uint64 time) external view returns (uint64) {
        return Epochs.activeAt(_epochs, time);
    }

    /// @inheritdoc IServiceManager
    function epochRows(uint64 epoch, uint256 from, uint256 count)
        external
        view
        returns (address[] memory operators, bytes[] memory publicKeys, uint64[] memory weights)
    {
        return Epochs.rows(_epochs, epoch, from, count);
    }

    /// @inheritdoc IServiceManager
    function revokedRows(uint64 epoch) external view returns (bytes memory) {
        return Epochs.revokedBitmap(_epochs, epoch);
    }

    // equivocation

    /// @inheritdoc IServiceManager
    function slashEquivocation(
        Testimony calldata first,
        Testimony calldata second,
        address[] calldata operators
    ) external {
        bytes32 service = first.statement.service;
        require(_isSlashable(service), EquivocationServiceExempt(service));
        Equivocation.slash(_epochs, _separator(), first, second, operators);
    }

    /// @inheritdoc IServiceManager
    function equivocationWad() external view returns (uint64) {
        return _epochs.parameters.equivocationWad;
    }

    /// @inheritdoc IServiceManager
    function punished(address operator, bytes32 service, uint64 epoch) external view returns (bool) {
        return _epochs.punished[operator][service][epoch];
    }

    // for the AVS that inherits this

    /// @dev Whether operators can be slashed for statements of a service. An AVS exempts a service whose statements do
    /// not follow from finalized blocks alone.
    function _isSlashable(bytes32) internal view virtual returns (bool) {
        return true;
    }

    /// @dev Reverts unless `certificate` proves a quorum for `statement`; returns the weight that signed.
    function _verifyCertificate(Statement memory statement, Certificate calldata certificate)
        internal
        view
        returns (uint64)
    {
        require(statement.kind == KIND_CERTIFY, CertificateKind(statement.kind));
        Epochs.Record memory record = _liveEpoch(statement);
        EpochTable.Head memory head = EpochTable.readHead(record.head);

        Bls12381.G1 memory negatedKey = head.negatedKey;
        uint256 signed = head.totalWeight;
        bytes memory revoked;
        if (record.revoked) {
            revoked = Epochs.revokedBitmap(_epochs, statement.epoch);
            signed -= _epochs.facts[statement.epoch].revokedWeight;
        }
        if (certificate.absent.length != 0) {
            uint256 missing;
            (negatedKey, missing) = EpochTable.addAbsent(record.head, head, certificate.absent, revoked);
            signed -= missing;
        }
        require(
            signed * 10_000 >= uint256(head.totalWeight) * quorumBps,
            CertificateBelowQuorum(signed, head.totalWeight)
        );
        require(!Bls12381.isInfinity(negatedKey), CertificateKeyInfinite());
        bytes32 digest = Digests.statement(_separator(), statement);
        require(
            Bls12381.verifyNegated(negatedKey, digest, certificate.signature), CertificateSignatureInvalid()
        );
        // Not above the total, which has 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(signed);
    }

    /// @dev The epoch that a statement names, if certificates of its slot can be accepted under it now. A time slot
    /// belongs to the epoch active at its time and to no other; a slot that is an index to any live epoch. The grace
    /// lets in what comes late, never a slot after the epoch's end.
    function _liveEpoch(Statement memory statement) private view returns (Epochs.Record memory record) {
        record = _epochs.records[statement.epoch];
        require(record.head != address(0), EpochUnknown(statement.epoch));
        uint64 time = slotTime(statement.service, statement.slot);
        if (time != 0) {
            require(
                time >= record.activatesAt && time < record.endsAt,
                CertificateSlotOutsideEpoch(time, record.activatesAt, record.endsAt)
            );
        } else {
            require(block.timestamp >= record.activatesAt, CertificateEpochNotLive(statement.epoch));
        }
        require(block.timestamp <= record.endsAt + graceSeconds, CertificateEpochNotLive(statement.epoch));
    }

    function _appoint(address appointee, address target, bytes4 selector, bool allowed) private onlyOwner {
        Operators.appoint(allocationManager, appointee, target, selector, allowed);
    }

    /// @dev The domain separator is kept, but a fork that changes the chain id must not accept what was signed before.
    function _separator() private view returns (bytes32) {
        return block.chainid == _chainId ? _domain : Digests.domain(address(this));
    }
}
