// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {BeaconSetup} from "../randomness/BeaconSetup.sol";
import {Hostile} from "../randomness/RandomnessConsumers.sol";

/// @title BeaconCampaign: what holds after any sequence of requests, rounds, fulfillments and withdrawals
/// @dev The test is its own handler, with consumers that behave and that do not, and keeps its own books. A call whose
/// preconditions do not hold is sent back (`vm.assume`) and not counted.
contract BeaconCampaign is BeaconSetup {
    uint256 private constant DELIVERERS = 3;
    uint32 private constant GAS = 150_000;
    uint256 private constant MOST = 64;

    Hostile private consumer;
    RandomnessRequest[] private requests;
    mapping(uint256 id => uint256) private fulfilled;
    mapping(uint64 round => bytes32) private known;
    uint256 private waitingFees;
    uint256 private earned;
    uint256 private withdrawn;

    function setUp() public override {
        super.setUp();
        consumer = new Hostile(beacon);
        vm.deal(address(consumer), 1 << 90);
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(this), new bytes4[](5));
        bytes4[] memory s = list[0].selectors;
        (s[0], s[1], s[2]) = (this.ask.selector, this.bring.selector, this.fulfillSome.selector);
        (s[3], s[4]) = (this.withdraw.selector, this.wait_.selector);
    }

    function wait_(uint256 secs) external {
        vm.warp(_now() + bound(secs, 1, 40));
    }

    function ask(uint256 fee, uint256 ahead) external {
        vm.assume(requests.length < MOST);
        fee = bound(fee, 0, 1 ether);
        uint64 earliest = beacon.earliestRound();
        uint64 round = earliest + uint64(bound(ahead, 0, 3));
        // Nobody can have brought it: its time has not come, and nobody here signs before.
        vm.assertEq(beacon.randomnessOf(round), 0);
        vm.assertGt(beacon.timeOf(round), _now() + BLOCK_INTERVAL + REORG_MARGIN);
        requests.push(fee == 0 ? consumer.askFor(round, GAS) : consumer.ask(GAS, fee));
        waitingFees += fee;
    }

    /// A round whose time has come, of those that were asked for and their neighbours.
    function bring(uint256 which, uint256 next) external {
        vm.assume(requests.length != 0);
        uint64 round = requests[which % requests.length].round + uint64(next % 2);
        vm.assume(beacon.timeOf(round) <= _now() && known[round] == 0);
        known[round] = beacon.deliver(round, _sign(round));
    }

    function fulfillSome(uint256 from, uint256 count, uint256 who, uint8 mode) external {
        vm.assume(requests.length != 0);
        count = bound(count, 1, 4);
        consumer.set(Hostile.Mode(mode % 6), abi.encodeCall(beacon.withdrawFees, (payable(consumer))));
        RandomnessRequest[] memory page = new RandomnessRequest[](count);
        uint256 due;
        uint256 fees;
        for (uint256 i; i < count; ++i) {
            page[i] = requests[(from % requests.length + i) % requests.length];
            if (known[page[i].round] == 0 || fulfilled[page[i].id] != 0) continue;
            ++fulfilled[page[i].id];
            ++due;
            fees += page[i].fee;
        }
        vm.prank(_deliverer(who));
        try beacon.fulfill(page) returns (uint256 done) {
            vm.assertEq(done, due, "another number than was due");
        } catch {
            vm.assertEq(due, 0, "refused for no reason");
        }
        waitingFees -= fees;
        earned += fees;
    }

    function withdraw(uint256 who) external {
        uint256 amount = beacon.feesOf(_deliverer(who));
        vm.prank(_deliverer(who));
        try beacon.withdrawFees(payable(address(0xcafe))) {
            withdrawn += amount;
        } catch {
            vm.assertEq(amount, 0, "refused for no reason");
        }
    }

    function invariant_beaconBooksAreRight() public view {
        uint256 credited;
        for (uint256 i; i < DELIVERERS; ++i) {
            credited += beacon.feesOf(_deliverer(i));
        }
        vm.assertEq(credited, earned - withdrawn);
        vm.assertEq(address(beacon).balance, waitingFees + credited);
        vm.assertEq(address(0xcafe).balance, withdrawn);
        for (uint256 i; i < requests.length; ++i) {
            vm.assertLe(fulfilled[requests[i].id], 1);
            vm.assertEq(beacon.isPending(requests[i]), fulfilled[requests[i].id] == 0);
        }
    }

    function _deliverer(uint256 who) private pure returns (address) {
        return address(uint160(0x0de0 + who % DELIVERERS));
    }
}
