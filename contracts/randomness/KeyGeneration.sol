// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    Dealing,
    FoldInput,
    Group,
    IKeyGeneration,
    KeyTiming,
    Session,
    Sharing
} from "./interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors} from "./interfaces/IKeyGenerationErrors.sol";
import {IKeyBeacon, IKeyService} from "./interfaces/IKeyGenerationPorts.sol";
import {Parameters} from "../avs/interfaces/Parameters.sol";
import {Blob} from "../avs/lib/Blob.sol";
import {Complaints} from "./lib/Complaints.sol";
import {Dealings} from "./lib/Dealings.sol";
import {EncryptionKeys} from "./lib/EncryptionKeys.sol";
import {Folding} from "./lib/Folding.sol";
import {KeySessions} from "./lib/KeySessions.sol";
import {SessionOpening} from "./lib/SessionOpening.sol";

/// @title KeyGeneration: the bulletin board of distributed key generation and of resharing
/// @dev A session has three phases, told in blocks. Dealing: each dealer posts commitments to its polynomials and a
/// sealed share for each share index. Complaints: who got a wrong share shows it, and the contract convicts the dealer,
/// or who complained falsely. Folding: anyone adds up the commitments of those who dealt and were not convicted, and
/// with the last of them a new sharing starts. So everybody sees the same, in the same order, and the contract itself
/// computes the group's key. A session that comes to nothing is followed by another; until one succeeds the old
/// sharing goes on.
contract KeyGeneration is IKeyGeneration, IKeyGenerationErrors {
    using KeySessions for KeySessions.State;

    KeySessions.State private _state;

    /// @param service_ Whose operators generate the key.
    /// @param beacon_ Which gets it.
    constructor(IKeyService service_, IKeyBeacon beacon_, KeyTiming memory timing_) {
        _within("dealBlocks", timing_.dealBlocks, 1, type(uint32).max);
        _within("complaintBlocks", timing_.complaintBlocks, 1, type(uint32).max);
        _within("foldBlocks", timing_.foldBlocks, 1, type(uint32).max);
        _within("gapBlocks", timing_.gapBlocks, 1, type(uint32).max);
        _within("startDelay", timing_.startDelay, 1, type(uint32).max);
        _within("switchDelay", timing_.switchDelay, 1, type(uint32).max);
        // Who is convicted in a session can still be slashed for its epoch.
        Parameters memory p = service_.parameters();
        uint256 blocks = uint256(timing_.dealBlocks) + timing_.complaintBlocks + timing_.foldBlocks;
        uint256 most = (uint256(p.grace) + p.evidenceWindow) / p.secondsPerBlock;
        _within("dealBlocks + complaintBlocks + foldBlocks", blocks, 3, most);
        (_state.service, _state.beacon, _state.timing) = (service_, beacon_, timing_);
    }

    /// @inheritdoc IKeyGeneration
    function registerEncryptionKey(bytes calldata publicKey, uint256 c, uint256 z) external {
        EncryptionKeys.register(_state, publicKey, c, z);
    }

    /// @inheritdoc IKeyGeneration
    function open(uint32[] calldata rows, uint16[] calldata shares, uint16 threshold) external {
        SessionOpening.open(_state, rows, shares, threshold);
    }

    /// @inheritdoc IKeyGeneration
    function deal(
        uint64 session,
        address dealer,
        uint64 epoch,
        Dealing calldata dealing,
        bytes calldata signature,
        bytes calldata oldPolynomial
    ) external {
        Dealings.post(
            _state, Dealings.Post(session, dealer, epoch, signature, oldPolynomial, bytes32(0)), dealing
        );
    }

    /// @inheritdoc IKeyGeneration
    function complainShare(
        uint64 session,
        address dealer,
        uint16 polynomial,
        uint16 shareIndex,
        Dealing calldata dealing,
        bytes calldata sharedPoint,
        uint256 c,
        uint256 z
    ) external {
        Complaints.share(
            _state,
            Complaints.ShareComplaint(session, dealer, polynomial, shareIndex, sharedPoint, c, z),
            dealing
        );
    }

    /// @inheritdoc IKeyGeneration
    function complainCommitment(
        uint64 session,
        address dealer,
        uint16 polynomial,
        uint16 coefficient,
        Dealing calldata dealing
    ) external {
        Complaints.commitment(_state, session, dealer, polynomial, coefficient, dealing);
    }

    /// @inheritdoc IKeyGeneration
    function fold(uint64 session, FoldInput[] calldata inputs, bytes calldata running) external {
        Folding.fold(_state, session, inputs, running);
    }

    /// @inheritdoc IKeyGeneration
    function fail(uint64 session) external {
        Folding.fail(_state, session);
    }

    /// @notice Whose operators generate the key.
    function service() external view returns (IKeyService) {
        return _state.service;
    }

    /// @notice Which gets the key.
    function beacon() external view returns (IKeyBeacon) {
        return _state.beacon;
    }

    /// @inheritdoc IKeyGeneration
    function timing() external view returns (KeyTiming memory) {
        return _state.timing;
    }

    /// @inheritdoc IKeyGeneration
    function group() external view returns (Group memory g) {
        KeySessions.GroupRecord memory record = _state.group;
        if (record.key == address(0)) return g;
        (g.key, g.genesis, g.groupHash) = (Blob.readAll(record.key), record.genesis, record.groupHash);
        g.period = _state.beacon.period();
        g.chainHash = _state.beacon.chainHash();
    }

    /// @inheritdoc IKeyGeneration
    function latestSession() external view returns (uint64) {
        return _state.session;
    }

    /// @inheritdoc IKeyGeneration
    function latestSharing() external view returns (uint64) {
        return _state.sharing;
    }

    /// @inheritdoc IKeyGeneration
    function sessionInfo(uint64 session) external view returns (Session memory s) {
        KeySessions.Record memory r = _state.sessions[session];
        (s.id, s.state, s.epoch, s.attempt) = (r.id, r.state, r.epoch, r.attempt);
        (s.fromSharing, s.threshold, s.shares) = (r.fromSharing, r.threshold, r.shares);
        (s.dealEnd, s.complaintEnd, s.finishEnd) = (r.dealEnd, r.complaintEnd, r.finishEnd);
        (s.dealt, s.convicted, s.folded, s.achieved) = (r.dealt, r.convicted, r.folded, r.achieved);
    }

    /// @inheritdoc IKeyGeneration
    function sharingInfo(uint64 sharing) external view returns (Sharing memory) {
        return _state.sharings[sharing];
    }

    /// @inheritdoc IKeyGeneration
    function membersOf(uint64 session) external view returns (bytes memory) {
        return KeySessions.members(_known(session));
    }

    /// @inheritdoc IKeyGeneration
    function dealingOf(uint64 session, address dealer) external view returns (bytes32 payload, uint64 epoch) {
        KeySessions.Posting storage posting = _state.postings[session][dealer];
        return (posting.payload, posting.epoch);
    }

    /// @inheritdoc IKeyGeneration
    function isConvicted(uint64 session, address operator) external view returns (bool) {
        return _state.convicted[session][operator];
    }

    /// @inheritdoc IKeyGeneration
    function absentIn(uint64 session) external view returns (address[] memory) {
        return _state.absent(_known(session));
    }

    /// @inheritdoc IKeyGeneration
    function encryptionKeyOf(address operator) external view returns (bytes memory publicKey, bool usable) {
        return EncryptionKeys.keyOf(_state, operator);
    }

    /// @inheritdoc IKeyGeneration
    function eligibleRows() external view returns (uint64 epoch, uint32[] memory rows) {
        return SessionOpening.eligibleRows(_state);
    }

    /// @inheritdoc IKeyGeneration
    function dueReason() external view returns (uint8 reason, uint256 fromBlock) {
        return SessionOpening.dueReason(_state);
    }

    function _known(uint64 session) private view returns (KeySessions.Record storage record) {
        record = _state.sessions[session];
        require(record.state != 0, SessionUnknown(session));
    }

    function _within(string memory parameter, uint256 value, uint256 least, uint256 most) private pure {
        require(value >= least && value <= most, TimingOutOfRange(parameter, value, least, most));
    }
}
