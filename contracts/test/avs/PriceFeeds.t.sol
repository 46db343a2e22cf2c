// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PriceFeed} from "../../avs/PriceFeed.sol";
import {PriceFeedFactory} from "../../avs/PriceFeedFactory.sol";
import {PriceFeeds} from "../../avs/PriceFeeds.sol";
import {AggregatorV3Interface} from "../../avs/interfaces/AggregatorV3Interface.sol";
import {Feed, FeedConfig, IPriceFeeds} from "../../avs/interfaces/IPriceFeeds.sol";
import {IPriceFeedsErrors as Errors} from "../../avs/interfaces/IPriceFeedsErrors.sol";
import {Certificate} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {Multiproof} from "../../avs/lib/Multiproof.sol";
import {Vm} from "../Vm.sol";
import {PriceConsumer} from "./PriceConsumer.sol";
import {PriceSetup} from "./PriceSetup.sol";
import {PriceTree} from "./PriceTree.sol";

contract PriceFeedsTest is PriceSetup {
    using PriceTree for PriceTree.Tree;

    // Chainlink's, as its feeds emit them on mainnet.
    bytes32 private constant ANSWER_UPDATED =
        0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f;
    bytes32 private constant NEW_ROUND = 0x0109fc6f55cf40689f02fbaad7af7fe7bbac8a3d2186600afc7d3e10cac60271;

    function testSelectorsAreChainlinks() public pure {
        vm.assertEq(bytes32(AggregatorV3Interface.decimals.selector), bytes32(bytes4(0x313ce567)));
        vm.assertEq(bytes32(AggregatorV3Interface.description.selector), bytes32(bytes4(0x7284e416)));
        vm.assertEq(bytes32(AggregatorV3Interface.version.selector), bytes32(bytes4(0x54fd4d50)));
        vm.assertEq(bytes32(AggregatorV3Interface.getRoundData.selector), bytes32(bytes4(0x9a6fc8f5)));
        vm.assertEq(bytes32(AggregatorV3Interface.latestRoundData.selector), bytes32(bytes4(0xfeaf968c)));
        vm.assertEq(bytes32(PriceFeed.latestAnswer.selector), bytes32(bytes4(0x50d25bcd)));
        vm.assertEq(PriceFeed.AnswerUpdated.selector, ANSWER_UPDATED);
        vm.assertEq(PriceFeed.NewRound.selector, NEW_ROUND);
    }

    /// The raw calls that a consumer in another language makes.
    function testRawCalls() public {
        _addFeeds(1);
        uint64 slot = _slot();
        _update(slot, _one(65_000e8), 1);
        address feed = prices.feedAddress(0);
        (bool done, bytes memory data) = feed.staticcall(hex"feaf968c");
        vm.assertTrue(done);
        vm.assertEq(
            data,
            abi.encode(
                uint256(1), int256(65_000e8), START + slot * INTERVAL, vm.getBlockTimestamp(), uint256(1)
            )
        );
        (done, data) = feed.staticcall(hex"313ce567");
        vm.assertEq(data, abi.encode(uint256(8)));
        (done, data) = feed.staticcall(hex"50d25bcd");
        vm.assertEq(data, abi.encode(int256(65_000e8)));
    }

    function testAConsumerReadsAFeed() public {
        _addFeeds(1);
        PriceConsumer consumer = new PriceConsumer(AggregatorV3Interface(prices.feedAddress(0)));
        vm.expectRevert("No data present");
        consumer.valueOf(1 ether);
        _update(_slot(), _one(60_000e8), 1);
        _pass(2);
        _update(_slot(), _one(61_000e8), 1);
        _pass(2);
        _update(_slot(), _one(65_000e8), 1);
        vm.assertEq(consumer.valueOf(2 ether), 130_000e18);
        vm.assertEq(uint256(consumer.mean(3)), 62_000e8);
        vm.expectRevert("No data present");
        consumer.mean(4);
        _pass(3601);
        vm.expectRevert(
            abi.encodeWithSelector(PriceConsumer.StalePrice.selector, vm.getBlockTimestamp() - 3601)
        );
        consumer.valueOf(1 ether);
    }

    /// Chainlink's events come from the feed's address, the report's from PriceFeeds.
    function testEvents() public {
        _addFeeds(1);
        int192[] memory answers = _one(65_000e8);
        PriceTree.Tree memory tree = PriceTree.build(answers);
        PriceTree.Proof memory p = tree.prove(answers, 1);
        uint64 slot = _slot();
        Certificate memory c = _certifyRoot(slot, 3, tree.root());
        vm.recordLogs();
        _send(slot, 3, c, p);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 3);

        vm.assertEq(logs[0].emitter, prices.feedAddress(0));
        vm.assertEq(logs[0].topics[0], NEW_ROUND);
        vm.assertEq(logs[0].topics[1], bytes32(uint256(1)));
        vm.assertEq(logs[0].topics[2], bytes32(uint256(uint160(address(prices)))));
        vm.assertEq(logs[0].data, abi.encode(START + slot * INTERVAL));

        vm.assertEq(logs[1].emitter, prices.feedAddress(0));
        vm.assertEq(logs[1].topics[0], ANSWER_UPDATED);
        vm.assertEq(logs[1].topics[1], bytes32(uint256(65_000e8)));
        vm.assertEq(logs[1].topics[2], bytes32(uint256(1)));
        vm.assertEq(logs[1].data, abi.encode(vm.getBlockTimestamp()));

        vm.assertEq(logs[2].emitter, address(prices));
        vm.assertEq(logs[2].topics[0], IPriceFeeds.ReportAccepted.selector);
        vm.assertEq(logs[2].topics[1], bytes32(uint256(slot)));
        vm.assertEq(logs[2].topics[2], bytes32(uint256(1)));
        vm.assertEq(logs[2].data, abi.encode(uint256(3), tree.root(), uint256(1)));
    }

    function testBeforeTheFirstRound() public {
        _addFeeds(1);
        PriceFeed feed = _feed(0);
        vm.assertEq(feed.latestRound(), 0);
        vm.expectRevert("No data present");
        feed.latestRoundData();
        vm.expectRevert("No data present");
        feed.latestAnswer();
        vm.expectRevert("No data present");
        feed.latestTimestamp();
        vm.expectRevert("No data present");
        feed.getRoundData(0);
        vm.expectRevert("No data present");
        feed.getRoundData(1);
    }

    function testOldFunctions() public {
        _addFeeds(1);
        _update(_slot(), _one(1e8), 1);
        _pass(2);
        _update(_slot(), _one(2e8), 1);
        PriceFeed feed = _feed(0);
        vm.assertEq(feed.latestRound(), 2);
        vm.assertEq(feed.latestAnswer(), 2e8);
        vm.assertEq(feed.latestTimestamp(), vm.getBlockTimestamp());
        vm.assertEq(feed.getAnswer(1), 1e8);
        vm.assertEq(feed.getTimestamp(1), vm.getBlockTimestamp() - 2);
        vm.expectRevert("No data present");
        feed.getAnswer(3);
        vm.expectRevert("No data present");
        feed.getTimestamp(0);
        // An id that would wrap around.
        vm.expectRevert("No data present");
        feed.getAnswer(1 << 80);
    }

    /// The last 256 rounds are kept, each as it was; older ones are gone.
    function testHistoryIsARing() public {
        _addFeeds(1);
        PriceFeed feed = _feed(0);
        uint256 history = feed.HISTORY();
        for (uint256 i = 1; i <= history + 4; ++i) {
            _pass(2);
            _update(_slot(), _one(int192(int256(1000 + i))), 1);
        }
        vm.assertEq(feed.latestRound(), history + 4);
        for (uint80 roundId = 5; roundId <= history + 4; ++roundId) {
            (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
                feed.getRoundData(roundId);
            vm.assertEq(id, roundId);
            vm.assertEq(answeredIn, roundId);
            vm.assertEq(answer, int256(1000 + uint256(roundId)));
            vm.assertEq(startedAt, START + 10 + 2 * uint256(roundId));
            vm.assertEq(updatedAt, startedAt);
        }
        for (uint80 roundId = 0; roundId < 5; ++roundId) {
            vm.expectRevert("No data present");
            feed.getRoundData(roundId);
        }
        vm.expectRevert("No data present");
        feed.getRoundData(uint80(history + 5));
    }

    function testRoundsOnlyGoForward() public {
        _addFeeds(2);
        int192[] memory answers = new int192[](2);
        (answers[0], answers[1]) = (100, 200);
        _pass(20);
        uint64 slot = _slot();
        _update(slot, answers, 1);
        vm.assertEq(prices.latestSlot(), slot);
        answers[0] = 101;
        _expectNotNewer(slot, answers, slot);
        _expectNotNewer(slot - 1, answers, slot);
        // The other feed has not seen that slot yet, nor the one before; the newest slot stays the newest.
        _update(slot - 1, answers, 2);
        vm.assertEq(prices.latestSlot(), slot);
        _update(slot, answers, 2);
        _expectNotNewer(slot - 1, answers, slot);
        _pass(2);
        _update(slot + 1, answers, 3);
        vm.assertEq(_feed(0).latestRound(), 2);
        vm.assertEq(_feed(1).latestRound(), 3);
        vm.assertEq(prices.latestSlot(), slot + 1);
    }

    function _expectNotNewer(uint64 slot, int192[] memory answers, uint64 latest) private {
        PriceTree.Tree memory tree = PriceTree.build(answers);
        PriceTree.Proof memory p = tree.prove(answers, 1);
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        _refuse(slot, c, p, abi.encodeWithSelector(Errors.RoundNotNewer.selector, slot, latest));
    }

    /// The same feed twice in one update is a round that is not newer.
    function testAFeedTwiceInOneReport() public {
        _addFeeds(1);
        bytes32 leaf = PriceTree.leaf(0, 100);
        PriceTree.Proof memory p;
        (p.feedIndices, p.answers, p.flags) = (new uint16[](2), new int192[](2), new bool[](1));
        (p.answers[0], p.answers[1], p.flags[0]) = (100, 100, true);
        uint64 slot = _slot();
        Certificate memory c = _certifyRoot(slot, 0, keccak256(bytes.concat(leaf, leaf)));
        _refuse(slot, c, p, abi.encodeWithSelector(Errors.RoundNotNewer.selector, slot, slot));
    }

    /// Either attempt's certificate may land, and then the other not.
    function testTheFirstAttemptToLandWins() public {
        _addFeeds(1);
        uint64 slot = _slot();
        PriceTree.Tree memory first = PriceTree.build(_one(100));
        PriceTree.Tree memory second = PriceTree.build(_one(101));
        Certificate memory late = _certifyRoot(slot, 0, first.root());
        _send(slot, 1, _certifyRoot(slot, 1, second.root()), second.prove(_one(101), 1));
        vm.assertEq(_feed(0).latestAnswer(), 101);
        _refuse(
            slot,
            late,
            first.prove(_one(100), 1),
            abi.encodeWithSelector(Errors.RoundNotNewer.selector, slot, slot)
        );
    }

    function testSlotsOfTheFuture() public {
        _addFeeds(1);
        uint64 slot = _slot();
        // Five seconds ahead are within the clocks' skew: two slots, and not three.
        _update(slot + 2, _one(100), 1);
        PriceTree.Tree memory tree = PriceTree.build(_one(100));
        PriceTree.Proof memory p = tree.prove(_one(100), 1);
        Certificate memory c = _certifyRoot(slot + 3, 0, tree.root());
        bytes memory reason = abi.encodeWithSelector(
            Errors.SlotInFuture.selector, START + (slot + 3) * INTERVAL, vm.getBlockTimestamp()
        );
        _refuse(slot + 3, c, p, reason);
        _pass(1);
        _send(slot + 3, 0, c, p);
    }

    function testFuzzBounds(int192 answer) public {
        answer = int192(int256(bound(uint256(int256(answer)), 0, 4e16)) - 2e16);
        _addFeeds(1);
        PriceTree.Tree memory tree = PriceTree.build(_one(answer));
        PriceTree.Proof memory p = tree.prove(_one(answer), 1);
        uint64 slot = _slot();
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        if (answer >= 1 && answer <= 1e16) {
            _send(slot, 0, c, p);
            vm.assertEq(_feed(0).latestAnswer(), answer);
        } else {
            _refuse(
                slot, c, p, abi.encodeWithSelector(Errors.AnswerOutOfBounds.selector, answer, 1, int256(1e16))
            );
        }
    }

    /// Bounds as wide as they can be, and below zero: the packing keeps signs.
    function testFuzzSignedAnswers(int96 answer) public {
        FeedConfig memory config = _config();
        (config.minAnswer, config.maxAnswer) = (type(int96).min, type(int96).max);
        prices.addFeed(config);
        _update(_slot(), _one(answer), 1);
        vm.assertEq(_feed(0).latestAnswer(), answer);
        Feed memory feed = prices.feeds(0, 1)[0];
        vm.assertEq(feed.answer, answer);
        vm.assertEq(feed.config.minAnswer, type(int96).min);
        vm.assertEq(feed.config.maxAnswer, type(int96).max);
        // A change of the bounds leaves the round as it was.
        prices.configureFeed(0, 1, 1, -2, -1);
        vm.assertEq(_feed(0).latestAnswer(), answer);
        vm.assertEq(prices.feeds(0, 1)[0].config.minAnswer, -2);
        vm.assertEq(prices.feeds(0, 1)[0].config.maxAnswer, -1);
    }

    /// Any choice of feeds, by one proof: those are updated, and no other.
    function testFuzzMultiproof(uint256 seed, uint256 count, uint256 chosen) public {
        count = bound(count, 1, 12);
        chosen = bound(chosen, 1, (1 << count) - 1);
        _addFeeds(count);
        int192[] memory answers = new int192[](count);
        for (uint256 i; i < count; ++i) {
            answers[i] = int192(int256(bound(uint256(keccak256(abi.encode(seed, i))), 1, 1e16)));
        }
        _update(_slot(), answers, chosen);
        for (uint256 i; i < count; ++i) {
            vm.assertEq(_feed(i).latestRound(), chosen >> i & 1);
            if (chosen >> i & 1 == 1) vm.assertEq(_feed(i).latestAnswer(), answers[i]);
        }
    }

    function testFuzzAnotherAnswerHasAnotherRoot(uint256 which, int192 wrong) public {
        _addFeeds(5);
        int192[] memory answers = new int192[](5);
        for (uint256 i; i < 5; ++i) {
            answers[i] = int192(int256(1000 * (i + 1)));
        }
        PriceTree.Tree memory tree = PriceTree.build(answers);
        PriceTree.Proof memory p = tree.prove(answers, 0x15);
        which = bound(which, 0, 2);
        vm.assume(wrong != p.answers[which]);
        p.answers[which] = wrong;
        uint64 slot = _slot();
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        _refuse(
            slot, c, p, abi.encodeWithSelector(IServiceManagerErrors.CertificateSignatureInvalid.selector)
        );
    }

    /// A proof without leaves would be the root itself, and prove nothing.
    function testAnEmptyUpdate() public {
        _addFeeds(1);
        uint64 slot = _slot();
        PriceTree.Tree memory tree = PriceTree.build(_one(100));
        PriceTree.Proof memory p;
        p.proof = new bytes32[](1);
        p.proof[0] = tree.root();
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        _refuse(slot, c, p, abi.encodeWithSelector(Errors.UpdateEmpty.selector));
        p = tree.prove(_one(100), 1);
        p.answers = new int192[](2);
        _refuse(slot, c, p, abi.encodeWithSelector(Errors.UpdateLengthMismatch.selector, 1, 2));
        p = tree.prove(_one(100), 1);
        p.proof = new bytes32[](1);
        _refuse(slot, c, p, abi.encodeWithSelector(Multiproof.MultiproofInvalid.selector));
    }

    /// The operators may certify more feeds than there are.
    function testUnknownFeed() public {
        _addFeeds(2);
        int192[] memory answers = new int192[](3);
        (answers[0], answers[1], answers[2]) = (1, 2, 3);
        PriceTree.Tree memory tree = PriceTree.build(answers);
        uint64 slot = _slot();
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        PriceTree.Proof memory p = tree.prove(answers, 7);
        _refuse(slot, c, p, abi.encodeWithSelector(Errors.UnknownFeed.selector, 2));
        _update(slot, answers, 3);
        vm.assertEq(_feed(1).latestAnswer(), 2);
    }

    function testSlotTimes() public {
        bytes32 service = prices.SERVICE();
        vm.assertEq(service, keccak256("lariat/prices"));
        vm.assertEq(prices.slotTime(service, 0), START);
        vm.assertEq(prices.slotTime(service, 21), START + 42);
        uint64 last = type(uint32).max;
        vm.assertEq(prices.slotTime(service, last), START + 2 * last);
        vm.expectRevert(abi.encodeWithSelector(Errors.SlotOutOfRange.selector, last + 1));
        prices.slotTime(service, last + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceManagerErrors.UnknownService.selector, bytes32(uint256(1)))
        );
        prices.slotTime(bytes32(uint256(1)), 0);
    }

    function testConstructor() public {
        try this.deploy(0, 2) returns (PriceFeeds) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(Errors.GenesisOutOfRange.selector, 0));
        }
        try this.deploy(1 << 40, 2) returns (PriceFeeds) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(Errors.GenesisOutOfRange.selector, 1 << 40));
        }
        try this.deploy(START, 0) returns (PriceFeeds) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(Errors.IntervalZero.selector));
        }
        vm.assertEq(prices.genesis(), START);
        vm.assertEq(prices.interval(), INTERVAL);
    }

    function deploy(uint64 genesis, uint32 interval) external returns (PriceFeeds) {
        return new PriceFeeds(_parameters(), allocations, address(this), genesis, interval);
    }

    // feeds

    function testAddFeed() public {
        address expected = prices.feedAddress(0);
        vm.expectEmit(address(prices));
        emit IPriceFeeds.FeedAdded(0, expected, "BTC/USD");
        vm.expectEmit(address(prices));
        emit PriceFeeds.FeedConfigured(0, 50, 3600, 1, 1e16);
        vm.assertEq(prices.addFeed(_config()), 0);
        FeedConfig memory config = _config();
        (config.description, config.decimals) = ("USDC/USD", 18);
        vm.assertEq(prices.addFeed(config), 1);
        vm.assertEq(prices.feedCount(), 2);

        PriceFeed feed = _feed(1);
        vm.assertEq(feed.decimals(), 18);
        vm.assertEq(feed.description(), "USDC/USD");
        vm.assertEq(feed.version(), 1);
        vm.assertEq(feed.priceFeeds(), address(prices));

        _update(_slot(), _one(7), 1);
        Feed[] memory feeds = prices.feeds(0, 10);
        vm.assertEq(feeds.length, 2);
        vm.assertEq(feeds[0].facade, expected);
        vm.assertEq(abi.encode(feeds[0].config), abi.encode(_config()));
        vm.assertEq(feeds[0].roundId, 1);
        vm.assertEq(feeds[0].answer, 7);
        vm.assertEq(feeds[0].startedAt, START + 10);
        vm.assertEq(feeds[0].updatedAt, vm.getBlockTimestamp());
        vm.assertEq(feeds[1].facade, address(feed));
        vm.assertEq(abi.encode(feeds[1].config), abi.encode(config));
        vm.assertEq(feeds[1].roundId, 0);
        vm.assertEq(feeds[1].updatedAt, 0);
        vm.assertEq(prices.feeds(1, 1)[0].facade, address(feed));
        vm.assertEq(prices.feeds(2, 1).length, 0);
    }

    function testConfigureFeed() public {
        _addFeeds(1);
        vm.expectEmit(address(prices));
        emit PriceFeeds.FeedConfigured(0, 10, 60, 5, 6);
        prices.configureFeed(0, 10, 60, 5, 6);
        Feed memory feed = prices.feeds(0, 1)[0];
        vm.assertEq(feed.config.deviationBps, 10);
        vm.assertEq(feed.config.heartbeat, 60);
        vm.assertEq(feed.config.minAnswer, 5);
        vm.assertEq(feed.config.maxAnswer, 6);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownFeed.selector, 1));
        prices.configureFeed(1, 10, 60, 5, 6);
    }

    function testFeedConfigsAreChecked() public {
        FeedConfig memory c = _config();
        c.description = "";
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedDescriptionLength.selector, 0, 64));
        c.description = string(new bytes(65));
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedDescriptionLength.selector, 65, 64));
        c = _config();
        c.decimals = 19;
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedDecimals.selector, 19, 18));
        c = _config();
        c.deviationBps = 0;
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedDeviation.selector, 0));
        c.deviationBps = 10_001;
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedDeviation.selector, 10_001));
        c = _config();
        c.heartbeat = 0;
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedHeartbeat.selector));
        c = _config();
        (c.minAnswer, c.maxAnswer) = (2, 1);
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedBounds.selector, 2, 1));
        c.maxAnswer = int192(type(int96).max) + 1;
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedBounds.selector, 2, c.maxAnswer));
        (c.minAnswer, c.maxAnswer) = (int192(type(int96).min) - 1, 1);
        _refuseFeed(c, abi.encodeWithSelector(Errors.FeedBounds.selector, c.minAnswer, 1));
        vm.assertEq(prices.feedCount(), 0);
    }

    function testNumberOfFeedsIsLimited() public {
        uint256 most = prices.MAX_FEEDS();
        // The counter stands beside the newest slot; adding a thousand feeds for real would take a gigagas.
        bytes32 place = _counterSlot();
        vm.store(address(prices), place, bytes32(most << 64));
        vm.assertEq(prices.feedCount(), most);
        _refuseFeed(_config(), abi.encodeWithSelector(Errors.TooManyFeeds.selector, most));
    }

    /// @dev Finds the storage slot of the number of feeds by adding one.
    function _counterSlot() private returns (bytes32) {
        for (uint256 i; i < 64; ++i) {
            bytes32 place = bytes32(i);
            bytes32 before = vm.load(address(prices), place);
            vm.store(address(prices), place, bytes32(uint256(3) << 64));
            bool found = prices.feedCount() == 3;
            vm.store(address(prices), place, before);
            if (found) return place;
        }
        revert("no slot holds the number of feeds");
    }

    function testOnlyTheOwnerAddsFeeds() public {
        bytes memory reason = abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", _account(0));
        vm.startPrank(_account(0));
        FeedConfig memory c = _config();
        vm.expectRevert(reason);
        prices.addFeed(c);
        vm.expectRevert(reason);
        prices.configureFeed(0, 1, 1, 1, 1);
    }

    function testOnlyPriceFeedsWrites() public {
        _addFeeds(1);
        PriceFeed feed = _feed(0);
        bytes memory reason = abi.encodeWithSelector(Errors.OnlyPriceFeeds.selector, address(this));
        vm.expectRevert(reason);
        feed.transmit(1, 1, 1);
        vm.expectRevert(reason);
        feed.configure(1, 1, 1, 1);
        vm.expectRevert(reason);
        feed.setUp("x", 1);
        PriceFeedFactory factory = new PriceFeedFactory();
        vm.expectRevert(abi.encodeWithSelector(Errors.OnlyPriceFeeds.selector, address(1)));
        vm.prank(address(1));
        factory.create(0, "x", 1);
    }

    function _refuseFeed(FeedConfig memory config, bytes memory reason) private {
        vm.expectRevert(reason);
        prices.addFeed(config);
    }

    function _refuse(uint64 slot, Certificate memory c, PriceTree.Proof memory p, bytes memory reason)
        private
    {
        uint64 epoch = prices.latestEpoch();
        vm.expectRevert(reason);
        prices.update(epoch, slot, 0, c, p.feedIndices, p.answers, p.proof, p.flags);
    }
}
