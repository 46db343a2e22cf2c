// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManager, Registration} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";
import {BlsSigner} from "./BlsSigner.sol";

contract RegistrationTest is AvsSetup {
    TestAvs private avs;

    function setUp() public override {
        super.setUp();
        avs = _newTestAvs(_parameters());
        _initialize(avs);
        _prepare(avs, 0, 1 ether);
        _prepare(avs, 1, 1 ether);
    }

    function testJoin() public {
        Registration memory r = _registration(avs, 0);
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorKeyRegistered(_account(0), r.publicKey);
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorPeerUpdated(_account(0), r.peerId, r.addresses);
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorJoined(_account(0));
        _joinWith(avs, 0, abi.encode(r));
        vm.assertEq(avs.operatorCount(), 1);
        vm.assertEq(avs.operatorsPage(0, 10)[0], _account(0));
        vm.assertEq(avs.keyOf(_account(0)), r.publicKey);
        (bytes memory peerId, string[] memory addresses) = avs.peerOf(_account(0));
        vm.assertEq(peerId, r.peerId);
        vm.assertEq(addresses.length, 1);
        vm.assertEq(addresses[0], r.addresses[0]);
        vm.assertTrue(allocations.isMemberOfOperatorSet(_account(0), _set()));
    }

    function testStrangersAreUnknown() public view {
        vm.assertEq(avs.keyOf(_account(9)), "");
        (bytes memory peerId, string[] memory addresses) = avs.peerOf(_account(9));
        vm.assertEq(peerId, "");
        vm.assertEq(addresses.length, 0);
        vm.assertEq(avs.operatorsPage(0, 10).length, 0);
    }

    /// The proof names the operator, the contract and the chain; somebody else's is worth nothing.
    function testFuzzProofOfAnotherOperator(address other) public {
        vm.assume(other != _account(0));
        Registration memory r = _registration(avs, 0);
        r.proofOfPossession = BlsSigner.prove(_secret(0), avs.registrationDigest(other, r.publicKey));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    function testProofForAnotherServiceManager() public {
        TestAvs other = _newTestAvs(_parameters());
        Registration memory r = _registration(other, 0);
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    function testProofForAnotherChain() public {
        Registration memory r = _registration(avs, 0);
        vm.chainId(777);
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    function testProofOfAnotherKey() public {
        Registration memory r = _registration(avs, 0);
        r.proofOfPossession = BlsSigner.prove(_secret(1), avs.registrationDigest(_account(0), r.publicKey));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    /// A signature of the same digest with the tag of statements is no proof of possession.
    function testSignatureIsNoProof() public {
        Registration memory r = _registration(avs, 0);
        r.proofOfPossession = BlsSigner.sign(_secret(0), avs.registrationDigest(_account(0), r.publicKey));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    /// The rogue key attack: a key made from the others' needs no secret, and so has no proof.
    function testRogueKey() public {
        Registration memory r = _registration(avs, 0);
        Bls12381.G1 memory others = Bls12381.toG1(BlsSigner.publicKey(_secret(1)));
        Bls12381.G1 memory own = Bls12381.toG1(r.publicKey);
        r.publicKey = abi.encode(Bls12381.add(own, Bls12381.negate(others)));
        r.proofOfPossession = BlsSigner.prove(_secret(0), avs.registrationDigest(_account(0), r.publicKey));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
    }

    function testInfiniteKey() public {
        Registration memory r = _registration(avs, 0);
        (r.publicKey, r.proofOfPossession) = (new bytes(128), new bytes(256));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorKeyInfinite.selector));
    }

    function testKeyOutsideTheSubgroup() public {
        Registration memory r = _registration(avs, 0);
        r.publicKey =
            hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004000000000000000000000000000000000a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c";
        _refuse(r, abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
    }

    function testKeyOffTheCurve() public {
        Registration memory r = _registration(avs, 0);
        r.publicKey[127] ^= 0x01;
        _refuse(r, abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
    }

    function testProofThatIsNoPoint() public {
        Registration memory r = _registration(avs, 0);
        r.proofOfPossession[255] ^= 0x01;
        _refuse(r, abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        r.proofOfPossession = new bytes(96);
        _refuse(r, abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 96, 256));
        r.publicKey = new bytes(48);
        _refuse(r, abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 48, 128));
    }

    /// Too little gas is said as such, and never as a wrong proof.
    function testTooLittleGasIsNotAWrongProof() public {
        bytes memory data = abi.encode(_registration(avs, 0));
        uint256 refused;
        for (uint256 limit = 300_000; limit > 20_000; limit -= 2503) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(address(allocations));
            try avs.registerOperator{gas: limit}(_account(0), address(avs), _ids(1), data) {
            // Enough.
            }
            catch (bytes memory reason) {
                if (reason.length != 0) {
                    vm.assertEq(bytes32(bytes4(reason)), bytes32(Precompile.PrecompileOutOfGas.selector));
                    ++refused;
                }
            }
            vm.revertToState(snapshot);
        }
        vm.assertGt(refused, 10);
    }

    function testAKeyIsUsedOnce() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        Registration memory r = _registrationOf(avs, 1, _secret(0));
        bytes memory reused = abi.encodeWithSelector(Errors.OperatorKeyUsed.selector, _account(0));
        _refuseAs(1, r, reused);
        // Not even by the same operator, after it left.
        _leave(avs, 0);
        _refuseAs(1, r, reused);
        _pass(DEALLOCATION_DELAY + 1);
        _refuse(_registration(avs, 0), reused);
        r = _registrationOf(avs, 0, _secret(50));
        _joinWith(avs, 0, abi.encode(r));
        vm.assertEq(avs.keyOf(_account(0)), r.publicKey);
    }

    function testPeerIdBounds() public {
        Registration memory r = _registration(avs, 0);
        r.peerId = "";
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPeerIdLength.selector, 0, 64));
        r.peerId = new bytes(65);
        _refuse(r, abi.encodeWithSelector(Errors.OperatorPeerIdLength.selector, 65, 64));
        r.peerId = new bytes(64);
        _joinWith(avs, 0, abi.encode(r));
    }

    function testAddressBounds() public {
        Registration memory r = _registration(avs, 0);
        r.addresses = new string[](9);
        _refuse(r, abi.encodeWithSelector(Errors.OperatorTooManyAddresses.selector, 9, 8));
        r.addresses = new string[](8);
        for (uint256 i; i < 8; ++i) {
            r.addresses[i] = string(new bytes(128));
        }
        r.addresses[3] = "";
        _refuse(r, abi.encodeWithSelector(Errors.OperatorAddressLength.selector, 3, 0, 128));
        r.addresses[3] = string(new bytes(129));
        _refuse(r, abi.encodeWithSelector(Errors.OperatorAddressLength.selector, 3, 129, 128));
        r.addresses[3] = string(new bytes(128));
        _joinWith(avs, 0, abi.encode(r));
        r.addresses = new string[](0);
        _joinWith(avs, 1, abi.encode(_registration(avs, 1)));
        vm.prank(_account(1));
        avs.setPeer(r.peerId, r.addresses);
        (, string[] memory addresses) = avs.peerOf(_account(1));
        vm.assertEq(addresses.length, 0);
    }

    function testSetPeer() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        string[] memory addresses = new string[](2);
        (addresses[0], addresses[1]) = ("/dns4/a.example/tcp/1", "/dns4/b.example/tcp/2");
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorPeerUpdated(_account(0), hex"1234", addresses);
        vm.prank(_account(0));
        avs.setPeer(hex"1234", addresses);
        (bytes memory peerId, string[] memory now_) = avs.peerOf(_account(0));
        vm.assertEq(peerId, hex"1234");
        vm.assertEq(now_[1], "/dns4/b.example/tcp/2");
        vm.expectRevert(abi.encodeWithSelector(Errors.OperatorUnknown.selector, _account(7)));
        vm.prank(_account(7));
        avs.setPeer(hex"1234", addresses);
    }

    function testRotateKey() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        Registration memory r = _registrationOf(avs, 0, _secret(50));
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorKeyRegistered(_account(0), r.publicKey);
        _rotate(0, r);
        vm.assertEq(avs.keyOf(_account(0)), r.publicKey);
        vm.assertEq(avs.operatorCount(), 1);
        // The old one is spent, for its operator too.
        _refuseRotation(
            0, _registration(avs, 0), abi.encodeWithSelector(Errors.OperatorKeyUsed.selector, _account(0))
        );
    }

    /// Nobody takes the key of another, not even with its proof; and a proof is for one operator.
    function testRotationNeedsAProvenKeyOfOnesOwn() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        _joinWith(avs, 1, abi.encode(_registration(avs, 1)));
        Registration memory r = _registrationOf(avs, 0, _secret(50));
        _refuseRotation(1, r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
        _refuseRotation(
            0,
            _registrationOf(avs, 0, _secret(1)),
            abi.encodeWithSelector(Errors.OperatorKeyUsed.selector, _account(1))
        );
        r.proofOfPossession = BlsSigner.sign(_secret(50), avs.registrationDigest(_account(0), r.publicKey));
        _refuseRotation(0, r, abi.encodeWithSelector(Errors.OperatorPossessionInvalid.selector));
        (r.publicKey, r.proofOfPossession) = (new bytes(128), new bytes(256));
        _refuseRotation(0, r, abi.encodeWithSelector(Errors.OperatorKeyInfinite.selector));
        // A refused rotation spends no key.
        _rotate(0, _registrationOf(avs, 0, _secret(50)));
    }

    /// Strangers have no key, and who left comes back with a new one by joining.
    function testOnlyMembersRotate() public {
        Registration memory r = _registrationOf(avs, 0, _secret(50));
        _refuseRotation(0, r, abi.encodeWithSelector(Errors.OperatorUnknown.selector, _account(0)));
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        _leave(avs, 0);
        _refuseRotation(0, r, abi.encodeWithSelector(Errors.OperatorUnknown.selector, _account(0)));
    }

    function _rotate(uint256 i, Registration memory r) private {
        vm.prank(_account(i));
        avs.rotateKey(r.publicKey, r.proofOfPossession);
    }

    function _refuseRotation(uint256 i, Registration memory r, bytes memory reason) private {
        vm.expectRevert(reason);
        _rotate(i, r);
    }

    /// What is known of an operator stays known after it left: its epoch goes on.
    function testLeave() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        _joinWith(avs, 1, abi.encode(_registration(avs, 1)));
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorLeft(_account(0));
        _leave(avs, 0);
        vm.assertEq(avs.operatorCount(), 1);
        vm.assertEq(avs.operatorsPage(0, 10)[0], _account(1));
        vm.assertEq(avs.keyOf(_account(0)).length, 128);
        vm.prank(_account(0));
        avs.setPeer(hex"1234", new string[](0));
        _leave(avs, 1);
        vm.assertEq(avs.operatorCount(), 0);
    }

    function testNumberOfOperatorsIsLimited() public {
        // The length of the list stands in a slot of its own; ten thousand operators for real would take minutes.
        bytes32 place;
        for (uint256 i; i < 64 && avs.operatorCount() == 0; ++i) {
            bytes32 before = vm.load(address(avs), bytes32(i));
            vm.store(address(avs), bytes32(i), bytes32(uint256(10_000)));
            if (avs.operatorCount() == 10_000) place = bytes32(i);
            vm.store(address(avs), bytes32(i), before);
        }
        vm.store(address(avs), place, bytes32(uint256(10_000)));
        _refuse(_registration(avs, 0), abi.encodeWithSelector(Errors.TooManyOperators.selector, 10_000));
        vm.store(address(avs), place, bytes32(uint256(9999)));
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        vm.assertEq(avs.operatorCount(), 10_000);
    }

    function testOnlyTheCoreCallsBack() public {
        bytes memory data = abi.encode(_registration(avs, 0));
        bytes memory refusal = abi.encodeWithSelector(Errors.OnlyAllocationManager.selector, address(this));
        vm.expectRevert(refusal);
        avs.registerOperator(_account(0), address(avs), _ids(1), data);
        vm.expectRevert(refusal);
        avs.deregisterOperator(_account(0), address(avs), _ids(1));

        vm.startPrank(address(allocations));
        vm.expectRevert(abi.encodeWithSelector(Errors.WrongAvs.selector, address(this)));
        avs.registerOperator(_account(0), address(this), _ids(1), data);
        vm.expectRevert(Errors.WrongOperatorSets.selector);
        avs.registerOperator(_account(0), address(avs), _ids(2), data);
        vm.expectRevert(Errors.WrongOperatorSets.selector);
        avs.registerOperator(_account(0), address(avs), new uint32[](0), data);
        vm.expectRevert(Errors.WrongOperatorSets.selector);
        avs.deregisterOperator(_account(0), address(avs), _ids(2));
        vm.expectRevert(abi.encodeWithSelector(Errors.OperatorUnknown.selector, _account(0)));
        avs.deregisterOperator(_account(0), address(avs), _ids(1));
        avs.registerOperator(_account(0), address(avs), _ids(1), data);
        vm.expectRevert(abi.encodeWithSelector(Errors.OperatorAlreadyJoined.selector, _account(0)));
        avs.registerOperator(_account(0), address(avs), _ids(1), data);
        vm.stopPrank();
    }

    function testSupportsOnlyItself() public view {
        vm.assertTrue(avs.supportsAVS(address(avs)));
        vm.assertFalse(avs.supportsAVS(address(this)));
    }

    function testEjection() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        _joinWith(avs, 1, abi.encode(_registration(avs, 1)));
        uint64 epoch = _build(avs);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", _account(1)));
        vm.prank(_account(1));
        avs.ejectOperator(_account(0));

        vm.expectEmit(address(avs));
        emit IServiceManager.WeightRevoked(epoch, _account(0), 1e9);
        vm.expectEmit(address(avs));
        emit IServiceManager.OperatorLeft(_account(0));
        avs.ejectOperator(_account(0));
        vm.assertEq(avs.revokedRows(epoch), hex"01");
        vm.assertFalse(allocations.isMemberOfOperatorSet(_account(0), _set()));
        // Again, to no effect; and one that was never there.
        avs.ejectOperator(_account(0));
        vm.assertEq(avs.revokedRows(epoch), hex"01");
        vm.expectRevert(abi.encodeWithSelector(Errors.OperatorUnknown.selector, _account(9)));
        avs.ejectOperator(_account(9));
    }

    /// Leaving by itself takes no weight away; the owner still can.
    function testEjectionAfterLeaving() public {
        _joinWith(avs, 0, abi.encode(_registration(avs, 0)));
        uint64 epoch = _build(avs);
        _leave(avs, 0);
        vm.assertEq(avs.revokedRows(epoch), hex"00");
        avs.ejectOperator(_account(0));
        vm.assertEq(avs.revokedRows(epoch), hex"01");
    }

    function _set() private view returns (OperatorSet memory) {
        return OperatorSet(address(avs), 1);
    }

    function _refuse(Registration memory r, bytes memory reason) private {
        _refuseAs(0, r, reason);
    }

    function _refuseAs(uint256 i, Registration memory r, bytes memory reason) private {
        bytes memory data = abi.encode(r);
        IAllocationManager.RegisterParams memory params =
            IAllocationManager.RegisterParams(address(avs), _ids(1), data);
        vm.prank(_account(i));
        vm.expectRevert(reason);
        allocations.registerForOperatorSets(_account(i), params);
    }
}
