// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {EncryptionKeys} from "./EncryptionKeys.sol";
import {KeySessions} from "./KeySessions.sol";

/// @title SessionTable: the table of the epoch active now, and who in it may be a member of a session
library SessionTable {
    using KeySessions for KeySessions.State;

    /// @param revoked Bitmap of rows whose weight was revoked.
    /// @param total Weight of all rows that are not revoked.
    /// @param absent Who owed a dealing in the newest session, and did not deal, if that failed.
    /// @param core Where operators join `set`.
    struct Table {
        uint64 epoch;
        address[] operators;
        uint64[] weights;
        bytes revoked;
        uint256 total;
        address[] absent;
        IAllocationManager core;
        OperatorSet set;
    }

    /// @notice Reverts if no epoch is active.
    function read(KeySessions.State storage self) internal view returns (Table memory table) {
        // Unix seconds have fewer than 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        table.epoch = self.service.epochAt(uint64(block.timestamp));
        require(table.epoch != 0, Errors.NoEpoch());
        (table.operators,, table.weights) = self.service.epochRows(table.epoch, 0, type(uint256).max);
        table.revoked = self.service.revokedRows(table.epoch);
        for (uint256 i; i < table.weights.length; ++i) {
            if (!isRevoked(table, i)) table.total += table.weights[i];
        }
        table.core = self.service.allocationManager();
        table.set = OperatorSet(address(self.service), self.service.operatorSetId());
        KeySessions.Record storage last = self.sessions[self.session];
        // Also one whose time is over, which nobody has told.
        bool failed = last.state == KeySessions.UNDER_WAY && block.number > last.finishEnd;
        if (failed || last.state == KeySessions.FAILED) table.absent = self.absent(last);
    }

    function isRevoked(Table memory table, uint256 row) internal pure returns (bool) {
        return uint8(table.revoked[row / 8]) >> (row % 8) & 1 == 1;
    }

    /// @notice Whether the row's operator still is one: in the set, with its weight.
    function isEntitled(Table memory table, uint256 row) internal view returns (bool) {
        return !isRevoked(table, row) && table.core.isMemberOfOperatorSet(table.operators[row], table.set);
    }

    /// @notice Whether the row's operator may be a member: entitled, with a key that can serve a session.
    function isEligible(KeySessions.State storage self, Table memory table, uint256 row)
        internal
        view
        returns (bool)
    {
        if (isRevoked(table, row)) return false;
        (, bool usable) = EncryptionKeys.keyOf(self, table.operators[row]);
        return usable && isEntitled(table, row);
    }

    function isAbsent(Table memory table, uint256 row) internal pure returns (bool) {
        for (uint256 i; i < table.absent.length; ++i) {
            if (table.absent[i] == table.operators[row]) return true;
        }
        return false;
    }

    function find(Table memory table, address operator) internal pure returns (bool found, uint256 row) {
        for (; row < table.operators.length; ++row) {
            if (table.operators[row] == operator) return (true, row);
        }
    }

    /// @notice Whether a weight is more than two thirds of the table's, less what was revoked.
    function isEnough(Table memory table, uint256 weight) internal pure returns (bool) {
        return 3 * weight > 2 * table.total;
    }
}
