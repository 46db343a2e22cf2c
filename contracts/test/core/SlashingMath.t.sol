// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SlashingMath, WAD} from "../../core/SlashingMath.sol";
import {Test} from "../Vm.sol";

/// @notice Gives the library's functions a call of their own, so that a revert can be expected.
contract MathCaller {
    function nextScalingFactor(uint256 factor, uint256 deposit, uint256 added, uint256 slashing)
        external
        pure
        returns (uint256)
    {
        return SlashingMath.nextScalingFactor(factor, deposit, added, slashing);
    }
}

/// @notice The formulas and the direction of every rounding, as EigenLayer's documentation of shares states them.
contract SlashingMathTest is Test {
    uint256 private constant MOST_SHARES = 1e38 - 1;
    uint256 private constant ONE = 1e18;

    function testAKnownLife() public pure {
        // 100 shares, half slashed, 100 more deposited, a quarter of the rest slashed.
        uint256 factor = SlashingMath.nextScalingFactor(ONE, 100e18, 100e18, 0.5e18);
        vm.assertEq(factor, 1.5e18, "(50 + 100) / 200 / 0.5");
        vm.assertEq(SlashingMath.withdrawable(200e18, factor, 0.5e18), 150e18);
        vm.assertEq(SlashingMath.withdrawable(200e18, factor, 0.375e18), 112.5e18);
        vm.assertEq(SlashingMath.slashedShares(150e18, 0.5e18, 0.375e18), 37.5e18);
        vm.assertEq(SlashingMath.toDepositShares(112.5e18, factor, 0.375e18), 200e18);
        vm.assertEq(SlashingMath.scaled(200e18, factor), 300e18);
    }

    function testFuzzASlashIsNeverRoundedToNothing(uint64 magnitude, uint256 wad) public pure {
        magnitude = uint64(bound(magnitude, 1, ONE));
        wad = bound(wad, 1, ONE);
        uint64 part = SlashingMath.slashedPart(magnitude, wad);
        vm.assertGe(uint256(part) * ONE, uint256(magnitude) * wad, "rounded down");
        vm.assertLt((uint256(part) - 1) * ONE, uint256(magnitude) * wad, "more than the next whole one");
        vm.assertLe(part, magnitude);
    }

    function testFuzzWhatIsLeftOfAnOperatorsSharesIsRoundedUp(uint256 shares, uint64 from, uint64 to)
        public
        pure
    {
        shares = bound(shares, 0, MOST_SHARES);
        from = uint64(bound(from, 1, ONE));
        to = uint64(bound(to, 0, from));
        uint256 left = shares - SlashingMath.slashedShares(shares, from, to);
        vm.assertGe(left * from, shares * to);
        if (left != 0) vm.assertLt((left - 1) * from, shares * to);
    }

    function testFuzzWithdrawableIsRoundedDownTwice(uint256 deposit, uint256 factor, uint256 slashing)
        public
        pure
    {
        deposit = bound(deposit, 0, MOST_SHARES);
        factor = bound(factor, ONE, 1e36);
        slashing = bound(slashing, 0, ONE);
        uint256 scaled = deposit * factor / ONE;
        vm.assertEq(SlashingMath.scaled(deposit, factor), scaled);
        vm.assertEq(SlashingMath.withdrawable(deposit, factor, slashing), scaled * slashing / ONE);
        vm.assertEq(SlashingMath.mulWad(scaled, slashing), scaled * slashing / ONE, "queued or not");
    }

    function testFuzzAskingForSharesNeverTakesMore(uint256 shares, uint256 factor, uint256 slashing)
        public
        pure
    {
        shares = bound(shares, 0, 1e30);
        factor = bound(factor, ONE, 1e24);
        slashing = bound(slashing, 1e9, ONE);
        uint256 deposit = SlashingMath.toDepositShares(shares, factor, slashing);
        vm.assertEq(deposit, shares * ONE / factor * ONE / slashing);
        vm.assertLe(SlashingMath.withdrawable(deposit, factor, slashing), shares);
    }

    function testFuzzADepositIsWorthAtMostItself(
        uint256 deposit,
        uint256 factor,
        uint256 added,
        uint256 slashing
    ) public pure {
        deposit = bound(deposit, 0, 1e30);
        factor = bound(factor, ONE, 1e21);
        added = bound(added, 1, 1e30);
        slashing = bound(slashing, 1e6, ONE);
        uint256 before = SlashingMath.withdrawable(deposit, factor, slashing);
        uint256 next = SlashingMath.nextScalingFactor(factor, deposit, added, slashing);
        if (deposit == 0) {
            vm.assertEq(next, factor * ONE / slashing, "as it was, without what was slashed earlier");
            return;
        }
        vm.assertEq(next, (before + added) * ONE / (deposit + added) * ONE / slashing);
        vm.assertLe(SlashingMath.withdrawable(deposit + added, next, slashing), before + added);
    }

    function testAFactorOfNothingIsRefused() public {
        // Kept as 0 it would mean WAD, and give everything back.
        MathCaller caller = new MathCaller();
        vm.expectRevert(SlashingMath.InvalidDepositScalingFactor.selector);
        caller.nextScalingFactor(1, 1e37, 1, 1);
        vm.assertEq(WAD, ONE);
    }
}
