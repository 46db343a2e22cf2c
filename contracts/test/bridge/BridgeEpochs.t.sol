// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, IServiceManager} from "../../avs/interfaces/IServiceManager.sol";
import {EpochTable} from "../../avs/lib/EpochTable.sol";
import {BridgeIsm} from "../../bridge/BridgeIsm.sol";
import {Checkpoint, EpochTableData, IBridgeIsm, ImportedEpoch} from "../../bridge/interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors as Errors} from "../../bridge/interfaces/IBridgeIsmErrors.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {BridgeSetup} from "./BridgeSetup.sol";

/// @notice Epochs travel to other chains, lose weight there, expire, and are recovered.
contract BridgeEpochsTest is BridgeSetup {
    // hand-overs

    function testAnEpochIsHandedOverByTheOneBefore() public {
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        Certificate memory certificate = _handOver(table, epoch, ALL);
        uint64 before = ism.epochInfo(epoch).acceptedUntil;
        vm.expectEmit(address(ism));
        emit IBridgeIsm.EpochImported(next, table.activatesAt, table.validUntil, 7e9);
        ism.importEpoch(table, certificate);
        vm.assertEq(ism.latestEpoch(), next);
        ImportedEpoch memory info = ism.epochInfo(next);
        vm.assertEq(info.activatesAt, table.activatesAt);
        vm.assertEq(info.acceptedUntil, table.validUntil);
        vm.assertEq(info.totalWeight, service.epochInfo(next).totalWeight);
        vm.assertEq(info.rows, COUNT);
        // The old one is accepted for the grace from now on, as its successor was active already.
        vm.assertLt(ism.epochInfo(epoch).acceptedUntil, before);
        vm.assertEq(ism.epochInfo(epoch).acceptedUntil, vm.getBlockTimestamp() + GRACE);
        vm.assertEq(ism.epochInfo(next + 1).rows, 0);
    }

    function testTheNextEpochAloneIsTakenAndOnceAlone() public {
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        Certificate memory certificate = _handOver(table, epoch, ALL);
        ism.importEpoch(table, certificate);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotNext.selector, next, next + 1));
        ism.importEpoch(table, certificate);
        table.number = next + 2;
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotNext.selector, next + 2, next + 1));
        ism.importEpoch(table, certificate);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochAlreadyImported.selector, next));
        ism.initialize(table);
    }

    function testFuzzNothingInAHandOverCanBeChanged(uint8 what, uint256 where) public {
        EpochTableData memory table = _table(_nextEpoch());
        Certificate memory certificate = _handOver(table, epoch, ALL);
        if (what % 4 == 0) table.activatesAt -= 1;
        else if (what % 4 == 1) table.validUntil += 1;
        else table.rows[bound(where, 0, table.rows.length - 1)] ^= 0x01;
        vm.expectRevert(Errors.SignatureInvalid.selector);
        ism.importEpoch(table, certificate);
    }

    function testAHandOverNeedsAQuorumOfALiveEpoch() public {
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        Certificate memory certificate = _handOver(table, epoch, ALL >> 2);
        vm.expectRevert(abi.encodeWithSelector(Errors.SignedTooLittle.selector, 4e9, 6e9));
        ism.importEpoch(table, certificate);
        certificate = _handOver(table, epoch, ALL);
        vm.warp(ism.epochInfo(epoch).acceptedUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotLive.selector, epoch));
        ism.importEpoch(table, certificate);
    }

    function testTablesThatCannotBeAreRefused() public {
        EpochTableData memory table = _table(epoch);
        BridgeIsm fresh = _newIsm();
        bytes memory rows = table.rows;
        table.rows = "";
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochRowsLength.selector, 0));
        fresh.initialize(table);
        table.rows = new bytes(103);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochRowsLength.selector, 103));
        fresh.initialize(table);
        table.rows = new bytes(601 * 104);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochRowsLength.selector, 601 * 104));
        fresh.initialize(table);
        table.rows = _weighted(rows, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochRowWithoutWeight.selector, 1));
        fresh.initialize(table);
        table.rows = _weighted(rows, 1, type(uint64).max);
        vm.expectRevert(Errors.EpochWeightOverflow.selector);
        fresh.initialize(table);
        table.rows = rows;
        (uint64 from, uint64 until) = (table.activatesAt, table.validUntil);
        table.validUntil = from;
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochTimes.selector, from, from));
        fresh.initialize(table);
        table.validUntil = 1 << 40;
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochTimes.selector, from, 1 << 40));
        fresh.initialize(table);
        table.validUntil = until;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochTimes.selector, from, until));
        fresh.initialize(table);
    }

    function testAKeyThatIsNoPointIsRefused() public {
        EpochTableData memory table = _table(epoch);
        table.rows[5] ^= 0x01;
        BridgeIsm fresh = _newIsm();
        vm.expectPartialRevert(bytes4(keccak256("PrecompileFailed(uint256)")));
        fresh.initialize(table);
    }

    function testKeysThatCancelOutSignNothing() public {
        EpochTableData memory table = _table(epoch);
        bytes memory rows = table.rows;
        // The first key and its negative: p - y.
        bytes memory one = new bytes(208);
        for (uint256 i; i < 104; ++i) {
            one[i] = rows[i];
            one[104 + i] = rows[i];
        }
        uint256 low;
        uint256 high;
        assembly ("memory-safe") {
            high := shr(128, mload(add(rows, 80)))
            low := mload(add(rows, 96))
        }
        uint256 modulusLow = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
        uint256 modulusHigh = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
        unchecked {
            high = modulusHigh - high - (low > modulusLow ? 1 : 0);
            low = modulusLow - low;
        }
        assembly ("memory-safe") {
            // Only the lower half of the high word belongs to the field.
            let at_ := add(one, add(104, 80))
            let kept := and(mload(at_), 0xffffffffffffffffffffffffffffffff)
            mstore(at_, or(shl(128, high), kept))
            mstore(add(at_, 16), low)
        }
        table.rows = one;
        BridgeIsm fresh = _newIsm();
        fresh.addRoute(ORIGIN, _hook(), BridgeStatements.FINALIZED);
        fresh.initialize(table);
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, Certificate("", new bytes(256)));
        vm.expectRevert(Errors.AggregateKeyInfinite.selector);
        fresh.verify(metadata, messages[0]);
    }

    function testAFullTableOfThreePagesFitsIntoATransaction() public {
        bytes memory rows = _table(epoch).rows;
        bytes memory many = new bytes(600 * 104);
        for (uint256 i; i < 600; ++i) {
            for (uint256 word; word < 104; word += 8) {
                assembly ("memory-safe") {
                    let value := mload(add(add(rows, 32), add(mul(mod(i, 6), 104), word)))
                    mstore(add(add(many, 32), add(mul(i, 104), word)), value)
                }
            }
        }
        EpochTableData memory table = _table(epoch);
        table.rows = many;
        BridgeIsm fresh = _newIsm();
        uint256 before = gasleft();
        fresh.initialize(table);
        vm.assertLt(before - gasleft(), 16_000_000);
        vm.assertEq(fresh.epochInfo(epoch).rows, 600);
        vm.assertEq(fresh.epochInfo(epoch).totalWeight, 600e9);
    }

    // validity

    function testNothingOfAnEpochIsAcceptedAfterItsGraceAlsoWhatIsRemembered() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL));
        ism.verify(metadata, messages[0]);
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        ism.importEpoch(table, _handOver(table, epoch, ALL));
        uint256 until = ism.epochInfo(epoch).acceptedUntil;
        vm.warp(until);
        ism.verify(metadata, messages[0]);
        vm.warp(until + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotLive.selector, epoch));
        ism.verify(metadata, messages[0]);
        // The same checkpoint, signed by the next epoch: its payload is the same.
        epoch = next;
        ism.verify(_metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL)), messages[0]);
    }

    function testNothingOfAnEpochIsAcceptedBeforeItIsActive() public {
        _pass(61);
        _deposit(0, 1 ether);
        uint64 next = _build(service);
        EpochTableData memory table = _table(next);
        uint64 before = ism.epochInfo(epoch).acceptedUntil;
        ism.importEpoch(table, _handOver(table, epoch, ALL));
        vm.assertEq(ism.epochInfo(epoch).acceptedUntil, table.activatesAt + GRACE);
        vm.assertLt(ism.epochInfo(epoch).acceptedUntil, before);
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        epoch = next;
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL));
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotLive.selector, next));
        ism.verify(metadata, messages[0]);
        vm.warp(table.activatesAt);
        ism.verify(metadata, messages[0]);
    }

    // revocations

    function testARevokedWeightCountsNoMoreAndTheTotalStays() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        vm.expectEmit(address(ism));
        emit IBridgeIsm.EpochRowsRevoked(epoch, hex"01", 1e9);
        ism.revoke(epoch, epoch, 7, hex"01", _revocation(epoch, 7, hex"01", ALL));
        vm.assertEq(ism.revokedRows(epoch), hex"01");
        vm.assertEq(ism.epochInfo(epoch).revokedWeight, 1e9);
        vm.assertEq(ism.epochInfo(epoch).totalWeight, 6e9);
        // Without one more of the six it is no quorum.
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL & ~uint256(2)));
        vm.expectRevert(abi.encodeWithSelector(Errors.SignedTooLittle.selector, 4e9, 6e9));
        ism.verify(metadata, messages[0]);
        // Whether the revoked one signed makes no difference.
        ism.verify(_metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL)), messages[0]);
        _send("more");
        checkpoint = _checkpoint();
        ism.verify(_metadata(epoch, checkpoint, 1, _attest(checkpoint, ALL & ~uint256(1))), messages[1]);
    }

    function testRevocationsAddUpAndAreNotTakenTwice() public {
        ism.revoke(epoch, epoch, 7, hex"01", _revocation(epoch, 7, hex"01", ALL));
        Certificate memory again = _revocation(epoch, 8, hex"01", ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.RevocationEmpty.selector, epoch));
        ism.revoke(epoch, epoch, 8, hex"01", again);
        Certificate memory none = _revocation(epoch, 9, hex"", ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.RevocationEmpty.selector, epoch));
        ism.revoke(epoch, epoch, 9, hex"", none);
        // An older one, that came late, takes nothing back.
        Certificate memory other = _revocation(epoch, 6, hex"02", ALL);
        vm.expectRevert(Errors.SignatureInvalid.selector);
        ism.revoke(epoch, epoch, 5, hex"02", other);
        ism.revoke(epoch, epoch, 6, hex"02", other);
        vm.assertEq(ism.revokedRows(epoch), hex"03");
        vm.assertEq(ism.epochInfo(epoch).revokedWeight, 2e9);
    }

    function testOneBlockTakesWeightFromTwoEpochs() public {
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        ism.importEpoch(table, _handOver(table, epoch, ALL));
        ism.revoke(epoch, epoch, 7, hex"01", _revocation(epoch, 7, hex"01", ALL));
        ism.revoke(epoch, next, 7, hex"01", _revocation(next, 7, hex"01", ALL));
        vm.assertEq(ism.revokedRows(epoch), ism.revokedRows(next));
        Certificate memory late = _revocation(epoch, 8, hex"02", ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.RevocationBlock.selector, 1 << 48));
        ism.revoke(epoch, epoch, 1 << 48, hex"02", late);
    }

    function testEpochZeroIsNone() public {
        EpochTableData memory table = _table(epoch);
        table.number = 0;
        BridgeIsm fresh = _newIsm();
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotNext.selector, 0, 1));
        fresh.initialize(table);
    }

    function testRevocationsOfRowsThatAreNotThereAreRefused() public {
        Certificate memory beyond = _revocation(epoch, 10, hex"40", ALL);
        vm.expectRevert(EpochTable.CertificateBitsBeyondTable.selector);
        ism.revoke(epoch, epoch, 10, hex"40", beyond);
        Certificate memory unknown = _revocation(epoch + 1, 10, hex"01", ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotLive.selector, epoch + 1));
        ism.revoke(epoch, epoch + 1, 10, hex"01", unknown);
    }

    // recovery

    function testAfterAllEpochsAreOverTheOwnerRecoversInTheOpen() public {
        uint64 next = _nextEpoch();
        EpochTableData memory table = _table(next);
        bytes32 tableHash = keccak256(abi.encode(table));
        uint64 until = ism.epochInfo(epoch).acceptedUntil;
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryNotNeeded.selector, until));
        ism.recover(table);
        vm.warp(until + 1);
        table.validUntil = until + 10 days;
        tableHash = keccak256(abi.encode(table));
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryNotProposed.selector, tableHash));
        ism.recover(table);
        uint64 readyAt = uint64(vm.getBlockTimestamp()) + RECOVERY;
        vm.expectEmit(address(ism));
        emit IBridgeIsm.RecoveryProposed(tableHash, readyAt);
        ism.proposeRecovery(tableHash);
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryNotReady.selector, readyAt));
        ism.recover(table);
        vm.warp(readyAt);
        ism.recover(table);
        vm.assertEq(ism.latestEpoch(), next);
        vm.assertEq(ism.epochInfo(next).acceptedUntil, table.validUntil);
        vm.warp(table.validUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryNotProposed.selector, tableHash));
        ism.recover(table);
    }

    function testARecoveryGoesForwardAndCanBeCancelled() public {
        EpochTableData memory table = _table(epoch);
        vm.warp(table.validUntil + 1);
        table.validUntil += 10 days;
        bytes32 tableHash = keccak256(abi.encode(table));
        ism.proposeRecovery(tableHash);
        _pass(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochNotNext.selector, epoch, epoch + 1));
        ism.recover(table);
        vm.expectEmit(address(ism));
        emit IBridgeIsm.RecoveryCancelled(tableHash);
        ism.cancelRecovery(tableHash);
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryNotProposed.selector, tableHash));
        ism.cancelRecovery(tableHash);
        vm.startPrank(address(1));
        bytes memory unauthorized = abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1));
        vm.expectRevert(unauthorized);
        ism.proposeRecovery(tableHash);
        vm.expectRevert(unauthorized);
        ism.cancelRecovery(tableHash);
        vm.expectRevert(unauthorized);
        ism.recover(table);
        vm.expectRevert(unauthorized);
        ism.initialize(table);
        vm.stopPrank();
    }

    function _revocation(uint64 revoked, uint64 block_, bytes memory rows, uint256 present)
        private
        view
        returns (Certificate memory)
    {
        bytes32 payload = BridgeStatements.revocation(revoked, rows);
        return _certify(
            service,
            _statement(
                BridgeStatements.REVOCATIONS, epoch, BridgeStatements.revocationSlot(block_, revoked), payload
            ),
            COUNT,
            present
        );
    }

    /// @dev The rows, with another weight in one.
    function _weighted(bytes memory rows, uint256 row, uint64 weight)
        private
        pure
        returns (bytes memory copy)
    {
        copy = bytes.concat(rows);
        for (uint256 i; i < 8; ++i) {
            copy[row * 104 + 96 + i] = bytes8(weight)[i];
        }
    }
}
