// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRandomnessBeacon, RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {IRandomnessBeaconErrors as Errors} from "../../randomness/interfaces/IRandomnessBeaconErrors.sol";
import {BeaconSetup} from "./BeaconSetup.sol";
import {Hostile, Recorder} from "./RandomnessConsumers.sol";

/// @notice Callbacks that mean harm, and deliverers that do.
contract RandomnessCallbacksTest is BeaconSetup {
    uint32 private constant GAS = 300_000;

    Hostile private hostile;
    Recorder private honest;

    function setUp() public override {
        super.setUp();
        hostile = new Hostile(beacon);
        honest = new Recorder(beacon);
        vm.deal(address(hostile), 10 ether);
        vm.deal(address(honest), 10 ether);
    }

    /// Whatever the callback does: it is recorded as done, who fulfilled is paid, the next in the page is called.
    function testFuzzNoCallbackHarmsThePage(uint8 mode) public {
        hostile.set(Hostile.Mode(mode % 5), "");
        RandomnessRequest[] memory page = new RandomnessRequest[](2);
        (page[0], page[1]) = (hostile.ask(GAS, 1 ether), honest.ask(GAS, 1 ether));
        bytes32 randomness = beacon.derive(page[0].id, _deliver(page[0].round));
        vm.expectEmit(address(beacon));
        emit IRandomnessBeacon.RandomnessFulfilled(
            page[0].id, address(hostile), randomness, Hostile.Mode(mode % 5) == Hostile.Mode.RETURN_BOMB, NODE
        );
        vm.prank(NODE);
        uint256 gas = gasleft();
        vm.assertEq(beacon.fulfill(page), 2);
        // Nothing of the hostile one's beside the gas that it asked for.
        vm.assertLe(gas - gasleft(), 2 * uint256(GAS) + 100_000);
        vm.assertEq(honest.calls(), 1);
        vm.assertEq(beacon.feesOf(NODE), 2 ether);
        vm.assertFalse(beacon.isPending(page[0]));
        _refusedAgain(page[0]);
    }

    /// What a callback tries of what the beacon locks: refused, and the callback undone with it. It has gas for all of it.
    function testReentrancyIsRefused() public {
        RandomnessRequest memory other = honest.ask(GAS, 1 ether);
        _attackFails(abi.encodeCall(beacon.fulfill, (_one(other))));
        _attackFails(abi.encodeCall(beacon.deliverAndFulfill, (other.round, "", _one(other))));
        vm.assertEq(honest.calls(), 0);
        RandomnessRequest[] memory page = _one(other);
        vm.prank(address(hostile));
        vm.assertEq(beacon.fulfill(page), 1);
        _attackFails(abi.encodeCall(beacon.withdrawFees, (payable(NODE))));
        vm.assertEq(beacon.feesOf(address(hostile)), 1 ether);
        vm.assertEq(beacon.feesOf(NODE), 3 ether);
    }

    /// A request is forgotten before its callback.
    function testACallbackCannotFulfillItself() public {
        RandomnessRequest memory request = hostile.ask(4 * GAS, 1 ether);
        _deliver(request.round);
        _attackFailsIn(request, abi.encodeCall(beacon.fulfill, (_one(request))));
        vm.assertEq(beacon.feesOf(NODE), 1 ether);
    }

    /// To ask again from within a callback is what chains of draws do.
    function testAskingAgainIsAllowed() public {
        hostile.set(Hostile.Mode.ASK_AGAIN, abi.encodeCall(beacon.request, (0, GAS)));
        RandomnessRequest memory request = hostile.ask(GAS, 0);
        _deliver(request.round);
        _fulfill(request);
        vm.assertEq(hostile.calls(), 1);
        uint64 round = beacon.earliestRound();
        vm.assertTrue(
            beacon.isPending(RandomnessRequest(request.id + 1, address(hostile), round, GAS, 0)), "not asked"
        );
    }

    /// A round may be delivered from within a callback: it is what it is.
    function testDeliveringIsAllowed() public {
        RandomnessRequest memory request = hostile.ask(2 * GAS, 0);
        hostile.set(
            Hostile.Mode.DELIVER,
            abi.encodeCall(beacon.deliver, (request.round + 1, _sign(request.round + 1)))
        );
        _deliver(request.round);
        _fulfill(request);
        vm.assertEq(hostile.calls(), 1);
        vm.assertTrue(beacon.randomnessOf(request.round + 1) != 0);
    }

    /// A consumer without code (an account, or one that destroyed itself in the transaction that made it).
    function testAConsumerWithoutCode() public {
        address nobody = address(0xdead1);
        vm.deal(nobody, 1 ether);
        vm.prank(nobody);
        (uint256 id, uint64 round) = beacon.request{value: 1 ether}(0, GAS);
        RandomnessRequest memory request = RandomnessRequest(id, nobody, round, GAS, 1 ether);
        bytes32 randomness = beacon.derive(id, _deliver(round));
        vm.expectEmit(address(beacon));
        emit IRandomnessBeacon.RandomnessFulfilled(id, nobody, randomness, false, NODE);
        _fulfill(request);
        vm.assertEq(beacon.feesOf(NODE), 1 ether);
    }

    /// With whatever gas a deliverer calls: the callback gets all that was asked for, or everything is undone.
    function testFuzzADelivererCannotStarveACallback(uint256 limit, uint32 gasLimit) public {
        gasLimit = uint32(bound(gasLimit, 120_000, 2_500_000));
        RandomnessRequest memory request = honest.ask(gasLimit, 1 ether);
        _deliver(request.round);
        RandomnessRequest[] memory page = _one(request);
        limit = bound(limit, 20_000, uint256(gasLimit) + gasLimit / 40 + 100_000);
        vm.prank(NODE);
        try beacon.fulfill{gas: limit}(page) {
            vm.assertEq(honest.calls(), 1);
            vm.assertGt(honest.lastGas(), gasLimit - 1000);
        } catch {
            vm.assertEq(honest.calls(), 0);
            vm.assertTrue(beacon.isPending(request));
            vm.assertEq(beacon.feesOf(NODE), 0);
        }
    }

    /// The same step by step about the least gas that is enough.
    function testStarvingAtEveryStep() public {
        uint32 gasLimit = 1_000_000;
        RandomnessRequest memory request = honest.ask(gasLimit, 1 ether);
        _deliver(request.round);
        RandomnessRequest[] memory page = _one(request);
        uint256 named;
        uint256 done;
        uint256 before = vm.snapshotState();
        for (uint256 limit = 1_000_000; limit < 1_080_000; limit += 331) {
            vm.prank(NODE);
            try beacon.fulfill{gas: limit}(page) {
                ++done;
                vm.assertGt(honest.lastGas(), gasLimit - 1000);
            } catch (bytes memory reason) {
                vm.assertEq(honest.calls(), 0);
                if (bytes4(reason) == Errors.FulfillOutOfGas.selector) ++named;
            }
            vm.revertToState(before);
        }
        vm.assertGt(named, 10);
        vm.assertGt(done, 10);
    }

    function _attackFails(bytes memory attack) private {
        RandomnessRequest memory request = hostile.ask(4 * GAS, 1 ether);
        if (beacon.randomnessOf(request.round) == 0) _deliver(request.round);
        _attackFailsIn(request, attack);
    }

    function _attackFailsIn(RandomnessRequest memory request, bytes memory attack) private {
        hostile.set(Hostile.Mode.FULFILL_OTHER, attack);
        uint256 calls = hostile.calls();
        vm.assertEq(_fulfill(request), 1);
        vm.assertEq(hostile.calls(), calls);
    }

    function _refusedAgain(RandomnessRequest memory request) private {
        RandomnessRequest[] memory page = _one(request);
        vm.expectRevert(Errors.NothingToFulfill.selector);
        beacon.fulfill(page);
    }
}
