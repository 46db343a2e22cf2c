// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {Certificate, Statement} from "../avs/interfaces/IServiceManager.sol";
import {Digests} from "../avs/lib/Digests.sol";
import {Checkpoint, EpochTableData, IBridgeIsm, ImportedEpoch} from "./interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors} from "./interfaces/IBridgeIsmErrors.sol";
import {IInterchainSecurityModule} from "./interfaces/IHyperlane.sol";
import {BridgeStatements} from "./lib/BridgeStatements.sol";
import {MerkleTree} from "./lib/MerkleTree.sol";
import {Message} from "./lib/Message.sol";
import {Metadata} from "./lib/Metadata.sol";
import {RemoteEpochs} from "./lib/RemoteEpochs.sol";

/// @title BridgeIsm: believes messages that the operators of a BridgeService on another chain attested to
/// @dev One certificate covers every message up to its index; its root is remembered, so that the next messages under it
/// cost a proof only. Nothing is accepted of an epoch that is over, remembered roots included: newer certificates cover
/// the same messages. The owner adds origins and sets gateways, and cannot replace what is trusted but by `recover`, which
/// takes its delay and the expiry of all epochs here.
contract BridgeIsm is IBridgeIsm, IBridgeIsmErrors, Ownable2Step {
    using RemoteEpochs for RemoteEpochs.State;

    /// @dev Where messages of one origin are attested to.
    /// @param generation Counts what made everything that was remembered void.
    struct Route {
        bytes32 service;
        uint64 generation;
        uint8 level;
        bool closed;
    }

    /// @inheritdoc IInterchainSecurityModule
    /// @notice A relayer fetches the metadata from a gateway (EIP-3668).
    uint8 public constant moduleType = 7;
    /// @notice Shortest and longest time from the proposal of a recovery to its execution, seconds.
    uint64 public constant MIN_RECOVERY_DELAY = 1 hours;
    uint64 public constant MAX_RECOVERY_DELAY = 30 days;
    uint64 private constant MAX_GRACE = 7 days;
    uint8 private constant KIND_CERTIFY = 1;

    /// @inheritdoc IBridgeIsm
    uint256 public immutable stakeChainId;
    /// @inheritdoc IBridgeIsm
    address public immutable bridgeService;
    /// @notice Seconds from the proposal of a recovery to its execution.
    uint64 public immutable recoveryDelay;
    /// @notice Part of an epoch's weight that must sign, in basis points.
    uint16 public immutable quorumBps;
    /// @notice Seconds for which an epoch is accepted after its successor is active.
    uint64 public immutable graceSeconds;
    bytes32 private immutable _separator;
    bytes32 private immutable _pauses;
    bytes32 private immutable _unpauses;

    RemoteEpochs.State private _epochs;
    mapping(uint32 origin => Route) private _routes;
    /// @dev Apart from what each message reads.
    mapping(uint32 origin => bytes32) private _hooks;
    /// @dev Of what is remembered: one more than its route's generation then.
    mapping(bytes32 key => uint256) private _remembered;
    /// @dev Of fast routes: the root that was remembered for an index, by service and generation.
    mapping(bytes32 key => bytes32 root) private _fastRoots;
    /// @inheritdoc IBridgeIsm
    bool public isPaused;
    /// @inheritdoc IBridgeIsm
    uint64 public pauseCount;
    mapping(bytes32 tableHash => uint64 readyAt) private _recoveries;
    string[] private _gateways;

    /// @param stakeChainId_ Of the chain that the BridgeService is on.
    /// @param quorumBps_ Part of an epoch's weight that must sign, in basis points; above two thirds, as there.
    /// @param grace Seconds for which an epoch is accepted after its successor is active.
    constructor(
        uint256 stakeChainId_,
        address bridgeService_,
        uint16 quorumBps_,
        uint64 grace,
        uint64 recoveryDelay_,
        address owner_
    ) Ownable(owner_) {
        require(quorumBps_ > 6666 && quorumBps_ <= 10_000, QuorumOutOfRange(quorumBps_));
        require(grace <= MAX_GRACE, GraceOutOfRange(grace));
        require(
            recoveryDelay_ >= MIN_RECOVERY_DELAY && recoveryDelay_ <= MAX_RECOVERY_DELAY,
            RecoveryDelayOutOfRange(recoveryDelay_)
        );
        stakeChainId = stakeChainId_;
        bridgeService = bridgeService_;
        recoveryDelay = recoveryDelay_;
        quorumBps = quorumBps_;
        graceSeconds = grace;
        _separator = Digests.domainOf(stakeChainId_, bridgeService_);
        _pauses = BridgeStatements.pauses(block.chainid, address(this));
        _unpauses = BridgeStatements.unpauses(block.chainid, address(this));
    }

    // set-up

    /// @notice Says by which tree messages of an origin are believed, for ever.
    function addRoute(uint32 origin, bytes32 hook, uint8 level) external onlyOwner {
        require(level == BridgeStatements.FINALIZED || level == BridgeStatements.FAST, RouteLevel(level));
        require(_routes[origin].service == 0, RouteKnown(origin));
        bytes32 service = BridgeStatements.stream(origin, hook, level);
        _routes[origin] = Route(service, 0, level, false);
        _hooks[origin] = hook;
        emit RouteAdded(origin, hook, level, service);
    }

    /// @notice Takes the first epoch, once.
    function initialize(EpochTableData calldata table) external onlyOwner {
        require(_epochs.latest == 0, EpochAlreadyImported(_epochs.latest));
        // Zero stands for none.
        require(table.number != 0, EpochNotNext(0, 1));
        _epochs.put(table, graceSeconds);
    }

    /// @notice Where relayers ask for metadata: URLs with `{data}` in them, as EIP-3668 has it.
    function setGateways(string[] calldata urls) external onlyOwner {
        delete _gateways;
        for (uint256 i; i < urls.length; ++i) {
            _gateways.push(urls[i]);
        }
        emit GatewaysSet(urls);
    }

    /// @notice Opens a fast route again that a correction closed. What was remembered of it stays void.
    function reopenRoute(uint32 origin) external onlyOwner {
        require(_routes[origin].closed, RouteNotClosed(origin));
        _routes[origin].closed = false;
        emit RouteReopened(origin);
    }

    // messages

    /// @inheritdoc IInterchainSecurityModule
    /// @dev Anybody may call it: what it remembers is what a quorum signed.
    function verify(bytes calldata metadata, bytes calldata message) external returns (bool) {
        require(!isPaused, ModulePaused(pauseCount));
        Message.check(message);
        Metadata.check(metadata);
        Route memory route = _route(Message.origin(message));
        Checkpoint memory checkpoint = Metadata.checkpoint(metadata);
        uint32 leaf = Metadata.leaf(metadata);
        require(leaf <= checkpoint.index, LeafBeyondCheckpoint(leaf, checkpoint.index));
        bytes32 root = MerkleTree.branchRoot(Message.id(message), leaf, Metadata.proof(metadata));
        require(root == checkpoint.root, ProofInvalid(root, checkpoint.root));

        uint64 epoch = Metadata.epoch(metadata);
        bytes32 key = _keyOf(route, epoch, checkpoint);
        if (_remembered[key] == uint256(route.generation) + 1) {
            _epochs.requireLive(epoch);
            return true;
        }
        _checkCertificate(route.service, epoch, checkpoint, metadata);
        _remembered[key] = uint256(route.generation) + 1;
        if (route.level == BridgeStatements.FAST) {
            _fastRoots[_fastKey(route, checkpoint.index)] = checkpoint.root;
        }
        emit CheckpointRemembered(route.service, epoch, checkpoint.index, checkpoint.root);
        return true;
    }

    /// @inheritdoc IBridgeIsm
    function isRemembered(uint32 origin, uint64 epoch, Checkpoint calldata checkpoint)
        external
        view
        returns (bool)
    {
        Route memory route = _routes[origin];
        return _remembered[_keyOf(route, epoch, checkpoint)] == uint256(route.generation) + 1;
    }

    /// @inheritdoc IBridgeIsm
    function serviceOf(uint32 origin) external view returns (bytes32) {
        return _routes[origin].service;
    }

    /// @inheritdoc IBridgeIsm
    function getOffchainVerifyInfo(bytes calldata message) external view {
        revert OffchainLookup(
            address(this),
            _gateways,
            abi.encodeCall(this.getOffchainVerifyInfo, (message)),
            this.verify.selector,
            message
        );
    }

    // epochs

    /// @inheritdoc IBridgeIsm
    function importEpoch(EpochTableData calldata table, Certificate calldata certificate) external {
        uint64 latest = _epochs.latest;
        require(table.number == latest + 1, EpochNotNext(table.number, latest + 1));
        bytes32 payload =
            BridgeStatements.epoch(table.number, table.activatesAt, table.validUntil, keccak256(table.rows));
        _verify(BridgeStatements.EPOCHS, latest, table.number, payload, certificate);
        _epochs.put(table, graceSeconds);
    }

    /// @inheritdoc IBridgeIsm
    function revoke(
        uint64 epoch,
        uint64 revokedEpoch,
        uint64 atBlock,
        bytes calldata revoked,
        Certificate calldata certificate
    ) external {
        bytes32 payload = BridgeStatements.revocation(revokedEpoch, revoked);
        require(atBlock <= BridgeStatements.MAX_BLOCK, RevocationBlock(atBlock));
        uint64 slot = BridgeStatements.revocationSlot(atBlock, revokedEpoch);
        _verify(BridgeStatements.REVOCATIONS, epoch, slot, payload, certificate);
        _epochs.revoke(revokedEpoch, revoked);
    }

    /// @inheritdoc IBridgeIsm
    function latestEpoch() external view returns (uint64) {
        return _epochs.latest;
    }

    /// @inheritdoc IBridgeIsm
    function epochInfo(uint64 epoch) external view returns (ImportedEpoch memory) {
        return _epochs.info(epoch);
    }

    /// @inheritdoc IBridgeIsm
    function revokedRows(uint64 epoch) external view returns (bytes memory) {
        return _epochs.revokedRows[epoch];
    }

    /// @notice Announces an epoch that is to be taken on the owner's word, because all that are here are over.
    /// @param tableHash keccak256 of the table, ABI-encoded.
    function proposeRecovery(bytes32 tableHash) external onlyOwner {
        uint64 readyAt = uint64(block.timestamp) + recoveryDelay;
        _recoveries[tableHash] = readyAt;
        emit RecoveryProposed(tableHash, readyAt);
    }

    function cancelRecovery(bytes32 tableHash) external onlyOwner {
        require(_recoveries[tableHash] != 0, RecoveryNotProposed(tableHash));
        delete _recoveries[tableHash];
        emit RecoveryCancelled(tableHash);
    }

    /// @notice Takes a proposed epoch once its delay has passed, and while no epoch here is accepted.
    function recover(EpochTableData calldata table) external onlyOwner {
        uint64 until = _epochs.info(_epochs.latest).acceptedUntil;
        require(block.timestamp > until, RecoveryNotNeeded(until));
        bytes32 tableHash = keccak256(abi.encode(table));
        uint64 readyAt = _recoveries[tableHash];
        require(readyAt != 0, RecoveryNotProposed(tableHash));
        require(block.timestamp >= readyAt, RecoveryNotReady(readyAt));
        require(table.number > _epochs.latest, EpochNotNext(table.number, _epochs.latest + 1));
        delete _recoveries[tableHash];
        _epochs.put(table, graceSeconds);
    }

    // pauses and corrections

    /// @inheritdoc IBridgeIsm
    function pause(uint64 epoch, Certificate calldata certificate) external {
        require(!isPaused, ModulePaused(pauseCount));
        (uint256 signed, uint256 total) = _epochs.signedWeight(
            _separator,
            Statement(
                _pauses,
                KIND_CERTIFY,
                epoch,
                pauseCount,
                0,
                BridgeStatements.module(block.chainid, address(this))
            ),
            certificate.absent,
            certificate.signature
        );
        require(signed * 3 > total, SignedTooLittle(signed, total));
        isPaused = true;
        // Not above the total, which has 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        emit Paused(pauseCount, uint64(signed));
    }

    /// @inheritdoc IBridgeIsm
    /// @dev What was remembered before is void: the pause may have been for its sake.
    function unpause(uint64 epoch, Certificate calldata certificate) external {
        require(isPaused, ModuleNotPaused());
        bytes32 payload = BridgeStatements.module(block.chainid, address(this));
        _verify(_unpauses, epoch, pauseCount, payload, certificate);
        isPaused = false;
        emit Unpaused(pauseCount);
        ++pauseCount;
    }

    /// @inheritdoc IBridgeIsm
    function correct(
        uint32 origin,
        uint64 epoch,
        Checkpoint calldata finalized,
        Certificate calldata certificate
    ) external {
        Route storage route = _routes[origin];
        bytes32 wrong = _fastRoots[_fastKey(route, finalized.index)];
        require(wrong != 0 && wrong != finalized.root, CheckpointNotContradicted(finalized.index));
        bytes32 service = BridgeStatements.stream(origin, _hooks[origin], BridgeStatements.FINALIZED);
        bytes32 payload = BridgeStatements.checkpoint(finalized.root, finalized.index, finalized.messageId);
        _verify(service, epoch, finalized.index, payload, certificate);
        ++route.generation;
        route.closed = true;
        emit CheckpointCorrected(route.service, finalized.index, wrong, finalized.root);
    }

    /// @dev Reverts unless the metadata has a certificate of the checkpoint.
    function _checkCertificate(
        bytes32 service,
        uint64 epoch,
        Checkpoint memory checkpoint,
        bytes calldata metadata
    ) private view {
        require(Metadata.hasCertificate(metadata), CheckpointNotRemembered(checkpoint.root));
        bytes32 payload = BridgeStatements.checkpoint(checkpoint.root, checkpoint.index, checkpoint.messageId);
        Statement memory statement = Statement(service, KIND_CERTIFY, epoch, checkpoint.index, 0, payload);
        _requireQuorum(statement, Metadata.absent(metadata), Metadata.signature(metadata));
    }

    function _requireQuorum(Statement memory statement, bytes calldata absent, bytes calldata signature)
        private
        view
    {
        (uint256 signed, uint256 total) = _epochs.signedWeight(_separator, statement, absent, signature);
        require(signed * 10_000 >= total * quorumBps, SignedTooLittle(signed, total));
    }

    function _verify(
        bytes32 service,
        uint64 epoch,
        uint64 slot,
        bytes32 payload,
        Certificate calldata certificate
    ) private view {
        Statement memory statement = Statement(service, KIND_CERTIFY, epoch, slot, 0, payload);
        _requireQuorum(statement, certificate.absent, certificate.signature);
    }

    function _route(uint32 origin) private view returns (Route memory route) {
        route = _routes[origin];
        require(route.service != 0, RouteUnknown(origin));
        require(!route.closed, RouteClosed(origin));
    }

    /// @dev What is remembered dies with each pause.
    function _keyOf(Route memory route, uint64 epoch, Checkpoint memory checkpoint)
        private
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                route.service, epoch, pauseCount, checkpoint.root, checkpoint.index, checkpoint.messageId
            )
        );
    }

    function _fastKey(Route memory route, uint32 index) private pure returns (bytes32) {
        return keccak256(abi.encode(route.service, route.generation, index));
    }
}
