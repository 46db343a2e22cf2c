// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TestToken} from "../../core/TestToken.sol";
import {PriceSource} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";
import {FixedFeed} from "./MarketFeed.sol";

/// @notice A wallet that is a contract: taking ETH costs it more than the 2,300 gas that `transfer` leaves.
contract Safe {
    uint256[] public received;

    receive() external payable {
        received.push(msg.value);
    }

    function run(address target, bytes calldata data) external {
        (bool done, bytes memory why) = target.call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(why, 32), mload(why))
            }
        }
    }
}

/// @title AuditFindings: what audits of other liquid restaking protocols found, each with a test that fails without the
/// defence
/// @dev test/mutations has for each a patch that takes the defence out.
contract AuditFindings is LrtSetup {
    // ----- what there is, counted once

    function test_finding_queuedSharesKeyedToWrongAddress() public {
        _filled();
        uint256 value = vault.totalValue();
        _request(ALICE, 0, 100 ether);
        vault.unstake();
        vm.assertGt(_holding(2).queued, 20 ether, "the account's withdrawals, not the operator's");
        vm.assertApproxEqAbs(vault.totalValue(), value, 20);
    }

    function test_finding_wrongLoopIndexInTvl() public {
        // Of each LST another quantity at another rate, and the core lists them in another order than the vault.
        _in(ALICE, 0, 10 ether);
        _in(ALICE, 2, 70 ether);
        _in(ALICE, 3, 30 ether);
        _restake(3);
        _restake(2);
        _restake(0);
        uint256[4] memory units = [_units(0), _units(1), _units(2), _units(3)];
        address account = _account(0);
        vm.prank(operatorList[0]);
        delegation.undelegate(account);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            vm.assertApproxEqAbs(_units(kind), units[kind], 3);
        }
    }

    function test_finding_valueLeavesRateOnUndelegate() public {
        _filled();
        uint256 rate = vault.getRate();
        address account = _account(0);
        vm.prank(operatorList[0]);
        delegation.undelegate(account);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1);
    }

    function test_finding_slashNotReadAtOnce() public {
        _filled();
        uint256 rate = vault.getRate();
        _slash(operatorList[0], 2, 1e18);
        // Half of 40 % of a quarter.
        _assertClose(vault.getRate(), rate * 95 / 100, 0.001e18, "in its own block");
    }

    function test_finding_downwardCapLetsTheInformedExitFirst() public {
        _filled();
        uint256 rate = vault.getRate();
        for (uint256 k = 0; k < 3; k++) {
            for (uint256 kind = 0; kind < KINDS; kind++) {
                _slash(operatorList[k], kind, 1e18);
            }
        }
        _assertClose(vault.getRate(), rate / 2, 0.001e18, "all of the loss at once");
    }

    function test_finding_donationToTheVaultCounts() public {
        _filled();
        uint256 rate = vault.getRate();
        _give(WHALE, address(vault), 2, 100 ether);
        vault.sync();
        vm.assertEq(vault.getRate(), rate);
        vm.assertEq(vault.totals().locked, 0, "not as a gain either");
        vm.assertEq(vault.totals().unbooked, 0);
    }

    function test_finding_firstDepositorInflatesTheShare() public {
        TestToken reward = _saleOfRewards();
        reward.mint(address(vault), 100 ether);
        _propose(OWNER, abi.encodeCall(ILrtVault.setFee, (0, TREASURY)));
        // Mallory owns the only share, and gives the vault 50 ETH by paying them for rewards.
        address mallory = CAROL;
        _acquire(2, mallory, 60 ether);
        vm.startPrank(mallory);
        rETH.approve(address(entries[2]), type(uint256).max);
        rETH.approve(address(vault), type(uint256).max);
        entries[2].mint(1, mallory);
        vault.buyReward(address(reward), 50 ether, address(rETH), 51 ether);
        vm.stopPrank();
        vault.sync();
        _pass(VESTING);
        vm.assertGt(vault.totalValue(), 45 ether);
        uint256 shares = _in(BOB, 2, 30 ether);
        _assertClose(vault.valueOfShares(shares), 30 ether, 1e12, "Bob has what he gave");
        vm.assertLe(vault.valueOfShares(1), 1e9, "Mallory has lost it");
    }

    // ----- coming in

    function test_finding_depositCountedBeforeMinting() public {
        _in(ALICE, 2, 10 ether);
        uint256 rate = vault.getRate();
        uint256 shares = _in(BOB, 2, 10 ether);
        vm.assertApproxEqAbs(shares, 10 ether * 1e18 / rate, 20, "at the price before it came");
        vm.assertApproxEqAbs(vault.getRate(), rate, 1);
    }

    function test_finding_mintRoundsAgainstTheOthers() public {
        _in(ALICE, 2, 10 ether);
        _report(rEthPool, 2 ether);
        vault.sync();
        _pass(VESTING);
        _acquire(2, BOB, 10 ether);
        vm.startPrank(BOB);
        rETH.approve(address(entries[2]), type(uint256).max);
        // A share costs more than a wei, by less than a wei: two must be paid.
        vm.assertGt(vault.getRate(), 1e18);
        vm.assertEq(entries[2].mint(1, BOB), 2);
        vm.stopPrank();
    }

    function test_finding_depeggedLstComesIn() public {
        _filled();
        feeds[2].set(9899, 0, false);
        uint256 amount = _acquire(2, BOB, 10 ether);
        vm.startPrank(BOB);
        rETH.approve(address(entries[2]), amount);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultDepegged.selector, address(rETH)));
        entries[2].deposit(amount, BOB);
        vm.stopPrank();
    }

    function test_finding_oneHeartbeatForAllFeeds() public {
        _propose(
            OWNER,
            abi.encodeCall(
                ILrtVault.setMarket,
                (address(rETH), PriceSource(address(feeds[2]), uint32(1 hours), DEPEG_BPS))
            )
        );
        feeds[2].set(10_000, 1 hours + 1, false);
        feeds[3].set(10_000, 1 hours + 1, false);
        vm.assertTrue(vault.depegged(address(rETH)), "an hour is old for this one");
        vm.assertFalse(vault.depegged(address(cbETH)), "and not for that one");
    }

    function test_finding_feedsSignIgnored() public {
        feeds[2].set(-10_000, 0, false);
        vm.assertTrue(vault.depegged(address(rETH)));
    }

    function test_finding_noCapForAnLst() public {
        vm.prank(PAUSER);
        vault.lowerCap(address(rETH), 5 ether);
        uint256 amount = _acquire(2, BOB, 10 ether);
        uint256 value = _ethValue(2, amount);
        vm.startPrank(BOB);
        rETH.approve(address(entries[2]), amount);
        vm.expectRevert(
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultCap.selector, address(rETH), value, 5 ether)
        );
        entries[2].deposit(amount, BOB);
        vm.stopPrank();
    }

    // ----- gains

    function test_finding_gainsCountAtOnce() public {
        _filled();
        uint256 rate = vault.getRate();
        _report(rEthPool, 2 ether);
        vm.assertEq(vault.getRate(), rate, "reported");
        vault.sync();
        vm.assertEq(vault.getRate(), rate, "booked");
        _pass(VESTING);
        vm.assertGt(vault.getRate(), rate);
    }

    function test_finding_dustStretchesTheVesting() public {
        _filled();
        _report(rEthPool, 2 ether);
        vault.sync();
        for (uint256 i = 0; i < 7; i++) {
            _pass(1 days);
            _give(WHALE, address(strategies[2]), 2, 10);
            vault.sync();
        }
        vm.assertLe(vault.totals().locked, 1000);
    }

    function test_finding_feeMovesTheRate() public {
        _filled();
        uint256 rate = vault.getRate();
        _report(rEthPool, 2 ether);
        vm.assertEq(vault.getRate(), rate, "before the fee is booked");
        vault.sync();
        vm.assertGt(lrt.balanceOf(TREASURY), 0);
        vm.assertEq(vault.getRate(), rate, "after it");
    }

    // ----- going out

    function test_finding_rateFixedAtRequestOnly() public {
        _filled();
        _request(ALICE, 0, 100 ether);
        uint256 value = vault.exitRequest(0).value;
        for (uint256 k = 0; k < 3; k++) {
            for (uint256 kind = 0; kind < KINDS; kind++) {
                _slash(operatorList[k], kind, 0.5e18);
            }
        }
        _settleExits();
        _assertClose(_claimAll(ALICE), value * 3 / 4, 0.001e18, "bears the loss");
    }

    function test_finding_rateFixedAtClaimOnly() public {
        _filled();
        _request(ALICE, 0, 100 ether);
        uint256 value = vault.exitRequest(0).value;
        _report(rEthPool, 2 ether);
        vault.sync();
        _pass(VESTING);
        vm.assertGt(vault.valueOfShares(100 ether), value + 0.01 ether);
        _settleExits();
        _assertAtMost(_claimAll(ALICE), value, "no gain after leaving");
    }

    function test_finding_surplusOfAnExitJumpsTheRate() public {
        _filled();
        _request(ALICE, 0, 300 ether);
        _report(rEthPool, 2 ether);
        vault.sync();
        _pass(VESTING);
        uint256 rate = vault.getRate();
        _settleExits();
        vm.assertEq(vault.pendingShares(), 0);
        vm.assertApproxEqAbs(vault.getRate(), rate, 1, "what the leaving leave behind vests");
    }

    function test_finding_leavingBeforeASlash() public {
        _in(ALICE, 2, 100 ether);
        _request(ALICE, 2, 50 ether);
        // Idle units would pay at once, and the slash that is coming would be the others'.
        _mine(DELAY);
        vm.assertEq(vault.fulfil(1), 0);
        _mine(1);
        vm.assertEq(vault.fulfil(1), 50 ether);
    }

    function test_finding_notFirstInFirstOut() public {
        _filled();
        // So little is idle that only Bob's last shares could be paid of it.
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _in(CAROL, kind, 1e13);
        }
        vm.prank(CAROL);
        lrt.transfer(BOB, 1e12);
        _request(ALICE, 0, 100 ether);
        _request(BOB, 0, 1e12);
        _mine(DELAY + 1);
        vm.assertEq(vault.fulfil(2), 0);
        vm.assertEq(entries[0].pendingRedeemRequest(0, BOB), 1e12, "Alice was first");
    }

    function test_finding_claimedTwice() public {
        _filled();
        _request(ALICE, 0, 100 ether);
        _settleExits();
        uint256 shares = entries[2].maxRedeem(ALICE);
        vm.startPrank(ALICE);
        entries[2].redeem(shares, ALICE, ALICE);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAmount.selector, shares, 0));
        entries[2].redeem(shares, ALICE, ALICE);
        vm.stopPrank();
    }

    function test_finding_promisedTwice() public {
        _in(ALICE, 2, 100 ether);
        _request(ALICE, 2, 60 ether);
        _mine(DELAY + 1);
        vault.fulfil(1);
        uint256 held = rETH.balanceOf(address(vault));
        // What is reserved is neither staked nor promised to the next.
        uint256 units = _restake(2);
        vm.assertEq(rETH.balanceOf(address(vault)), held - units);
        vm.assertGe(rETH.balanceOf(address(vault)), _holding(2).reserved + _holding(2).idle);
        vm.assertApproxEqAbs(_holding(2).reserved, 60 ether * 1e18 / _rate(2), 100);
    }

    function test_finding_rebasingTokenReservedByAmount() public {
        _in(ALICE, 0, 100 ether);
        _request(ALICE, 0, 50 ether);
        _mine(DELAY + 1);
        vault.fulfil(1);
        uint256 units = vault.claimableOf(address(stETH), ALICE).units;
        _report(stETH, -60 ether);
        uint256 held = stETH.sharesOf(address(vault));
        uint256 before = stETH.sharesOf(ALICE);
        _claimAll(ALICE);
        vm.assertEq(stETH.sharesOf(ALICE) - before, units, "the shares, whatever they are worth");
        vm.assertEq(stETH.sharesOf(address(vault)), held - units, "and no more than them");
    }

    function test_finding_withdrawRoundsSharesDown() public {
        _in(ALICE, 2, 30 ether);
        _request(ALICE, 2, 10 ether);
        _mine(DELAY + 1);
        vault.fulfil(1);
        // A unit is worth more than a share: one unit must take two shares, not one.
        vm.assertGt(_rate(2), 1e18);
        vm.prank(ALICE);
        vm.assertEq(entries[2].withdraw(1, ALICE, ALICE), 2);
    }

    function test_finding_goodLstsLeaveAndDepeggedOnesStay() public {
        _filled();
        uint256[4] memory before = [_units(0), _units(1), _units(2), _units(3)];
        feeds[3].set(5000, 0, false);
        // Asked for at the entry of a good one.
        _request(ALICE, 2, lrt.totalSupply() / 4);
        _settleExits();
        for (uint256 kind = 0; kind < KINDS; kind++) {
            uint256 units = vault.claimableOf(lsts[kind], ALICE).units;
            _assertClose(units, before[kind] / 4, 0.001e18, "of each the same part");
        }
    }

    function test_finding_transferToSafe() public {
        Safe safe = new Safe();
        uint256 amount = _acquire(0, ALICE, 20 ether);
        _give(ALICE, address(safe), 0, amount);
        amount = stETH.balanceOf(address(safe));
        safe.run(address(stETH), abi.encodeCall(IERC20.approve, (address(entries[0]), amount)));
        safe.run(address(entries[0]), abi.encodeCall(entries[0].deposit, (amount, address(safe))));
        uint256 shares = lrt.balanceOf(address(safe));
        vm.assertGt(shares, 19 ether);
        safe.run(
            address(entries[0]),
            abi.encodeCall(entries[0].requestRedeem, (shares, address(safe), address(safe)))
        );
        _mine(DELAY + 1);
        vault.fulfil(1);
        safe.run(address(vault), abi.encodeCall(vault.claimAll, (address(safe), address(safe))));
        amount = stETH.balanceOf(address(safe));
        vm.assertGt(amount, 19 ether);
        // And on to ETH: the pool pays a contract, too.
        safe.run(address(stETH), abi.encodeCall(IERC20.approve, (address(stETH), amount)));
        safe.run(address(stETH), abi.encodeCall(stETH.requestUnstake, (amount, address(safe))));
        _deposit(stETH, WHALE, 100 ether);
        _report(stETH, 0);
        stETH.finalize(1);
        safe.run(address(stETH), abi.encodeCall(stETH.claim, (_ids(0), address(safe))));
        vm.assertGt(address(safe).balance, 19 ether);
    }

    // ----- roles

    function test_finding_curatorSwitchesOperatorsAtOnce() public {
        address[] memory operators = new address[](0);
        vm.prank(CURATOR);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyTimelock.selector, CURATOR));
        vault.setTargets(operators, new uint16[](0));
        bytes memory data = abi.encodeCall(ILrtVault.setTargets, (operators, new uint16[](0)));
        vm.startPrank(CURATOR);
        vault.propose(data);
        uint256 ready = vault.readyBlock(keccak256(data));
        vm.assertGt(ready, vm.getBlockNumber() + DELAY);
        _mine(DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultTooEarly.selector, keccak256(data), ready)
        );
        vault.execute(data);
        vm.stopPrank();
    }

    function test_finding_exitsCanBePaused() public {
        _in(ALICE, 2, 30 ether);
        vm.prank(PAUSER);
        vault.pause();
        _request(ALICE, 2, 10 ether);
        _mine(DELAY + 1);
        vm.assertEq(vault.fulfil(1), 10 ether);
        vm.assertGt(_claimAll(ALICE), 9 ether);
    }

    function test_finding_rewardSaleTakesADepeggedLst() public {
        TestToken reward = _saleOfRewards();
        reward.mint(address(vault), 10 ether);
        _acquire(2, BOB, 20 ether);
        feeds[2].set(9000, 0, false);
        vm.startPrank(BOB);
        rETH.approve(address(vault), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultDepegged.selector, address(rETH)));
        vault.buyReward(address(reward), 1 ether, address(rETH), 20 ether);
        vm.stopPrank();
    }

    function _saleOfRewards() private returns (TestToken reward) {
        reward = TestToken(vm.deployCode("TestToken.sol", abi.encode("Reward", "RWD")));
        PriceSource memory source = PriceSource(address(new FixedFeed(1 ether, 18)), 60, 100);
        _propose(OWNER, abi.encodeCall(ILrtVault.setRewardSale, (address(reward), source)));
    }
}
