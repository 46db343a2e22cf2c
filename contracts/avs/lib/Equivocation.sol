// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IServiceManager, Statement, Testimony} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Bls12381} from "./Bls12381.sol";
import {Digests} from "./Digests.sol";
import {EpochTable} from "./EpochTable.sol";
import {Epochs} from "./Epochs.sol";
import {Slashing} from "./Slashing.sol";

/// @title Equivocation: slashes who signed two payloads for one (service, kind, slot, attempt)
/// @dev A linked library: its external functions run in the ServiceManager's name, which is the slasher of its set.
/// A sum of signatures proves that each of its signers signed, because all keys in a table have proven possession: no
/// key can have been chosen so that it cancels another's out. So each side may be one signature or a sum, of a quorum
/// or not. Precompiles are handed their exact gas after a check that it is there: with too little this reverts and
/// nobody is convicted.
library Equivocation {
    string private constant DESCRIPTION = "lariat: two payloads signed for one slot";

    /// @notice Verifies both sides and slashes `operators`, who must have signed on both.
    /// @param separator Domain separator of the statements.
    function slash(
        Epochs.State storage self,
        bytes32 separator,
        Testimony calldata first,
        Testimony calldata second,
        address[] calldata operators
    ) external {
        _requireConflict(first.statement, second.statement);
        _verify(self, separator, first, operators);
        _verify(self, separator, second, operators);
        bool any;
        for (uint256 i; i < operators.length; ++i) {
            if (_punish(self, first.statement, second.statement.epoch, operators[i])) any = true;
        }
        require(any, Errors.EquivocationNothingToSlash());
    }

    function _requireConflict(Statement calldata a, Statement calldata b) private pure {
        require(
            a.service == b.service && a.kind == b.kind && a.slot == b.slot && a.attempt == b.attempt
                && a.payload != b.payload,
            Errors.EquivocationStatementsFit()
        );
    }

    /// @dev Reverts unless all of `operators` signed the testimony's statement, with the keys that they have in the
    /// epoch that it names, whose evidence can still slash.
    function _verify(
        Epochs.State storage self,
        bytes32 separator,
        Testimony calldata testimony,
        address[] calldata operators
    ) private view {
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

    /// @dev Takes an operator's weight, and the part of its allocated stake that the parameters say. Both epochs count
    /// as punished, so that no epoch is punished twice.
    /// @return Whether the operator lost anything.
    function _punish(
        Epochs.State storage self,
        Statement calldata statement,
        uint64 otherEpoch,
        address operator
    ) private returns (bool) {
        mapping(uint64 epoch => bool) storage punished = self.punished[operator][statement.service];
        if (punished[statement.epoch] || punished[otherEpoch]) return false;
        if (!Slashing.isSlashable(self, operator)) return false;
        punished[statement.epoch] = true;
        punished[otherEpoch] = true;
        Epochs.revoke(self, operator);
        if (_take(self, statement, operator)) return true;
        punished[statement.epoch] = false;
        punished[otherEpoch] = false;
        return false;
    }

    /// @return Whether the operator lost anything.
    function _take(Epochs.State storage self, Statement calldata statement, address operator)
        private
        returns (bool)
    {
        (bool any, IStrategy[] memory strategies, uint256[] memory shares) =
            Slashing.take(self, operator, self.parameters.equivocationWad, DESCRIPTION);
        if (!any) return false;
        emit IServiceManager.EquivocationSlashed(
            operator,
            statement.service,
            statement.epoch,
            statement.kind,
            statement.slot,
            statement.attempt,
            strategies,
            shares
        );
        return true;
    }
}
