// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Holding, Totals} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {LrtSetup} from "./LrtSetup.sol";

/// @notice What the LRT is worth: slashes, rates, vesting, fees, gifts.
contract LrtBooksTest is LrtSetup {
    // ----- losses, at once

    function testASlashLowersTheRateInItsOwnBlockByExactlyTheFormula() public {
        _filled();
        Totals memory before = vault.totals();
        uint256 rate = vault.getRate();
        uint256 staked = _holding(2).staked;
        (uint256[] memory shares,) = delegation.getWithdrawableShares(_account(0), _list(2));
        uint256 at0 = strategies[2].sharesToUnderlyingView(shares[0]);

        // The set has half of the operator's magnitude: 20 % of that is a tenth of the stake there.
        _slash(operatorList[0], 2, 0.2e18);

        uint256 lost = staked - _holding(2).staked;
        vm.assertApproxEqAbs(lost, at0 / 10, 2, "a tenth of what is at the operator");
        uint256 units = _units(2);
        uint256 value = before.counted - (units + lost) * _rate(2) / 1e18 + units * _rate(2) / 1e18;
        vm.assertEq(vault.totals().counted, value, "value");
        vm.assertEq(
            vault.getRate(), (value - before.locked + VIRTUAL) * 1e18 / (before.supply + VIRTUAL), "rate"
        );
        vm.assertLt(vault.getRate(), rate);
        (, int256 answer,,,) = rateFeed.latestRoundData();
        vm.assertEq(uint256(answer), vault.getRate(), "feed");
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_aSlashOfAnySizeIsTheFormulas(uint256 k, uint256 kind, uint256 wad) public {
        (k, kind, wad) = (bound(k, 0, 2), bound(kind, 0, 3), bound(wad, 1e9, 1e18));
        _filled();
        uint256 before = vault.totalValue();
        (uint256[] memory was,) = delegation.getWithdrawableShares(_account(k), _list(kind));
        _slash(operatorList[k], kind, wad);
        (uint256[] memory left,) = delegation.getWithdrawableShares(_account(k), _list(kind));
        // Half of the magnitude is allocated; the core rounds what is slashed up to a part of 1e18.
        vm.assertApproxEqAbs(was[0] - left[0], was[0] * wad / 2e18, was[0] / 1e18 + 2, "shares");
        uint256 lost = _ethValue(kind, strategies[kind].sharesToUnderlyingView(was[0] - left[0]));
        vm.assertApproxEqAbs(before - vault.totalValue(), lost, 5, "value");
    }

    function testALossOfAnLstCountsAtOnce() public {
        _filled();
        uint256 before = vault.totalValue();
        uint256 rate = _rate(2);
        uint256 units = _units(2);
        _report(rEthPool, -20 ether);
        vm.assertLt(_rate(2), rate);
        vm.assertApproxEqAbs(before - vault.totalValue(), units * (rate - _rate(2)) / 1e18, 10);
        vm.assertApproxEqAbs(vault.totalValue(), vault.totals().counted, 0);
    }

    function testARebaseDownCountsAtOnceAndNoUnitIsLost() public {
        _filled();
        uint256 units = _units(0);
        uint256 before = vault.totalValue();
        _report(stETH, -30 ether);
        // But for the virtual thousand of the strategy, which no report reaches.
        vm.assertApproxEqAbs(_units(0), units, 1000, "units stand still");
        // wstETH is stETH wrapped: both fall.
        vm.assertLt(vault.totalValue(), before);
    }

    // ----- gains, over time

    function testGainsVestInAStraightLine() public {
        _filled();
        uint256 before = vault.totalValue();
        _report(rEthPool, 2 ether);
        uint256 gain = vault.totals().unbooked;
        vm.assertGt(gain, 0.1 ether);
        vm.assertEq(vault.totals().counted, before, "nothing before a sync");
        uint256 fee = gain * FEE_BPS / 10_000;
        vault.sync();
        vm.assertEq(vault.totals().locked, gain - fee);
        vm.assertApproxEqAbs(vault.totalValue(), before + fee, 1, "only the fee, which came with shares");
        for (uint256 day = 1; day <= 7; day++) {
            _pass(1 days);
            vm.assertApproxEqAbs(vault.totalValue(), before + fee + (gain - fee) * day / 7, 1);
        }
        vm.assertEq(vault.totals().locked, 0);
        _pass(1 days);
        vm.assertApproxEqAbs(vault.totalValue(), before + gain, 1);
    }

    function testTheFeeDoesNotMoveTheRate() public {
        _filled();
        uint256 rate = vault.getRate();
        uint256 value = vault.totalValue();
        _report(rEthPool, 2 ether);
        uint256 gain = vault.totals().unbooked;
        uint256 fee = gain * FEE_BPS / 10_000;
        vm.assertEq(vault.getRate(), rate, "before the sync");
        vault.sync();
        vm.assertEq(vault.getRate(), rate, "after it");
        vm.assertApproxEqAbs(vault.valueOfShares(lrt.balanceOf(TREASURY)), fee, 2);
        vm.assertEq(vault.totalValue(), value + fee);
    }

    function testAnEventForEveryGain() public {
        _filled();
        _report(rEthPool, 2 ether);
        uint256 gain = vault.totals().unbooked;
        uint256 fee = gain * FEE_BPS / 10_000;
        vm.expectEmit(address(vault));
        emit ILrtVault.Synced(
            gain, fee, vault.sharesForValue(fee), gain - fee, vm.getBlockTimestamp() + VESTING
        );
        vault.sync();
    }

    function testNoFeeOnGainsThatMakeALossGood() public {
        _filled();
        _report(rEthPool, -10 ether);
        vault.sync();
        _report(rEthPool, 2 ether);
        vault.sync();
        vm.assertEq(lrt.balanceOf(TREASURY), 0);
        vm.assertGt(vault.totals().locked, 0);
        for (uint256 i = 0; i < 6; i++) {
            _report(rEthPool, 2 ether);
        }
        vault.sync();
        vm.assertGt(lrt.balanceOf(TREASURY), 0);
    }

    function testDustCannotStretchTheVesting() public {
        _filled();
        _report(rEthPool, 2 ether);
        vault.sync();
        uint256 start = vault.totalValue();
        uint256 locked = vault.totals().locked;
        for (uint256 i = 0; i < 7; i++) {
            _pass(1 days);
            // A wei or two at a time, as gifts to a strategy.
            _give(WHALE, address(strategies[2]), 2, 10);
            vault.sync();
        }
        _pass(1 minutes);
        vm.assertLe(vault.totals().locked, 100);
        vm.assertApproxEqAbs(vault.totalValue(), start + locked, 100);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_lockedGainsMergeByWeight(uint256 first, uint256 second, uint256 time) public {
        first = bound(first, 0.01 ether, 2 ether);
        second = bound(second, 0.01 ether, 2 ether);
        _filled();
        _report(rEthPool, int256(first));
        vault.sync();
        _pass(bound(time, 0, 5 days));
        uint256 rate = vault.getRate();
        _report(rEthPool, int256(second));
        uint256 later = vault.getRate();
        vm.assertGe(later, rate);
        vault.sync();
        vm.assertEq(vault.getRate(), later, "a sync does not move the rate");
        _pass(VESTING);
        vm.assertEq(vault.totals().locked, 0);
    }

    function testEnteringBeforeAReportAndLeavingAfterGainsNothing() public {
        _filled();
        uint256 shares = _in(BOB, 2, 400 ether);
        uint256 paidIn = vault.valueOfShares(shares);
        _report(rEthPool, 2 ether);
        vault.sync();
        _request(BOB, 2, shares);
        _pass(30 days);
        _settleExits();
        _assertAtMost(_claimAll(BOB), paidIn, "no more than what came in");
    }

    function testLeavingBeforeASlashThatIsComingBearsIt() public {
        _filled();
        uint256 shares = _in(BOB, 2, 100 ether);
        uint256 paidIn = vault.valueOfShares(shares);
        _request(BOB, 2, shares);
        // What happened before Bob asked to leave is slashed while he waits.
        _mine(DELAY - 1);
        uint256 value = vault.totalValue();
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _slash(operatorList[0], kind, 1e18);
        }
        uint256 left = vault.totalValue();
        _settleExits();
        _assertClose(_claimAll(BOB), paidIn * left / value, 1e9, "his part of the loss");
    }

    // ----- counted once

    function testEveryUnitIsCountedOnceOnItsWay() public {
        _filled();
        uint256 value = vault.totalValue();
        uint256 rate = vault.getRate();
        uint256 shares = lrt.balanceOf(ALICE) / 2;
        _request(ALICE, 1, shares);
        vm.assertEq(vault.totalValue(), value, "requested");
        vault.unstake();
        vm.assertApproxEqAbs(vault.totalValue(), value, 20, "queued in the core");
        vm.assertGt(_holding(2).queued, 0);
        _mine(DELAY + 1);
        _completeAll();
        vm.assertEq(_holding(2).queued, 0);
        vm.assertGt(_holding(2).idle, 0);
        vm.assertApproxEqAbs(vault.totalValue(), value, 40, "idle");
        vault.fulfil(1);
        vm.assertApproxEqAbs(vault.totalValue(), value - value / 2, 60, "reserved is not the holders'");
        vm.assertGt(_holding(2).reserved, 0);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1);
        vm.assertApproxEqAbs(_claimAll(ALICE), value / 2, 60);
        vm.assertEq(_holding(2).reserved, 0);
    }

    function testAForcedUndelegationLeavesTheRate() public {
        _filled();
        uint256 rate = vault.getRate();
        uint256 value = vault.totalValue();
        address account = _account(1);
        vm.prank(operatorList[1]);
        delegation.undelegate(account);
        vm.assertFalse(vault.operators()[1].delegated);
        vm.assertEq(vault.operators()[1].openWithdrawals, 4);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1);
        vm.assertApproxEqAbs(vault.totalValue(), value, 20);
        // Still slashable, and still in the rate.
        _slash(operatorList[1], 0, 1e18);
        vm.assertLt(vault.getRate(), rate - rate / 100);
        uint256 slashed = vault.totalValue();
        _mine(DELAY + 1);
        _completeAll();
        vm.assertApproxEqAbs(vault.totalValue(), slashed, 30, "completed");
        vm.assertEq(vault.operators()[1].openWithdrawals, 0);
    }

    function testGiftsToTheVaultCountNothing() public {
        _filled();
        uint256 rate = vault.getRate();
        Holding memory before = _holding(2);
        _give(WHALE, address(vault), 2, 50 ether);
        _give(WHALE, address(vault), 0, 50 ether);
        vault.sync();
        vm.assertEq(vault.getRate(), rate);
        vm.assertEq(vault.totals().locked, 0);
        vm.assertEq(_holding(2).idle, before.idle);
    }

    function testGiftsToAStrategyOrAnAccountVest() public {
        _filled();
        uint256 rate = vault.getRate();
        _give(WHALE, address(strategies[2]), 2, 50 ether);
        vm.assertEq(vault.getRate(), rate, "strategy");
        _give(WHALE, _account(0), 2, 50 ether);
        _in(BOB, 2, 10 ether);
        _restake(2);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1, "account");
        vault.sync();
        vm.assertApproxEqAbs(vault.getRate(), rate, 1, "booked");
        vm.assertGt(vault.totals().locked, 40 ether);
    }

    function testMoreLostThanVestedLeavesNothing() public {
        _in(ALICE, 2, 1 ether);
        // A gift much larger than the vault, which does not vest at once.
        _give(WHALE, _account(0), 2, 500 ether);
        _in(ALICE, 2, 1 ether);
        _restake(2);
        vault.sync();
        vm.assertGt(vault.totals().locked, 400 ether);
        _slash(operatorList[0], 2, 1e18);
        vm.assertEq(vault.totalValue(), 0, "nothing has vested of what is left");
        _pass(VESTING);
        vm.assertGt(vault.totalValue(), 0);
    }
}
