// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ILrtEntry} from "../../lrt/interfaces/ILrtEntry.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {Lst} from "../../lrt/interfaces/ILrtTypes.sol";
import {LrtSetup} from "./LrtSetup.sol";

contract LrtDepositsTest is LrtSetup {
    function testFirstDepositMintsItsValue() public {
        for (uint256 kind = 0; kind < KINDS; kind++) {
            uint256 amount = _acquire(kind, ALICE, 10 ether);
            uint256 value = _ethValue(kind, amount);
            vm.startPrank(ALICE);
            _token(kind).approve(address(entries[kind]), amount);
            uint256 before = lrt.balanceOf(ALICE);
            uint256 preview = entries[kind].previewDeposit(amount);
            uint256 shares = entries[kind].deposit(amount, ALICE);
            vm.stopPrank();
            vm.assertEq(shares, preview, "preview");
            vm.assertEq(lrt.balanceOf(ALICE) - before, shares);
            vm.assertApproxEqAbs(shares, value, 3, "value");
            vm.assertApproxEqAbs(_holding(kind).idle * _rate(kind) / 1e18, value, 3, "idle");
        }
        vm.assertApproxEqAbs(vault.getRate(), 1e18, 2);
    }

    function testEventsOfADeposit() public {
        uint256 amount = _acquire(2, ALICE, 10 ether);
        uint256 value = _ethValue(2, amount);
        vm.startPrank(ALICE);
        _token(2).approve(address(entries[2]), amount);
        vm.expectEmit(address(vault));
        emit ILrtVault.Deposited(lsts[2], BOB, amount, value, value);
        vm.expectEmit(address(entries[2]));
        emit ILrtEntry.Deposit(ALICE, BOB, amount, value);
        entries[2].deposit(amount, BOB);
        vm.stopPrank();
    }

    function testFuzz_mintGivesExactlyTheShares(uint256 kind, uint256 shares, uint256 gain) public {
        kind = bound(kind, 0, 3);
        shares = bound(shares, 1e6, 50 ether);
        _in(ALICE, 0, 100 ether);
        _report(stETH, int256(bound(gain, 0, 5 ether)));
        vault.sync();
        _pass(3 days);
        _acquire(kind, BOB, 100 ether);
        uint256 rate = vault.getRate();
        vm.startPrank(BOB);
        _token(kind).approve(address(entries[kind]), type(uint256).max);
        uint256 preview = entries[kind].previewMint(shares);
        uint256 before = _token(kind).balanceOf(BOB);
        uint256 assets = entries[kind].mint(shares, BOB);
        vm.stopPrank();
        vm.assertEq(assets, preview, "preview");
        vm.assertEq(lrt.balanceOf(BOB), shares);
        vm.assertApproxEqAbs(before - _token(kind).balanceOf(BOB), assets, 2);
        vm.assertGe(_ethValue(kind, assets) + 2, vault.valueOfShares(shares), "paid for");
        vm.assertGe(vault.getRate(), rate, "rate");
    }

    function testFuzz_depositNeverLowersTheRate(uint256 kind, uint256 eth, uint256 gain, uint256 time)
        public
    {
        kind = bound(kind, 0, 3);
        _in(ALICE, 2, 10 ether);
        _report(rEthPool, int256(bound(gain, 0, 2 ether)));
        vault.sync();
        _pass(bound(time, 0, 8 days));
        uint256 rate = vault.getRate();
        uint256 shares = _in(BOB, kind, bound(eth, 1e6, 1000 ether));
        vm.assertGe(vault.getRate(), rate, "rate");
        vm.assertGt(shares, 0);
    }

    function testNoShareNoDeposit() public {
        _in(ALICE, 2, 10 ether);
        vm.startPrank(BOB);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroShares.selector);
        entries[2].deposit(0, BOB);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroShares.selector);
        entries[2].mint(0, BOB);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroAddress.selector);
        entries[2].deposit(1 ether, address(0));
        vm.stopPrank();
    }

    function testTheCapCountsAllThatTheVaultHas() public {
        vm.prank(PAUSER);
        vault.lowerCap(address(rETH), 15 ether);
        _in(ALICE, 2, 10 ether);
        _restake(2);
        uint256 left = vault.depositRoom(address(rETH));
        vm.assertApproxEqAbs(left, 5 ether, 10);
        uint256 amount = _acquire(2, BOB, 6 ether);
        uint256 value = _ethValue(2, amount);
        vm.startPrank(BOB);
        _token(2).approve(address(entries[2]), amount);
        vm.expectRevert(
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultCap.selector, address(rETH), value, left)
        );
        entries[2].deposit(amount, BOB);
        entries[2].deposit(entries[2].maxDeposit(BOB), BOB);
        vm.stopPrank();
        vm.assertLe(vault.depositRoom(address(rETH)), 2);
    }

    function testFuzz_maxMintIsAdmitted(uint256 kind, uint256 cap) public {
        kind = bound(kind, 0, 3);
        _in(ALICE, kind, 10 ether);
        vm.prank(PAUSER);
        vault.lowerCap(lsts[kind], uint128(bound(cap, 11 ether, 50 ether)));
        _acquire(kind, BOB, 100 ether);
        vm.startPrank(BOB);
        _token(kind).approve(address(entries[kind]), type(uint256).max);
        entries[kind].mint(entries[kind].maxMint(BOB), BOB);
        vm.stopPrank();
    }

    function testPauseStopsDeposits() public {
        _acquire(2, ALICE, 1 ether);
        vm.prank(PAUSER);
        vault.pause();
        vm.assertEq(entries[2].maxDeposit(ALICE), 0);
        vm.assertEq(entries[2].maxMint(ALICE), 0);
        vm.prank(ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultPaused.selector);
        entries[2].deposit(1 ether, ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultPaused.selector);
        _restake(2);
    }

    function testNothingComesInBeforeTheVaultIsOpen() public {
        ILrtVault young = _newVault(TIMELOCK, VESTING, FEE_BPS);
        Lst memory lst = _lst(2);
        vm.prank(OWNER);
        young.addLst(lst);
        ILrtEntry entry = ILrtEntry(young.lsts()[0].entry);
        vm.assertEq(entry.maxDeposit(ALICE), 0);
        vm.prank(ALICE);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNotOpen.selector);
        entry.deposit(1 ether, ALICE);
    }

    function testDepegAlarmStopsDeposits() public {
        _in(ALICE, 2, 10 ether);
        uint256 amount = _acquire(2, BOB, 1 ether);
        vm.prank(BOB);
        rETH.approve(address(entries[2]), amount);
        // Too low; stale; from the future; without an answer; zero; below zero.
        int256[3][5] memory bad = [
            [int256(9899), 0, 0],
            [int256(10_000), int256(uint256(HEARTBEAT)) + 1, 0],
            [int256(10_000), -1, 0],
            [int256(0), 0, 0],
            [-int256(10_000), 0, 0]
        ];
        for (uint256 i = 0; i <= bad.length; i++) {
            if (i == bad.length) feeds[2].set(10_000, 0, true);
            else feeds[2].set(bad[i][0], bad[i][1], false);
            vm.assertTrue(vault.depegged(address(rETH)));
            vm.assertEq(entries[2].maxDeposit(BOB), 0);
            vm.prank(BOB);
            vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultDepegged.selector, address(rETH)));
            entries[2].deposit(amount, BOB);
            // The others go on.
            vm.assertFalse(vault.depegged(address(stETH)));
        }
        feeds[2].set(9901, int256(uint256(HEARTBEAT)), false);
        vm.prank(BOB);
        entries[2].deposit(amount, BOB);
    }

    function testOnlyEntriesDeposit() public {
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyEntry.selector, address(this)));
        vault.depositFor(ALICE, ALICE, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyEntry.selector, address(this)));
        vault.requestExit(ALICE, 1, ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyEntry.selector, address(this)));
        vault.claim(ALICE, ALICE, ALICE, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyEntry.selector, address(this)));
        vault.setOperator(ALICE, ALICE, true);
        vm.expectRevert(abi.encodeWithSelector(ILrtEntry.LrtEntryOnlyVault.selector, address(this)));
        entries[0].pull(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtEntry.LrtEntryOnlyVault.selector, address(this)));
        entries[0].noteClaim(ALICE, ALICE, ALICE, 1, 1);
    }

    function testNoPriceWhenNothingIsLeft() public {
        _in(ALICE, 2, 10 ether);
        vault.restake(lsts[2]);
        vm.mockCall(
            address(delegation),
            abi.encodeWithSelector(delegation.getWithdrawableShares.selector),
            abi.encode(new uint256[](4), new uint256[](4))
        );
        vm.assertLe(vault.totalValue(), 2);
        vm.assertEq(vault.depositRoom(address(rETH)), 0);
        uint256 amount = _acquire(2, BOB, 1 ether);
        vm.startPrank(BOB);
        rETH.approve(address(entries[2]), amount);
        vm.expectRevert(ILrtVaultErrors.LrtVaultWorthless.selector);
        entries[2].deposit(amount, BOB);
        vm.stopPrank();
    }

    function testATokenThatArrivesShortCannotMint() public {
        uint256 amount = _acquire(2, BOB, 10 ether);
        vm.startPrank(BOB);
        rETH.approve(address(entries[2]), amount);
        // As a token that takes all of a transfer for itself.
        vm.mockCall(address(rETH), abi.encodeWithSelector(rETH.transferFrom.selector), abi.encode(true));
        uint256 needed = entries[2].previewMint(1 ether);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultShortDeposit.selector, 0, needed));
        entries[2].mint(1 ether, BOB);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroShares.selector);
        entries[2].deposit(amount, BOB);
        vm.stopPrank();
    }
}
