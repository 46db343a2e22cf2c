// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing, FoldInput, IKeyGeneration} from "../../randomness/interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../../randomness/interfaces/IKeyGenerationErrors.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {DealingMaker} from "./DealingMaker.sol";
import {KeyService, KeySetup} from "./KeySetup.sol";

/// @notice Dealers and recipients that lie: refused, or named and thrown out, and nobody else is.
contract KeyComplaintsTest is KeySetup {
    uint256 private constant ORDER = DealingMaker.ORDER;

    /// @dev On the curve over Fp2, of another order.
    bytes private constant OUTSIDE =
        hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000018c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95bfcec38172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3bf3d5c";
    /// @dev The field's modulus, 48 bytes.
    bytes private constant MODULUS =
        hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

    uint64 private session;

    function setUp() public override {
        super.setUp();
        _start(4);
        session = _open(1, 3);
    }

    // wrong shares

    function testAWrongShareConvictsItsDealer() public {
        Dealing memory bad = _dealing(session, 1);
        bad.sealedShares[2 * 32 + 31] ^= 0x01;
        _dealAll(session, 1 << 1);
        _post(session, 1, bad);
        _toComplaints(session);
        vm.expectEmit(address(keys));
        emit IKeyGeneration.Convicted(session, _account(1), 1);
        _complain(session, 1, 0, 2, 2, bad);
        _checkConviction(1, 1);
        // Once is enough.
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 1, 2, 0, 2, bad.ephemeral);
        vm.expectRevert(abi.encodeWithSelector(Errors.AlreadyConvicted.selector, _account(1)));
        keys.complainShare(session, _account(1), 0, 2, bad, shared, c, z);
        _finishWithout(1);
    }

    function testAShareAboveTheOrderConvicts() public {
        Dealing memory bad = _dealing(session, 0);
        // The same share modulo the order, plus the order: it fits into 256 bits, and would pass the equation.
        DealingMaker.Plan memory plan = _plan(session, 0);
        bytes memory shared = DealingMaker.multiplyG1(plan.recipients[3], plan.ephemeral);
        bytes32 word = bytes32(DealingMaker.evaluate(plan.coefficients[0], 4) + ORDER)
            ^ DealingMaker.mask(shared, plan.sessionId, plan.dealer, 0, 3);
        bytes memory list = bad.sealedShares;
        assembly ("memory-safe") {
            mstore(add(list, 128), word)
        }
        _post(session, 0, bad);
        _dealAll(session, 1 << 0);
        _toComplaints(session);
        _complain(session, 0, 0, 3, 3, bad);
        _checkConviction(0, 1);
        _finishWithout(0);
    }

    function testAFalseComplaintConvictsWhoMadeIt() public {
        _dealAll(session, 0);
        _toComplaints(session);
        vm.expectEmit(address(keys));
        emit IKeyGeneration.Convicted(session, _account(2), 3);
        _complain(session, 1, 0, 2, 2, _dealing(session, 1));
        _checkConviction(2, 3);
        _finishWithout(2);
    }

    /// Nobody but the recipient can make a complaint in its name.
    function testAComplaintIsTheRecipientsOwn() public {
        _dealAll(session, 0);
        _toComplaints(session);
        Dealing memory dealing = _dealing(session, 1);
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 1, 3, 0, 3, dealing.ephemeral);
        _expectInvalid(1, 2, dealing, shared, c, z);
        // Of another dealer, too.
        _expectInvalid(0, 3, _dealing(session, 0), shared, c, z);
        _expectInvalid(1, 3, dealing, shared, c, addmod(z, 1, ORDER));
        _expectInvalid(1, 3, dealing, DealingMaker.multiplyG1(shared, 2), c, z);
        vm.expectRevert(Errors.PointInfinite.selector);
        keys.complainShare(session, _account(1), 0, 3, dealing, new bytes(96), c, z);
        vm.expectRevert(abi.encodeWithSelector(Errors.ScalarTooLarge.selector, c + ORDER));
        keys.complainShare(session, _account(1), 0, 3, dealing, shared, c + ORDER, z);
        vm.expectRevert(abi.encodeWithSelector(Errors.ScalarTooLarge.selector, z + ORDER));
        keys.complainShare(session, _account(1), 0, 3, dealing, shared, c, z + ORDER);
        vm.assertEq(service.convictionCount(), 0);
        // And of nothing else than what was posted.
        vm.expectRevert(abi.encodeWithSelector(Errors.ComplaintIndex.selector, 1, 1));
        keys.complainShare(session, _account(1), 1, 3, dealing, shared, c, z);
        vm.expectRevert(abi.encodeWithSelector(Errors.ComplaintIndex.selector, 4, 4));
        keys.complainShare(session, _account(1), 0, 4, dealing, shared, c, z);
        dealing.sealedShares[0] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Errors.DealingUnknown.selector, _account(1)));
        keys.complainShare(session, _account(1), 0, 3, dealing, shared, c, z);
    }

    function _expectInvalid(
        uint256 dealer,
        uint16 shareIndex,
        Dealing memory dealing,
        bytes memory shared,
        uint256 c,
        uint256 z
    ) private {
        vm.expectRevert(Errors.ComplaintProofInvalid.selector);
        keys.complainShare(session, _account(dealer), 0, shareIndex, dealing, shared, c, z);
    }

    /// The proof that one share is wrong proves nothing of the recipient's other shares, which are right: who sees it
    /// could otherwise have the recipient convicted.
    function testAComplaintIsAboutOneShareOnly() public {
        _toBlock(keys.sessionInfo(session).finishEnd + 1);
        session = _open(2, 5);
        Dealing memory bad = _dealing(session, 1);
        bad.sealedShares[5 * 32] ^= 0x01;
        _dealAll(session, 1 << 1);
        _post(session, 1, bad);
        _toComplaints(session);
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 1, 2, 0, 5, bad.ephemeral);
        _expectInvalid(1, 4, bad, shared, c, z);
        keys.complainShare(session, _account(1), 0, 5, bad, shared, c, z);
        _checkConviction(1, 1);
        _finishWithout(1);
    }

    function testComplaintsHaveTheirTime() public {
        _dealAll(session, 0);
        Dealing memory dealing = _dealing(session, 1);
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 1, 3, 0, 3, dealing.ephemeral);
        _toBlock(keys.sessionInfo(session).dealEnd);
        vm.expectPartialRevert(Errors.SessionPhase.selector);
        keys.complainShare(session, _account(1), 0, 3, dealing, shared, c, z);
        vm.expectPartialRevert(Errors.SessionPhase.selector);
        keys.complainCommitment(session, _account(1), 0, 0, dealing);
        _toFolding(session);
        vm.expectPartialRevert(Errors.SessionPhase.selector);
        keys.complainShare(session, _account(1), 0, 3, dealing, shared, c, z);
        _toBlock(keys.sessionInfo(session).finishEnd);
        vm.expectRevert(Errors.CommitmentValid.selector);
        keys.complainCommitment(session, _account(1), 0, 0, dealing);
        _pass(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionOver.selector, session));
        keys.complainCommitment(session, _account(1), 0, 0, dealing);
    }

    // wrong commitments

    function testCommitmentsThatAreNoPointsConvict() public {
        bytes[4] memory points = [
            OUTSIDE,
            new bytes(192),
            bytes.concat(MODULUS, _slice(DealingMaker.G2, 48, 144)),
            bytes.concat(_slice(DealingMaker.G2, 0, 144), _slice(DealingMaker.G2, 0, 48))
        ];
        uint256 id = vm.snapshotState();
        for (uint256 i; i < 4; ++i) {
            Dealing memory bad = _dealing(session, 3);
            _setPoint(bad.commitments, 2, points[i]);
            _dealAll(session, 1 << 3);
            _post(session, 3, bad);
            _toComplaints(session);
            for (uint16 k; k < 2; ++k) {
                vm.expectRevert(Errors.CommitmentValid.selector);
                keys.complainCommitment(session, _account(3), 0, k, bad);
            }
            vm.expectRevert(abi.encodeWithSelector(Errors.ComplaintIndex.selector, 3, 3));
            keys.complainCommitment(session, _account(3), 0, 3, bad);
            vm.expectRevert(abi.encodeWithSelector(Errors.ComplaintIndex.selector, 1, 1));
            keys.complainCommitment(session, _account(3), 1, 0, bad);
            keys.complainCommitment(session, _account(3), 0, 2, bad);
            _checkConviction(3, 2);
            _finishWithout(3);
            vm.revertToState(id);
        }
    }

    /// A commitment that is no point makes complaints about shares fail, and convicts nobody that way.
    function testAWrongCommitmentConvictsNobodyOfAShare() public {
        Dealing memory bad = _dealing(session, 3);
        _setPoint(bad.commitments, 1, OUTSIDE);
        _dealAll(session, 1 << 3);
        _post(session, 3, bad);
        _toComplaints(session);
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 3, 1, 0, 1, bad.ephemeral);
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0e));
        keys.complainShare(session, _account(3), 0, 1, bad, shared, c, z);
        vm.assertEq(service.convictionCount(), 0);
    }

    /// A commitment outside of the subgroup that nobody complained of cannot get into the key.
    function testAWrongCommitmentIsNotFoldedIn() public {
        Dealing memory bad = _dealing(session, 3);
        _setPoint(bad.commitments, 1, OUTSIDE);
        _dealAll(session, 1 << 3);
        _post(session, 3, bad);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        (inputs[3].commitments, inputs[3].restHash) = (bad.commitments, DealingMaker.restHash(bad));
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0e));
        keys.fold(session, inputs, "");
        keys.complainCommitment(session, _account(3), 0, 1, bad);
        _checkConviction(3, 2);
        _finishWithout(3);
    }

    function testAConvictionWhileFoldingBeginsTheSumAnew() public {
        Dealing memory bad = _dealing(session, 0);
        _setPoint(bad.commitments, 2, OUTSIDE);
        _dealAll(session, 1 << 0);
        _post(session, 0, bad);
        _toFolding(session);
        FoldInput[] memory page = new FoldInput[](1);
        page[0] = FoldInput(_account(0), bad.commitments, DealingMaker.restHash(bad));
        keys.fold(session, page, "");
        vm.assertEq(keys.sessionInfo(session).folded, 1);
        keys.complainCommitment(session, _account(0), 0, 2, bad);
        vm.assertEq(keys.sessionInfo(session).folded, 0);
        page = _inputs(session, _one(1));
        vm.expectRevert(Errors.FoldRunning.selector);
        keys.fold(session, page, bad.commitments);
        _finishWithout(0);
    }

    /// All dealers together could make a key that everybody knows.
    function testAnInfiniteKeyIsRefused() public {
        _dealAll(session, 1 << 3);
        DealingMaker.Plan memory plan = _plan(session, 3);
        plan.coefficients[0][0] = 0;
        for (uint256 i; i < 3; ++i) {
            uint256 constant_ = _coefficients(session, i)[0][0];
            plan.coefficients[0][0] = addmod(plan.coefficients[0][0], ORDER - constant_, ORDER);
        }
        Dealing memory last = DealingMaker.make(plan);
        _post(session, 3, last);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        (inputs[3].commitments, inputs[3].restHash) = (last.commitments, DealingMaker.restHash(last));
        vm.expectRevert(Errors.GroupKeyInfinite.selector);
        keys.fold(session, inputs, "");
    }

    // too little gas

    /// Whatever gas a complaint gets: it convicts the one who lied, or nobody.
    function testTooLittleGasConvictsNobody() public {
        Dealing memory bad = _dealing(session, 3);
        _setPoint(bad.commitments, 2, OUTSIDE);
        _dealAll(session, 1 << 3);
        _post(session, 3, bad);
        Dealing memory good = _dealing(session, 1);
        _toComplaints(session);
        (bytes memory shared, uint256 c, uint256 z) = _complaint(session, 1, 2, 0, 2, good.ephemeral);
        uint256 id = vm.snapshotState();
        uint256 convicted;
        for (uint256 gas = 20_000; gas < 800_000; gas += 7001) {
            // An honest commitment, a bad one, and a false complaint.
            try keys.complainCommitment{gas: gas}(session, _account(1), 0, 2, good) {
                vm.assertTrue(false, "an honest dealer was convicted");
            } catch {}
            try keys.complainCommitment{gas: gas}(session, _account(3), 0, 2, bad) {
                _checkConviction(3, 2);
                ++convicted;
            } catch {
                vm.assertEq(service.convictionCount(), 0);
            }
            vm.revertToState(id);
            try keys.complainShare{gas: gas}(session, _account(1), 0, 2, good, shared, c, z) {
                _checkConviction(2, 3);
                ++convicted;
            } catch {
                vm.assertEq(service.convictionCount(), 0);
            }
            vm.revertToState(id);
        }
        vm.assertGt(convicted, 20);
    }

    // two dealings, and others' dealings

    function testTwoDealingsConvict() public {
        _dealAll(session, 0);
        Dealing memory again = _dealing(session, 2);
        bytes memory signature = _signDealing(session, 2, keys.sessionInfo(session).epoch, again);
        uint64 epoch = keys.sessionInfo(session).epoch;
        vm.expectRevert(abi.encodeWithSelector(Errors.AlreadyDealt.selector, _account(2)));
        keys.deal(session, _account(2), epoch, again, signature, "");
        again.sealedShares[5] ^= 0x01;
        // Not by somebody else's word.
        vm.expectRevert(Errors.DealSignatureInvalid.selector);
        keys.deal(session, _account(2), epoch, again, signature, "");
        _toFolding(session);
        signature = _signDealing(session, 2, epoch, again);
        vm.expectEmit(address(keys));
        emit IKeyGeneration.DealtTwice(
            session,
            _account(2),
            epoch,
            DealingMaker.payload(keys.sessionInfo(session).id, _account(2), again),
            signature
        );
        keys.deal(session, _account(2), epoch, again, signature, "");
        _checkConviction(2, 4);
        again.sealedShares[5] ^= 0x02;
        signature = _signDealing(session, 2, epoch, again);
        vm.expectRevert(abi.encodeWithSelector(Errors.AlreadyConvicted.selector, _account(2)));
        keys.deal(session, _account(2), epoch, again, signature, "");
        _finishWithout(2);
    }

    function testDealingLateIsRefused() public {
        _dealAll(session, 1 << 1);
        uint256 end = keys.sessionInfo(session).dealEnd;
        _toComplaints(session);
        Dealing memory dealing = _dealing(session, 1);
        _expectDeal(1, dealing, abi.encodeWithSelector(Errors.SessionPhase.selector, end - DEAL_BLOCKS, end));
        _finishWithout(1);
        vm.assertEq(service.convictionCount(), 0);
    }

    function testStrangersAndUnknownSessions() public {
        Dealing memory dealing = _dealing(session, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerUnknown.selector, address(this)));
        keys.deal(session, address(this), 1, dealing, "", "");
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionUnknown.selector, 2));
        keys.deal(2, _account(1), 1, dealing, "", "");
        vm.expectRevert(abi.encodeWithSelector(Errors.SessionUnknown.selector, 2));
        keys.fail(2);
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerEpoch.selector, _account(1), 2));
        keys.deal(session, _account(1), 2, dealing, "", "");
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerEpoch.selector, _account(1), 0));
        keys.deal(session, _account(1), 0, dealing, "", "");
    }

    function testCopiesOfOthersAreRefused() public {
        Dealing memory first = _dealing(session, 0);
        _post(session, 0, first);
        // R and its proof.
        Dealing memory copy = _dealing(session, 1);
        bytes memory own = copy.ephemeral;
        copy.ephemeral = first.ephemeral;
        _expectDeal(1, copy, abi.encodeWithSelector(Errors.EphemeralProofInvalid.selector));
        copy.proofs = bytes.concat(_slice(first.proofs, 0, 64), _slice(copy.proofs, 64, 64));
        _expectDeal(1, copy, abi.encodeWithSelector(Errors.EphemeralProofInvalid.selector));
        // The constant and its proof.
        copy = _dealing(session, 1);
        vm.assertEq(copy.ephemeral, own);
        copy.commitments = first.commitments;
        _expectDeal(1, copy, abi.encodeWithSelector(Errors.ConstantProofInvalid.selector, 0));
        copy.proofs = bytes.concat(_slice(copy.proofs, 0, 64), _slice(first.proofs, 64, 64));
        _expectDeal(1, copy, abi.encodeWithSelector(Errors.ConstantProofInvalid.selector, 0));
        // All of it.
        _expectDeal(1, first, abi.encodeWithSelector(Errors.EphemeralProofInvalid.selector));
    }

    /// What a dealer proved in one session proves nothing in another.
    function testCopiesOfAnEarlierSessionAreRefused() public {
        Dealing memory old = _dealing(session, 1);
        _post(session, 1, old);
        _toBlock(keys.sessionInfo(session).finishEnd + 1);
        session = _open(1, 3);
        _expectDeal(1, old, abi.encodeWithSelector(Errors.EphemeralProofInvalid.selector));
        Dealing memory mixed = _dealing(session, 1);
        mixed.commitments = old.commitments;
        mixed.proofs = bytes.concat(_slice(mixed.proofs, 0, 64), _slice(old.proofs, 64, 64));
        _expectDeal(1, mixed, abi.encodeWithSelector(Errors.ConstantProofInvalid.selector, 0));
    }

    function testGarbageIsRefused() public {
        Dealing memory good = _dealing(session, 1);
        Dealing memory bad = _dealing(session, 1);
        bad.commitments = _slice(good.commitments, 0, 2 * 192);
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.DealingLength.selector, 384, 576));
        bad.commitments = good.commitments;
        bad.sealedShares = bytes.concat(good.sealedShares, hex"00");
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.DealingLength.selector, 129, 128));
        bad.sealedShares = good.sealedShares;
        bad.proofs = bytes.concat(good.proofs, new bytes(64));
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.DealingLength.selector, 192, 128));
        bad.proofs = good.proofs;
        bad.ephemeral = _slice(good.ephemeral, 0, 95);
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.PointsLength.selector, 95, 96));
        bad.ephemeral = new bytes(96);
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.PointInfinite.selector));
        bad.ephemeral = bytes.concat(MODULUS, _slice(good.ephemeral, 48, 48));
        _expectDeal(1, bad, abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0c));
        bad.ephemeral = good.ephemeral;
        _setPoint(bad.commitments, 0, new bytes(192));
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.PointInfinite.selector));
        _setPoint(bad.commitments, 0, OUTSIDE);
        _expectDeal(1, bad, abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0e));
        bad = _dealing(session, 1);
        // A nonce of infinity would tell the secret.
        bad.proofs = bytes.concat(new bytes(64), _slice(good.proofs, 64, 64));
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.PointInfinite.selector));
        bad.proofs = bytes.concat(_slice(good.proofs, 0, 64), new bytes(64));
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.PointInfinite.selector));
        bad.proofs = abi.encodePacked(ORDER, ORDER, _slice(good.proofs, 64, 64));
        _expectDeal(1, bad, abi.encodeWithSelector(Errors.ScalarTooLarge.selector, ORDER));
        _post(session, 1, _dealing(session, 1));
    }

    // resharing

    function testAResharingMustBeginWithTheOldShares() public {
        _reshare();
        Dealing memory good = _dealing(session, 1);
        // An honest proof of another constant.
        DealingMaker.Plan memory plan = _plan(session, 1);
        plan.coefficients[0][0] = addmod(plan.coefficients[0][0], 1, ORDER);
        _expectDeal(1, DealingMaker.make(plan), abi.encodeWithSelector(Errors.DealingConstantWrong.selector));
        // The right constant to a polynomial of another share.
        plan = _plan(session, 1);
        plan.coefficients[0][0] = DealingMaker.evaluate(secretPolynomial, 1);
        _expectDeal(1, DealingMaker.make(plan), abi.encodeWithSelector(Errors.DealingConstantWrong.selector));
        uint64 epoch = keys.sessionInfo(session).epoch;
        bytes memory signature = _signDealing(session, 1, epoch, good);
        vm.expectRevert(Errors.DealingPolynomialUnknown.selector);
        keys.deal(session, _account(1), epoch, good, signature, good.commitments);
        _post(session, 1, good);
        // Who has no old share owes nothing.
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerUnknown.selector, _account(4)));
        keys.deal(session, _account(4), epoch, good, signature, "");
    }

    /// What the checks of dealings make impossible is refused all the same.
    function testAResharingKeepsTheKey() public {
        _reshare();
        _dealAll(session, 0);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        FoldInput[] memory inputs = _inputs(session, operators);
        // The fifth word of storage names the blob of the group's key.
        address blob = address(uint160(uint256(vm.load(address(keys), bytes32(uint256(4))))));
        vm.assertEq(blob.code, bytes.concat(hex"00", keys.group().key));
        vm.etch(blob, bytes.concat(hex"00", DealingMaker.G2));
        vm.expectRevert(Errors.GroupKeyChanged.selector);
        keys.fold(session, inputs, "");
    }

    function testAWrongShareOfAResharingConvicts() public {
        _reshare();
        Dealing memory bad = _dealing(session, 2);
        // The share of member 4, the newcomer.
        bad.sealedShares[4 * 32] ^= 0x01;
        _dealAll(session, 1 << 2);
        _post(session, 2, bad);
        _toComplaints(session);
        // A false complaint of who is no dealer.
        _complain(session, 1, 0, 4, 4, _dealing(session, 1));
        vm.assertTrue(keys.isConvicted(session, _account(4)));
        (address operator,,, uint8 reason) = service.convictions(0);
        vm.assertEq(operator, _account(4));
        vm.assertEq(reason, 3);
        _complain(session, 2, 0, 4, 4, bad);
        vm.assertTrue(keys.isConvicted(session, _account(2)));
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
    }

    /// @dev Finishes the first session, and opens one in which operator 4 is a newcomer.
    function _reshare() private {
        _dealAll(session, 0);
        _toFolding(session);
        _fold(session);
        _join(service, 4, STAKE);
        for (uint256 i; i < 5; ++i) {
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        session = _open(1, 4);
    }

    // helpers

    /// @dev The signed dealing is refused.
    function _expectDeal(uint256 dealer, Dealing memory dealing, bytes memory reason) private {
        uint64 epoch = keys.sessionInfo(session).epoch;
        bytes memory signature = _signDealing(session, dealer, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectRevert(reason);
        keys.deal(session, _account(dealer), epoch, dealing, signature, old);
    }

    /// @dev One conviction so far, of this operator.
    function _checkConviction(uint256 dealer, uint8 reason) private view {
        vm.assertEq(service.convictionCount(), 1);
        (address operator, uint64 inSession, uint64 epoch, uint8 why) = service.convictions(0);
        vm.assertEq(operator, _account(dealer));
        vm.assertEq(inSession, session);
        vm.assertEq(epoch, keys.sessionInfo(session).epoch);
        vm.assertEq(why, reason);
        vm.assertTrue(keys.isConvicted(session, _account(dealer)));
    }

    /// @dev The key comes from the three others.
    function _finishWithout(uint256 dealer) private {
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        vm.assertEq(operators.length, 3);
        for (uint256 i; i < 3; ++i) {
            vm.assertTrue(operators[i] != dealer);
        }
        _fold(session);
        _checkSharing(session);
    }

    function _setPoint(bytes memory commitments, uint256 k, bytes memory point) private pure {
        assembly ("memory-safe") {
            mcopy(add(add(commitments, 32), mul(k, 192)), add(point, 32), 192)
        }
    }

    function _one(uint256 operator) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = operator;
    }
}
