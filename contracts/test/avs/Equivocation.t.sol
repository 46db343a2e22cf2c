// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManager, Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";
import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {EpochTable} from "../../avs/lib/EpochTable.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";

/// @notice Twelve operators of 1 ETH each, of which an equivocation costs a tenth.
contract EquivocationTest is AvsSetup {
    uint256 private constant COUNT = 12;
    uint256 private constant ALL = (1 << COUNT) - 1;
    uint256 private constant LOST = 0.1 ether;
    /// @dev In the table, grace and evidence: seconds after its end for which it can be punished.
    uint256 private constant LATE = 30 + 600;

    TestAvs private avs;
    uint64 private epoch;

    function setUp() public override {
        super.setUp();
        avs = _newTestAvs(_parameters());
        _initialize(avs);
        for (uint256 i; i < COUNT; ++i) {
            _join(avs, i, 1 ether);
        }
        epoch = _buildAndActivate(avs);
    }

    // two signatures of one operator

    /// Whatever kind, slot, attempt and payloads: two signatures slash, whoever brings them, and only the one who signed.
    function testFuzzTwoSignatures(
        uint8 kind,
        uint64 slot,
        uint16 attempt,
        bytes32 one,
        bytes32 two,
        uint8 who
    ) public {
        vm.assume(one != two);
        uint256 i = who % COUNT;
        Statement memory a = Statement(avs.TIMED(), kind, epoch, slot, attempt, one);
        Statement memory b = Statement(avs.TIMED(), kind, epoch, slot, attempt, two);
        vm.prank(address(0xbeef));
        avs.slashEquivocation(_own(i, a), _own(i, b), _only(i));
        for (uint256 j; j < COUNT; ++j) {
            vm.assertEq(_shares(j), j == i ? 1 ether - LOST : 1 ether);
            vm.assertEq(avs.punished(_account(j), avs.TIMED(), epoch), j == i);
        }
        bytes memory revoked = avs.revokedRows(epoch);
        vm.assertEq(uint256(uint8(revoked[i / 8])), uint256(1) << (i % 8));
    }

    function testTellsWhatWasLost() public {
        (Statement memory a, Statement memory b) = _conflict();
        uint256[] memory shares = new uint256[](1);
        shares[0] = LOST;
        vm.expectEmit(address(avs));
        emit IServiceManager.WeightRevoked(epoch, _account(3), 1e9);
        vm.expectEmit(address(avs));
        emit IServiceManager.EquivocationSlashed(
            _account(3), a.service, epoch, 1, a.slot, 0, _strategies(), shares
        );
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
    }

    function testOnceForEpochAndService() public {
        (Statement memory a, Statement memory b) = _conflict();
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
        _refused(Errors.EquivocationNothingToSlash.selector, _own(3, a), _own(3, b), _only(3));
        _refused(Errors.EquivocationNothingToSlash.selector, _own(3, b), _own(3, a), _only(3));
        // Another slot of the same epoch and service is the same penalty.
        (a.slot, b.slot) = (a.slot + 1, b.slot + 1);
        _refused(Errors.EquivocationNothingToSlash.selector, _own(3, a), _own(3, b), _only(3));
        // Another service is another one.
        (a.service, b.service) = (avs.INDEXED(), avs.INDEXED());
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
        vm.assertEq(_shares(3), 0.81 ether);
    }

    /// The two statements may name two epochs: the law does not ask under which epoch one signed.
    function testTwoEpochs() public {
        uint64 second = _secondEpoch();
        (Statement memory a, Statement memory b) = _conflict();
        b.epoch = second;
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
        vm.assertEq(_shares(3), 1 ether - LOST);
        // Neither epoch is punished again.
        b.epoch = epoch;
        _refused(Errors.EquivocationNothingToSlash.selector, _own(3, a), _own(3, b), _only(3));
        (a.epoch, b.epoch) = (second, second);
        _refused(Errors.EquivocationNothingToSlash.selector, _own(3, a), _own(3, b), _only(3));
    }

    /// Rows differ between the tables: what counts is the address.
    function testTwoEpochsNeedTheSameOperator() public {
        uint64 second = _secondEpoch();
        (address[] memory before,,) = avs.epochRows(epoch, 1, 1);
        (address[] memory later,,) = avs.epochRows(second, 1, 1);
        vm.assertTrue(before[0] != later[0]);
        (Statement memory a, Statement memory b) = _conflict();
        b.epoch = second;
        // Operator 1 left: it has no row in the second table.
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationNotASigner.selector, _account(1), second),
            _own(1, a),
            _own(1, b),
            _only(1)
        );
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationSignatureInvalid.selector, second, b.payload),
            _own(11, a),
            _own(3, b),
            _only(11)
        );
    }

    // certificates

    /// Two certificates of one slot: those in both are slashed, and nobody else can be.
    function testFuzzTwoCertificates(uint256 one, uint256 two) public {
        one = bound(one, 1, ALL);
        two = bound(two, 1, ALL);
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _sum(one, a);
        Testimony memory second = _sum(two, b);
        for (uint256 i; i < COUNT; ++i) {
            if ((one & two) >> i & 1 == 1) continue;
            uint64 wrong = epoch;
            _refusedWith(
                abi.encodeWithSelector(Errors.EquivocationNotASigner.selector, _account(i), wrong),
                first,
                second,
                _only(i)
            );
        }
        if (one & two == 0) return;
        avs.slashEquivocation(first, second, _those(one & two));
        for (uint256 i; i < COUNT; ++i) {
            vm.assertEq(_shares(i), (one & two) >> i & 1 == 1 ? 1 ether - LOST : 1 ether);
        }
    }

    /// Many are slashed in several transactions; who was before is passed over.
    function testInParts() public {
        (Statement memory a, Statement memory b) = _conflict();
        avs.slashEquivocation(_sum(ALL, a), _sum(ALL, b), _those(0x01f));
        avs.slashEquivocation(_sum(ALL, a), _sum(ALL, b), _those(0x0f8));
        for (uint256 i; i < COUNT; ++i) {
            vm.assertEq(_shares(i), i < 8 ? 1 ether - LOST : 1 ether);
        }
        _refused(Errors.EquivocationNothingToSlash.selector, _sum(ALL, a), _sum(ALL, b), _those(0x0ff));
    }

    function testNamedTwiceIsSlashedOnce() public {
        (Statement memory a, Statement memory b) = _conflict();
        address[] memory twice = new address[](2);
        (twice[0], twice[1]) = (_account(2), _account(2));
        avs.slashEquivocation(_sum(ALL, a), _sum(ALL, b), twice);
        vm.assertEq(_shares(2), 1 ether - LOST);
    }

    /// A certificate of one payload and an operator's own signature of another.
    function testCertificateAndSignature() public {
        (Statement memory a, Statement memory b) = _conflict();
        avs.slashEquivocation(_sum(0x1ff, a), _own(4, b), _only(4));
        avs.slashEquivocation(_own(5, b), _sum(0x1ff, a), _only(5));
        vm.assertEq(_shares(4), 1 ether - LOST);
        vm.assertEq(_shares(5), 1 ether - LOST);
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationNotASigner.selector, _account(11), epoch),
            _sum(0x1ff, a),
            _own(11, b),
            _only(11)
        );
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationNotOneOperator.selector, 2),
            _sum(0x1ff, a),
            _own(6, b),
            _those(0x0c0)
        );
    }

    /// Weight that was revoked signed all the same.
    function testRevokedOperatorsAreSlashed() public {
        (Statement memory a, Statement memory b) = _conflict();
        avs.ejectOperator(_account(7));
        avs.slashEquivocation(_sum(ALL, a), _sum(ALL, b), _only(7));
        vm.assertEq(_shares(7), 1 ether - LOST);
    }

    function testBitsBeyondTheTable() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _sum(ALL, a);
        first.absent = hex"0010";
        _refused(EpochTable.CertificateBitsBeyondTable.selector, first, _sum(ALL, b), _only(0));
        first.absent = hex"000000";
        _refused(EpochTable.CertificateBitsBeyondTable.selector, first, _sum(ALL, b), _only(0));
    }

    // who is honest

    /// Statements of which an honest operator signs many.
    function testFuzzNoConflict(uint8 field, uint64 value) public {
        (Statement memory a, Statement memory b) = _conflict();
        field = uint8(bound(field, 0, 4));
        if (field == 0) b.payload = a.payload;
        if (field == 1) b.slot = value == a.slot ? value + 1 : value;
        if (field == 2) b.attempt = uint16(bound(value, 1, type(uint16).max));
        if (field == 3) b.kind = uint8(bound(value, 2, 255));
        if (field == 4) b.service = avs.INDEXED();
        _refused(Errors.EquivocationStatementsFit.selector, _own(3, a), _own(3, b), _only(3));
        _refused(Errors.EquivocationStatementsFit.selector, _sum(ALL, a), _sum(ALL, b), _only(3));
    }

    /// No signature is taken for another's, nor for one of another statement, contract or chain.
    function testFuzzFalseSignature(uint8 lie, bytes32 noise) public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory second = _own(3, b);
        lie = uint8(bound(lie, 0, 4));
        if (lie == 0) second = _own(4, b);
        if (lie == 1) second.statement.payload = keccak256(abi.encode(noise));
        if (lie == 2) second.signature = _own(3, a).signature;
        if (lie == 3) second = _sum(0x18, b);
        if (lie == 4) second.signature = _signAs(8, keccak256(abi.encode(noise)));
        second.aggregate = false;
        second.absent = "";
        _refusedWith(
            abi.encodeWithSelector(
                Errors.EquivocationSignatureInvalid.selector, epoch, second.statement.payload
            ),
            _own(3, a),
            second,
            _only(3)
        );
        vm.assertEq(_shares(3), 1 ether);
    }

    /// A sum that leaves a signer out, or adds one.
    function testFuzzFalseSum(uint256 signed, uint256 told) public {
        (signed, told) = (bound(signed, 1, ALL), bound(told, 1, ALL));
        vm.assume(signed != told);
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory second = _sum(signed, b);
        second.absent = _absent(COUNT, told);
        uint256 i;
        while (told >> i & 1 == 0) ++i;
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationSignatureInvalid.selector, epoch, b.payload),
            _sum(ALL, a),
            second,
            _only(i)
        );
    }

    function testNotASignature() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory second = _own(3, b);
        second.signature = new bytes(256);
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationSignatureInvalid.selector, epoch, b.payload),
            _own(3, a),
            second,
            _only(3)
        );
        second.signature[63] = 0x01;
        _refusedWith(
            abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f), _own(3, a), second, _only(3)
        );
        second.signature = new bytes(255);
        _refusedWith(
            abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 255, 256), _own(3, a), second, _only(3)
        );
    }

    /// Without signers the key is infinite, and infinity signs everything.
    function testNobodySigned() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory nobody = Testimony(b, true, hex"ff0f", new bytes(256));
        _refused(Errors.CertificateKeyInfinite.selector, _sum(ALL, a), nobody, new address[](0));
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationNotASigner.selector, _account(0), epoch),
            _sum(ALL, a),
            nobody,
            _only(0)
        );
        _refused(Errors.EquivocationNothingToSlash.selector, _sum(ALL, a), _sum(ALL, b), new address[](0));
    }

    function testNotAnOperator() public {
        (Statement memory a, Statement memory b) = _conflict();
        address[] memory stranger = new address[](1);
        stranger[0] = address(0xbad);
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationNotASigner.selector, stranger[0], epoch),
            _own(3, a),
            _own(3, b),
            stranger
        );
        a.epoch = 9;
        _refusedWith(
            abi.encodeWithSelector(Errors.EpochUnknown.selector, 9), _own(3, a), _own(3, b), _only(3)
        );
    }

    function testAnotherChain() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _own(3, a);
        Testimony memory second = _own(3, b);
        vm.chainId(777);
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationSignatureInvalid.selector, epoch, a.payload),
            first,
            second,
            _only(3)
        );
    }

    function testExemptService() public {
        (Statement memory a, Statement memory b) = _conflict();
        (a.service, b.service) = (avs.EXEMPT(), avs.EXEMPT());
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationServiceExempt.selector, a.service),
            _own(3, a),
            _own(3, b),
            _only(3)
        );
    }

    // until when, and of what

    function testUntilTheEvidenceWindowEnds() public {
        (Statement memory a, Statement memory b) = _conflict();
        uint256 until = START + 3600 + LATE;
        vm.warp(until + 1);
        _refusedWith(
            abi.encodeWithSelector(Errors.EquivocationTooLate.selector, epoch, until),
            _own(3, a),
            _own(3, b),
            _only(3)
        );
        vm.warp(until);
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
        vm.assertEq(_shares(3), 1 ether - LOST);
    }

    /// Who leaves, and takes its stake away, can be slashed for as long as there can be evidence.
    function testLeavingDoesNotHelp() public {
        (Statement memory a, Statement memory b) = _conflict();
        _leave(avs, 3);
        _allocate(avs, 3, 0);
        _pass(3600 + LATE - 20);
        avs.slashEquivocation(_own(3, a), _own(3, b), _only(3));
        vm.assertEq(_shares(3), 1 ether - LOST);
    }

    /// Slashing what is not there succeeds in the core, and is refused here.
    function testNothingLeftToSlash() public {
        Parameters memory parameters = _parameters();
        parameters.equivocationWad = 1e18;
        TestAvs harsh = _newTestAvs(parameters);
        _initialize(harsh);
        _prepare(harsh, 20, 1 ether);
        _joinWith(harsh, 20, abi.encode(_registration(harsh, 20)));
        epoch = _buildAndActivate(harsh);
        avs = harsh;
        (Statement memory a, Statement memory b) = _conflict();
        avs.slashEquivocation(_own(20, a), _own(20, b), _only(20));
        vm.assertEq(_shares(20), 0);
        (a.service, b.service) = (avs.INDEXED(), avs.INDEXED());
        _refused(Errors.EquivocationNothingToSlash.selector, _own(20, a), _own(20, b), _only(20));
        vm.assertFalse(avs.punished(_account(20), avs.INDEXED(), epoch));
    }

    // gas

    /// Whatever gas it gets: true evidence slashes or runs out, and false evidence never slashes.
    function testTooLittleGasNeverConvicts() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _own(3, a);
        Testimony memory second = _own(3, b);
        Testimony memory lie = _own(4, b);
        uint256 outOfGas;
        uint256 state = vm.snapshotState();
        for (uint256 limit = 900_000; limit > 20_000; limit -= 4517) {
            try avs.slashEquivocation{gas: limit}(first, second, _only(3)) {
                vm.assertEq(_shares(3), 1 ether - LOST);
                vm.revertToState(state);
                state = vm.snapshotState();
            } catch (bytes memory reason) {
                if (reason.length != 0) {
                    vm.assertEq(bytes32(bytes4(reason)), bytes32(Precompile.PrecompileOutOfGas.selector));
                    ++outOfGas;
                }
                vm.assertEq(_shares(3), 1 ether);
            }
            try avs.slashEquivocation{gas: limit}(first, lie, _only(3)) {
                vm.assertTrue(false, "convicted by another's signature");
            } catch {}
        }
        vm.assertGt(outOfGas, 20);
    }

    function testGasTwoSignatures() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _own(3, a);
        Testimony memory second = _own(3, b);
        address[] memory who = _only(3);
        uint256 gas = gasleft();
        avs.slashEquivocation(first, second, who);
        vm.assertLe(gas - gasleft(), 1_000_000);
    }

    function testGasTwoCertificates() public {
        (Statement memory a, Statement memory b) = _conflict();
        Testimony memory first = _sum(ALL, a);
        Testimony memory second = _sum(ALL, b);
        address[] memory who = _those(ALL);
        uint256 gas = gasleft();
        avs.slashEquivocation(first, second, who);
        // so that 40 operators, which is what a node names at once, stay under the cap of a transaction
        vm.assertLe(gas - gasleft(), 500_000 + COUNT * 350_000);
    }

    // helpers

    function _conflict() private view returns (Statement memory a, Statement memory b) {
        a = Statement(avs.TIMED(), 1, epoch, 7, 0, keccak256("one"));
        b = Statement(avs.TIMED(), 1, epoch, 7, 0, keccak256("two"));
    }

    /// @dev A second epoch, in whose table operator 1, who left, is missing and the last one has its place.
    function _secondEpoch() private returns (uint64 second) {
        _leave(avs, 1);
        _allocate(avs, 1, 0);
        _pass(60);
        second = _buildAndActivate(avs);
        vm.assertEq(second, epoch + 1);
    }

    function _own(uint256 i, Statement memory s) private view returns (Testimony memory) {
        return Testimony(s, false, "", _signAs(1 << i, avs.statementDigest(s)));
    }

    function _sum(uint256 present, Statement memory s) private view returns (Testimony memory) {
        return Testimony(s, true, _absent(COUNT, present), _signAs(present, avs.statementDigest(s)));
    }

    function _only(uint256 i) private pure returns (address[] memory list) {
        return _those(1 << i);
    }

    function _those(uint256 bits) private pure returns (address[] memory list) {
        uint256 count;
        for (uint256 i; bits >> i != 0; ++i) {
            count += bits >> i & 1;
        }
        list = new address[](count);
        for (uint256 i; bits >> i != 0; ++i) {
            if (bits >> i & 1 == 1) list[list.length - count--] = _account(i);
        }
    }

    function _shares(uint256 i) private view returns (uint256) {
        return delegation.operatorShares(_account(i), strategy);
    }

    function _refused(bytes4 why, Testimony memory first, Testimony memory second, address[] memory operators)
        private
    {
        vm.expectRevert(why);
        avs.slashEquivocation(first, second, operators);
    }

    function _refusedWith(
        bytes memory why,
        Testimony memory first,
        Testimony memory second,
        address[] memory operators
    ) private {
        vm.expectRevert(why);
        avs.slashEquivocation(first, second, operators);
    }
}
