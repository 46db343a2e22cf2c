// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRandomnessBeacon, RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {IRandomnessBeaconErrors as Errors} from "../../randomness/interfaces/IRandomnessBeaconErrors.sol";
import {RandomnessConsumer} from "../../randomness/RandomnessConsumer.sol";
import {BeaconSetup} from "./BeaconSetup.sol";
import {Recorder} from "./RandomnessConsumers.sol";

/// @notice Requests of contracts: what they commit to, who is called, who is paid.
contract RandomnessRequestsTest is BeaconSetup {
    uint32 private constant GAS = 200_000;

    Recorder private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new Recorder(beacon);
        vm.deal(address(consumer), 100 ether);
    }

    // what a request commits to

    /// The round lies after the next block, and after the one that may replace this block, whenever the request comes:
    /// the issue's formula, and what it is for.
    function testFuzzEarliestRound(uint32 period, uint32 blockInterval, uint32 reorgMargin, uint64 time)
        public
    {
        period = uint32(bound(period, 1, 86_400));
        blockInterval = uint32(bound(blockInterval, 1, 86_400));
        reorgMargin = uint32(bound(reorgMargin, 0, 86_400));
        time = uint64(bound(time, GENESIS, GENESIS + 365 days));
        vm.warp(START);
        beacon = _newBeacon(period, blockInterval, reorgMargin);
        beacon.setGroup(_key(), GROUP_HASH, GENESIS);
        vm.warp(time);
        uint64 margin = uint64(blockInterval) + reorgMargin;
        uint64 rounds = (time - GENESIS) / period + 1 + (margin + period - 1) / period + 1;
        vm.assertEq(beacon.earliestRound(), rounds);
        vm.assertGt(beacon.timeOf(rounds), time + margin);
        (, uint64 committed) = beacon.request(0, GAS);
        vm.assertEq(committed, rounds);
    }

    function testBeforeGenesis() public {
        vm.warp(GENESIS - 50);
        vm.assertEq(beacon.earliestRound(), LEAD);
        (, uint64 committed) = beacon.request(0, GAS);
        vm.assertGe(beacon.timeOf(committed), GENESIS);
    }

    function testFuzzChosenRounds(uint64 round) public {
        uint64 earliest = beacon.earliestRound();
        uint64 latest = earliest + uint64(366 days) / PERIOD;
        round = uint64(bound(round, 1, latest + 1000));
        if (round < earliest) {
            vm.expectRevert(abi.encodeWithSelector(Errors.RequestRoundTooEarly.selector, round, earliest));
        } else if (round > latest) {
            vm.expectRevert(abi.encodeWithSelector(Errors.RequestRoundTooLate.selector, round, latest));
        }
        consumer.askFor(round, GAS);
    }

    function testLimits() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.RequestGasLimit.selector, 2_500_001, 2_500_000));
        consumer.ask(2_500_001, 0);
        vm.deal(address(consumer), 1 << 100);
        vm.expectRevert(
            abi.encodeWithSelector(Errors.RequestFee.selector, 1 << 96, uint256(type(uint96).max))
        );
        consumer.ask(GAS, 1 << 96);
    }

    function testTellsOfRequestsAndFulfillments() public {
        uint64 round = beacon.earliestRound();
        vm.expectEmit(address(beacon));
        emit IRandomnessBeacon.RandomnessRequested(1, address(consumer), round, GAS, 1 ether);
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        vm.assertTrue(beacon.isPending(request));
        bytes32 randomness = beacon.derive(1, _deliver(round));
        vm.expectEmit(address(beacon));
        emit IRandomnessBeacon.RandomnessFulfilled(1, address(consumer), randomness, true, NODE);
        vm.assertEq(_fulfill(request), 1);
        vm.assertFalse(beacon.isPending(request));
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.lastId(), 1);
        vm.assertEq(consumer.lastRound(), round);
        vm.assertEq(consumer.lastRandomness(), randomness);
        // All of the gas that was asked for arrived, less what the consumer's own dispatch takes.
        vm.assertGt(consumer.lastGas(), GAS - 1000);
        vm.assertLe(consumer.lastGas(), GAS);
    }

    /// The randomness is a function of the round and the request alone: who brings what when does not matter.
    function testFuzzWhoeverFulfills(address deliverer, address other, uint16 wait) public {
        vm.assume(deliverer != address(0) && other != address(0));
        RandomnessRequest memory request = consumer.ask(GAS, 0);
        bytes memory signature = _sign(request.round);
        vm.warp(beacon.timeOf(request.round) + wait);
        bytes32 randomness = beacon.derive(1, beacon.verify(request.round, signature));
        vm.prank(deliverer);
        beacon.deliver(request.round, signature);
        vm.prank(other);
        beacon.fulfill(_one(request));
        vm.assertEq(consumer.lastRandomness(), randomness);
    }

    /// Many requests of one round: each gets its own.
    function testRequestsOfOneRoundDiffer() public {
        RandomnessRequest[] memory page = _ask(5, 0);
        _deliver(page[0].round);
        bytes32[] memory seen = new bytes32[](5);
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(page[i].round, page[0].round);
            _fulfill(page[i]);
            seen[i] = consumer.lastRandomness();
            for (uint256 j; j < i; ++j) {
                vm.assertTrue(seen[i] != seen[j]);
            }
        }
        // And none is the round's own.
        vm.assertTrue(seen[0] != beacon.randomnessOf(page[0].round));
    }

    // fulfillment

    function testNotBeforeItsRound() public {
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        _deliver(request.round - 1);
        _deliver(request.round + 1);
        RandomnessRequest[] memory page = _one(request);
        vm.expectRevert(Errors.NothingToFulfill.selector);
        beacon.fulfill(page);
        vm.assertTrue(beacon.isPending(request));
    }

    function testOnce() public {
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        _deliver(request.round);
        _fulfill(request);
        RandomnessRequest[] memory page = _one(request);
        vm.expectRevert(Errors.NothingToFulfill.selector);
        beacon.fulfill(page);
        // Nor twice in one page.
        request = consumer.ask(GAS, 1 ether);
        _deliver(request.round);
        page = new RandomnessRequest[](2);
        (page[0], page[1]) = (request, request);
        vm.prank(NODE);
        vm.assertEq(beacon.fulfill(page), 1);
        vm.assertEq(consumer.calls(), 2);
        vm.assertEq(beacon.feesOf(NODE), 2 ether);
    }

    /// No field of a request can be changed by who fulfills it.
    function testFuzzChangedRequests(uint8 field, uint256 change) public {
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        RandomnessRequest memory other = consumer.ask(GAS, 2 ether);
        _deliver(request.round);
        RandomnessRequest memory changed =
            RandomnessRequest(request.id, request.consumer, request.round, request.gasLimit, request.fee);
        field = uint8(bound(field, 0, 4));
        if (field == 0) changed.id = change;
        if (field == 1) changed.consumer = address(uint160(change));
        if (field == 2) changed.round = uint64(change);
        if (field == 3) changed.gasLimit = uint32(change);
        if (field == 4) changed.fee = uint96(change);
        vm.assume(keccak256(abi.encode(changed)) != keccak256(abi.encode(request)));
        RandomnessRequest[] memory page = _one(changed);
        vm.expectRevert(Errors.NothingToFulfill.selector);
        beacon.fulfill(page);
        vm.assertTrue(beacon.isPending(request));
        vm.assertTrue(beacon.isPending(other));
    }

    /// A page with requests that another fulfilled first is worked off all the same.
    function testPagesPassOverWhatIsDone() public {
        RandomnessRequest[] memory page = _ask(6, 1 ether);
        _deliver(page[0].round);
        address other = address(0xabc);
        RandomnessRequest[] memory single = _one(page[2]);
        vm.prank(other);
        beacon.fulfill(single);
        vm.prank(NODE);
        vm.assertEq(beacon.fulfill(page), 5);
        vm.assertEq(beacon.feesOf(NODE), 5 ether);
        vm.assertEq(beacon.feesOf(other), 1 ether);
        vm.assertEq(consumer.calls(), 6);
    }

    function testDeliveredAndFulfilledAtOnce() public {
        RandomnessRequest[] memory page = _ask(2, 1 ether);
        uint64 round = page[0].round;
        bytes memory signature = _sign(round);
        vm.warp(beacon.timeOf(round));
        RandomnessRequest[] memory first = _one(page[0]);
        vm.prank(NODE);
        vm.assertEq(beacon.deliverAndFulfill(round, signature, first), 1);
        vm.assertTrue(beacon.randomnessOf(round) != 0);
        // The round is there: its signature is not looked at again.
        first[0] = page[1];
        vm.prank(NODE);
        vm.assertEq(beacon.deliverAndFulfill(round, "", first), 1);
        vm.assertEq(consumer.calls(), 2);
    }

    function testAWrongSignatureFulfillsNothing() public {
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        bytes memory signature = _sign(request.round + 1);
        RandomnessRequest[] memory page = _one(request);
        vm.expectRevert(abi.encodeWithSelector(Errors.RoundSignatureInvalid.selector, request.round));
        beacon.deliverAndFulfill(request.round, signature, page);
    }

    // fees

    function testFeesAreWithdrawnByWhoEarnedThem() public {
        RandomnessRequest[] memory page = _ask(3, 1 ether);
        _deliver(page[0].round);
        vm.prank(NODE);
        beacon.fulfill(page);
        vm.assertEq(address(beacon).balance, 3 ether);
        address payable recipient = payable(address(0xcafe));
        vm.expectEmit(address(beacon));
        emit IRandomnessBeacon.FeesWithdrawn(NODE, recipient, 3 ether);
        vm.prank(NODE);
        beacon.withdrawFees(recipient);
        vm.assertEq(recipient.balance, 3 ether);
        vm.expectRevert(Errors.NothingToWithdraw.selector);
        vm.prank(NODE);
        beacon.withdrawFees(recipient);
        vm.expectRevert(Errors.NothingToWithdraw.selector);
        beacon.withdrawFees(recipient);
    }

    function testAFeeThatCannotBePaidStays() public {
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        _deliver(request.round);
        _fulfill(request);
        // This contract takes no ether.
        vm.expectRevert(abi.encodeWithSelector(Errors.WithdrawalFailed.selector, address(this)));
        vm.prank(NODE);
        beacon.withdrawFees(payable(address(this)));
        vm.assertEq(beacon.feesOf(NODE), 1 ether);
    }

    function testOnlyTheBeaconCallsBack() public {
        vm.expectRevert(
            abi.encodeWithSelector(RandomnessConsumer.OnlyRandomnessBeacon.selector, address(this))
        );
        consumer.receiveRandomness(1, 1, 0);
    }

    // gas

    /// What a request and its callback cost beside the round: the callback here takes 90,000 by itself.
    function testGasOfRequestAndFulfillment() public {
        _ask(1, 1 ether);
        uint256 gas = gasleft();
        RandomnessRequest memory request = consumer.ask(GAS, 1 ether);
        vm.assertLe(gas - gasleft(), 60_000);
        _deliver(request.round);
        RandomnessRequest[] memory page = _one(request);
        vm.prank(NODE);
        gas = gasleft();
        beacon.fulfill(page);
        uint256 used = gas - gasleft();
        uint256 callback = consumer.lastGas();
        vm.assertLe(used, 170_000);
        vm.assertGt(callback, GAS - 1000);
    }

    function _ask(uint256 count, uint256 fee) private returns (RandomnessRequest[] memory page) {
        page = new RandomnessRequest[](count);
        for (uint256 i; i < count; ++i) {
            page[i] = consumer.ask(GAS, fee);
        }
    }
}
