// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ILrtEntry} from "../../lrt/interfaces/ILrtEntry.sol";
import {Claimable, ExitRequest} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";

contract LrtExitsTest is LrtSetup {
    function testAnExitFromRequestToTokens() public {
        _filled();
        uint256 shares = 40 ether;
        uint256 value = vault.valueOfShares(shares);
        vm.expectEmit(address(vault));
        emit ILrtVault.ExitRequested(0, ALICE, shares, value);
        vm.expectEmit(address(entries[1]));
        emit ILrtEntry.RedeemRequest(ALICE, ALICE, 0, ALICE, shares);
        _request(ALICE, 1, shares);

        vm.assertEq(entries[1].pendingRedeemRequest(0, ALICE), shares);
        vm.assertEq(entries[1].pendingRedeemRequest(1, ALICE), 0);
        vm.assertEq(entries[0].pendingRedeemRequest(0, ALICE), 0);
        vm.assertEq(vault.pendingShares(), shares);
        vm.assertEq(lrt.balanceOf(address(vault)), shares);
        ExitRequest memory request = vault.exitRequest(0);
        vm.assertEq(request.controller, ALICE);
        vm.assertEq(uint256(request.lst), 1);
        vm.assertEq(uint256(request.requestBlock), vm.getBlockNumber());
        vm.assertEq(uint256(request.value), value);

        vault.unstake();
        _mine(DELAY);
        vm.assertEq(vault.fulfil(1), 0, "the core's withdrawals are slashable through this block");
        _mine(1);
        _completeAll();
        uint256 supply = lrt.totalSupply();
        vm.assertEq(vault.fulfil(1), shares);
        vm.assertEq(lrt.totalSupply(), supply - shares);
        vm.assertEq(vault.pendingShares(), 0);
        vm.assertEq(entries[1].pendingRedeemRequest(0, ALICE), 0);
        vm.assertEq(vault.queueHead(), 1);
        vm.assertEq(vault.queueTail(), 1);

        uint256 sum = 0;
        uint256 paid = 0;
        for (uint256 kind = 0; kind < KINDS; kind++) {
            uint256 part = entries[kind].maxRedeem(ALICE);
            vm.assertEq(entries[kind].claimableRedeemRequest(0, ALICE), part);
            vm.assertEq(entries[kind].claimableRedeemRequest(1, ALICE), 0);
            sum += part;
            uint256 most = entries[kind].maxWithdraw(ALICE);
            uint256 before = _token(kind).balanceOf(BOB);
            vm.prank(ALICE);
            uint256 assets = entries[kind].redeem(part, BOB, ALICE);
            vm.assertEq(assets, most);
            vm.assertApproxEqAbs(_token(kind).balanceOf(BOB) - before, assets, 1);
            paid += _ethValue(kind, assets);
            vm.assertEq(entries[kind].maxRedeem(ALICE), 0);
        }
        vm.assertEq(sum, shares, "the parts are exactly the shares");
        vm.assertApproxEqAbs(paid, value, 200);
        _assertAtMost(paid, value, "paid");
    }

    function testEveryLstPaysTheSamePart() public {
        _in(ALICE, 0, 10 ether);
        _in(ALICE, 1, 20 ether);
        _in(ALICE, 2, 30 ether);
        _in(ALICE, 3, 40 ether);
        uint256[4] memory before = [_units(0), _units(1), _units(2), _units(3)];
        _request(ALICE, 3, lrt.totalSupply() / 4);
        _mine(DELAY + 1);
        vault.fulfil(1);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            Claimable memory claimable = vault.claimableOf(lsts[kind], ALICE);
            vm.assertApproxEqAbs(claimable.units, before[kind] / 4, 1e4);
            vm.assertEq(_units(kind) + claimable.units, before[kind], "nothing lost or made");
            vm.assertEq(_holding(kind).reserved, claimable.units);
        }
    }

    function testFulfilledInTheOrderOfRequests() public {
        _filled();
        _in(BOB, 2, 31 ether);
        _in(CAROL, 2, 31 ether);
        _request(BOB, 0, 30 ether);
        vault.unstake();
        _mine(10);
        _request(CAROL, 0, 30 ether);
        _mine(DELAY - 9);
        _completeAll();
        // Bob's is old enough, Carol's is not.
        vm.assertEq(vault.fulfil(10), 30 ether);
        vm.assertGt(entries[0].maxRedeem(BOB), 0);
        vm.assertEq(entries[0].maxRedeem(CAROL), 0);
        vm.assertEq(vault.fulfil(10), 0);
        _mine(10);
        _settleExits();
        vm.assertGt(entries[0].maxRedeem(CAROL), 0);
    }

    function testOneRequestAtATime() public {
        _in(ALICE, 2, 30 ether);
        for (uint256 i = 0; i < 3; i++) {
            _request(ALICE, 0, 1 ether);
        }
        _mine(DELAY + 1);
        vm.assertEq(vault.fulfil(0), 0);
        vm.assertEq(vault.fulfil(2), 2 ether);
        vm.assertEq(vault.fulfil(2), 1 ether);
        vm.assertEq(vault.fulfil(2), 0);
    }

    function testAnExitIsPaidInPartsWhenIdleUnitsDoNotSuffice() public {
        _filled();
        // Ten more ETH of each LST are idle.
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _in(BOB, kind, 10 ether);
        }
        uint256 shares = lrt.balanceOf(ALICE);
        _request(ALICE, 2, shares);
        _mine(DELAY + 1);
        uint256 rate = vault.getRate();
        uint256 burned = vault.fulfil(10);
        _assertClose(burned, 40 ether * 1e18 / rate, 0.01e18, "what was idle");
        vm.assertEq(uint256(vault.exitRequest(0).shares), shares - burned);
        vm.assertEq(entries[2].pendingRedeemRequest(0, ALICE), shares - burned);
        vm.assertEq(vault.queueHead(), 0);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1);
        // Nothing idle any more: nothing to pay, and no dust is paid.
        vm.assertEq(vault.fulfil(10), 0);
        _settleExits();
        vm.assertEq(vault.queueHead(), 1);
        uint256 sum = 0;
        for (uint256 kind = 0; kind < KINDS; kind++) {
            sum += entries[kind].maxRedeem(ALICE);
        }
        vm.assertEq(sum, shares);
    }

    function testWithdrawTakesTheSharesRoundedUp() public {
        _in(ALICE, 2, 30 ether);
        _request(ALICE, 2, 10 ether);
        _mine(DELAY + 1);
        vault.fulfil(1);
        Claimable memory has = vault.claimableOf(address(rETH), ALICE);
        vm.prank(ALICE);
        uint256 spent = entries[2].withdraw(3 ether, ALICE, ALICE);
        vm.assertEq(spent, (uint256(has.shares) * 3 ether + has.units - 1) / has.units);
        uint256 most = entries[2].maxWithdraw(ALICE);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAmount.selector, most + 1, most));
        entries[2].withdraw(most + 1, ALICE, ALICE);
        vm.assertEq(entries[2].withdraw(most, ALICE, ALICE), has.shares - spent, "the rest");
        vm.stopPrank();
        vm.assertEq(_holding(2).reserved, 0);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_claimsInPiecesPayNoMoreThanAtOnce(uint256 kind, uint256 a, uint256 b) public {
        kind = bound(kind, 0, 3);
        _filled();
        _request(ALICE, 1, 50 ether);
        _settleExits();
        Claimable memory has = vault.claimableOf(lsts[kind], ALICE);
        uint256 whole = entries[kind].maxWithdraw(ALICE);
        a = bound(a, 1, has.shares - 2);
        b = bound(b, 1, has.shares - a - 1);
        vm.startPrank(ALICE);
        uint256 paid = entries[kind].redeem(a, ALICE, ALICE);
        paid += entries[kind].redeem(b, ALICE, ALICE);
        paid += entries[kind].redeem(has.shares - a - b, ALICE, ALICE);
        vm.stopPrank();
        vm.assertLe(paid, whole);
        vm.assertApproxEqAbs(paid, whole, 4);
        vm.assertEq(_holding(kind).reserved, 0);
    }

    function testClaimsAtAllEntriesAtOnce() public {
        _filled();
        _request(ALICE, 1, 50 ether);
        _settleExits();
        uint256 shares = entries[2].maxRedeem(ALICE);
        uint256 assets = entries[2].maxWithdraw(ALICE);
        uint256 units = vault.claimableOf(address(rETH), ALICE).units;
        vm.expectEmit(address(vault));
        emit ILrtVault.Claimed(address(rETH), ALICE, CAROL, shares, units);
        vm.expectEmit(address(entries[2]));
        emit ILrtEntry.Withdraw(ALICE, CAROL, ALICE, assets, shares);
        vm.prank(ALICE);
        uint256[] memory amounts = vault.claimAll(ALICE, CAROL);
        vm.assertEq(amounts[2], assets);
        vm.assertEq(rETH.balanceOf(CAROL), assets);
        vm.prank(ALICE);
        vm.assertEq(vault.claimAll(ALICE, CAROL)[2], 0, "once");
    }

    function testOnlyTheControllerAndItsOperatorsClaim() public {
        _filled();
        _request(ALICE, 1, 50 ether);
        _settleExits();
        uint256 shares = entries[2].maxRedeem(ALICE);
        bytes memory refusal =
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotOperator.selector, ALICE, BOB);
        vm.startPrank(BOB);
        vm.expectRevert(refusal);
        entries[2].redeem(shares, BOB, ALICE);
        vm.expectRevert(refusal);
        entries[2].withdraw(1, BOB, ALICE);
        vm.expectRevert(refusal);
        vault.claimAll(ALICE, BOB);
        vm.stopPrank();
        vm.expectEmit(address(entries[0]));
        emit ILrtEntry.OperatorSet(ALICE, BOB, true);
        vm.prank(ALICE);
        vm.assertTrue(entries[0].setOperator(BOB, true));
        vm.assertTrue(entries[2].isOperator(ALICE, BOB), "at every entry");
        vm.prank(BOB);
        entries[2].redeem(shares, BOB, ALICE);
        vm.prank(ALICE);
        entries[2].setOperator(BOB, false);
        vm.prank(BOB);
        vm.expectRevert(refusal);
        vault.claimAll(ALICE, BOB);
    }

    function testClaimsThatMakeNoSense() public {
        _filled();
        _request(ALICE, 1, 50 ether);
        _settleExits();
        uint256 shares = entries[2].maxRedeem(ALICE);
        vm.startPrank(ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroShares.selector);
        entries[2].redeem(0, ALICE, ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroAddress.selector);
        entries[2].redeem(1, address(0), ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAmount.selector, shares + 1, shares));
        entries[2].redeem(shares + 1, ALICE, ALICE);
        vm.stopPrank();
    }

    function testWhoMayRequest() public {
        _in(ALICE, 2, 30 ether);
        vm.prank(BOB);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, BOB, 0, 1 ether)
        );
        entries[2].requestRedeem(1 ether, BOB, ALICE);
        vm.prank(ALICE);
        lrt.approve(BOB, 1 ether);
        vm.prank(BOB);
        entries[2].requestRedeem(1 ether, BOB, ALICE);
        vm.assertEq(lrt.allowance(ALICE, BOB), 0);
        vm.prank(ALICE);
        entries[2].setOperator(CAROL, true);
        vm.prank(CAROL);
        vm.assertEq(entries[2].requestRedeem(1 ether, CAROL, ALICE), 0);
        vm.assertEq(entries[2].pendingRedeemRequest(0, CAROL), 1 ether);
    }

    function testRequestsThatMakeNoSense() public {
        uint256 shares = _in(ALICE, 2, 30 ether);
        vm.startPrank(ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroShares.selector);
        entries[2].requestRedeem(0, ALICE, ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroAddress.selector);
        entries[2].requestRedeem(1 ether, address(0), ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 1e15 - 1, 1e15));
        entries[2].requestRedeem(1e15 - 1, ALICE, ALICE);
        // The last of a holder may be dust.
        lrt.transfer(BOB, shares - 5);
        entries[2].requestRedeem(5, ALICE, ALICE);
        vm.stopPrank();
        _mine(DELAY + 1);
        vm.assertEq(vault.fulfil(1), 5);
        vm.assertEq(entries[0].maxRedeem(ALICE) + entries[2].maxRedeem(ALICE), 5);
    }

    function testPreviewsOfTheWayOutRevert() public {
        vm.expectRevert(ILrtEntry.LrtEntryAsynchronous.selector);
        entries[0].previewRedeem(1);
        vm.expectRevert(ILrtEntry.LrtEntryAsynchronous.selector);
        entries[0].previewWithdraw(1);
    }

    function testTheWayOutIsNeverPaused() public {
        _filled();
        vm.prank(PAUSER);
        vault.pause();
        vm.assertGt(_out(ALICE, 50 ether), 49 ether);
    }

    function testReservedUnitsOfARebasingTokenRebaseWithIt() public {
        _filled();
        _request(ALICE, 0, 50 ether);
        _settleExits();
        uint256 before = entries[0].maxWithdraw(ALICE);
        uint256 units = vault.claimableOf(address(stETH), ALICE).units;
        _report(stETH, 3 ether);
        vm.assertGt(entries[0].maxWithdraw(ALICE), before);
        _report(stETH, -60 ether);
        vm.assertLt(entries[0].maxWithdraw(ALICE), before);
        vm.assertEq(uint256(vault.claimableOf(address(stETH), ALICE).units), units);
        before = stETH.sharesOf(ALICE);
        _claimAll(ALICE);
        vm.assertEq(stETH.sharesOf(ALICE) - before, units, "exactly the shares of stETH");
    }

    function testWhatIsNotPaidBecauseTheRateRoseVestsForTheOthers() public {
        _filled();
        _in(BOB, 2, 100 ether);
        uint256 shares = lrt.balanceOf(BOB);
        _request(BOB, 2, shares);
        uint256 value = vault.exitRequest(0).value;
        _report(rEthPool, 2 ether);
        vault.sync();
        _pass(8 days);
        uint256 rate = vault.getRate();
        vm.assertGt(vault.valueOfShares(shares), value);
        _settleExits();
        vm.assertApproxEqAbs(vault.getRate(), rate, 1, "no jump to come in for");
        vm.assertGt(vault.totals().locked, 0);
        uint256 paid = _claimAll(BOB);
        _assertAtMost(paid, value, "value at request");
        vm.assertApproxEqAbs(paid, value, 2000);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_nobodyIsPaidMoreThanTheLowerOfTheTwoValues(uint256 part, uint256 gain, uint256 wad)
        public
    {
        _filled();
        _in(BOB, 2, 50 ether);
        uint256 shares = bound(part, 1 ether, lrt.balanceOf(BOB));
        _request(BOB, 1, shares);
        uint256 value = vault.exitRequest(0).value;
        _report(rEthPool, int256(bound(gain, 0, 2 ether)));
        vault.sync();
        _pass(8 days);
        _slash(operatorList[2], 3, bound(wad, 1, 1e18));
        _mine(DELAY + 1);
        try vault.unstake() {} catch {}
        _mine(DELAY + 1);
        _completeAll();
        uint256 now_ = vault.valueOfShares(shares);
        uint256 rate = vault.getRate();
        vm.assertEq(vault.fulfil(1), shares);
        uint256 least = now_ < value ? now_ : value;
        uint256 paid = _claimAll(BOB);
        _assertAtMost(paid, least, "the lower");
        _assertClose(paid, least, 2e9, "paid");
        vm.assertGe(vault.getRate() + 1, rate, "rate");
    }

    function testEverybodyLeaves() public {
        _filled();
        _in(BOB, 2, 50 ether);
        uint256 all = vault.totalValue();
        _request(ALICE, 0, lrt.balanceOf(ALICE));
        _request(BOB, 0, lrt.balanceOf(BOB));
        _settleExits();
        vm.assertEq(lrt.totalSupply(), 0);
        uint256 paid = _claimAll(ALICE) + _claimAll(BOB);
        _assertAtMost(paid, all, "no more than there is");
        _assertClose(paid, all, 3e9, "all but the roundings");
        // And somebody comes again.
        uint256 shares = _in(CAROL, 2, 10 ether);
        _assertClose(vault.valueOfShares(shares), 10 ether, 1e10, "fair");
    }

    function testAfterALossTheLastOnesLeaveToo() public {
        _filled();
        _in(BOB, 2, 50 ether);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _slash(operatorList[0], kind, 1e18);
        }
        _request(ALICE, 0, lrt.balanceOf(ALICE));
        _request(BOB, 0, lrt.balanceOf(BOB));
        uint256 all = vault.totalValue();
        _settleExits();
        vm.assertEq(lrt.totalSupply(), 0);
        uint256 paid = _claimAll(ALICE) + _claimAll(BOB);
        _assertAtMost(paid, all, "no more than there is");
        _assertClose(paid, all, 3e9, "what was left");
    }
}
