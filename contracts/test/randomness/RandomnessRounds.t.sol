// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessBeacon} from "../../randomness/RandomnessBeacon.sol";
import {IRandomnessBeacon} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {IRandomnessBeaconErrors as Errors} from "../../randomness/interfaces/IRandomnessBeaconErrors.sol";
import {Drand} from "../../randomness/lib/Drand.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {BeaconSetup} from "./BeaconSetup.sol";
import {RoundSigner} from "./RoundSigner.sol";

/// @notice The group and its rounds.
contract RandomnessRoundsTest is BeaconSetup {
    // quicknet itself

    /// The contract as a verifier of the real network: its key, and rounds that it signed.
    function testQuicknet() public {
        string memory vectors = vm.readFile("test/vectors/quicknet.json");
        vm.warp(1_692_803_000);
        RandomnessBeacon quicknet = _newBeacon(3, 12, 12);
        quicknet.setGroup(
            vm.parseJsonBytes(vectors, ".chain.publicKeyAffine"),
            vm.parseJsonBytes32(vectors, ".chain.groupHash"),
            uint64(vm.parseJsonUint(vectors, ".chain.genesis"))
        );
        vm.assertEq(quicknet.publicKey(), vm.parseJsonBytes(vectors, ".chain.publicKey"));
        for (uint256 i; i < 5; ++i) {
            string memory path = string(abi.encodePacked(".rounds[", uint8(48 + i), "]"));
            uint64 round = uint64(vm.parseJsonUint(vectors, string.concat(path, ".round")));
            bytes memory signature = vm.parseJsonBytes(vectors, string.concat(path, ".signatureAffine"));
            bytes32 randomness = vm.parseJsonBytes32(vectors, string.concat(path, ".randomness"));
            vm.assertEq(quicknet.verify(round, signature), randomness);
            vm.expectEmit(address(quicknet));
            emit IRandomnessBeacon.RoundDelivered(
                round, randomness, vm.parseJsonBytes(vectors, string.concat(path, ".signature"))
            );
            vm.assertEq(quicknet.deliver(round, signature), randomness);
            vm.assertEq(quicknet.randomnessOf(round), randomness);
            vm.expectRevert(abi.encodeWithSelector(Errors.RoundSignatureInvalid.selector, round + 1));
            quicknet.deliver(round + 1, signature);
        }
    }

    // the group

    function testTheGroupIsSetOnceByKeyGenerationOnly() public {
        RandomnessBeacon fresh = _newBeacon(PERIOD, BLOCK_INTERVAL, REORG_MARGIN);
        bytes memory key = RoundSigner.groupKey(SECRET);
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyKeyGeneration.selector, NODE));
        vm.prank(NODE);
        fresh.setGroup(key, GROUP_HASH, _now());
        vm.assertEq(fresh.publicKey(), "");
        bytes32 hash = sha256(abi.encodePacked(PERIOD, _now(), beacon.publicKey(), GROUP_HASH));
        vm.expectEmit(address(fresh));
        emit IRandomnessBeacon.GroupSet(beacon.publicKey(), GROUP_HASH, _now(), hash);
        fresh.setGroup(key, GROUP_HASH, _now());
        vm.assertEq(fresh.chainHash(), hash);
        vm.assertEq(fresh.groupHash(), GROUP_HASH);
        vm.assertEq(fresh.genesis(), _now());
        vm.expectRevert(Errors.GroupAlreadySet.selector);
        fresh.setGroup(key, GROUP_HASH, _now());
    }

    function testBadGroupsAreRefused() public {
        RandomnessBeacon fresh = _newBeacon(PERIOD, BLOCK_INTERVAL, REORG_MARGIN);
        bytes memory key = RoundSigner.groupKey(SECRET);
        vm.expectRevert(abi.encodeWithSelector(Errors.GenesisOutOfRange.selector, _now() - 1));
        fresh.setGroup(key, GROUP_HASH, _now() - 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.GenesisOutOfRange.selector, 1 << 40));
        fresh.setGroup(key, GROUP_HASH, 1 << 40);
        vm.expectRevert(Drand.DrandKeyInfinite.selector);
        fresh.setGroup(new bytes(192), GROUP_HASH, _now());
        vm.expectRevert(abi.encodeWithSelector(Drand.DrandKeyLength.selector, 191, 192));
        fresh.setGroup(new bytes(191), GROUP_HASH, _now());
        key[50] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0e));
        fresh.setGroup(key, GROUP_HASH, _now());
    }

    function testNothingGoesWithoutAGroup() public {
        RandomnessBeacon fresh = _newBeacon(PERIOD, BLOCK_INTERVAL, REORG_MARGIN);
        bytes memory signature = _sign(1);
        vm.expectRevert(Errors.GroupNotSet.selector);
        fresh.deliver(1, signature);
        vm.expectRevert(Errors.GroupNotSet.selector);
        fresh.request(0, 100_000);
        vm.expectRevert(Errors.GroupNotSet.selector);
        fresh.chainHash();
        vm.expectRevert(Errors.GroupNotSet.selector);
        fresh.roundAt(_now());
        vm.expectRevert(Errors.GroupNotSet.selector);
        fresh.timeOf(1);
    }

    function testParametersOutOfRange() public {
        _refused(0, 12, 12, abi.encodeWithSelector(Errors.PeriodOutOfRange.selector, 0));
        _refused(86_401, 12, 12, abi.encodeWithSelector(Errors.PeriodOutOfRange.selector, 86_401));
        _refused(3, 0, 12, abi.encodeWithSelector(Errors.BlockIntervalOutOfRange.selector, 0));
        _refused(3, 86_401, 12, abi.encodeWithSelector(Errors.BlockIntervalOutOfRange.selector, 86_401));
        _refused(3, 12, 86_401, abi.encodeWithSelector(Errors.ReorgMarginOutOfRange.selector, 86_401));
    }

    // rounds

    function testFuzzRoundsAndTimes(uint64 time) public view {
        time = uint64(bound(time, 0, 1 << 41));
        uint64 round = beacon.roundAt(time);
        if (time < GENESIS) {
            vm.assertEq(round, 0);
            return;
        }
        vm.assertLe(beacon.timeOf(round), time);
        vm.assertGt(beacon.timeOf(round + 1), time);
        vm.assertEq(beacon.timeOf(1), GENESIS);
    }

    function testAnyoneDeliversARoundOnce() public {
        bytes memory signature = _sign(5);
        bytes32 randomness = beacon.verify(5, signature);
        vm.assertEq(beacon.randomnessOf(5), 0);
        vm.prank(NODE);
        vm.assertEq(beacon.deliver(5, signature), randomness);
        vm.expectRevert(abi.encodeWithSelector(Errors.RoundAlreadyDelivered.selector, 5));
        beacon.deliver(5, signature);
        // In any order.
        beacon.deliver(3, _sign(3));
        vm.assertEq(beacon.randomnessOf(5), randomness);
        vm.assertTrue(beacon.randomnessOf(3) != randomness);
    }

    function testRoundZeroIsNone() public {
        bytes memory signature = _sign(0);
        vm.expectRevert(Errors.RoundZero.selector);
        beacon.deliver(0, signature);
        vm.expectRevert(Errors.RoundZero.selector);
        beacon.timeOf(0);
    }

    /// That somebody knows a round early is better seen than hidden: it is taken, and nobody can ask for it any more.
    function testARoundThatIsKnownEarlyCannotBeAskedFor() public {
        uint64 round = beacon.earliestRound();
        beacon.deliver(round, _sign(round));
        vm.expectRevert(abi.encodeWithSelector(Errors.RoundAlreadyDelivered.selector, round));
        beacon.request(round, 100_000);
        vm.expectRevert(abi.encodeWithSelector(Errors.RoundAlreadyDelivered.selector, round));
        beacon.request(0, 100_000);
        (, uint64 committed) = beacon.request(round + 1, 100_000);
        vm.assertEq(committed, round + 1);
    }

    function testFuzzForgedSignatures(uint64 round, uint256 secret) public {
        round = uint64(bound(round, 1, type(uint64).max));
        secret = bound(secret, 1, (uint256(1) << 250));
        vm.assume(secret != SECRET);
        bytes memory signature = RoundSigner.sign(secret, round);
        vm.expectRevert(abi.encodeWithSelector(Errors.RoundSignatureInvalid.selector, round));
        beacon.deliver(round, signature);
    }

    /// Whatever gas it gets, a delivery lands or all of it is undone.
    function testFuzzTooLittleGas(uint256 limit) public {
        bytes memory signature = _sign(7);
        bytes32 randomness = beacon.verify(7, signature);
        try beacon.deliver{gas: bound(limit, 3000, 220_000)}(7, signature) {
            vm.assertEq(beacon.randomnessOf(7), randomness);
        } catch {
            vm.assertEq(beacon.randomnessOf(7), 0);
        }
    }

    /// What the call takes of the beacon, with the gas of a transaction and its calldata on top. bench/gas.ts measures
    /// transactions.
    function testGasOfARound() public {
        // The signature of round 8 has no zero byte more than usual; the round's own bytes are next to nothing.
        bytes memory signature = _sign(8);
        vm.assertLe(_gasOf(abi.encodeCall(beacon.verify, (8, signature))), 150_000);
        vm.assertLe(_gasOf(abi.encodeCall(beacon.deliver, (8, signature))), 178_000);
        vm.assertTrue(beacon.randomnessOf(8) != 0);
    }

    function _gasOf(bytes memory call) private returns (uint256 gas) {
        // In a transaction the callee is warm from the start.
        beacon.period();
        gas = gasleft();
        (bool done,) = address(beacon).call(call);
        gas -= gasleft();
        vm.assertTrue(done);
        gas += 21_000 + _calldataGas(call);
    }

    function _calldataGas(bytes memory data) private pure returns (uint256 gas) {
        for (uint256 i; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    function _refused(uint32 period, uint32 blockInterval, uint32 reorgMargin, bytes memory why) private {
        try this.newBeacon(period, blockInterval, reorgMargin) {
            vm.assertTrue(false, "not refused");
        } catch (bytes memory reason) {
            vm.assertEq(reason, why);
        }
    }

    /// Not by `deployCode`, which has its own words for a constructor that reverts.
    function newBeacon(uint32 period, uint32 blockInterval, uint32 reorgMargin) external {
        bytes memory code = bytes.concat(
            vm.getCode("RandomnessBeacon.sol:RandomnessBeacon"),
            abi.encode(register, period, blockInterval, reorgMargin)
        );
        assembly ("memory-safe") {
            if iszero(create(0, add(code, 32), mload(code))) {
                let why := mload(0x40)
                returndatacopy(why, 0, returndatasize())
                revert(why, returndatasize())
            }
        }
    }
}
