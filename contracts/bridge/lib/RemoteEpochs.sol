// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Statement} from "../../avs/interfaces/IServiceManager.sol";
import {Blob} from "../../avs/lib/Blob.sol";
import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {Digests} from "../../avs/lib/Digests.sol";
import {EpochTable} from "../../avs/lib/EpochTable.sol";
import {EpochTableData, IBridgeIsm, ImportedEpoch} from "../interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors as Errors} from "../interfaces/IBridgeIsmErrors.sol";

/// @title RemoteEpochs: tables of another chain's ServiceManager, handed over by those who were in the one before
/// @dev Keys and weights were checked on their own chain; that they are its is what a quorum of the last table signed.
/// The sums that verification needs are computed here, from all rows.
library RemoteEpochs {
    /// @notice Rows of a table that can be handed over in one transaction.
    uint256 internal constant MAX_ROWS = 3 * EpochTable.MAX_ROWS;

    /// @dev One storage slot, as all that a full house needs.
    /// @param acceptedUntil Its expiry, or the grace after its successor's activation if that comes first.
    struct Record {
        address head;
        uint40 activatesAt;
        uint40 acceptedUntil;
        bool revoked;
    }

    /// @param latest Number of the newest epoch, 0 if none.
    struct State {
        uint64 latest;
        mapping(uint64 epoch => Record) records;
        mapping(uint64 epoch => bytes) revokedRows;
        mapping(uint64 epoch => uint64) revokedWeight;
    }

    /// @notice Takes a table without asking anybody.
    /// @param grace Seconds for which the epoch before is accepted after this one is active.
    function put(State storage self, EpochTableData calldata table, uint64 grace) internal {
        uint64 number = table.number;
        require(
            table.validUntil > table.activatesAt && table.validUntil > block.timestamp
                && table.validUntil < 1 << 40,
            Errors.EpochTimes(table.activatesAt, table.validUntil)
        );
        require(self.records[number].head == address(0), Errors.EpochAlreadyImported(number));
        (address head, uint64 total) = _write(table.rows);
        Record storage last = self.records[self.latest];
        if (last.head != address(0)) {
            uint256 from = table.activatesAt > block.timestamp ? table.activatesAt : block.timestamp;
            // Below 2^40, as both were.
            // forge-lint: disable-next-line(unsafe-typecast)
            if (from + grace < last.acceptedUntil) last.acceptedUntil = uint40(from + grace);
        }
        // Checked above.
        // forge-lint: disable-next-item(unsafe-typecast)
        self.records[number] = Record(head, uint40(table.activatesAt), uint40(table.validUntil), false);
        self.latest = number;
        emit IBridgeIsm.EpochImported(number, table.activatesAt, table.validUntil, total);
    }

    /// @notice Takes weight from rows.
    /// @param revoked Bitmap as `Certificate.absent`; all rows that have no weight, not the new ones alone.
    function revoke(State storage self, uint64 epoch, bytes calldata revoked) internal {
        Record storage record = self.records[epoch];
        require(record.head != address(0), Errors.EpochNotLive(epoch));
        bytes memory before = self.revokedRows[epoch];
        bytes memory all = new bytes(revoked.length > before.length ? revoked.length : before.length);
        for (uint256 i; i < all.length; ++i) {
            if (i < revoked.length) all[i] |= revoked[i];
            if (i < before.length) all[i] |= before[i];
        }
        require(keccak256(all) != keccak256(before), Errors.RevocationEmpty(epoch));
        self.revokedRows[epoch] = all;
        // What they count for: rows that nothing was taken from before.
        (, uint256 weight) =
            EpochTable.addAbsent(record.head, EpochTable.readHead(record.head), revoked, before);
        record.revoked = true;
        // Not above the total, which has 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        self.revokedWeight[epoch] += uint64(weight);
        emit IBridgeIsm.EpochRowsRevoked(epoch, all, self.revokedWeight[epoch]);
    }

    /// @notice The weight that signed, of which total. Reverts unless the epoch is live and the signature theirs.
    /// @param separator EIP-712 domain separator of the ServiceManager on its chain.
    function signedWeight(
        State storage self,
        bytes32 separator,
        Statement memory statement,
        bytes calldata absent,
        bytes calldata signature
    ) internal view returns (uint256 signed, uint256 total) {
        Record memory record = requireLive(self, statement.epoch);
        EpochTable.Head memory head = EpochTable.readHead(record.head);
        total = head.totalWeight;
        signed = total;
        Bls12381.G1 memory negatedKey = head.negatedKey;
        bytes memory revoked;
        if (record.revoked) {
            revoked = self.revokedRows[statement.epoch];
            signed -= self.revokedWeight[statement.epoch];
        }
        if (absent.length != 0) {
            uint256 missing;
            (negatedKey, missing) = EpochTable.addAbsent(record.head, head, absent, revoked);
            signed -= missing;
        }
        require(!Bls12381.isInfinity(negatedKey), Errors.AggregateKeyInfinite());
        bytes32 digest = Digests.statement(separator, statement);
        require(Bls12381.verifyNegated(negatedKey, digest, signature), Errors.SignatureInvalid());
    }

    /// @notice The record of an epoch of which something can be accepted now.
    function requireLive(State storage self, uint64 epoch) internal view returns (Record memory record) {
        record = self.records[epoch];
        require(
            record.head != address(0) && block.timestamp >= record.activatesAt
                && block.timestamp <= record.acceptedUntil,
            Errors.EpochNotLive(epoch)
        );
    }

    function info(State storage self, uint64 epoch) internal view returns (ImportedEpoch memory) {
        Record memory record = self.records[epoch];
        if (record.head == address(0)) return ImportedEpoch(0, 0, 0, 0, 0);
        EpochTable.Head memory head = EpochTable.readHead(record.head);
        return ImportedEpoch({
            activatesAt: record.activatesAt,
            acceptedUntil: record.acceptedUntil,
            totalWeight: head.totalWeight,
            revokedWeight: self.revokedWeight[epoch],
            rows: head.rows
        });
    }

    /// @dev Writes a table's blobs, and adds its rows up.
    function _write(bytes calldata rows) private returns (address head, uint64 total) {
        uint256 count = rows.length / EpochTable.ROW_SIZE;
        require(
            count != 0 && count <= MAX_ROWS && rows.length % EpochTable.ROW_SIZE == 0,
            Errors.EpochRowsLength(rows.length)
        );
        Bls12381.G1 memory key;
        uint256 sum;
        for (uint256 row; row < count; ++row) {
            bytes calldata data = rows[row * EpochTable.ROW_SIZE:(row + 1) * EpochTable.ROW_SIZE];
            uint64 weight = uint64(bytes8(data[EpochTable.KEY_SIZE:]));
            require(weight != 0, Errors.EpochRowWithoutWeight(row));
            sum += weight;
            key = Bls12381.add(key, EpochTable.unpackKey(data[:EpochTable.KEY_SIZE]));
        }
        require(sum <= type(uint64).max, Errors.EpochWeightOverflow());
        // Checked.
        // forge-lint: disable-next-line(unsafe-typecast)
        total = uint64(sum);
        EpochTable.Page[] memory pages =
            new EpochTable.Page[]((count + EpochTable.MAX_ROWS - 1) / EpochTable.MAX_ROWS);
        for (uint256 i; i < pages.length; ++i) {
            uint256 from = i * EpochTable.MAX_ROWS;
            uint256 to = from + EpochTable.MAX_ROWS < count ? from + EpochTable.MAX_ROWS : count;
            bytes calldata page = rows[from * EpochTable.ROW_SIZE:to * EpochTable.ROW_SIZE];
            // At most MAX_ROWS rows. Whose they are is known on their own chain.
            // forge-lint: disable-next-line(unsafe-typecast)
            pages[i] = EpochTable.Page({rows: Blob.write(page), end: uint32(to), operators: address(0)});
        }
        // forge-lint: disable-next-item(unsafe-typecast)
        EpochTable.Head memory data_ = EpochTable.Head({
            negatedKey: Bls12381.negate(key),
            totalWeight: total,
            weightLimit: type(uint64).max,
            rows: uint32(count)
        });
        head = Blob.write(EpochTable.encodeHead(data_, pages));
    }
}
