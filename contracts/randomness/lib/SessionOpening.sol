// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Achieved, IKeyGeneration, KeyTiming} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Allocation} from "./Allocation.sol";
import {Blob} from "../../avs/lib/Blob.sol";
import {EncryptionKeys} from "./EncryptionKeys.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";
import {SessionDue} from "./SessionDue.sol";
import {SessionTable} from "./SessionTable.sol";

/// @title SessionOpening: who takes part in a session, with how many shares
/// @dev A linked library: its external functions run in KeyGeneration's name.
library SessionOpening {
    using SessionTable for SessionTable.Table;
    using KeySessions for KeySessions.State;

    /// @dev What the opener chose, and what it comes to.
    struct Choice {
        uint32[] rows;
        uint16[] shares;
        uint16 threshold;
        uint64[] weights;
        uint256 weight;
        uint256 shareCount;
        bytes members;
    }

    /// @notice Opens a session with these rows of the active epoch's table; see `IKeyGeneration.open`.
    function open(
        KeySessions.State storage self,
        uint32[] memory rows,
        uint16[] memory shares,
        uint16 threshold
    ) external {
        _closeLast(self);
        SessionTable.Table memory table = SessionTable.read(self);
        (bool found, uint256 row) = table.find(msg.sender);
        require(found && table.isEntitled(row), Errors.NotAnOperator(msg.sender));

        Choice memory choice;
        (choice.rows, choice.shares, choice.threshold) = (rows, shares, threshold);
        _checkForm(choice);
        _checkRows(self, table, choice);
        _checkLeftOut(self, table, choice);
        require(SessionDue.reason(self, table, rows) != 0, Errors.SessionNotDue());
        _record(self, table.epoch, choice, _checkAllocation(choice));
    }

    /// @notice Rows that `open` takes; see `IKeyGeneration.eligibleRows`.
    function eligibleRows(KeySessions.State storage self)
        external
        view
        returns (uint64 epoch, uint32[] memory rows)
    {
        SessionTable.Table memory table = SessionTable.read(self);
        return (table.epoch, SessionDue.eligible(self, table));
    }

    /// @notice Why a session is due; see `IKeyGeneration.dueReason`.
    function dueReason(KeySessions.State storage self)
        external
        view
        returns (uint8 reason, uint256 fromBlock)
    {
        SessionTable.Table memory table = SessionTable.read(self);
        reason = SessionDue.reason(self, table, SessionDue.eligible(self, table));
        KeySessions.Record storage last = self.sessions[self.session];
        fromBlock = last.state == KeySessions.UNDER_WAY ? uint256(last.finishEnd) + 1 : self.openFrom;
    }

    /// @dev Reverts if a session is under way or the last one that succeeded is too young; fails one whose time is over.
    function _closeLast(KeySessions.State storage self) private {
        KeySessions.Record storage last = self.sessions[self.session];
        require(block.number >= self.openFrom, Errors.SessionTooSoon(self.openFrom));
        if (last.state != KeySessions.UNDER_WAY) return;
        require(block.number > last.finishEnd, Errors.SessionUnderWay(self.session));
        self.fail(self.session);
    }

    function _checkForm(Choice memory choice) private pure {
        uint256 count = choice.rows.length;
        require(count == choice.shares.length, Errors.MembersMismatch(count, choice.shares.length));
        require(
            count != 0 && count <= KeySessions.MAX_MEMBERS,
            Errors.MembersOutOfRange(count, KeySessions.MAX_MEMBERS)
        );
        for (uint256 i; i < count; ++i) {
            require(i == 0 || choice.rows[i] > choice.rows[i - 1], Errors.RowsUnordered(i));
            require(
                choice.shares[i] <= KeySessions.MAX_MEMBER_SHARES,
                Errors.MemberSharesTooMany(choice.shares[i], KeySessions.MAX_MEMBER_SHARES)
            );
            choice.shareCount += choice.shares[i];
        }
        uint256 sum = choice.shareCount;
        require(
            sum != 0 && sum <= KeySessions.MAX_SHARES, Errors.SharesOutOfRange(sum, KeySessions.MAX_SHARES)
        );
        // At most half of the shares can then belong to a set whose complement reaches the threshold as well.
        require(
            sum < 2 * uint256(choice.threshold) && choice.threshold <= sum,
            Errors.ThresholdOutOfRange(choice.threshold, sum)
        );
    }

    /// @dev Also collects weights and the member table.
    function _checkRows(KeySessions.State storage self, SessionTable.Table memory table, Choice memory choice)
        private
        view
    {
        choice.weights = new uint64[](choice.rows.length);
        for (uint256 i; i < choice.rows.length; ++i) {
            uint32 row = choice.rows[i];
            require(
                row < table.operators.length && SessionTable.isEligible(self, table, row),
                Errors.RowIneligible(row)
            );
            (address operator, uint64 weight) = (table.operators[row], table.weights[row]);
            choice.weights[i] = weight;
            choice.weight += weight;
            (bytes memory key,) = EncryptionKeys.keyOf(self, operator);
            choice.members =
                bytes.concat(choice.members, Members.row(operator, key, weight, choice.shares[i]));
        }
        require(table.isEnough(choice.weight), Errors.WeightTooSmall(choice.weight, table.total));
    }

    /// @dev Reverts if somebody was left out that should be a member: any eligible operator, or with 32 members one that
    /// weighs more than one of them. Who was absent in the session that failed last is left out, if the others are enough.
    function _checkLeftOut(
        KeySessions.State storage self,
        SessionTable.Table memory table,
        Choice memory choice
    ) private view {
        bool withAbsent = _checkAbsent(table, choice);
        uint256 least = choice.rows.length < KeySessions.MAX_MEMBERS ? 0 : _least(choice.weights);
        uint256 next;
        for (uint256 row; row < table.operators.length; ++row) {
            if (next < choice.rows.length && choice.rows[next] == row) {
                ++next;
                continue;
            }
            if (table.weights[row] <= least || (!withAbsent && table.isAbsent(row))) continue;
            // Rows of a table have far fewer than 32 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            require(!SessionTable.isEligible(self, table, row), Errors.RowLeftOut(uint32(row)));
        }
    }

    /// @return withAbsent Whether members were absent in the session that failed last: then the others are too few.
    function _checkAbsent(SessionTable.Table memory table, Choice memory choice)
        private
        pure
        returns (bool withAbsent)
    {
        uint256 present;
        uint32 row;
        for (uint256 i; i < choice.rows.length; ++i) {
            if (table.isAbsent(choice.rows[i])) (withAbsent, row) = (true, choice.rows[i]);
            else present += choice.weights[i];
        }
        require(!withAbsent || !table.isEnough(present), Errors.RowAbsent(row));
    }

    function _least(uint64[] memory weights) private pure returns (uint256 least) {
        least = type(uint256).max;
        for (uint256 i; i < weights.length; ++i) {
            if (weights[i] < least) least = weights[i];
        }
    }

    function _checkAllocation(Choice memory choice) private pure returns (Achieved memory) {
        Allocation.Bounds memory b = Allocation.bounds(choice.weights, choice.shares, choice.threshold);
        require(Allocation.isLive(b), Errors.AllocationNotLive(b.below, b.total));
        require(Allocation.isSafe(b), Errors.AllocationNotSafe(b.without, b.total));
        // Sums of weights of a table, which keeps their total in 64 bits; `without` is below two thirds of it.
        // forge-lint: disable-next-item(unsafe-typecast)
        return Achieved(uint64(b.below + 1), uint64(b.total - b.without - 1), uint64(b.total));
    }

    function _record(
        KeySessions.State storage self,
        uint64 epoch,
        Choice memory choice,
        Achieved memory achieved
    ) private {
        uint64 session = self.session + 1;
        uint32 attempt = self.sessions[self.session].state == KeySessions.FAILED
            ? self.sessions[self.session].attempt + 1
            : 0;
        self.session = session;
        KeySessions.Record storage record = self.sessions[session];
        (record.state, record.epoch, record.attempt) = (KeySessions.UNDER_WAY, epoch, attempt);
        record.fromSharing = self.sharing;
        record.threshold = choice.threshold;
        // At most 64.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.shares = uint16(choice.shareCount);
        record.achieved = achieved;
        record.members = Blob.write(choice.members);
        _setPhases(record, self.timing);
        record.id = _id(self, record, session, keccak256(choice.members));
        _emit(record, session, choice.members);
    }

    function _setPhases(KeySessions.Record storage record, KeyTiming memory timing) private {
        // Block numbers have fewer than 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.dealEnd = uint64(block.number) + timing.dealBlocks;
        record.complaintEnd = record.dealEnd + timing.complaintBlocks;
        record.finishEnd = record.complaintEnd + timing.foldBlocks;
    }

    function _id(
        KeySessions.State storage self,
        KeySessions.Record storage record,
        uint64 session,
        bytes32 membersHash
    ) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                "lariat/dkg/session/1",
                block.chainid,
                address(this),
                session,
                record.epoch,
                record.attempt,
                self.sharings[self.sharing].hash,
                membersHash,
                record.shares,
                record.threshold
            )
        );
    }

    function _emit(KeySessions.Record memory r, uint64 session, bytes memory members) private {
        emit IKeyGeneration.SessionOpened(
            session,
            r.id,
            r.epoch,
            r.attempt,
            r.fromSharing,
            r.threshold,
            r.dealEnd,
            r.complaintEnd,
            r.finishEnd,
            members
        );
    }
}
