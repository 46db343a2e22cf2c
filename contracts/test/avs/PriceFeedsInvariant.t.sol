// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PriceFeed} from "../../avs/PriceFeed.sol";
import {PriceFeeds} from "../../avs/PriceFeeds.sol";
import {Certificate} from "../../avs/interfaces/IServiceManager.sol";
import {PriceSetup} from "./PriceSetup.sol";
import {PriceTree} from "./PriceTree.sol";

/// @notice Brings certified rounds in any order, for any feeds, with answers good and bad, and remembers what was
/// accepted.
contract PriceFeedsInvariantTest is PriceSetup {
    using PriceTree for PriceTree.Tree;

    struct Accepted {
        uint256 rounds;
        uint64 slot;
        int192 answer;
        uint256 updatedAt;
    }

    uint256 private constant FEEDS = 3;

    mapping(uint256 feedIndex => Accepted) private accepted;
    uint64 private newest;
    uint256 public landed;

    function setUp() public override {
        super.setUp();
        _addFeeds(FEEDS);
    }

    /// Only `bring` and `wait` are for the fuzzer to call.
    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(this), new bytes4[](2));
        (list[0].selectors[0], list[0].selectors[1]) = (this.bring.selector, this.wait_.selector);
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(this);
    }

    function wait_(uint256 secs) external {
        // Stays within the epoch.
        if (vm.getBlockTimestamp() < START + 3000) _pass(bound(secs, 1, 10));
    }

    function bring(uint64 slot, uint256 chosen, uint256 seed) external {
        chosen = bound(chosen, 1, (1 << FEEDS) - 1);
        // From a few slots back to one too far ahead.
        uint64 now_ = _slot();
        slot = uint64(bound(slot, now_ < 15 ? 5 : now_ - 10, now_ + 3));
        int192[] memory answers = new int192[](FEEDS);
        for (uint256 i; i < FEEDS; ++i) {
            // One in twenty is out of bounds.
            answers[i] = int192(int256(uint256(keccak256(abi.encode(seed, i))) % 1.05e16));
        }
        PriceTree.Tree memory tree = PriceTree.build(answers);
        PriceTree.Proof memory p = tree.prove(answers, chosen);
        Certificate memory c = _certifyRoot(slot, 0, tree.root());
        try prices.update(1, slot, 0, c, p.feedIndices, p.answers, p.proof, p.flags) {
            ++landed;
            if (slot > newest) newest = slot;
            for (uint256 i; i < FEEDS; ++i) {
                if (chosen >> i & 1 == 1) _accept(i, slot, answers[i]);
            }
        } catch {
            vm.assertTrue(_mustBeRefused(slot, answers, chosen), "refused for no reason");
        }
    }

    function _accept(uint256 i, uint64 slot, int192 answer) private {
        Accepted storage a = accepted[i];
        vm.assertTrue(a.rounds == 0 || slot > a.slot, "a round went back");
        vm.assertTrue(answer >= 1 && answer <= 1e16, "an answer out of bounds");
        accepted[i] = Accepted(a.rounds + 1, slot, answer, vm.getBlockTimestamp());
    }

    function _mustBeRefused(uint64 slot, int192[] memory answers, uint256 chosen)
        private
        view
        returns (bool)
    {
        if (START + slot * INTERVAL > vm.getBlockTimestamp() + 5) return true;
        for (uint256 i; i < FEEDS; ++i) {
            if (chosen >> i & 1 == 0) continue;
            if (answers[i] < 1 || answers[i] > 1e16) return true;
            if (accepted[i].rounds != 0 && slot <= accepted[i].slot) return true;
        }
        return false;
    }

    /// A run in which nothing landed would have shown nothing.
    function afterInvariant() public view {
        vm.assertGt(landed, 0);
    }

    /// forge-config: default.invariant.runs = 24
    /// forge-config: default.invariant.depth = 48
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_feedsShowWhatWasAcceptedLast() public view {
        vm.assertEq(prices.latestSlot(), newest);
        for (uint256 i; i < FEEDS; ++i) {
            Accepted storage a = accepted[i];
            PriceFeed feed = _feed(i);
            vm.assertEq(feed.latestRound(), a.rounds);
            if (a.rounds == 0) continue;
            (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
                feed.latestRoundData();
            vm.assertEq(roundId, a.rounds);
            vm.assertEq(answeredIn, a.rounds);
            vm.assertEq(answer, a.answer);
            vm.assertEq(startedAt, START + uint256(a.slot) * INTERVAL);
            vm.assertEq(updatedAt, a.updatedAt);
            if (a.rounds > 1) {
                (,, uint256 before,,) = feed.getRoundData(roundId - 1);
                vm.assertLt(before, startedAt);
            }
        }
    }
}
