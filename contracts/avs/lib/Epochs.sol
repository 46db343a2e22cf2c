// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Epoch, IServiceManager} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Parameters} from "../interfaces/Parameters.sol";
import {StrategyWeight} from "../interfaces/StrategyWeight.sol";
import {EpochTable} from "./EpochTable.sol";

/// @title Epochs: the finished tables of one AVS
/// @dev A linked library: its external functions run in the ServiceManager's name. `EpochBuilding` adds tables.
library Epochs {
    /// @dev All that the verification of a full house needs: one storage slot.
    /// @param head Blob of the table's head.
    /// @param endsAt The earlier of its expiry and the activation of its successor.
    /// @param revoked Whether any row's weight was revoked.
    struct Record {
        address head;
        uint40 activatesAt;
        uint40 endsAt;
        bool revoked;
    }

    /// @param rawWeight Weight of the table before the limit on shares.
    /// @param revokedWeight What the revoked rows counted for.
    struct Facts {
        uint64 validUntil;
        uint64 builtAtBlock;
        uint64 rawWeight;
        uint64 revokedWeight;
    }

    /// @dev What an operator weighed, and by which key, in the newest table that counted it, and in the one before that.
    /// @param keyTag The key's last bytes of x: tells whether another key is registered by now.
    struct Weighing {
        uint32 epoch;
        uint64 weight;
        uint32 keyTag;
        uint32 previousEpoch;
        uint64 previousWeight;
        uint32 previousKeyTag;
    }

    /// @dev A table that is being built; see `EpochBuilding`.
    /// @param epoch Its number, 0 if none.
    /// @param visited Operators of the list that were added or left out.
    /// @param rows Operators that were added.
    /// @param version `State.version` when it began.
    /// @param rotated Whether an operator has another key in it than in the last epoch.
    /// @param weight Sum of the weights, before the limit on shares.
    /// @param kept What the table's operators weighed in the last epoch.
    /// @param moved Sum over the table's operators of how much their weight changed since the last epoch.
    /// @param rates For each strategy the wei of ETH that 1e18 shares counted for when it began.
    struct Building {
        uint32 epoch;
        uint32 stakeBlock;
        uint40 beganAt;
        uint32 visited;
        uint32 rows;
        uint64 version;
        bool rotated;
        uint64 weight;
        uint64 kept;
        uint128 moved;
        uint128 keyXHigh;
        uint128 keyYHigh;
        uint256 keyXLow;
        uint256 keyYLow;
        uint256[] rates;
        EpochTable.Page[] pages;
    }

    /// @param allocationManager The core's contract that knows the operators' slashable stake.
    /// @param strategies Those whose stake counts.
    /// @param slashableBlocks Blocks from the beginning of a table's building to the last evidence against it.
    /// @param latest Number of the newest finished table, 0 if none.
    /// @param version Counts what makes a table that is being built worthless.
    /// @param rotatedAt When a table replaced the last one for keys alone.
    /// @param revokedRows Per 256 rows, laid out as the bytes of `Certificate.absent`.
    /// @param punished Who lost stake for equivocation in a service, with a statement of which epoch.
    struct State {
        Parameters parameters;
        IAllocationManager allocationManager;
        uint32 slashableBlocks;
        uint64 latest;
        uint64 version;
        uint40 rotatedAt;
        IStrategy[] strategies;
        mapping(IStrategy strategy => StrategyWeight) strategyWeights;
        mapping(uint64 epoch => Record) records;
        mapping(uint64 epoch => Facts) facts;
        mapping(uint64 epoch => mapping(uint256 word => bytes32)) revokedRows;
        mapping(address operator => Weighing) weighings;
        mapping(address operator => mapping(bytes32 service => mapping(uint64 epoch => bool))) punished;
        Building building;
    }

    function info(State storage self, uint64 epoch) external view returns (Epoch memory) {
        Record storage record = self.records[epoch];
        if (record.head == address(0)) return Epoch(0, 0, 0, 0, 0);
        EpochTable.Head memory head = EpochTable.readHead(record.head);
        Facts storage facts = self.facts[epoch];
        return Epoch({
            activatesAt: record.activatesAt,
            validUntil: facts.validUntil,
            totalWeight: head.totalWeight,
            operators: head.rows,
            builtAtBlock: facts.builtAtBlock
        });
    }

    /// @notice The epoch active at Unix second `time`, 0 if none.
    function activeAt(State storage self, uint64 time) external view returns (uint64 epoch) {
        // Activation times ascend with epochs.
        for (epoch = self.latest; epoch > 0; --epoch) {
            Record storage record = self.records[epoch];
            if (time >= record.activatesAt) return time < record.endsAt ? epoch : 0;
        }
    }

    function rows(State storage self, uint64 epoch, uint256 from, uint256 count)
        external
        view
        returns (address[] memory operators, bytes[] memory publicKeys, uint64[] memory weights)
    {
        EpochTable.Head memory head = _head(self, epoch);
        EpochTable.Page[] memory pages = EpochTable.readPages(self.records[epoch].head);
        if (from > head.rows) from = head.rows;
        if (count > head.rows - from) count = head.rows - from;
        operators = new address[](count);
        publicKeys = new bytes[](count);
        weights = new uint64[](count);
        for (uint256 i; i < count; ++i) {
            (operators[i], publicKeys[i], weights[i]) = EpochTable.readRow(pages, head, from + i);
        }
    }

    function revokedBitmap(State storage self, uint64 epoch) external view returns (bytes memory bitmap) {
        bitmap = new bytes((uint256(_head(self, epoch).rows) + 7) / 8);
        for (uint256 i; i < bitmap.length; ++i) {
            bitmap[i] = self.revokedRows[epoch][i / 32][i % 32];
        }
    }

    /// @notice Takes an operator's weight out of every table under which certificates can still be accepted, at once.
    /// The total, which the quorum is measured by, stays.
    function revoke(State storage self, address operator) external {
        ++self.version;
        for (uint64 epoch = self.latest; epoch > 0; --epoch) {
            Record storage record = self.records[epoch];
            if (block.timestamp > uint256(record.endsAt) + self.parameters.grace) break;
            EpochTable.Page[] memory pages = EpochTable.readPages(record.head);
            (bool found, uint256 row) = EpochTable.findOperator(pages, operator);
            if (found) _revokeRow(self, epoch, pages, row, operator);
        }
    }

    function _revokeRow(
        State storage self,
        uint64 epoch,
        EpochTable.Page[] memory pages,
        uint256 row,
        address operator
    ) private {
        // Row i is bit i % 8 of byte i / 8, and byte 0 of a word is its most significant one.
        bytes32 bit = bytes32(uint256(1) << (248 - 8 * (row / 8 % 32) + row % 8));
        bytes32 word = self.revokedRows[epoch][row / 256];
        if (word & bit != 0) return;
        (,, uint64 weight) = EpochTable.readRow(pages, _head(self, epoch), row);
        self.revokedRows[epoch][row / 256] = word | bit;
        self.records[epoch].revoked = true;
        self.facts[epoch].revokedWeight += weight;
        emit IServiceManager.WeightRevoked(epoch, operator, weight);
    }

    function _head(State storage self, uint64 epoch) private view returns (EpochTable.Head memory) {
        address head = self.records[epoch].head;
        require(head != address(0), Errors.EpochUnknown(epoch));
        return EpochTable.readHead(head);
    }
}
