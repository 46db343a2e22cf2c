// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {Validators} from "../../lst/Validators.sol";
import {Bounds, IStakingPool, UnstakeRequest} from "../../lst/interfaces/IStakingPool.sol";
import {LstSetup} from "./LstSetup.sol";

/// @notice Takes no ETH.
contract Closed {}

/// @notice What every pool does, whatever the shape of its token. Each test runs over all three.
contract StakingPoolsTest is LstSetup {
    function testADepositIsMintedAndPooled() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            uint256 before = pool.pooledEth();
            vm.expectEmit(address(pool));
            bool firstOfShares = before == 0 && address(pool) != address(cbEthPool);
            emit IStakingPool.Deposited(ALICE, 10 ether, firstOfShares ? 10 ether - DEAD_UNITS : 10 ether);
            _deposit(pool, ALICE, 10 ether);
            vm.assertEq(pool.pooledEth(), before + 10 ether);
            vm.assertEq(pool.bufferedEth(), pool.pooledEth());
            vm.assertEq(pool.stakedEth(), 0);
            vm.assertEq(_rate(kind), 1 ether);
        }
    }

    function testADepositThatWouldBeWorthNothingIsRefused() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.DepositTooSmall.selector, 0));
            _deposit(pool, ALICE, 0);
        }
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.DepositTooSmall.selector, DEAD_UNITS));
        _deposit(stETH, ALICE, DEAD_UNITS);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.DepositTooSmall.selector, DEAD_UNITS));
        _deposit(rEthPool, ALICE, DEAD_UNITS);
    }

    function testEthThatIsJustSentIsRefused() public {
        for (uint256 kind; kind < 4; ++kind) {
            (bool sent,) = address(_pool(kind)).call{value: 1}("");
            vm.assertFalse(sent);
        }
    }

    function testForcedEthChangesNoRate() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            vm.deal(address(pool), address(pool).balance + 100 ether);
            vm.deal(address(pool.validators()), 100 ether);
            vm.assertEq(_rate(kind), 1 ether);
        }
    }

    function testEmptiedPoolsDeadUnitsHoldTheRate() public {
        // Deposits and exits whose roundings all stay in the pool: the classic way to a unit worth a fortune.
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 1 ether);
            _request(pool, ALICE, IERC20(pool.token()).balanceOf(ALICE));
            for (uint256 i; i < 50; ++i) {
                _deposit(pool, ALICE, 1_000_001);
                _request(pool, ALICE, IERC20(pool.token()).balanceOf(ALICE));
                _report(pool, 0);
                pool.finalize(100);
            }
            vm.assertGe(_rate(kind), 1 ether);
            vm.assertLe(_rate(kind), 1 ether + 1e8);
            _deposit(pool, BOB, 1 ether);
            vm.assertGe(_ethOf(pool, BOB), 1 ether - 1e8);
        }
    }

    // reports

    function testReportsMoveTheRate() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 100 ether);
            pool.stakeBuffered();
            uint256 before = pool.pooledEth();
            _report(pool, int256(before / 1000));
            vm.assertApproxEqAbs(_rate(kind), 1.001 ether, 1);
            _report(pool, -int256(before / 100));
            vm.assertApproxEqAbs(_rate(kind), 0.991 ether, 1);
            vm.assertEq(pool.pooledEth(), before + before / 1000 - before / 100);
            // wstETH is of the same pool as stETH: begin again.
            if (kind == 0) setUp();
        }
    }

    function testAReportOutOfTurnOrTooSoonIsRefused() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            uint256 index = uint256(pool.reportCount()) + 1;
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.OnlyOracle.selector, address(this)));
            pool.report(index, 0);
            vm.startPrank(ORACLE);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.ReportOutOfTurn.selector, index + 1, index));
            pool.report(index + 1, 0);
            uint256 until = pool.reportedAt() + 1 hours;
            vm.warp(until - 1);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.ReportTooSoon.selector, until));
            pool.report(index, 0);
            vm.warp(until);
            vm.expectEmit(address(pool));
            emit IStakingPool.Reported(index, 0, pool.pooledEth());
            pool.report(index, 0);
            if (address(pool) == address(cbEthPool)) cbEthPool.updateExchangeRate(1 ether);
            vm.stopPrank();
        }
    }

    function testAReportStaysWithinItsBounds() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 365 ether);
            pool.stakeBuffered();
            vm.warp(pool.reportedAt() + 1 days);
            uint256 pooled = pool.pooledEth();
            uint256 most = pooled / 365;
            uint256 index = uint256(pool.reportCount()) + 1;
            vm.startPrank(ORACLE);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.ReportGainTooLarge.selector, most + 1, most));
            pool.report(index, int256(most + 1));
            vm.expectRevert(
                abi.encodeWithSelector(IStakingPool.ReportLossTooLarge.selector, pooled / 10 + 1, pooled / 10)
            );
            pool.report(index, -int256(pooled / 10 + 1));
            vm.expectRevert(
                abi.encodeWithSelector(
                    IStakingPool.ReportLossTooLarge.selector, uint256(1) << 255, pooled / 10
                )
            );
            pool.report(index, type(int256).min);
            pool.report(index, int256(most));
            vm.stopPrank();
            vm.assertEq(pool.pooledEth(), pooled + most);
        }
    }

    function testValidatorsCannotLoseWhatIsHere() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            vm.warp(pool.reportedAt() + 1 days);
            uint256 index = uint256(pool.reportCount()) + 1;
            vm.prank(ORACLE);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.ReportLossTooLarge.selector, 1, 0));
            pool.report(index, -1);
        }
    }

    function testTheOwnerNamesTheOracleAndSetsTheBounds() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            vm.startPrank(BOB);
            vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB));
            pool.setOracle(BOB);
            vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB));
            pool.setBounds(_bounds());
            vm.stopPrank();
            vm.expectRevert(IStakingPool.OracleZero.selector);
            pool.setOracle(address(0));
            vm.expectEmit(address(pool));
            emit IStakingPool.OracleSet(BOB);
            pool.setOracle(BOB);
            vm.assertEq(pool.oracle(), BOB);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.BoundsOutOfRange.selector, 10_001, 10_000));
            pool.setBounds(Bounds(1, 10_001, 1));
            vm.expectEmit(address(pool));
            emit IStakingPool.BoundsSet(Bounds(1, 2, 3));
            pool.setBounds(Bounds(1, 2, 3));
            vm.assertEq(abi.encode(pool.bounds()), abi.encode(Bounds(1, 2, 3)));
        }
    }

    // validators

    function testWhatTheQueueDoesNotNeedIsStaked() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            _request(pool, ALICE, 4 ether);
            uint256 queued = pool.queuedEth();
            pool.stakeBuffered();
            vm.assertEq(pool.bufferedEth(), queued);
            vm.assertEq(address(pool.validators()).balance, pool.stakedEth());
            vm.expectRevert(IStakingPool.NothingToStake.selector);
            pool.stakeBuffered();
        }
    }

    function testWhatTheQueueLacksIsTakenBack() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            pool.stakeBuffered();
            vm.expectRevert(IStakingPool.NothingToUnstake.selector);
            pool.unstakeForQueue();
            uint256 id = _request(pool, ALICE, 4 ether);
            _report(pool, 0);
            vm.assertEq(pool.finalize(1), 0, "there is nothing here to pay with");
            vm.expectEmit(address(pool));
            emit IStakingPool.UnstakedFromValidators(pool.queuedEth());
            pool.unstakeForQueue();
            vm.assertEq(pool.bufferedEth(), pool.queuedEth());
            vm.assertEq(pool.finalize(1), 1);
            _claim(pool, ALICE, id);
        }
    }

    function testTakesNoMoreThanValidatorsHave() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            uint256 had = address(pool.validators()).balance;
            _deposit(pool, ALICE, 10 ether);
            pool.stakeBuffered();
            // Lost, and not reported yet.
            pool.validators().penalize(had + 7 ether);
            _request(pool, ALICE, 4 ether);
            pool.unstakeForQueue();
            vm.assertEq(pool.bufferedEth(), 3 ether);
            if (kind == 0) setUp();
        }
    }

    function testOnlyTheirPoolAndTheChainMoveValidatorsEth() public {
        Validators validators = stETH.validators();
        vm.expectRevert(abi.encodeWithSelector(Validators.OnlyPool.selector, address(this)));
        validators.withdraw(1);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(Validators.OnlyChain.selector, BOB));
        validators.penalize(1);
        vm.expectRevert(abi.encodeWithSelector(Errors.InsufficientBalance.selector, 0, 1));
        validators.penalize(1);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.OnlyValidators.selector, address(this)));
        stETH.receiveFromValidators();
    }

    // unstaking

    function testARequestIsPaidAfterAReport() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            uint256 id = pool.requestCount();
            vm.startPrank(ALICE);
            IERC20(pool.token()).approve(address(pool), 4 ether);
            vm.expectEmit(address(pool));
            emit IStakingPool.UnstakeRequested(id, BOB, 4 ether, 4 ether);
            vm.assertEq(pool.requestUnstake(4 ether, BOB), id);
            vm.stopPrank();
            vm.assertEq(pool.queuedEth(), 4 ether);

            vm.assertEq(pool.finalize(10), 0, "no report came after it");
            vm.prank(BOB);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.RequestNotFinalized.selector, id));
            pool.claim(_ids(id), BOB);

            _report(pool, 0);
            vm.expectEmit(address(pool));
            emit IStakingPool.UnstakeFinalized(id, 4 ether);
            vm.assertEq(pool.finalize(10), 1);
            vm.assertEq(pool.reservedEth(), 4 ether);
            vm.assertEq(pool.queuedEth(), 0);
            vm.assertEq(pool.finalizedCount(), id + 1);

            vm.expectRevert(abi.encodeWithSelector(IStakingPool.OnlyRequestOwner.selector, id, BOB));
            pool.claim(_ids(id), address(this));
            vm.assertEq(_claim(pool, BOB, id), 4 ether);
            vm.assertTrue(pool.requestOf(id).claimed);
            vm.assertEq(pool.reservedEth(), 0);
            vm.prank(BOB);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.RequestClaimed.selector, id));
            pool.claim(_ids(id), BOB);
        }
    }

    function testARequestPaysAtMostTheRateThatItWasMadeAt() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 100 ether);
            _deposit(pool, BOB, 100 ether);
            uint256 id = _request(pool, ALICE, 50 ether);
            uint256 rate = _rate(kind);
            _report(pool, 0.2 ether);
            vm.assertEq(pool.finalize(1), 1);
            vm.assertApproxEqAbs(_claim(pool, ALICE, id), 50 ether, 1);
            vm.assertGe(_rate(kind), rate, "what it did not get is the others'");
            if (kind == 0) setUp();
        }
    }

    function testARequestBearsTheLossesUntilItIsFinalized() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 100 ether);
            pool.stakeBuffered();
            uint256 id = _request(pool, ALICE, 50 ether);
            _report(pool, -10 ether);
            pool.unstakeForQueue();
            vm.assertEq(pool.finalize(1), 1);
            vm.assertApproxEqAbs(_claim(pool, ALICE, id), 45 ether, 10);
            _report(pool, -1 ether);
            vm.assertEq(pool.requestOf(id).claimed, true);
            if (kind == 0) setUp();
        }
    }

    function testTheQueueIsFirstComeFirstServed() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 20 ether);
            pool.stakeBuffered();
            uint256 large = _request(pool, ALICE, 15 ether);
            uint256 small = _request(pool, ALICE, 1 ether);
            _report(pool, 0);
            _deposit(pool, BOB, 2 ether);
            vm.assertEq(pool.finalize(100), 0, "the small one does not overtake");
            _deposit(pool, BOB, 13 ether);
            vm.assertEq(pool.finalize(100), 1);
            vm.assertEq(pool.finalizedCount(), large + 1);
            _deposit(pool, BOB, 1 ether);
            vm.assertEq(pool.finalize(0), 0, "as many as the caller says");
            vm.assertEq(pool.finalize(1), 1);
            vm.assertEq(pool.finalizedCount(), small + 1);
        }
    }

    function testRequestsHaveLimits() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 2000 ether);
            vm.startPrank(ALICE);
            IERC20(pool.token()).approve(address(pool), type(uint256).max);
            vm.expectRevert(IStakingPool.RequestOwnerZero.selector);
            pool.requestUnstake(1 ether, address(0));
            vm.expectRevert(
                abi.encodeWithSelector(IStakingPool.RequestOutOfRange.selector, 999_999, 1e6, 1000 ether)
            );
            pool.requestUnstake(999_999, ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IStakingPool.RequestOutOfRange.selector, 1000 ether + 1, 1e6, 1000 ether
                )
            );
            pool.requestUnstake(1000 ether + 1, ALICE);
            uint256 count = pool.requestCount();
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.RequestUnknown.selector, count));
            pool.requestOf(count);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.RequestUnknown.selector, count));
            pool.claim(_ids(count), ALICE);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.BatchTooLarge.selector, 101, 100));
            pool.claim(new uint256[](101), ALICE);
            vm.expectRevert(abi.encodeWithSelector(IStakingPool.BatchTooLarge.selector, 101, 100));
            pool.finalize(101);
            vm.stopPrank();
        }
    }

    function testAFullBatchFitsIntoATransaction() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 200 ether);
            uint256 first = pool.requestCount();
            for (uint256 i; i < 100; ++i) {
                _request(pool, ALICE, 1 ether);
            }
            _report(pool, 0);
            uint256 gas = gasleft();
            vm.assertEq(pool.finalize(100), 100);
            vm.assertLt(gas - gasleft(), 12_000_000);
            uint256[] memory ids = new uint256[](100);
            for (uint256 i; i < 100; ++i) {
                ids[i] = first + i;
            }
            gas = gasleft();
            vm.prank(ALICE);
            pool.claim(ids, ALICE);
            vm.assertLt(gas - gasleft(), 12_000_000);
        }
    }

    function testAPaymentThatIsRefusedLosesNothing() public {
        Closed closed = new Closed();
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            _deposit(pool, ALICE, 10 ether);
            uint256 id = _request(pool, ALICE, 1 ether);
            _report(pool, 0);
            pool.finalize(1);
            vm.prank(ALICE);
            vm.expectRevert(
                abi.encodeWithSelector(IStakingPool.PaymentFailed.selector, address(closed), 1 ether)
            );
            pool.claim(_ids(id), address(closed));
            vm.assertEq(_claim(pool, ALICE, id), 1 ether);
        }
    }

    function testARecipientCannotComeBackDuringItsPayment() public {
        for (uint256 kind; kind < 4; ++kind) {
            UnstakeQueue pool = _pool(kind);
            Reentrant thief = new Reentrant();
            _deposit(pool, ALICE, 10 ether);
            vm.startPrank(ALICE);
            IERC20(pool.token()).approve(address(pool), 10 ether);
            uint256 id = pool.requestUnstake(1 ether, address(thief));
            vm.stopPrank();
            _report(pool, 0);
            pool.finalize(1);
            uint256 before = address(pool).balance;
            thief.attack(pool, id);
            vm.assertEq(before - address(pool).balance, 1 ether);
            vm.assertEq(thief.refused(), 3);
        }
    }

    function testFuzzNobodyGainsByDepositAndExit(uint256 kind, uint256 eth, uint256 gain, uint256 loss)
        public
    {
        UnstakeQueue pool = _pool(kind = bound(kind, 0, 3));
        _deposit(pool, ALICE, 100 ether);
        pool.stakeBuffered();
        _report(pool, int256(bound(gain, 0, 0.2 ether)));
        _report(pool, -int256(bound(loss, 0, 9 ether)));
        eth = bound(eth, 2e6, 500 ether);
        uint256 rate = _rate(kind);
        _deposit(pool, BOB, eth);
        vm.assertGe(_rate(kind), rate, "a deposit lowered the rate");
        vm.assertLe(_ethOf(pool, BOB), eth);
        uint256 amount = IERC20(pool.token()).balanceOf(BOB);
        uint256 id = _request(pool, BOB, amount);
        _report(pool, 0);
        vm.assertEq(pool.finalize(1), 1);
        vm.assertLe(_claim(pool, BOB, id), eth);
        vm.assertGe(_rate(kind), rate, "an exit lowered the rate");
    }

    function _ethOf(UnstakeQueue pool, address account) private view returns (uint256) {
        uint256 balance = IERC20(pool.token()).balanceOf(account);
        if (address(pool) == address(cbEthPool)) return balance * cbETH.exchangeRate() / 1 ether;
        return address(pool) == address(rEthPool) ? rETH.getEthValue(balance) : balance;
    }
}

/// @notice Tries everything that moves ETH while it is paid.
contract Reentrant {
    uint256 public refused;
    UnstakeQueue private _pool;
    uint256[] private _ids;

    function attack(UnstakeQueue pool, uint256 id) external {
        _pool = pool;
        _ids.push(id);
        pool.claim(_ids, address(this));
    }

    receive() external payable {
        try _pool.claim(_ids, address(this)) {}
        catch {
            ++refused;
        }
        try _pool.deposit{value: 1}() {}
        catch {
            ++refused;
        }
        try _pool.finalize(1) {}
        catch {
            ++refused;
        }
    }
}
