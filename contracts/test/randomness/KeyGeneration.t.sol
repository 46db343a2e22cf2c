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
} from "../../randomness/interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../../randomness/interfaces/IKeyGenerationErrors.sol";
import {DealingMaker} from "./DealingMaker.sol";
import {KeySetup} from "./KeySetup.sol";
import {Vm} from "../Vm.sol";

/// @notice Key generation and resharing where nobody lies; who takes part; pages of the sum.
contract KeyGenerationTest is KeySetup {
    // constructor

    /// 30 s of grace and 600 s for evidence at a second a block.
    function testRefusesPhasesThatOutliveTheEvidence() public {
        KeyTiming memory timing = _timing();
        timing.foldBlocks = 610;
        _newKeyGeneration(timing);
        timing.foldBlocks = 611;
        _refused(timing, "dealBlocks + complaintBlocks + foldBlocks", 631, 3, 630);
    }

    function testRefusesTimesOfNothing() public {
        for (uint256 i; i < 6; ++i) {
            KeyTiming memory t = _timing();
            string memory name;
            if (i == 0) (t.dealBlocks, name) = (0, "dealBlocks");
            if (i == 1) (t.complaintBlocks, name) = (0, "complaintBlocks");
            if (i == 2) (t.foldBlocks, name) = (0, "foldBlocks");
            if (i == 3) (t.gapBlocks, name) = (0, "gapBlocks");
            if (i == 4) (t.startDelay, name) = (0, "startDelay");
            if (i == 5) (t.switchDelay, name) = (0, "switchDelay");
            _refused(t, name, 0, 1, type(uint32).max);
        }
    }

    // encryption keys

    function testEncryptionKeyIsRegistered() public {
        _join(service, 0, STAKE);
        (bytes memory key, bool usable) = keys.encryptionKeyOf(_account(0));
        vm.assertEq(key.length, 0);
        vm.assertFalse(usable);
        _registerKey(0);
        (key, usable) = keys.encryptionKeyOf(_account(0));
        vm.assertEq(key.length, 96);
        vm.assertTrue(usable);
        bytes memory first = key;
        _registerKey(0);
        (key, usable) = keys.encryptionKeyOf(_account(0));
        vm.assertTrue(usable && keccak256(key) != keccak256(first));
    }

    function testEncryptionKeyServesOneOperatorOnce() public {
        _join(service, 0, STAKE);
        _join(service, 1, STAKE);
        uint256 secret = 12_345;
        (bytes memory key, uint256 c, uint256 z) =
            DealingMaker.proveEncryptionKey(address(keys), _account(0), secret);
        vm.prank(_account(1));
        vm.expectRevert(Errors.EncryptionKeyProofInvalid.selector);
        keys.registerEncryptionKey(key, c, z);
        vm.prank(_account(0));
        vm.expectRevert(Errors.EncryptionKeyProofInvalid.selector);
        keys.registerEncryptionKey(key, c, z - 1);
        vm.prank(_account(0));
        keys.registerEncryptionKey(key, c, z);
        (key, c, z) = DealingMaker.proveEncryptionKey(address(keys), _account(1), secret);
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(Errors.EncryptionKeyUsed.selector, key));
        keys.registerEncryptionKey(key, c, z);
    }

    function testEncryptionKeyMustBeAPointOfAnOperator() public {
        (bytes memory key, uint256 c, uint256 z) =
            DealingMaker.proveEncryptionKey(address(keys), _account(0), 7);
        vm.prank(_account(0));
        vm.expectRevert(abi.encodeWithSelector(Errors.NotAnOperator.selector, _account(0)));
        keys.registerEncryptionKey(key, c, z);
        _join(service, 0, STAKE);
        vm.startPrank(_account(0));
        vm.expectRevert(abi.encodeWithSelector(Errors.PointsLength.selector, 95, 96));
        keys.registerEncryptionKey(_slice(key, 0, 95), c, z);
        vm.expectRevert(Errors.PointInfinite.selector);
        keys.registerEncryptionKey(new bytes(96), c, z);
        vm.expectRevert(abi.encodeWithSelector(Errors.ScalarTooLarge.selector, DealingMaker.ORDER));
        keys.registerEncryptionKey(key, DealingMaker.ORDER, z);
        vm.expectRevert(abi.encodeWithSelector(Errors.ScalarTooLarge.selector, DealingMaker.ORDER));
        keys.registerEncryptionKey(key, c, DealingMaker.ORDER);
        // On the curve, of another order.
        bytes memory outside = bytes.concat(
            new bytes(48),
            hex"040a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c"
        );
        outside = bytes.concat(new bytes(47), hex"04", _slice(outside, 49, 48));
        vm.expectRevert(abi.encodeWithSignature("PrecompileFailed(uint256)", 0x0c));
        keys.registerEncryptionKey(outside, c, z);
        vm.stopPrank();
    }

    // a new key

    function testGeneratesAKey() public {
        _start(4);
        vm.recordLogs();
        uint64 session = _run(1, 3, 0);
        _checkSharing(session);
        Vm.Log memory log = _find(vm.getRecordedLogs(), IKeyGeneration.SharingStarted.selector);
        (,,,,,, bytes memory polynomial, address[] memory absent) =
            abi.decode(log.data, (uint64, uint16, uint16, uint64, uint64, uint64, bytes, address[]));
        vm.assertEq(polynomial, DealingMaker.commit(secretPolynomial));
        vm.assertEq(absent.length, 0);

        Group memory group = keys.group();
        vm.assertEq(group.genesis, vm.getBlockTimestamp() + 20);
        vm.assertEq(group.groupHash, keys.sessionInfo(session).id);
        vm.assertEq(beacon.groupKey(), group.key);
        vm.assertEq(beacon.genesis(), group.genesis);
        Sharing memory sharing = keys.sharingInfo(1);
        vm.assertEq(sharing.switchRound, 1);
        vm.assertEq(sharing.membersHash, keccak256(keys.membersOf(session)));
        vm.assertEq(
            sharing.hash,
            keccak256(abi.encode(uint64(1), sharing.membersHash, sharing.polynomialHash, uint16(3)))
        );
    }

    function testSessionIsBoundToAllThatItIs() public {
        _start(4);
        uint64 session = _open(2, 5);
        Session memory info = keys.sessionInfo(session);
        bytes32 id = keccak256(
            abi.encode(
                "lariat/dkg/session/1",
                block.chainid,
                address(keys),
                session,
                info.epoch,
                uint32(0),
                bytes32(0),
                keccak256(keys.membersOf(session)),
                uint16(8),
                uint16(5)
            )
        );
        vm.assertEq(info.id, id);
        vm.assertEq(info.dealEnd, vm.getBlockNumber() + DEAL_BLOCKS);
        vm.assertEq(info.complaintEnd, info.dealEnd + COMPLAINT_BLOCKS);
        vm.assertEq(info.finishEnd, info.complaintEnd + FOLD_BLOCKS);
        // Each of four weighs 10e9 gwei. Two have less than five shares, three have more.
        vm.assertEq(info.achieved.total, 40e9);
        vm.assertEq(info.achieved.reaching, 20e9 + 1);
        vm.assertEq(info.achieved.failing, 30e9 - 1);
    }

    /// Up to f of four may be silent; the key comes from the others.
    function testASilentDealerIsToldAndStaysAMember() public {
        _start(4);
        vm.recordLogs();
        uint64 session = _run(1, 3, 1 << 2);
        _checkSharing(session);
        (,,,,,,, address[] memory absent) = abi.decode(
            _find(vm.getRecordedLogs(), IKeyGeneration.SharingStarted.selector).data,
            (uint64, uint16, uint16, uint64, uint64, uint64, bytes, address[])
        );
        vm.assertEq(absent.length, 1);
        vm.assertEq(absent[0], _account(2));
        vm.assertEq(_members(session).length, 4);
    }

    function testSevenWithTwoSilentAndUnequalShares() public {
        for (uint256 i; i < 7; ++i) {
            _join(service, i, (i + 2) * 1 ether);
            _registerKey(i);
        }
        _buildAndActivate(service);
        (, uint32[] memory rows) = keys.eligibleRows();
        uint16[] memory shares = new uint16[](7);
        for (uint16 i; i < 7; ++i) {
            shares[i] = (i + 2) / 2;
        }
        // 1 1 2 2 3 3 4 = 16 shares for 2 to 8 ether = 35.
        uint64 session = _openWith(rows, shares, 9);
        _dealAll(session, 1 << 0 | 1 << 3);
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
    }

    function testTooFewDealt() public {
        _start(4);
        uint64 session = _open(1, 3);
        _dealAll(session, 1 << 0 | 1 << 1);
        vm.expectPartialRevert(Errors.SessionPhase.selector);
        keys.fail(session);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        vm.expectRevert(abi.encodeWithSelector(Errors.FoldTooFew.selector, 2, 3));
        keys.fold(session, inputs, "");
        keys.fail(session);
        vm.assertEq(keys.sessionInfo(session).state, 3);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionOver.selector, session));
        keys.fail(session);
        address[] memory absent = keys.absentIn(session);
        vm.assertEq(absent.length, 2);
        // The others are half of the weight: they cannot go on alone.
        (, uint32[] memory rows) = keys.eligibleRows();
        vm.assertEq(rows.length, 4);
        session = _run(1, 3, 0);
        vm.assertEq(keys.sessionInfo(session).attempt, 1);
        _checkSharing(session);
    }

    /// Who failed the others is left out of the next attempt, if they are enough, and comes in at the next resharing.
    function testTheAbsentAreLeftOutOfTheNextAttempt() public {
        _start(7);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowLeftOut.selector, 3));
        this.openAllBut(7, 3, 4);
        uint64 session = _open(1, 5);
        _dealAll(session, 1 << 4 | 1 << 5 | 1 << 6);
        _toFolding(session);
        keys.fail(session);
        // The others have four sevenths: all come again.
        (, uint32[] memory rows) = keys.eligibleRows();
        vm.assertEq(rows.length, 7);

        session = _open(1, 5);
        _dealAll(session, 1 << 5 | 1 << 6);
        // Nobody folds, so that this one fails too.
        _toBlock(keys.sessionInfo(session).finishEnd + 1);
        (, rows) = keys.eligibleRows();
        vm.assertEq(rows.length, 5);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowAbsent.selector, 6));
        this.openAll(7, 5);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowAbsent.selector, 5));
        this.openAll(6, 4);

        session = _run(1, 4, 0);
        vm.assertEq(keys.sessionInfo(session).attempt, 2);
        vm.assertEq(_members(session).length, 5);
        _checkSharing(session);
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 2);
        _toGapEnd();
        for (uint256 i; i < 5; ++i) {
            _registerKey(i);
        }
        session = _run(1, 5, 0);
        vm.assertEq(keys.sessionInfo(session).attempt, 0);
        vm.assertEq(_members(session).length, 7);
        _checkSharing(session);
    }

    function openAll(uint256 count, uint16 threshold) external {
        this.openAllBut(count, count, threshold);
    }

    /// @dev Rows 0 to count − 1 without one.
    function openAllBut(uint256 count, uint256 without, uint16 threshold) external {
        uint32[] memory rows = new uint32[](without < count ? count - 1 : count);
        uint16[] memory shares = new uint16[](rows.length);
        for (uint32 i; i < rows.length; ++i) {
            (rows[i], shares[i]) = (i < without ? i : i + 1, 1);
        }
        _openWith(rows, shares, threshold);
    }

    function testASessionWhoseTimeIsOverBlocksNobody() public {
        _start(4);
        uint64 session = _open(1, 3);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionUnderWay.selector, session));
        this.openAll(4, 3);
        _dealAll(session, 0);
        _toFolding(session);
        // All dealt, and nobody folds.
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionAlive.selector, session));
        keys.fail(session);
        _toBlock(keys.sessionInfo(session).finishEnd);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionUnderWay.selector, session));
        this.openAll(4, 3);
        _pass(1);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionOver.selector, session));
        keys.fold(session, inputs, "");
        session = _run(1, 3, 0);
        vm.assertEq(keys.sessionInfo(session).attempt, 1);
        vm.assertEq(keys.sessionInfo(1).state, 3);
        _checkSharing(session);
    }

    // folding in pages

    function testFoldsInPages() public {
        _start(4);
        uint64 session = _open(1, 3);
        _dealAll(session, 0);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        bytes memory running = "";
        for (uint256 i; i < 4; ++i) {
            FoldInput[] memory page = new FoldInput[](1);
            // Nothing but the next one.
            for (uint256 j; j < 4; ++j) {
                if (i == j) continue;
                page[0] = inputs[j];
                vm.expectRevert(abi.encodeWithSelector(Errors.FoldOrder.selector, inputs[j].dealer));
                keys.fold(session, page, running);
            }
            page[0] = inputs[i];
            vm.expectRevert(Errors.FoldRunning.selector);
            keys.fold(session, page, bytes.concat(running, hex"00"));
            vm.recordLogs();
            keys.fold(session, page, running);
            running = _runningOf(vm.getRecordedLogs());
        }
        secretPolynomial = _sum(session);
        vm.assertEq(running, DealingMaker.commit(secretPolynomial));
        _checkSharing(session);
    }

    function testFoldRefusesWhatIsNotTheNext() public {
        _start(4);
        uint64 session = _open(1, 3);
        _dealAll(session, 0);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        vm.expectPartialRevert(Errors.SessionPhase.selector);
        keys.fold(session, inputs, "");
        _toFolding(session);
        vm.expectRevert(Errors.FoldEmpty.selector);
        keys.fold(session, new FoldInput[](0), "");
        // Twice the same.
        FoldInput memory second = inputs[1];
        inputs[1] = inputs[0];
        vm.expectRevert(abi.encodeWithSelector(Errors.FoldOrder.selector, inputs[0].dealer));
        keys.fold(session, inputs, "");
        inputs[1] = second;
        // Other commitments than were posted.
        bytes memory commitments = inputs[2].commitments;
        inputs[2].commitments = second.commitments;
        vm.expectRevert(abi.encodeWithSelector(Errors.DealingUnknown.selector, inputs[2].dealer));
        keys.fold(session, inputs, "");
        inputs[2].commitments = commitments;
        keys.fold(session, inputs, "");
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionOver.selector, session));
        keys.fold(session, inputs, "");
    }

    // resharing

    /// 4 to 7 to 5, as operators come and go: the key and the chain stay.
    function testResharesFromFourToSevenToFive() public {
        _start(4);
        _run(1, 3, 0);
        Group memory group = keys.group();

        for (uint256 i; i < 7; ++i) {
            if (i > 3) _join(service, i, STAKE);
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 2);
        uint64 session = _open(1, 5);
        vm.assertEq(keys.sessionInfo(session).fromSharing, 1);
        // One of the old four is silent: three shares suffice.
        _dealAll(session, 1 << 1);
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
        vm.assertEq(keys.group().chainHash, group.chainHash);
        uint64 second = keys.sharingInfo(2).switchRound;
        vm.assertGe(group.genesis + (second - 1) * 3, vm.getBlockTimestamp() + 10);

        // Two of the first leave for good: they still deal their shares, signed with their last keys.
        uint64 last = service.latestEpoch();
        _leave(service, 0);
        _leave(service, 5);
        for (uint256 i = 1; i < 7; ++i) {
            if (i != 5) _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        session = _open(1, 4);
        vm.assertEq(_members(session).length, 5);
        uint64 epoch = keys.sessionInfo(session).epoch;
        Dealing memory dealing = _dealing(session, 0);
        bytes memory signature = _signDealing(session, 0, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerEpoch.selector, _account(0), epoch));
        keys.deal(session, _account(0), epoch, dealing, signature, old);
        _expectWrongEpoch(session, 0, last - 1, dealing);
        _postIn(session, 0, last, dealing);
        // 1, 2, 3 and 4; who stays signs with the epoch's key and no older one.
        _expectWrongEpoch(session, 1, last, _dealing(session, 1));
        for (uint256 i = 1; i < 5; ++i) {
            _post(session, i, _dealing(session, i));
        }
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
        vm.assertEq(keys.group().chainHash, group.chainHash);
        vm.assertGt(keys.sharingInfo(3).switchRound, second);
        vm.assertEq(keys.latestSharing(), 3);
    }

    function _expectWrongEpoch(uint64 session, uint256 dealer, uint64 epoch, Dealing memory dealing) private {
        bytes memory signature = _signDealing(session, dealer, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerEpoch.selector, _account(dealer), epoch));
        keys.deal(session, _account(dealer), epoch, dealing, signature, old);
    }

    function testALeaverDealsNoMoreOnceEvidenceIsTooOld() public {
        _start(4);
        _run(1, 3, 0);
        _leave(service, 0);
        for (uint256 i = 1; i < 4; ++i) {
            _registerKey(i);
        }
        uint64 last = service.latestEpoch();
        _pass(60);
        _buildAndActivate(service);
        // The first epoch ended when the next activated; then grace and the window for evidence.
        _pass(631);
        uint64 session = _open(1, 3);
        Dealing memory dealing = _dealing(session, 0);
        bytes memory signature = _signDealing(session, 0, last, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectPartialRevert(Errors.DealEvidenceTooLate.selector);
        keys.deal(session, _account(0), last, dealing, signature, old);
    }

    function testAResharingThatFailsLeavesTheOldSharing() public {
        _start(4);
        _run(1, 3, 0);
        for (uint256 i; i < 5; ++i) {
            if (i == 4) _join(service, i, STAKE);
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        uint64 session = _open(1, 4);
        // Two of four old shares; the newcomer owes nothing.
        _dealAll(session, 1 << 2 | 1 << 3);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        vm.expectRevert(abi.encodeWithSelector(Errors.FoldTooFew.selector, 2, 3));
        keys.fold(session, inputs, "");
        keys.fail(session);
        vm.assertEq(keys.absentIn(session).length, 2);
        vm.assertEq(keys.latestSharing(), 1);
        // Three of five are not enough: all come again.
        session = _run(1, 4, 1 << 3);
        vm.assertEq(keys.sessionInfo(session).attempt, 1);
        vm.assertEq(_members(session).length, 5);
        _checkSharing(session);
    }

    function testResharesManySharesAMemberInPages() public {
        _start(4);
        _run(3, 7, 0);
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        _join(service, 4, STAKE);
        _registerKey(4);
        _pass(60);
        _buildAndActivate(service);
        uint64 session = _open(2, 6);
        _dealAll(session, 1 << 0);
        _toFolding(session);
        // Seven of nine old shares: all of the first two, one of the third.
        (uint256[] memory operators, uint256[] memory points) = _counting(session);
        vm.assertEq(operators.length, 3);
        vm.assertEq(points[6], 10);
        FoldInput[] memory inputs = _inputs(session, operators);
        uint256[] memory polynomial = _sum(session);
        bytes memory running = "";
        for (uint256 i; i < 3; ++i) {
            FoldInput[] memory page = new FoldInput[](1);
            page[0] = inputs[i];
            vm.recordLogs();
            keys.fold(session, page, running);
            running = _runningOf(vm.getRecordedLogs());
        }
        secretPolynomial = polynomial;
        _checkSharing(session);
    }

    // when a session is due

    function testNothingIsDueWhileNothingChanges() public {
        _start(4);
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 1);
        _run(1, 3, 0);
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        _toGapEnd();
        (reason,) = keys.dueReason();
        vm.assertEq(reason, 0);
        vm.expectRevert(Errors.SessionNotDue.selector);
        this.openAll(4, 3);
    }

    function testNotRegisteringTheNextKeyIsNoChange() public {
        _start(4);
        _run(1, 3, 0);
        for (uint256 i; i < 3; ++i) {
            _registerKey(i);
        }
        _toGapEnd();
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 0);
        vm.expectRevert(Errors.SessionNotDue.selector);
        this.openAll(3, 2);
    }

    function testSpentKeysServeNoSecondSession() public {
        _start(4);
        _run(1, 3, 0);
        _join(service, 4, STAKE);
        _registerKey(4);
        _pass(60);
        _buildAndActivate(service);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowIneligible.selector, 0));
        this.openAll(5, 4);
    }

    function testSessionsThatSucceedKeepADistance() public {
        _start(4);
        uint64 session = _run(1, 3, 0);
        uint256 fromBlock = vm.getBlockNumber() + GAP_BLOCKS;
        service.revoke(_account(3));
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        (uint8 reason, uint256 told) = keys.dueReason();
        vm.assertEq(reason, 2);
        vm.assertEq(told, fromBlock);
        _toBlock(fromBlock - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionTooSoon.selector, fromBlock));
        this.openAll(3, 2);
        _pass(1);
        session = _run(1, 2, 0);
        vm.assertEq(_members(session).length, 3);
        _checkSharing(session);
    }

    function testOtherWeightsAreAReason() public {
        _start(4);
        _run(1, 3, 0);
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        // Four sevenths of the weight at one share: with another it has five sevenths, and not the threshold.
        _deposit(0, 30 ether);
        _pass(60);
        _buildAndActivate(service);
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 3);
        uint32[] memory rows = new uint32[](4);
        uint16[] memory shares = new uint16[](4);
        (rows[1], rows[2], rows[3]) = (1, 2, 3);
        (shares[0], shares[1], shares[2], shares[3]) = (3, 1, 1, 1);
        uint64 session = _openWith(rows, shares, 4);
        _dealAll(session, 0);
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
    }

    // who may open, and with whom

    function testOpenRefusesWhoAndWhat() public {
        for (uint256 i; i < 5; ++i) {
            _join(service, i, STAKE);
            if (i != 4) _registerKey(i);
        }
        vm.expectRevert(Errors.NoEpoch.selector);
        keys.open(new uint32[](1), new uint16[](1), 1);
        _buildAndActivate(service);

        vm.expectRevert(abi.encodeWithSelector(Errors.NotAnOperator.selector, address(this)));
        keys.open(new uint32[](1), new uint16[](1), 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowIneligible.selector, 4));
        this.openAll(5, 4);
        vm.expectRevert(abi.encodeWithSelector(Errors.WeightTooSmall.selector, 30e9, 50e9));
        this.openAllBut(3, 3, 2);
        vm.expectRevert(abi.encodeWithSelector(Errors.ThresholdOutOfRange.selector, 2, 4));
        this.openAll(4, 2);
        vm.expectRevert(abi.encodeWithSelector(Errors.ThresholdOutOfRange.selector, 5, 4));
        this.openAll(4, 5);
        vm.expectRevert(abi.encodeWithSelector(Errors.AllocationNotLive.selector, 30e9, 40e9));
        this.openAll(4, 4);

        uint32[] memory rows = new uint32[](4);
        uint16[] memory shares = new uint16[](4);
        _expectOpen(rows, new uint16[](3), abi.encodeWithSelector(Errors.MembersMismatch.selector, 4, 3));
        _expectOpen(rows, shares, abi.encodeWithSelector(Errors.RowsUnordered.selector, 1));
        (rows[1], rows[2], rows[3]) = (1, 2, 3);
        _expectOpen(rows, shares, abi.encodeWithSelector(Errors.SharesOutOfRange.selector, 0, 64));
        (shares[0], rows[3]) = (1, 9);
        _expectOpen(rows, shares, abi.encodeWithSelector(Errors.RowIneligible.selector, 9));
        (shares[0], rows[3]) = (9, 3);
        _expectOpen(rows, shares, abi.encodeWithSelector(Errors.MemberSharesTooMany.selector, 9, 8));
        _expectOpen(
            new uint32[](0), new uint16[](0), abi.encodeWithSelector(Errors.MembersOutOfRange.selector, 0, 32)
        );
        _expectOpen(
            new uint32[](33),
            new uint16[](33),
            abi.encodeWithSelector(Errors.MembersOutOfRange.selector, 33, 32)
        );
    }

    /// Where a threshold just suffices for who must reach it, a third of the weight must not.
    function testOneThirdMustNotReachTheThreshold() public {
        _start(3);
        (, uint32[] memory rows) = keys.eligibleRows();
        uint16[] memory shares = new uint16[](3);
        (shares[0], shares[1], shares[2]) = (1, 1, 3);
        vm.prank(_account(0));
        vm.expectRevert(abi.encodeWithSelector(Errors.AllocationNotSafe.selector, 20e9, 30e9));
        keys.open(rows, shares, 3);
    }

    function _expectOpen(uint32[] memory rows, uint16[] memory shares, bytes memory reason) private {
        vm.prank(_account(0));
        vm.expectRevert(reason);
        keys.open(rows, shares, 1);
    }

    function testALeaverAndARevokedOneAreNoMembers() public {
        _start(7);
        _leave(service, 6);
        service.revoke(_account(5));
        (, uint32[] memory rows) = keys.eligibleRows();
        vm.assertEq(rows.length, 5);
        vm.expectRevert(abi.encodeWithSelector(Errors.RowIneligible.selector, 5));
        this.openAll(6, 4);
        vm.prank(_account(5));
        vm.expectRevert(abi.encodeWithSelector(Errors.NotAnOperator.selector, _account(5)));
        keys.open(rows, new uint16[](5), 1);
        // Five of six that still count.
        uint64 session = _run(1, 4, 0);
        vm.assertEq(_members(session).length, 5);
    }

    /// Of more than 32 the heaviest take part, if they have enough.
    function testThirtyTwoAtTheMost() public {
        for (uint256 i; i < 34; ++i) {
            _join(service, i, i < 2 ? STAKE / 2 : STAKE);
            _registerKey(i);
        }
        _buildAndActivate(service);
        (, uint32[] memory rows) = keys.eligibleRows();
        vm.assertEq(rows.length, 32);
        vm.assertEq(rows[0], 2);
        // The first, of half the weight, in place of the last.
        uint32[] memory wrong = new uint32[](32);
        uint16[] memory shares = new uint16[](32);
        for (uint256 i; i < 32; ++i) {
            (wrong[i], shares[i]) = (i == 0 ? 0 : rows[i - 1], 1);
        }
        vm.prank(_account(2));
        vm.expectRevert(abi.encodeWithSelector(Errors.RowLeftOut.selector, 33));
        keys.open(wrong, shares, 17);
        uint64 session = _openWith(rows, shares, 17);
        vm.assertEq(_members(session).length, 32);
    }

    /// Who loses its weight for something else goes on as a dealer; the next session is without it.
    function testAMemberRevokedInTheMiddle() public {
        _start(4);
        uint64 session = _open(1, 3);
        _dealAll(session, 1 << 3);
        service.revoke(_account(3));
        _post(session, 3, _dealing(session, 3));
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
        vm.assertEq(_members(session).length, 4);
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 2);
        _toGapEnd();
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        session = _run(1, 2, 0);
        vm.assertEq(_members(session).length, 3);
        _checkSharing(session);
    }

    function deploy(KeyTiming memory timing) external {
        _newKeyGeneration(timing);
    }

    function _refused(KeyTiming memory t, string memory name, uint256 value, uint256 least, uint256 most)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(Errors.TimingOutOfRange.selector, name, value, least, most));
        this.deploy(t);
    }
}
