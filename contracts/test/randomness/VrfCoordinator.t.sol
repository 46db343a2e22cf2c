// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {VrfCoordinator} from "../../randomness/VrfCoordinator.sol";
import {RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {
    IVRFConsumerV2Plus,
    IVRFCoordinatorV2Plus,
    VRFV2PlusClient
} from "../../randomness/interfaces/IVRFCoordinatorV2Plus.sol";
import {BeaconSetup} from "./BeaconSetup.sol";
import {VrfConsumer} from "./VrfConsumer.sol";

/// @notice Contracts written for Chainlink VRF v2.5, with our coordinator in the place of theirs.
contract VrfCoordinatorTest is BeaconSetup {
    uint32 private constant GAS = 200_000;
    uint256 private constant PRICE = 3 gwei;
    uint96 private constant PAYMENT = uint96(PRICE * (250_000 + GAS));

    VrfCoordinator private coordinator;
    VrfConsumer private consumer;
    uint256 private subId;
    RandomnessRequest private _whenPaid;

    function setUp() public override {
        super.setUp();
        coordinator = VrfCoordinator(
            vm.deployCode("VrfCoordinator.sol:VrfCoordinator", abi.encode(beacon, BLOCK_INTERVAL))
        );
        consumer = new VrfConsumer(coordinator);
        vm.deal(address(this), 1000 ether);
        subId = coordinator.createSubscription();
        coordinator.fundSubscriptionWithNative{value: 100 ether}(subId);
        coordinator.addConsumer(subId, address(consumer));
    }

    receive() external payable {
        if (_whenPaid.id == 0) return;
        RandomnessRequest memory request = _whenPaid;
        delete _whenPaid;
        beacon.fulfill(_one(request));
    }

    /// The selectors of Chainlink's contracts, from their published ABIs.
    function testSelectors() public pure {
        vm.assertEq(bytes32(IVRFCoordinatorV2Plus.requestRandomWords.selector), bytes32(bytes4(0x9b1c385e)));
        vm.assertEq(bytes32(IVRFConsumerV2Plus.rawFulfillRandomWords.selector), bytes32(bytes4(0x1fe543e3)));
        vm.assertEq(bytes32(IVRFCoordinatorV2Plus.createSubscription.selector), bytes32(bytes4(0xa21a23e4)));
        vm.assertEq(bytes32(IVRFCoordinatorV2Plus.addConsumer.selector), bytes32(bytes4(0xbec4c08c)));
        vm.assertEq(bytes32(IVRFCoordinatorV2Plus.getSubscription.selector), bytes32(bytes4(0xdc311dd3)));
        vm.assertEq(
            bytes32(IVRFCoordinatorV2Plus.fundSubscriptionWithNative.selector), bytes32(bytes4(0x95b55cfc))
        );
        vm.assertEq(bytes32(VRFV2PlusClient.EXTRA_ARGS_V1_TAG), bytes32(bytes4(keccak256("VRF ExtraArgsV1"))));
    }

    function testFromRequestToWords() public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        uint64 round = beacon.earliestRound();
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.RandomWordsRequested(
            request.keyHash, 1, round, subId, 2, GAS, 2, request.extraArgs, address(consumer)
        );
        uint256 id = consumer.ask(request);
        vm.assertTrue(coordinator.pendingRequestExists(subId));
        (, uint96 balance,,,) = coordinator.getSubscription(subId);
        vm.assertEq(balance, 100 ether - PAYMENT);

        uint256 seed = uint256(beacon.derive(id, _deliver(round)));
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.RandomWordsFulfilled(id, seed, subId, PAYMENT, true, true, false);
        _fulfillWords(id, round, GAS, 2, PAYMENT);
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.lastId(), id);
        vm.assertEq(consumer.words().length, 2);
        vm.assertEq(consumer.words()[0], uint256(keccak256(abi.encode(seed, 0))));
        vm.assertEq(consumer.words()[1], uint256(keccak256(abi.encode(seed, 1))));
        vm.assertFalse(coordinator.pendingRequestExists(subId));
        vm.assertEq(beacon.feesOf(NODE), PAYMENT);
        (,, uint64 reqCount,,) = coordinator.getSubscription(subId);
        vm.assertEq(reqCount, 1);
    }

    /// Whatever was asked for: the consumer gets its gas, and this contract comes to its end.
    function testGasOfAConsumerIsWhatItAskedFor(uint32 gasLimit, uint32 numWords, bool failing) public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        request.callbackGasLimit = gasLimit = uint32(bound(gasLimit, 250_000, coordinator.maxGasLimit()));
        request.numWords = numWords = uint32(bound(numWords, 0, 500));
        consumer.set(failing, "");
        uint256 id = consumer.ask(request);
        uint64 round = beacon.earliestRound();
        uint96 payment = coordinator.paymentOf(request.keyHash, gasLimit);
        uint256 seed = uint256(beacon.derive(id, _deliver(round)));
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.RandomWordsFulfilled(id, seed, subId, payment, true, !failing, false);
        _fulfillWords(id, round, gasLimit, numWords, payment);
        vm.assertFalse(coordinator.pendingRequestExists(subId));
        if (failing) return;
        // Less what decoding the words takes.
        vm.assertGt(consumer.lastGas(), gasLimit - 1000);
    }

    /// Burning everything is the most that a consumer can do; then this contract has least to come to its end with.
    function testGasIsLeftWhenAConsumerBurnsItsOwn(uint32 gasLimit, uint32 numWords) public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        request.callbackGasLimit = gasLimit = uint32(bound(gasLimit, 0, coordinator.maxGasLimit()));
        request.numWords = numWords = uint32(bound(numWords, 0, 500));
        uint256 id = consumer.ask(request);
        uint64 round = beacon.earliestRound();
        uint96 payment = coordinator.paymentOf(request.keyHash, gasLimit);
        _deliver(round);
        // An endless loop: JUMPDEST, PUSH1 0, JUMP.
        vm.etch(address(consumer), hex"5b600056");
        _fulfillWords(id, round, gasLimit, numWords, payment);
        vm.assertFalse(coordinator.pendingRequestExists(subId));
    }

    function testConfirmationsMoveTheRound() public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        request.requestConfirmations = 200;
        uint64 round = beacon.roundAt(_now() + 200 * BLOCK_INTERVAL) + 1;
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.RandomWordsRequested(
            request.keyHash, 1, round, subId, 200, GAS, 2, request.extraArgs, address(consumer)
        );
        consumer.ask(request);
        request.requestConfirmations = 0;
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.RandomWordsRequested(
            request.keyHash, 2, beacon.earliestRound(), subId, 0, GAS, 2, request.extraArgs, address(consumer)
        );
        consumer.ask(request);
    }

    function testPrices() public {
        vm.assertEq(coordinator.paymentOf(bytes32(PRICE), GAS), PAYMENT);
        // Rounded up to a thousandth of a gwei.
        vm.assertEq(coordinator.paymentOf(bytes32(PRICE - 1), GAS), PAYMENT);
        vm.assertEq(coordinator.paymentOf(bytes32(uint256(1)), 0), 250_000 * 1e6);
        vm.fee(10 gwei);
        vm.assertEq(coordinator.paymentOf(0, 0), 250_000 * (20 gwei + 1e6));
        // A key hash of another network is no price.
        bytes32 foreign = keccak256("lane");
        vm.expectRevert(
            abi.encodeWithSelector(VrfCoordinator.KeyHashNoPrice.selector, foreign, (2 ** 24 - 1) * 1e6)
        );
        coordinator.paymentOf(foreign, 0);
    }

    function testRequestsAreChecked() public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        request.subId = 99;
        vm.expectRevert(IVRFCoordinatorV2Plus.InvalidSubscription.selector);
        consumer.ask(request);
        request = _request();
        vm.expectRevert(
            abi.encodeWithSelector(IVRFCoordinatorV2Plus.InvalidConsumer.selector, subId, address(this))
        );
        coordinator.requestRandomWords(request);
        request.requestConfirmations = 201;
        vm.expectRevert(
            abi.encodeWithSelector(IVRFCoordinatorV2Plus.InvalidRequestConfirmations.selector, 201, 0, 200)
        );
        consumer.ask(request);
        request = _request();
        uint32 most = coordinator.maxGasLimit();
        request.callbackGasLimit = most + 1;
        vm.expectRevert(abi.encodeWithSelector(IVRFCoordinatorV2Plus.GasLimitTooBig.selector, most + 1, most));
        consumer.ask(request);
        request = _request();
        request.numWords = 501;
        vm.expectRevert(abi.encodeWithSelector(IVRFCoordinatorV2Plus.NumWordsTooBig.selector, 501, 500));
        consumer.ask(request);
        request = _request();
        request.extraArgs = hex"01020304";
        vm.expectRevert(IVRFCoordinatorV2Plus.InvalidExtraArgsTag.selector);
        consumer.ask(request);
        request.extraArgs = "";
        consumer.ask(request);
        request.keyHash = bytes32(uint256(16_000 gwei));
        request.callbackGasLimit = most;
        vm.deal(address(this), 1000 ether);
        uint256 poor = coordinator.createSubscription();
        coordinator.addConsumer(poor, address(consumer));
        request.subId = poor;
        vm.expectRevert(IVRFCoordinatorV2Plus.InsufficientBalance.selector);
        consumer.ask(request);
    }

    function testOnlyTheBeaconFulfills() public {
        vm.expectRevert(abi.encodeWithSelector(VrfCoordinator.OnlyRandomnessBeacon.selector, address(this)));
        coordinator.receiveRandomness(1, 1, 0);
        // And nobody makes it fulfill what it did not ask for: it has no function that asks as another.
        vm.expectRevert(
            abi.encodeWithSelector(
                VrfConsumer.OnlyCoordinatorCanFulfill.selector, address(this), address(coordinator)
            )
        );
        consumer.rawFulfillRandomWords(1, new uint256[](0));
    }

    /// Each word follows from another request: chains of draws.
    function testAskingAgainIsAllowed() public {
        VRFV2PlusClient.RandomWordsRequest memory request = _request();
        request.callbackGasLimit = 400_000;
        uint256 id = consumer.ask(request);
        uint64 round = beacon.earliestRound();
        consumer.set(false, abi.encodeCall(coordinator.requestRandomWords, (_request())));
        _deliver(round);
        _fulfillWords(id, round, 400_000, 2, uint96(PRICE * 650_000));
        vm.assertEq(consumer.calls(), 1);
        vm.assertTrue(coordinator.pendingRequestExists(subId));
    }

    /// Whoever is paid may fulfill other people's requests before it returns, and they get their words all the same.
    function testNobodySpoilsWordsWhileHeIsPaid() public {
        uint256 id = consumer.ask(_request());
        uint64 round = beacon.earliestRound();
        _deliver(round);
        uint256 own = coordinator.createSubscription();
        coordinator.fundSubscriptionWithNative{value: 1 ether}(own);
        _whenPaid = RandomnessRequest(id, address(coordinator), round, _beaconGas(GAS, 2), PAYMENT);
        coordinator.cancelSubscription(own, address(this));
        vm.assertEq(_whenPaid.id, 0);
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.words().length, 2);
    }

    // subscriptions

    function testASubscriptionsLife() public {
        vm.prank(NODE);
        uint256 other = coordinator.createSubscription();
        uint256[] memory ids = coordinator.getActiveSubscriptionIds(0, 0);
        vm.assertEq(ids.length, 2);
        vm.assertEq(coordinator.getActiveSubscriptionIds(1, 5)[0], other);
        vm.expectRevert(IVRFCoordinatorV2Plus.IndexOutOfRange.selector);
        coordinator.getActiveSubscriptionIds(2, 0);

        vm.expectRevert(abi.encodeWithSelector(IVRFCoordinatorV2Plus.MustBeSubOwner.selector, NODE));
        coordinator.addConsumer(other, address(this));
        vm.expectRevert(IVRFCoordinatorV2Plus.InvalidSubscription.selector);
        coordinator.fundSubscriptionWithNative{value: 1}(99);

        coordinator.requestSubscriptionOwnerTransfer(subId, NODE);
        vm.expectRevert(abi.encodeWithSelector(IVRFCoordinatorV2Plus.MustBeRequestedOwner.selector, NODE));
        coordinator.acceptSubscriptionOwnerTransfer(subId);
        vm.prank(NODE);
        coordinator.acceptSubscriptionOwnerTransfer(subId);
        (uint96 link, uint96 balance,, address owner, address[] memory consumers) =
            coordinator.getSubscription(subId);
        vm.assertEq(link, 0);
        vm.assertEq(balance, 100 ether);
        vm.assertEq(owner, NODE);
        vm.assertEq(consumers.length, 1);

        vm.prank(NODE);
        vm.expectEmit(address(coordinator));
        emit IVRFCoordinatorV2Plus.SubscriptionCanceled(subId, address(0xcafe), 0, 100 ether);
        coordinator.cancelSubscription(subId, address(0xcafe));
        vm.assertEq(address(0xcafe).balance, 100 ether);
        vm.expectRevert(IVRFCoordinatorV2Plus.InvalidSubscription.selector);
        coordinator.getSubscription(subId);
    }

    function testNothingIsTakenFromUnderARequest() public {
        uint256 id = consumer.ask(_request());
        uint64 round = beacon.earliestRound();
        vm.expectRevert(IVRFCoordinatorV2Plus.PendingRequestExists.selector);
        coordinator.cancelSubscription(subId, address(this));
        vm.expectRevert(IVRFCoordinatorV2Plus.PendingRequestExists.selector);
        coordinator.removeConsumer(subId, address(consumer));
        _deliver(round);
        _fulfillWords(id, round, GAS, 2, PAYMENT);
        vm.expectRevert(
            abi.encodeWithSelector(IVRFCoordinatorV2Plus.InvalidConsumer.selector, subId, address(this))
        );
        coordinator.removeConsumer(subId, address(this));
        coordinator.removeConsumer(subId, address(consumer));
        vm.expectRevert(
            abi.encodeWithSelector(IVRFCoordinatorV2Plus.InvalidConsumer.selector, subId, address(consumer))
        );
        consumer.ask(_request());
        coordinator.cancelSubscription(subId, address(this));
        vm.assertEq(address(coordinator).balance, 0);
    }

    function testASubscriptionIsNotCancelledToWhoTakesNoEther() public {
        (, uint96 before,,,) = coordinator.getSubscription(subId);
        vm.expectRevert(IVRFCoordinatorV2Plus.FailedToSendNative.selector);
        coordinator.cancelSubscription(subId, address(consumer));
        (, uint96 balance,, address owner,) = coordinator.getSubscription(subId);
        vm.assertEq(balance, before);
        vm.assertEq(owner, address(this));
    }

    function testConsumersAreBounded() public {
        for (uint160 i = 1; i < 100; ++i) {
            coordinator.addConsumer(subId, address(i));
        }
        // Again does nothing.
        coordinator.addConsumer(subId, address(1));
        vm.expectRevert(IVRFCoordinatorV2Plus.TooManyConsumers.selector);
        coordinator.addConsumer(subId, address(100));
    }

    function _request() private view returns (VRFV2PlusClient.RandomWordsRequest memory) {
        return VRFV2PlusClient.RandomWordsRequest({
            keyHash: bytes32(PRICE),
            subId: subId,
            requestConfirmations: 2,
            callbackGasLimit: GAS,
            numWords: 2,
            extraArgs: abi.encodeWithSelector(
                VRFV2PlusClient.EXTRA_ARGS_V1_TAG, VRFV2PlusClient.ExtraArgsV1({nativePayment: false})
            )
        });
    }

    /// @dev The beacon's side of a request, as its event tells it.
    function _fulfillWords(uint256 id, uint64 round, uint32 gasLimit, uint32 numWords, uint96 payment)
        private
    {
        uint32 beaconGas = _beaconGas(gasLimit, numWords);
        _fulfill(RandomnessRequest(id, address(coordinator), round, beaconGas, payment));
    }

    function _beaconGas(uint32 gasLimit, uint32 numWords) private pure returns (uint32) {
        return gasLimit + gasLimit / 63 + 40_000 + 400 * numWords;
    }
}
