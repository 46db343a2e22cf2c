// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LrtCollateral} from "../../bridge/LrtCollateral.sol";
import {LrtSynthetic} from "../../bridge/LrtSynthetic.sol";
import {ILrtRoute} from "../../bridge/interfaces/ILrtRoute.sol";
import {RateLimit} from "../../bridge/lib/RateLimit.sol";
import {RouteSetup} from "./RouteSetup.sol";

/// @notice The LRT goes to another chain and comes back, with its rate, within limits.
contract LrtRoutesTest is RouteSetup {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    function setUp() public override {
        super.setUp();
        token.mint(ALICE, 10_000 ether);
    }

    function testThereAndBackAgain() public {
        vm.recordLogs();
        vm.startPrank(ALICE);
        token.approve(address(collateral), 10 ether);
        vm.expectEmit(address(collateral));
        emit ILrtRoute.SentTransferRemote(AWAY, _word(BOB), 10 ether);
        collateral.transferRemote(AWAY, _word(BOB), 10 ether);
        vm.stopPrank();
        bytes memory message = _dispatched();
        vm.assertEq(token.balanceOf(address(collateral)), 10 ether);
        vm.assertEq(collateral.lockedFor(AWAY), 10 ether);
        vm.assertEq(synthetic.totalSupply(), 0);
        vm.expectEmit(address(synthetic));
        emit ILrtRoute.ReceivedTransferRemote(HOME, _word(BOB), 10 ether);
        away.process("", message);
        vm.assertEq(synthetic.balanceOf(BOB), 10 ether);
        message = _burn(synthetic, BOB, ALICE, 4 ether);
        vm.assertEq(synthetic.totalSupply(), 6 ether);
        vm.assertEq(collateral.lockedFor(AWAY), 10 ether);
        home.process("", message);
        vm.assertEq(collateral.lockedFor(AWAY), 6 ether);
        vm.assertEq(token.balanceOf(ALICE), 9994 ether);
    }

    function testTheBodyIsThatOfAWarpRouteWithTheRateBehindIt() public {
        rate.set(1.05e18);
        bytes memory message = _lock(AWAY, ALICE, BOB, 3 ether);
        bytes memory body = new bytes(message.length - 77);
        for (uint256 i; i < body.length; ++i) {
            body[i] = message[77 + i];
        }
        vm.assertEq(
            body, abi.encodePacked(_word(BOB), uint256(3 ether), uint256(1.05e18), uint64(1_700_000_000))
        );
    }

    // the rate

    function testTheRateFollowsWithItsAge() public {
        vm.expectRevert(LrtSynthetic.RateUnknown.selector);
        synthetic.getRate();
        vm.recordLogs();
        rate.set(1.01e18);
        collateral.sendRate(AWAY);
        bytes memory old = _dispatched();
        vm.warp(1_700_000_100);
        rate.set(1.02e18);
        vm.recordLogs();
        collateral.sendRate(AWAY);
        bytes memory fresh = _dispatched();
        vm.expectEmit(address(synthetic));
        emit LrtSynthetic.RateUpdated(1.02e18, 1_700_000_100);
        away.process("", fresh);
        // What comes late replaces nothing.
        away.process("", old);
        vm.assertEq(synthetic.getRate(), 1.02e18);
        vm.assertEq(synthetic.rateUpdatedAt(), 1_700_000_100);
        vm.assertEq(synthetic.totalSupply(), 0);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, 7, bytes32(0)));
        collateral.sendRate(7);
    }

    // limits

    function testWhatIsBeyondTheLimitWaits() public {
        bytes memory first = _lock(AWAY, ALICE, BOB, 900 ether);
        vm.startPrank(ALICE);
        token.approve(address(collateral), 200 ether);
        vm.expectRevert(abi.encodeWithSelector(RateLimit.RateLimited.selector, 200 ether, 100 ether));
        collateral.transferRemote(AWAY, _word(BOB), 200 ether);
        vm.stopPrank();
        // Another domain has a limit of its own.
        _lock(THIRD, ALICE, BOB, 200 ether);
        vm.warp(1_700_000_100);
        bytes memory second = _lock(AWAY, ALICE, BOB, 200 ether);
        away.process("", first);
        vm.expectRevert(abi.encodeWithSelector(RateLimit.RateLimited.selector, 200 ether, 100 ether));
        away.process("", second);
        vm.warp(1_700_000_200);
        (, uint256 inbound) = synthetic.available(HOME);
        vm.assertEq(inbound, 200 ether);
        away.process("", second);
        vm.assertEq(synthetic.balanceOf(BOB), 1100 ether);
    }

    function testFuzzNoMoreThanCapacityAndRefillPassesInAnyTime(
        uint64[8] calldata waits,
        uint128[8] calldata sums
    ) public {
        uint256 start = block.timestamp;
        uint256 passed;
        for (uint256 i; i < 8; ++i) {
            vm.warp(vm.getBlockTimestamp() + waits[i] % 1000);
            (uint256 outbound,) = collateral.available(AWAY);
            uint256 amount = bound(sums[i], 1, CAPACITY);
            if (amount > outbound) continue;
            _lock(AWAY, ALICE, BOB, amount);
            passed += amount;
            vm.assertLe(passed, CAPACITY + REFILL * (vm.getBlockTimestamp() - start));
            if (passed > 9000 ether) break;
        }
    }

    function testTheOwnerSetsLimitsAndAStopIsAtOnce() public {
        bytes memory message = _lock(AWAY, ALICE, BOB, 1 ether);
        vm.expectEmit(address(synthetic));
        emit ILrtRoute.LimitsSet(HOME, 0, 0);
        synthetic.setLimits(HOME, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(RateLimit.RateLimited.selector, 1 ether, 0));
        away.process("", message);
        // A bucket that is made larger is not full for it.
        synthetic.setLimits(HOME, 10 ether, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(RateLimit.RateLimited.selector, 1 ether, 0));
        away.process("", message);
        vm.warp(vm.getBlockTimestamp() + 1);
        away.process("", message);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.LimitTooFast.selector, 5, 6));
        synthetic.setLimits(HOME, 5, 6);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, 7, bytes32(0)));
        synthetic.setLimits(7, 5, 5);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", ALICE));
        synthetic.setLimits(HOME, 5, 5);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", ALICE));
        synthetic.enrollRouter(7, _word(BOB), 5, 5);
        vm.stopPrank();
    }

    // who may

    function testOneChainCannotUnlockWhatWentToAnother() public {
        _lock(THIRD, ALICE, BOB, 50 ether);
        away.process("", _lock(AWAY, ALICE, BOB, 10 ether));
        // The other chain's end has a bug, and says that more was burned.
        bytes memory body = abi.encodePacked(_word(BOB), uint256(11 ether));
        bytes memory forged = _message(AWAY, address(synthetic), HOME, address(collateral), body);
        vm.expectRevert(
            abi.encodeWithSelector(LrtCollateral.UnlockBeyondLocked.selector, AWAY, 11 ether, 10 ether)
        );
        home.process("", forged);
    }

    function testOnlyTheOtherEndIsHeardAndOnlyFromTheMailbox() public {
        bytes memory body = abi.encodePacked(_word(BOB), uint256(1 ether), uint256(1e18), uint64(1));
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.OnlyMailbox.selector, address(this)));
        synthetic.handle(HOME, _word(address(collateral)), body);
        bytes memory stranger = _message(HOME, BOB, AWAY, address(synthetic), body);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, HOME, _word(BOB)));
        away.process("", stranger);
        bytes memory nobody = _message(7, address(0), AWAY, address(synthetic), body);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, 7, bytes32(0)));
        away.process("", nobody);
        vm.assertEq(address(synthetic.interchainSecurityModule()), address(ism));
    }

    function testBodiesOfAnotherLengthAreRefused() public {
        bytes memory body = new bytes(63);
        bytes memory message = _message(HOME, address(collateral), AWAY, address(synthetic), body);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.BodyLength.selector, 63));
        away.process("", message);
        message = _message(HOME, address(collateral), AWAY, address(synthetic), new bytes(64));
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.BodyLength.selector, 64));
        away.process("", message);
        message = _message(AWAY, address(synthetic), HOME, address(collateral), new bytes(65));
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.BodyLength.selector, 65));
        home.process("", message);
    }

    function testWhatCannotBeSentIsRefused() public {
        vm.startPrank(ALICE);
        vm.expectRevert(ILrtRoute.AmountZero.selector);
        collateral.transferRemote(AWAY, _word(BOB), 0);
        vm.expectRevert(ILrtRoute.RecipientZero.selector);
        collateral.transferRemote(AWAY, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, 7, bytes32(0)));
        collateral.transferRemote(7, _word(BOB), 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterKnown.selector, AWAY));
        collateral.enrollRouter(AWAY, _word(BOB), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtRoute.RouterUnknown.selector, 7, bytes32(0)));
        collateral.enrollRouter(7, 0, 1, 1);
        vm.expectEmit(address(collateral));
        emit ILrtRoute.RouterEnrolled(7, _word(BOB));
        collateral.enrollRouter(7, _word(BOB), 1, 1);
    }

    function _message(uint32 origin, address sender, uint32 destination, address recipient, bytes memory body)
        private
        pure
        returns (bytes memory)
    {
        return
            abi.encodePacked(uint8(3), uint32(99), origin, _word(sender), destination, _word(recipient), body);
    }
}
