// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Statement, Testimony} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Bls12381} from "./Bls12381.sol";
import {Digests} from "./Digests.sol";
import {EpochTable} from "./EpochTable.sol";
import {Epochs} from "./Epochs.sol";

/// @title Testimonies: who signed a statement
/// @dev A sum of signatures proves that each of its signers signed, because all keys in a table have proven possession: no
/// key can have been chosen so that it cancels another's out. Precompiles are handed their exact gas after a check that it
/// is there: with too little this reverts and nobody is convicted.
library Testimonies {
    /// @notice Reverts unless all of `operators` signed the testimony's statement, with the keys that they have in the
    /// epoch that it names, whose evidence can still slash.
    /// @param separator Domain separator of the statement.
    function verify(
        Epochs.State storage self,
        bytes32 separator,
        Testimony calldata testimony,
        address[] calldata operators
    ) internal view {
        Statement calldata statement = testimony.statement;
        address blob = _tableOf(self, statement.epoch);
        Bls12381.G1 memory negatedKey = testimony.aggregate
            ? _keyOfMany(blob, testimony.absent, statement.epoch, operators)
            : _keyOfOne(blob, testimony.absent, statement.epoch, operators);
        require(!Bls12381.isInfinity(negatedKey), Errors.CertificateKeyInfinite());
        require(
            Bls12381.verifyNegated(negatedKey, Digests.statement(separator, statement), testimony.signature),
            Errors.EquivocationSignatureInvalid(statement.epoch, statement.payload)
        );
    }

    /// @dev Head of an epoch whose operators' stake is still slashable for it.
    function _tableOf(Epochs.State storage self, uint64 epoch) private view returns (address) {
        Epochs.Record memory record = self.records[epoch];
        require(record.head != address(0), Errors.EpochUnknown(epoch));
        uint256 until = uint256(record.endsAt) + self.parameters.grace + self.parameters.evidenceWindow;
        require(block.timestamp <= until, Errors.EquivocationTooLate(epoch, until));
        return record.head;
    }

    /// @dev The negated key of the one operator.
    function _keyOfOne(address blob, bytes calldata absent, uint64 epoch, address[] calldata operators)
        private
        view
        returns (Bls12381.G1 memory)
    {
        require(
            operators.length == 1 && absent.length == 0, Errors.EquivocationNotOneOperator(operators.length)
        );
        EpochTable.Page[] memory pages = EpochTable.readPages(blob);
        (bool found, uint256 row) = EpochTable.findOperator(pages, operators[0]);
        require(found, Errors.EquivocationNotASigner(operators[0], epoch));
        (, bytes memory key,) = EpochTable.readRow(pages, EpochTable.readHead(blob), row);
        return Bls12381.negate(EpochTable.unpackKey(key));
    }

    /// @dev The negated sum of the keys of all but the absent, who must not be among the operators.
    function _keyOfMany(address blob, bytes calldata absent, uint64 epoch, address[] calldata operators)
        private
        view
        returns (Bls12381.G1 memory negatedKey)
    {
        EpochTable.Page[] memory pages = EpochTable.readPages(blob);
        for (uint256 i; i < operators.length; ++i) {
            (bool found, uint256 row) = EpochTable.findOperator(pages, operators[i]);
            require(found && !_isSet(absent, row), Errors.EquivocationNotASigner(operators[i], epoch));
        }
        EpochTable.Head memory head = EpochTable.readHead(blob);
        // Those whose weight was revoked signed all the same.
        (negatedKey,) = EpochTable.addAbsent(blob, head, absent, "");
    }

    function _isSet(bytes calldata bitmap, uint256 row) private pure returns (bool) {
        return row / 8 < bitmap.length && uint8(bitmap[row / 8]) >> (row % 8) & 1 == 1;
    }
}
