// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allocation} from "./Allocation.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";
import {SessionTable} from "./SessionTable.sol";

/// @title SessionDue: whether the key must be generated, or shared anew
library SessionDue {
    using SessionTable for SessionTable.Table;

    uint8 internal constant NOT_DUE = 0;
    uint8 internal constant NO_GROUP = 1;
    uint8 internal constant MEMBERS_CHANGED = 2;
    uint8 internal constant WEIGHTS_CHANGED = 3;

    /// @param rows Those who would be members.
    function reason(KeySessions.State storage self, SessionTable.Table memory table, uint32[] memory rows)
        internal
        view
        returns (uint8)
    {
        if (self.sharing == 0) return NO_GROUP;
        KeySessions.Record storage record = self.sessions[self.sharings[self.sharing].session];
        bytes memory members = KeySessions.members(record);
        (bool gone, uint64[] memory weights) = _weigh(table, members);
        if (gone || _hasNewcomer(table, members, rows, weights)) return MEMBERS_CHANGED;
        Allocation.Bounds memory b = Allocation.bounds(weights, _shares(members), record.threshold);
        return Allocation.isLive(b) && Allocation.isSafe(b) ? NOT_DUE : WEIGHTS_CHANGED;
    }

    /// @notice Rows that a session may be opened with now: all that are eligible, or the 32 heaviest of them. Without
    /// those who were absent in the session that failed last, if the others are enough.
    function eligible(KeySessions.State storage self, SessionTable.Table memory table)
        internal
        view
        returns (uint32[] memory rows)
    {
        bool[] memory may = new bool[](table.operators.length);
        uint256 present;
        for (uint256 row; row < may.length; ++row) {
            may[row] = SessionTable.isEligible(self, table, row);
            if (may[row] && !table.isAbsent(row)) present += table.weights[row];
        }
        if (table.isEnough(present)) {
            for (uint256 row; row < may.length; ++row) {
                if (table.isAbsent(row)) may[row] = false;
            }
        }
        return _heaviest(table.weights, may);
    }

    /// @dev What the members weigh today, and whether any of them is no operator any more.
    function _weigh(SessionTable.Table memory table, bytes memory members)
        private
        view
        returns (bool gone, uint64[] memory weights)
    {
        weights = new uint64[](Members.count(members));
        for (uint256 i; i < weights.length; ++i) {
            (bool found, uint256 row) = table.find(Members.operatorAt(members, i));
            if (!found || !table.isEntitled(row)) return (true, weights);
            weights[i] = table.weights[row];
        }
    }

    /// @dev Whether one of `rows` is no member. Where there are 32 members it must outweigh one of them, so that among
    /// operators of equal weight the key is not dealt to and fro.
    function _hasNewcomer(
        SessionTable.Table memory table,
        bytes memory members,
        uint32[] memory rows,
        uint64[] memory weights
    ) private pure returns (bool) {
        uint256 least;
        if (weights.length >= KeySessions.MAX_MEMBERS) {
            least = weights[0];
            for (uint256 i; i < weights.length; ++i) {
                if (weights[i] < least) least = weights[i];
            }
        }
        for (uint256 i; i < rows.length; ++i) {
            if (table.weights[rows[i]] <= least) continue;
            (bool found,) = Members.find(members, table.operators[rows[i]]);
            if (!found) return true;
        }
        return false;
    }

    function _shares(bytes memory members) private pure returns (uint16[] memory shares) {
        shares = new uint16[](Members.count(members));
        for (uint256 i; i < shares.length; ++i) {
            shares[i] = Members.sharesAt(members, i);
        }
    }

    /// @dev The rows that `may`, or the 32 heaviest of them, ascending. Of equal ones the first.
    function _heaviest(uint64[] memory weights, bool[] memory may)
        private
        pure
        returns (uint32[] memory rows)
    {
        bool[] memory taken = new bool[](may.length);
        uint256 count;
        for (; count < KeySessions.MAX_MEMBERS; ++count) {
            uint256 best = may.length;
            for (uint256 row; row < may.length; ++row) {
                bool better = best == may.length || weights[row] > weights[best];
                if (may[row] && !taken[row] && better) best = row;
            }
            if (best == may.length) break;
            taken[best] = true;
        }
        rows = new uint32[](count);
        uint256 next;
        for (uint256 row; row < taken.length; ++row) {
            // Rows of a table have far fewer than 32 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            if (taken[row]) rows[next++] = uint32(row);
        }
    }
}
