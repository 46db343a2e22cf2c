// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Statement} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {EpochTable} from "../../avs/lib/EpochTable.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";
import {BlsSigner} from "./BlsSigner.sol";

/// @notice Twelve operators of 1 ETH each, so that nine (75 %) are a quorum and eight (66.66 %) are not.
contract CertificatesTest is AvsSetup {
    uint256 private constant COUNT = 12;
    uint256 private constant ALL = (1 << COUNT) - 1;
    uint64 private constant TOTAL = uint64(COUNT) * 1e9;

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

    function testFullHouse() public view {
        Statement memory s = _statement();
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL)), TOTAL);
    }

    /// The old key signs in the epoch that has it, the new one from the next on, and neither in the other's.
    function testARotatedKeyCountsFromTheNextEpochOn() public {
        bytes memory key = BlsSigner.publicKey(_secret(50));
        bytes memory proof = BlsSigner.prove(_secret(50), avs.registrationDigest(_account(0), key));
        Statement memory s = _statement();
        vm.prank(_account(0));
        avs.rotateKey(key, proof);
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL)), TOTAL);

        // A rotation under a table that is being built finds the old key in the pages that are there.
        _pass(60);
        _deposit(1, 1 ether);
        avs.beginEpoch();
        avs.addToEpoch(32);
        bytes memory third = BlsSigner.publicKey(_secret(51));
        proof = BlsSigner.prove(_secret(51), avs.registrationDigest(_account(0), third));
        vm.prank(_account(0));
        avs.rotateKey(third, proof);
        avs.finishEpoch();
        s.slot = (uint64(vm.getBlockTimestamp()) - avs.GENESIS()) / 2;
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL)), TOTAL);
        _pass(10);
        (s.epoch, s.slot) = (epoch + 1, s.slot + 5);
        Certificate memory old = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, old);
        uint256 sum = _secret(50);
        for (uint256 i = 1; i < COUNT; ++i) {
            sum = addmod(sum, _secret(i), BlsSigner.ORDER);
        }
        Certificate memory c = Certificate("", BlsSigner.sign(sum, avs.statementDigest(s)));
        vm.assertEq(avs.verifyCertificate(s, c), TOTAL + 1e9);
    }

    function testTrailingZeroBytesMayBeThere() public view {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        c.absent = new bytes(2);
        vm.assertEq(avs.verifyCertificate(s, c), TOTAL);
    }

    /// Whoever signs: accepted with its weight if it is a quorum, refused as below quorum if not.
    function testFuzzAnyQuorumAndNoLess(uint256 present, uint64 slot, uint16 attempt, bytes32 payload)
        public
    {
        present = bound(present, 1, ALL);
        Statement memory s = _statement();
        s.slot = uint64(bound(slot, _firstSlot(), _firstSlot() + 1000));
        s.attempt = attempt;
        s.payload = payload;
        Certificate memory c = _certify(avs, s, COUNT, present);
        uint256 signed = _ones(present) * 1e9;
        if (signed * 10_000 >= uint256(TOTAL) * 6667) {
            vm.assertEq(avs.verifyCertificate(s, c), signed);
            return;
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, signed, TOTAL));
        avs.verifyCertificate(s, c);
    }

    function testEightOfTwelveAreBelowTheQuorum() public {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, 0xff);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, 8e9, TOTAL));
        avs.verifyCertificate(s, c);
    }

    /// A signature of one statement is worth nothing under any other.
    function testFuzzWrongMessage(uint8 field, uint256 value) public {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        field = uint8(bound(field, 0, 3));
        if (field == 0) s.slot = uint64(bound(value, _firstSlot() + 1, _firstSlot() + 1000));
        if (field == 1) s.attempt = uint16(bound(value, 1, type(uint16).max));
        if (field == 2) s.payload = bytes32(bound(value, 0, uint256(s.payload) - 1));
        if (field == 3) (s.service, s.slot) = (avs.INDEXED(), s.slot);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, c);
    }

    function testFuzzOnlyCertifyStatements(uint8 kind) public {
        vm.assume(kind != 1);
        Statement memory s = _statement();
        s.kind = kind;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateKind.selector, kind));
        avs.verifyCertificate(s, c);
    }

    function testFuzzUnknownEpoch(uint64 other) public {
        vm.assume(other != epoch);
        Statement memory s = _statement();
        s.epoch = other;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochUnknown.selector, other));
        avs.verifyCertificate(s, c);
    }

    function testUnknownService() public {
        Statement memory s = _statement();
        s.service = keccak256("test/other");
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownService.selector, s.service));
        avs.verifyCertificate(s, c);
    }

    function testSlotBeforeItsEpoch() public {
        Statement memory s = _statement();
        s.slot = _firstSlot() - 1;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.CertificateSlotOutsideEpoch.selector, START + 8, START + 10, START + 3600
            )
        );
        avs.verifyCertificate(s, c);
    }

    function testSlotAfterItsEpoch() public {
        Statement memory s = _statement();
        s.slot = 1800;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.CertificateSlotOutsideEpoch.selector, START + 3600, START + 10, START + 3600
            )
        );
        avs.verifyCertificate(s, c);
    }

    /// Once its successor is known, an epoch ends where that one begins, and each slot belongs to exactly one.
    function testSlotsChangeHandsWithTheEpoch() public {
        _deposit(0, 10 ether);
        _pass(90);
        uint64 activatesAt = uint64(vm.getBlockTimestamp()) + 10;
        uint64 second = _build(avs);
        vm.assertEq(second, epoch + 1);
        _pass(20);
        uint64 boundary = (activatesAt - START) / 2;

        Statement memory s = _statement();
        s.slot = boundary - 1;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        avs.verifyCertificate(s, c);
        s.epoch = second;
        c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.CertificateSlotOutsideEpoch.selector,
                activatesAt - 2,
                activatesAt,
                avs.epochInfo(second).validUntil
            )
        );
        avs.verifyCertificate(s, c);

        s.slot = boundary;
        c = _certify(avs, s, COUNT, ALL);
        avs.verifyCertificate(s, c);
        s.epoch = epoch;
        c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.CertificateSlotOutsideEpoch.selector, activatesAt, START + 10, activatesAt
            )
        );
        avs.verifyCertificate(s, c);
    }

    /// The grace admits what comes late, and then no more.
    function testGrace() public {
        Statement memory s = _statement();
        s.slot = 1799;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.warp(START + 3600 + 30);
        avs.verifyCertificate(s, c);
        vm.warp(START + 3600 + 31);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateEpochNotLive.selector, epoch));
        avs.verifyCertificate(s, c);
    }

    function testIndexSlotsAreGoodInAnyLiveEpoch() public {
        Statement memory s = _statement();
        s.service = avs.INDEXED();
        s.slot = 7;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        avs.verifyCertificate(s, c);
        vm.warp(START + 9);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateEpochNotLive.selector, epoch));
        avs.verifyCertificate(s, c);
        vm.warp(START + 3630);
        avs.verifyCertificate(s, c);
        vm.warp(START + 3631);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateEpochNotLive.selector, epoch));
        avs.verifyCertificate(s, c);
    }

    function testFuzzAbsenteeClaimedPresent(uint256 liar) public {
        liar = bound(liar, 0, COUNT - 1);
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL ^ (1 << liar));
        c.absent = "";
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, c);
    }

    function testFuzzPresentClaimedAbsent(uint256 row) public {
        row = bound(row, 0, COUNT - 1);
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        c.absent = _absent(COUNT, ALL ^ (1 << row));
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, c);
    }

    /// One operator's partial cannot stand in for another's by being added twice.
    function testFuzzDuplicate(uint256 twice, uint256 missing) public {
        twice = bound(twice, 0, COUNT - 1);
        missing = bound(missing, 0, COUNT - 1);
        vm.assume(twice != missing);
        Statement memory s = _statement();
        bytes32 digest = avs.statementDigest(s);
        bytes memory sum = _addG2(_signAs(ALL ^ (1 << missing), digest), _signAs(1 << twice, digest));
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, Certificate("", sum));
        Certificate memory c = Certificate(_absent(COUNT, ALL ^ (1 << missing)), sum);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, c);
    }

    function testFuzzBitsBeyondTheTable(uint256 bit) public {
        bit = bound(bit, COUNT, 100);
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        c.absent = new bytes(bit / 8 + 1);
        c.absent[bit / 8] = bytes1(uint8(1 << (bit % 8)));
        vm.expectRevert(EpochTable.CertificateBitsBeyondTable.selector);
        avs.verifyCertificate(s, c);
    }

    function testZeroBytesBeyondTheTable() public {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        c.absent = new bytes(3);
        vm.expectRevert(EpochTable.CertificateBitsBeyondTable.selector);
        avs.verifyCertificate(s, c);
    }

    function testInfiniteSignature() public {
        Statement memory s = _statement();
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, Certificate("", new bytes(256)));
    }

    function testEverybodyAbsent() public {
        Statement memory s = _statement();
        Certificate memory c = Certificate(_absent(COUNT, 0), new bytes(256));
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, 0, TOTAL));
        avs.verifyCertificate(s, c);
    }

    /// Two operators whose keys cancel out: their sum is infinity, under which anything would be signed.
    function testInfiniteAggregateKey() public {
        TestAvs other = _newTestAvs(_parameters());
        _initialize(other);
        _prepare(other, 100, 10 ether);
        _prepare(other, 101, 10 ether);
        _join(other, 102, 1 ether);
        _joinWith(other, 100, abi.encode(_registrationOf(other, 100, _secret(100))));
        _joinWith(other, 101, abi.encode(_registrationOf(other, 101, BlsSigner.ORDER - _secret(100))));
        Statement memory s = _statement();
        s.epoch = _buildAndActivate(other);
        s.slot = (uint64(vm.getBlockTimestamp()) - START) / 2;
        // Row 0 is the third operator.
        vm.expectRevert(Errors.CertificateKeyInfinite.selector);
        other.verifyCertificate(s, Certificate(hex"01", new bytes(256)));
    }

    function testSignatureThatIsNoPoint() public {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        c.signature[255] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        avs.verifyCertificate(s, c);
        c.signature = new bytes(255);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 255, 256));
        avs.verifyCertificate(s, c);
    }

    /// A revoked operator may sign, and counts for nothing; the total stays.
    function testRevokedWeightCountsNothing() public {
        for (uint256 i = 0; i < 3; ++i) {
            avs.revoke(_account(i));
        }
        vm.assertEq(avs.revokedRows(epoch), hex"0700");
        vm.assertEq(avs.epochInfo(epoch).totalWeight, TOTAL);
        Statement memory s = _statement();
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL)), TOTAL - 3e9);
        // Those revoked absent: neither more nor less than them present.
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL ^ 0x7)), TOTAL - 3e9);
        // Nine sign, of which one is revoked.
        Certificate memory c = _certify(avs, s, COUNT, ALL ^ 0x803);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, 8e9, TOTAL));
        avs.verifyCertificate(s, c);
        // And a fourth is too many, even for a full house.
        avs.revoke(_account(11));
        vm.assertEq(avs.revokedRows(epoch), hex"0708");
        c = _certify(avs, s, COUNT, ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, 8e9, TOTAL));
        avs.verifyCertificate(s, c);
    }

    function testFuzzRevokedAndAbsent(uint256 revoked, uint256 present) public {
        revoked = bound(revoked, 0, ALL);
        present = bound(present, 1, ALL);
        for (uint256 i; i < COUNT; ++i) {
            if (revoked >> i & 1 == 1) avs.revoke(_account(i));
        }
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, present);
        uint256 signed = _ones(present & ~revoked) * 1e9;
        if (signed * 10_000 >= uint256(TOTAL) * 6667) {
            vm.assertEq(avs.verifyCertificate(s, c), signed);
            return;
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, signed, TOTAL));
        avs.verifyCertificate(s, c);
    }

    function testRevokingTwiceCountsOnce() public {
        avs.revoke(_account(5));
        avs.revoke(_account(5));
        Statement memory s = _statement();
        vm.assertEq(avs.verifyCertificate(s, _certify(avs, s, COUNT, ALL)), TOTAL - 1e9);
    }

    function testReplayOnAnotherChain() public {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        vm.chainId(777);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        avs.verifyCertificate(s, c);
        c = _certify(avs, s, COUNT, ALL);
        avs.verifyCertificate(s, c);
    }

    /// The same operators with the same keys at another ServiceManager: its certificates are not ours.
    function testReplayOnAnotherServiceManager() public {
        TestAvs other = _newTestAvs(_parameters());
        _initialize(other);
        for (uint256 i; i < COUNT; ++i) {
            _allocate(avs, i, 5e17);
        }
        _pass(DEALLOCATION_DELAY + 1);
        for (uint256 i; i < COUNT; ++i) {
            _allocate(other, i, 5e17);
            _joinWith(other, i, abi.encode(_registration(other, i)));
        }
        _pass(1);
        uint64 ours = _build(avs);
        uint64 theirs = _build(other);
        _pass(10);
        Statement memory s = _statement();
        s.slot = (uint64(vm.getBlockTimestamp()) - START) / 2 + 1;
        s.epoch = ours;
        Certificate memory c = _certify(avs, s, COUNT, ALL);
        avs.verifyCertificate(s, c);
        s.epoch = theirs;
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        other.verifyCertificate(s, c);
        c = _certify(other, s, COUNT, ALL);
        other.verifyCertificate(s, c);
    }

    /// Whatever gas it gets, a valid certificate is accepted or runs out: it is never called invalid.
    function testTooLittleGasIsNeverInvalid() public view {
        Statement memory s = _statement();
        Certificate memory c = _certify(avs, s, COUNT, ALL ^ 0x9);
        uint256 refused;
        for (uint256 limit = 230_000; limit > 5000; limit -= 1013) {
            try avs.verifyCertificate{gas: limit}(s, c) returns (uint64 signed) {
                vm.assertEq(signed, TOTAL - 2e9);
            } catch (bytes memory reason) {
                if (reason.length == 0) continue;
                vm.assertEq(bytes32(bytes4(reason)), bytes32(Precompile.PrecompileOutOfGas.selector));
                ++refused;
            }
        }
        vm.assertGt(refused, 50);
    }

    function _statement() private view returns (Statement memory) {
        return Statement({
            service: avs.TIMED(),
            kind: 1,
            epoch: epoch,
            slot: _firstSlot(),
            attempt: 0,
            payload: keccak256("payload")
        });
    }

    /// @dev The first slot of the first epoch, which activates ten seconds after it was built.
    function _firstSlot() private pure returns (uint64) {
        return 5;
    }

    function _ones(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits >>= 1) {
            count += bits & 1;
        }
    }

    function _addG2(bytes memory a, bytes memory b) private view returns (bytes memory) {
        (bool done, bytes memory sum) = address(0x0d).staticcall(bytes.concat(a, b));
        require(done, "G2ADD failed");
        return sum;
    }
}
