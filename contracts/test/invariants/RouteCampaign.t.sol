// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LrtSynthetic} from "../../bridge/LrtSynthetic.sol";
import {Mailbox} from "../../bridge/Mailbox.sol";
import {RouteSetup} from "../bridge/RouteSetup.sol";

/// @notice An LRT between three chains, whose messages are delivered late, in any order, again, and changed.
contract RouteCampaign is RouteSetup {
    uint256 private constant PEOPLE = 4;
    uint256 private constant MOST_WAITING = 64;

    struct Waiting {
        Mailbox mailbox;
        bytes message;
        uint256 amount;
        uint32 domain;
        bool unlocks;
    }

    Waiting[] private waiting;
    Waiting[] private done;
    /// @dev What is on its way to a domain, and back from it.
    mapping(uint32 domain => uint256) private outbound;
    mapping(uint32 domain => uint256) private inbound;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < PEOPLE; ++i) {
            token.mint(_person(i), 1e6 ether);
        }
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = this.lock.selector;
        selectors[1] = this.burn.selector;
        selectors[2] = this.deliver.selector;
        selectors[3] = this.deliverAgain.selector;
        selectors[4] = this.deliverChanged.selector;
        selectors[5] = this.news.selector;
        selectors[6] = this.wait_.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), selectors);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function lock(uint256 who, uint256 to, uint128 amount, bool far) external {
        if (waiting.length >= MOST_WAITING) return;
        (uint32 domain, LrtSynthetic end) = _end(far);
        address from = _person(who);
        (uint256 free,) = collateral.available(domain);
        uint256 balance = token.balanceOf(from);
        uint256 most = free < balance ? free : balance;
        if (most == 0) return;
        uint256 sum = bound(amount, 1, most);
        bytes memory message = _lock(domain, from, _person(to), sum);
        outbound[domain] += sum;
        waiting.push(Waiting(Mailbox(address(end.mailbox())), message, sum, domain, false));
    }

    function burn(uint256 who, uint256 to, uint128 amount, bool far) external {
        if (waiting.length >= MOST_WAITING) return;
        (uint32 domain, LrtSynthetic end) = _end(far);
        address from = _person(who);
        (uint256 free,) = end.available(HOME);
        uint256 balance = end.balanceOf(from);
        uint256 most = free < balance ? free : balance;
        if (most == 0) return;
        uint256 sum = bound(amount, 1, most);
        bytes memory message = _burn(end, from, _person(to), sum);
        inbound[domain] += sum;
        waiting.push(Waiting(home, message, sum, domain, true));
    }

    /// @dev The limit may hold it back; nothing else does.
    function deliver(uint256 which) external {
        if (waiting.length == 0) return;
        uint256 at_ = which % waiting.length;
        Waiting memory one = waiting[at_];
        (, LrtSynthetic end) = _end(one.domain == THIRD);
        (, uint256 free) = one.unlocks ? collateral.available(one.domain) : end.available(HOME);
        bool fits = one.amount <= free;
        try one.mailbox.process("", one.message) {
            assert(fits);
            if (one.unlocks) inbound[one.domain] -= one.amount;
            else outbound[one.domain] -= one.amount;
            waiting[at_] = waiting[waiting.length - 1];
            waiting.pop();
            if (done.length < MOST_WAITING) done.push(one);
        } catch {
            assert(!fits);
        }
    }

    function deliverAgain(uint256 which) external {
        if (done.length == 0) return;
        Waiting memory one = done[which % done.length];
        try one.mailbox.process("", one.message) {
            assert(false);
        } catch {}
    }

    /// @dev As if it came from somebody else, which no module of ours would say either.
    function deliverChanged(uint256 which, uint8 byte_) external {
        if (waiting.length == 0) return;
        Waiting memory one = waiting[which % waiting.length];
        // A byte of its origin or sender.
        one.message[5 + byte_ % 36] ^= 0x01;
        try one.mailbox.process("", one.message) {
            assert(false);
        } catch {}
    }

    function news(uint128 value, bool far) external {
        (uint32 domain, LrtSynthetic end) = _end(far);
        rate.set(value);
        vm.recordLogs();
        collateral.sendRate(domain);
        end.mailbox().process("", _dispatched());
        vm.assertLe(end.rateUpdatedAt(), block.timestamp);
    }

    function wait_(uint32 secs) external {
        vm.warp(vm.getBlockTimestamp() + secs % 3600);
    }

    /// @dev What is locked for a chain is what is there, on its way there, or on its way back; and all of it is here.
    function invariant_nothingIsMintedOrUnlockedBeyondWhatWasLockedOrBurned() public view {
        vm.assertEq(collateral.lockedFor(AWAY), synthetic.totalSupply() + outbound[AWAY] + inbound[AWAY]);
        vm.assertEq(collateral.lockedFor(THIRD), other.totalSupply() + outbound[THIRD] + inbound[THIRD]);
        vm.assertEq(
            token.balanceOf(address(collateral)), collateral.lockedFor(AWAY) + collateral.lockedFor(THIRD)
        );
        vm.assertEq(token.totalSupply(), PEOPLE * 1e6 ether);
    }

    function _end(bool far) private view returns (uint32, LrtSynthetic) {
        return far ? (THIRD, other) : (AWAY, synthetic);
    }

    function _person(uint256 i) private pure returns (address) {
        return address(uint160(0xFe0900 + i % PEOPLE));
    }
}
