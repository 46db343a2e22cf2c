// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Achieved, IKeyGeneration, KeyTiming, Sharing} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {IKeyBeacon, IKeyService} from "../interfaces/IKeyGenerationPorts.sol";
import {Blob} from "../../avs/lib/Blob.sol";
import {Members} from "./Members.sol";

/// @title KeySessions: what key generation remembers, and what all of its steps need
library KeySessions {
    /// @notice Members of a session. Its dealings, complaints and pages then fit into transactions.
    uint256 internal constant MAX_MEMBERS = 32;
    /// @notice Shares of all members of a sharing.
    uint256 internal constant MAX_SHARES = 64;
    /// @notice Shares of one member. At a resharing it deals a polynomial for each, and 8 with 64 commitments and 64
    /// shares have 117 kB: nodes pass no transaction on that has more than 128 kB.
    uint256 internal constant MAX_MEMBER_SHARES = 8;

    uint8 internal constant UNDER_WAY = 1;
    uint8 internal constant FINISHED = 2;
    uint8 internal constant FAILED = 3;

    uint8 internal constant WRONG_SHARE = 1;
    uint8 internal constant WRONG_COMMITMENT = 2;
    uint8 internal constant FALSE_COMPLAINT = 3;
    uint8 internal constant TWO_DEALINGS = 4;

    /// @dev A session; see `Session`.
    /// @param members Blob of the member table.
    /// @param runningHash Hash of the sum of commitments so far, once folding has begun.
    struct Record {
        bytes32 id;
        address members;
        uint64 epoch;
        uint16 threshold;
        uint16 shares;
        uint64 fromSharing;
        uint32 attempt;
        uint32 dealt;
        uint32 convicted;
        uint16 folded;
        uint8 state;
        uint64 dealEnd;
        uint64 complaintEnd;
        uint64 finishEnd;
        Achieved achieved;
        bytes32 runningHash;
    }

    /// @dev The group, once there is one.
    /// @param key Blob of the key.
    struct GroupRecord {
        address key;
        uint64 genesis;
        bytes32 groupHash;
    }

    struct Posting {
        bytes32 payload;
        uint64 epoch;
    }

    /// @dev The newest encryption key of an operator.
    struct Key {
        bytes32 first;
        bytes32 second;
        bytes32 third;
    }

    /// @param session Number of the newest session, `sharing` of the newest sharing.
    /// @param openFrom First block in which the next session may be opened, if none is under way.
    /// @param failedSession The newest session, if it failed and none was opened since.
    /// @param keyStates By hash: 1 registered once, 2 spent.
    struct State {
        IKeyService service;
        uint64 session;
        IKeyBeacon beacon;
        uint64 sharing;
        uint64 openFrom;
        KeyTiming timing;
        GroupRecord group;
        mapping(uint64 session => Record) sessions;
        mapping(uint64 sharing => Sharing) sharings;
        mapping(uint64 session => mapping(address dealer => Posting)) postings;
        mapping(uint64 session => mapping(address operator => bool)) convicted;
        mapping(address operator => Key) keys;
        mapping(bytes32 keyHash => uint8) keyStates;
    }

    /// @notice A session that is under way. Reverts if it is over.
    function running(State storage self, uint64 session) internal view returns (Record storage record) {
        record = self.sessions[session];
        require(record.state != 0, Errors.SessionUnknown(session));
        require(record.state == UNDER_WAY && block.number <= record.finishEnd, Errors.SessionOver(session));
    }

    /// @notice Reverts unless the block is after `last` and not after `until`.
    function requirePhase(uint256 last, uint256 until) internal view {
        require(block.number > last && block.number <= until, Errors.SessionPhase(last + 1, until));
    }

    function members(Record storage record) internal view returns (bytes memory table) {
        return Blob.readAll(record.members);
    }

    /// @notice The members that owe dealings in a session: its own, or those of the sharing that is dealt anew.
    function dealers(State storage self, Record storage record) internal view returns (bytes memory table) {
        if (record.fromSharing == 0) return members(record);
        return members(self.sessions[self.sharings[record.fromSharing].session]);
    }

    /// @notice How many polynomials dealer `index` deals: one, or one for each of its old shares.
    function polynomials(Record storage record, bytes memory table, uint256 index)
        internal
        view
        returns (uint256)
    {
        return record.fromSharing == 0 ? 1 : Members.sharesAt(table, index);
    }

    /// @notice What masks and proofs call a dealer's first polynomial: its place, or its first old share index. The
    /// others follow.
    function firstPolynomial(Record storage record, bytes memory table, uint256 index)
        internal
        view
        returns (uint256)
    {
        return record.fromSharing == 0 ? index : Members.firstShare(table, index);
    }

    /// @notice The shares that must be behind the dealings: the session's threshold, or the old sharing's.
    function shareQuorum(State storage self, Record storage record) internal view returns (uint256) {
        return record.fromSharing == 0 ? record.threshold : self.sharings[record.fromSharing].threshold;
    }

    /// @notice Bitmap of the dealers that dealt and were not convicted.
    function qualified(Record storage record) internal view returns (uint256) {
        return uint256(record.dealt) & ~uint256(record.convicted);
    }

    /// @notice The shares that the dealers of a bitmap hold.
    function sharesOf(bytes memory table, uint256 bitmap) internal pure returns (uint256 shares) {
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 1) shares += Members.sharesAt(table, i);
        }
    }

    /// @notice Those who owed a dealing and did not deal.
    function absent(State storage self, Record storage record) internal view returns (address[] memory list) {
        bytes memory table = dealers(self, record);
        uint256 missing = ~uint256(record.dealt) & ((uint256(1) << Members.count(table)) - 1);
        list = new address[](MAX_MEMBERS);
        uint256 length;
        for (uint256 i; missing >> i != 0; ++i) {
            bool owes = missing >> i & 1 == 1 && polynomials(record, table, i) != 0;
            if (owes) list[length++] = Members.operatorAt(table, i);
        }
        // Cuts the array to what was filled.
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }

    /// @notice Names an operator as guilty, takes it out of the dealers that count, and has the service punish it.
    /// @param epoch In whose table the operator is.
    function convict(State storage self, uint64 session, address operator, uint64 epoch, uint8 reason)
        internal
    {
        require(!self.convicted[session][operator], Errors.AlreadyConvicted(operator));
        self.convicted[session][operator] = true;
        Record storage record = self.sessions[session];
        (bool isDealer, uint256 index) = Members.find(dealers(self, record), operator);
        if (isDealer) {
            // One of at most 32 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            record.convicted |= uint32(uint256(1) << index);
            // What was folded may have it inside.
            (record.folded, record.runningHash) = (0, 0);
        }
        emit IKeyGeneration.Convicted(session, operator, reason);
        self.service.convict(operator, session, epoch, reason);
    }

    /// @notice Ends a session without a sharing.
    function fail(State storage self, uint64 session) internal {
        Record storage record = self.sessions[session];
        record.state = FAILED;
        emit IKeyGeneration.SessionFailed(session, absent(self, record));
    }
}
