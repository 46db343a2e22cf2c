// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {CbEthPool} from "../../lst/CbEthPool.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {PoolToken} from "../../lst/PoolToken.sol";
import {StETH} from "../../lst/StETH.sol";
import {WstETH} from "../../lst/WstETH.sol";
import {ICbETH} from "../../lst/interfaces/ICbETH.sol";
import {IRETH} from "../../lst/interfaces/IRETH.sol";
import {IStETH} from "../../lst/interfaces/IStETH.sol";
import {Bounds, IStakingPool} from "../../lst/interfaces/IStakingPool.sol";
import {LstSetup} from "./LstSetup.sol";

/// @notice The rebasing token, and its wrapping.
contract StEthTest is LstSetup {
    function testItsSupplyIsTheirEth() public {
        vm.prank(ALICE);
        vm.expectEmit(address(stETH));
        emit IStETH.Submitted(ALICE, 10 ether, BOB);
        vm.assertEq(stETH.submit{value: 10 ether}(BOB), 10 ether - DEAD_UNITS);
        vm.assertEq(stETH.totalSupply(), 10 ether);
        vm.assertEq(stETH.getTotalPooledEther(), 10 ether);
        vm.assertEq(stETH.getTotalShares(), 10 ether);
        vm.assertEq(stETH.sharesOf(address(0xdEaD)), DEAD_UNITS);
        vm.assertEq(stETH.token(), address(stETH));
        vm.assertEq(uint256(stETH.decimals()), 18);
    }

    function testAReportMovesBalancesAndNoShares() public {
        _deposit(stETH, ALICE, 100 ether);
        _deposit(stETH, BOB, 300 ether);
        stETH.stakeBuffered();
        uint256 shares = stETH.sharesOf(BOB);
        vm.warp(vm.getBlockTimestamp() + DAY);
        vm.expectEmit(address(stETH));
        emit IStETH.TokenRebased(vm.getBlockTimestamp(), DAY, 400 ether, 400 ether, 400 ether, 400.4 ether, 0);
        vm.prank(ORACLE);
        stETH.report(1, 0.4 ether);
        vm.assertEq(stETH.sharesOf(BOB), shares);
        vm.assertApproxEqAbs(stETH.balanceOf(BOB), 300.3 ether, 1);
        vm.assertApproxEqAbs(stETH.balanceOf(ALICE), 100.1 ether, 1.1e12);
    }

    function testATransferMovesTheSharesOfAnAmountRoundedDown() public {
        _deposit(stETH, ALICE, 100 ether);
        _report(stETH, 0.1 ether);
        uint256 shares = stETH.getSharesByPooledEth(10 ether);
        vm.expectEmit(address(stETH));
        emit IERC20.Transfer(ALICE, BOB, 10 ether);
        vm.expectEmit(address(stETH));
        emit IStETH.TransferShares(ALICE, BOB, shares);
        vm.prank(ALICE);
        vm.assertTrue(stETH.transfer(BOB, 10 ether));
        vm.assertEq(stETH.sharesOf(BOB), shares);
        vm.assertLe(stETH.balanceOf(BOB), 10 ether);
        vm.assertGe(stETH.balanceOf(BOB), 10 ether - 2, "one or two wei are lost to rounding");
    }

    function testSharesAreTransferredExactly() public {
        _deposit(stETH, ALICE, 100 ether);
        _report(stETH, 0.1 ether);
        uint256 amount = stETH.getPooledEthByShares(7 ether);
        vm.startPrank(ALICE);
        vm.expectEmit(address(stETH));
        emit IERC20.Transfer(ALICE, BOB, amount);
        vm.expectEmit(address(stETH));
        emit IStETH.TransferShares(ALICE, BOB, 7 ether);
        vm.assertEq(stETH.transferShares(BOB, 7 ether), amount);
        stETH.approve(BOB, amount);
        vm.stopPrank();
        vm.startPrank(BOB);
        vm.assertEq(stETH.transferSharesFrom(ALICE, BOB, 7 ether), amount);
        vm.assertEq(stETH.sharesOf(BOB), 14 ether);
        vm.assertEq(stETH.allowance(ALICE, BOB), 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, BOB, 0, stETH.getPooledEthByShares(1 ether)
            )
        );
        stETH.transferSharesFrom(ALICE, BOB, 1 ether);
    }

    function testNoTransferOfMoreThanOnesOwnOrToNobodyOrToThePool() public {
        _deposit(stETH, ALICE, 100 ether);
        uint256 held = stETH.balanceOf(ALICE);
        vm.startPrank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, held, 100 ether)
        );
        stETH.transfer(BOB, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        stETH.transferShares(address(0), 1);
        vm.expectRevert(StETH.TransferToPool.selector);
        stETH.transfer(address(stETH), 1 ether);
        vm.expectRevert(StETH.TransferToPool.selector);
        stETH.transferShares(address(stETH), 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ALICE, held, 100 ether)
        );
        stETH.requestUnstake(100 ether, ALICE);
    }

    function testAFinalizedRequestsSharesAreBurned() public {
        _deposit(stETH, ALICE, 100 ether);
        _request(stETH, ALICE, 40 ether);
        _report(stETH, 0);
        vm.expectEmit(address(stETH));
        emit IStETH.SharesBurnt(address(stETH), 40 ether, 66_666_666_666_666_666_666, 40 ether);
        stETH.finalize(1);
        vm.assertEq(stETH.getTotalShares(), 60 ether);
        vm.assertEq(stETH.totalSupply(), 60 ether);
        vm.assertEq(stETH.sharesOf(address(stETH)), 0);
    }

    function testAPoolThatLostAllTakesNoDeposits() public {
        stETH.setBounds(Bounds(0, 10_000, 0));
        rEthPool.setBounds(Bounds(0, 10_000, 0));
        _deposit(stETH, ALICE, 1 ether);
        _deposit(rEthPool, ALICE, 1 ether);
        stETH.stakeBuffered();
        rEthPool.stakeBuffered();
        _report(stETH, -1 ether);
        _report(rEthPool, -1 ether);
        vm.expectRevert(IStakingPool.PoolEmpty.selector);
        _deposit(stETH, BOB, 1 ether);
        vm.expectRevert(IStakingPool.PoolEmpty.selector);
        _deposit(rEthPool, BOB, 1 ether);
        vm.assertEq(stETH.balanceOf(ALICE), 0);
        vm.assertEq(rETH.getExchangeRate(), 0);
    }

    // wrapping

    function testWrappedSharesStandStill() public {
        _deposit(stETH, ALICE, 100 ether);
        _report(stETH, 0.1 ether);
        vm.startPrank(ALICE);
        stETH.approve(address(wstETH), 50 ether);
        uint256 wrapped = wstETH.wrap(50 ether);
        vm.stopPrank();
        vm.assertEq(wrapped, stETH.getSharesByPooledEth(50 ether));
        vm.assertEq(stETH.sharesOf(address(wstETH)), wrapped);
        _report(stETH, 0.1 ether);
        vm.assertEq(wstETH.balanceOf(ALICE), wrapped);
        vm.assertEq(wstETH.getStETHByWstETH(wrapped), stETH.getPooledEthByShares(wrapped));
        vm.assertEq(wstETH.getWstETHByStETH(1 ether), stETH.getSharesByPooledEth(1 ether));
        vm.assertEq(wstETH.stEthPerToken(), stETH.getPooledEthByShares(1 ether));
        vm.assertEq(wstETH.tokensPerStEth(), stETH.getSharesByPooledEth(1 ether));
        vm.assertEq(wstETH.stETH(), address(stETH));
        vm.prank(ALICE);
        uint256 got = wstETH.unwrap(wrapped);
        vm.assertEq(got, stETH.getPooledEthByShares(wrapped));
        vm.assertEq(stETH.sharesOf(address(wstETH)), 0, "every share came back");
    }

    function testNothingIsNotWrapped() public {
        _deposit(stETH, ALICE, 1 ether);
        vm.expectRevert(WstETH.NothingToWrap.selector);
        wstETH.wrap(0);
        vm.expectRevert(WstETH.NothingToWrap.selector);
        wstETH.unwrap(0);
    }

    function testFuzzTransfersLoseAtMostTwoWeiAndMakeNone(uint256 gain, uint256 amount) public {
        _deposit(stETH, ALICE, 100 ether);
        _report(stETH, int256(bound(gain, 0, 0.27 ether)));
        uint256 held = stETH.balanceOf(ALICE);
        amount = bound(amount, 0, held);
        vm.prank(ALICE);
        stETH.transfer(BOB, amount);
        vm.assertLe(stETH.balanceOf(BOB), amount);
        vm.assertLe(amount - stETH.balanceOf(BOB), 2);
        vm.assertLe(stETH.balanceOf(ALICE) + stETH.balanceOf(BOB), held);
    }

    function testFuzzTheWrapperHoldsAShareForEachToken(uint256 gain, uint256 a, uint256 b) public {
        _deposit(stETH, ALICE, 100 ether);
        _report(stETH, int256(bound(gain, 0, 0.27 ether)));
        vm.startPrank(ALICE);
        stETH.approve(address(wstETH), type(uint256).max);
        uint256 wrapped = wstETH.wrap(bound(a, 2, stETH.balanceOf(ALICE)));
        vm.assertEq(stETH.sharesOf(address(wstETH)), wrapped);
        wstETH.unwrap(bound(b, 1, wrapped));
        vm.assertEq(stETH.sharesOf(address(wstETH)), wstETH.totalSupply());
    }
}

/// @notice The two tokens that have a rate.
contract RateTokensTest is LstSetup {
    function testTheRateIsThePoolsEthBySupply() public {
        vm.assertEq(rETH.getExchangeRate(), 1 ether);
        vm.assertEq(rETH.getRethValue(5), 5);
        vm.expectEmit(address(rETH));
        emit IRETH.TokensMinted(ALICE, 100 ether - DEAD_UNITS, 100 ether - DEAD_UNITS, vm.getBlockTimestamp());
        _deposit(rEthPool, ALICE, 100 ether);
        _report(rEthPool, 0.1 ether);
        vm.assertEq(rETH.getExchangeRate(), 1.001 ether);
        vm.assertEq(rETH.getEthValue(10 ether), 10.01 ether);
        vm.assertEq(rETH.getRethValue(10.01 ether), 10 ether);
        vm.assertEq(_deposit(rEthPool, BOB, 10.01 ether), 10 ether);
        _request(rEthPool, BOB, 10 ether);
        _report(rEthPool, 0);
        vm.expectEmit(address(rETH));
        emit IRETH.TokensBurned(address(rEthPool), 10 ether, 10.01 ether, vm.getBlockTimestamp());
        rEthPool.finalize(1);
        vm.assertEq(rETH.totalSupply(), 100 ether);
    }

    function testOnlyTheirPoolMintsAndBurns() public {
        bytes memory refused = abi.encodeWithSelector(PoolToken.OnlyPool.selector, address(this));
        vm.expectRevert(refused);
        rETH.mint(BOB, 1, 1);
        vm.expectRevert(refused);
        rETH.burn(1, 1);
        vm.expectRevert(refused);
        cbETH.mint(BOB, 1);
        vm.expectRevert(refused);
        cbETH.burn(1);
        vm.expectRevert(refused);
        cbETH.updateExchangeRate(address(this), 1);
    }

    function testTheQueueTakesTokensByAllowance() public {
        _deposit(rEthPool, ALICE, 10 ether);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(rEthPool), 0, 1 ether
            )
        );
        rEthPool.requestUnstake(1 ether, ALICE);
    }

    // pushed rate

    function testARateIsPushed() public {
        _deposit(cbEthPool, ALICE, 365 ether);
        cbEthPool.stakeBuffered();
        vm.warp(vm.getBlockTimestamp() + DAY);
        vm.startPrank(ORACLE);
        cbEthPool.report(1, 0.365 ether);
        vm.assertEq(cbETH.exchangeRate(), 1 ether, "a report does not move it");
        vm.expectEmit(address(cbETH));
        emit ICbETH.ExchangeRateUpdated(ORACLE, 1.001 ether);
        cbEthPool.updateExchangeRate(1.001 ether);
        vm.stopPrank();
        vm.assertEq(cbETH.exchangeRate(), 1.001 ether);
        vm.assertEq(_deposit(cbEthPool, BOB, 1.001 ether), 1 ether);
    }

    function testNothingIsMintedOrFinalizedBetweenAReportAndItsRate() public {
        _deposit(cbEthPool, ALICE, 10 ether);
        _request(cbEthPool, ALICE, 1 ether);
        vm.warp(vm.getBlockTimestamp() + DAY);
        vm.prank(ORACLE);
        cbEthPool.report(1, 0);
        vm.expectRevert(CbEthPool.RateOutdated.selector);
        _deposit(cbEthPool, BOB, 1 ether);
        vm.expectRevert(CbEthPool.RateOutdated.selector);
        cbEthPool.finalize(1);
        vm.warp(vm.getBlockTimestamp() + DAY);
        vm.startPrank(ORACLE);
        vm.expectRevert(CbEthPool.RateOutdated.selector);
        cbEthPool.report(2, 0);
        cbEthPool.updateExchangeRate(1 ether);
        vm.stopPrank();
        vm.assertEq(cbEthPool.finalize(1), 1);
    }

    function testARateIsBoundedAndBacked() public {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.OnlyOracle.selector, address(this)));
        cbEthPool.updateExchangeRate(1 ether);
        _deposit(cbEthPool, ALICE, 365 ether);
        vm.warp(cbEthPool.pushedAt() + DAY);
        uint256 most = 1 ether + uint256(1 ether) / 365;
        uint256 least = 0.9 ether - 1;
        vm.startPrank(ORACLE);
        vm.expectRevert(abi.encodeWithSelector(CbEthPool.RateOutOfRange.selector, most + 1, least, most));
        cbEthPool.updateExchangeRate(most + 1);
        vm.expectRevert(abi.encodeWithSelector(CbEthPool.RateOutOfRange.selector, least - 1, least, most));
        cbEthPool.updateExchangeRate(least - 1);
        vm.expectRevert(abi.encodeWithSelector(CbEthPool.RateNotBacked.selector, 365 ether + 365, 365 ether));
        cbEthPool.updateExchangeRate(1 ether + 1);
        cbEthPool.updateExchangeRate(least);
        vm.assertEq(cbETH.exchangeRate(), least);
    }

    function testARateNeverReachesZero() public {
        cbEthPool.setBounds(Bounds(0, 10_000, 0));
        vm.startPrank(ORACLE);
        vm.expectRevert(abi.encodeWithSelector(CbEthPool.RateOutOfRange.selector, 0, 1, 1 ether));
        cbEthPool.updateExchangeRate(0);
        cbEthPool.updateExchangeRate(1);
        vm.assertEq(cbETH.exchangeRate(), 1);
    }

    function testFuzzTheRateOfALossIsAlwaysAccepted(uint256 eth, uint256 loss) public {
        eth = bound(eth, 1, 1e6 ether);
        _deposit(cbEthPool, ALICE, eth);
        cbEthPool.stakeBuffered();
        loss = bound(loss, 0, eth / 10);
        _report(cbEthPool, -int256(loss));
        vm.assertLe(cbETH.totalSupply() * cbETH.exchangeRate() / 1 ether, cbEthPool.pooledEth());
    }
}

/// @notice What the tokens are worth, as the LRT and the weights read it.
contract LstRatesTest is LstSetup {
    function testUnitsAndAmountsAndTheirWorth() public {
        for (uint256 kind; kind < 4; ++kind) {
            _deposit(_pool(kind), ALICE, 1000 ether);
            if (kind != 1) _report(_pool(kind), 1 ether);
            if (kind == 0) vm.assertEq(stETH.pooledEth(), 1001 ether);
            LstRates.Kind k = LstRates.Kind(kind);
            address lst = address(_token(kind));
            uint256 rate = LstRates.unitRate(k, lst);
            vm.assertGt(rate, 1 ether);
            uint256 units = LstRates.toUnits(k, lst, 10 ether);
            uint256 amount = LstRates.toAmount(k, lst, units);
            uint256 value = LstRates.ethValue(k, lst, 10 ether);
            vm.assertApproxEqAbs(amount, 10 ether, 2);
            vm.assertLe(amount, 10 ether);
            vm.assertApproxEqAbs(value, kind == 0 ? 10 ether : 10 * rate, 10);
            vm.assertApproxEqAbs(value, units * rate / 1 ether, 20);
            if (kind == 0) vm.assertLt(units, 10 ether);
            else vm.assertEq(units, 10 ether);
        }
    }
}
