// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {RewardsSubmissions} from "../../core/RewardsSubmissions.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {RewardsSetup} from "./RewardsSetup.sol";

contract RewardsSubmissionsTest is RewardsSetup {
    uint256 private constant MAX_AMOUNT = 1e38 - 1;

    function setUp() public override {
        super.setUp();
        gold.mint(address(avs), type(uint128).max);
        vm.prank(address(avs));
        gold.approve(address(rewards), type(uint256).max);
    }

    function test_takesTheSumAndRemembersTheHash() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        bytes32 hash = keccak256(abi.encode(address(avs), uint256(0), submission));
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.OperatorDirectedAVSRewardsSubmissionCreated(
            address(avs), address(avs), hash, 0, submission
        );
        submit(submission);
        vm.assertTrue(rewards.isOperatorDirectedAVSRewardsSubmissionHash(address(avs), hash));
        vm.assertFalse(rewards.isOperatorDirectedOperatorSetRewardsSubmissionHash(address(avs), hash));
        vm.assertEq(gold.balanceOf(address(rewards)), 30 ether);
        // the same again is another submission
        submit(submission);
        vm.assertEq(rewards.submissionNonce(address(avs)), 2);
        bytes32 next = keccak256(abi.encode(address(avs), uint256(1), submission));
        vm.assertTrue(rewards.isOperatorDirectedAVSRewardsSubmissionHash(address(avs), next));
    }

    function test_takesRewardsOfOneSet() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        bytes32 hash = keccak256(abi.encode(address(avs), uint256(0), submission));
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.OperatorDirectedOperatorSetRewardsSubmissionCreated(
            address(avs), hash, _set(1), 0, submission
        );
        vm.prank(address(avs));
        rewards.createOperatorDirectedOperatorSetRewardsSubmission(_set(1), list(submission));
        vm.assertTrue(rewards.isOperatorDirectedOperatorSetRewardsSubmissionHash(address(avs), hash));
        vm.prank(address(avs));
        vm.expectRevert(IRewardsCoordinator.InvalidOperatorSet.selector);
        rewards.createOperatorDirectedOperatorSetRewardsSubmission(_set(9), list(submission));
    }

    function test_onlyForTheAvs() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission[] memory submissions = list(valid());
        OperatorSet memory set = _set(1);
        vm.startPrank(ALICE);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), submissions);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        rewards.createOperatorDirectedOperatorSetRewardsSubmission(set, submissions);
    }

    function test_anAppointeePays() public {
        bytes4 selector = rewards.createOperatorDirectedAVSRewardsSubmission.selector;
        vm.prank(address(avs));
        permissions.setAppointee(address(avs), ALICE, address(rewards), selector);
        gold.mint(ALICE, 30 ether);
        vm.startPrank(ALICE);
        gold.approve(address(rewards), 30 ether);
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), list(valid()));
        vm.assertEq(gold.balanceOf(ALICE), 0);
        vm.assertEq(rewards.submissionNonce(address(avs)), 1);
    }

    function test_strategiesAreThereWhitelistedAndAscending() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.strategiesAndMultipliers = new IRewardsCoordinator.StrategyAndMultiplier[](0);
        refused(submission, IRewardsCoordinator.InputArrayLengthZero.selector);
        submission = valid();
        submission.strategiesAndMultipliers[1].strategy = IStrategy(ALICE);
        refused(submission, IRewardsCoordinator.StrategyNotWhitelisted.selector);
        submission.strategiesAndMultipliers[1].strategy = first;
        refused(submission, IRewardsCoordinator.StrategiesNotInAscendingOrder.selector);
        (submission.strategiesAndMultipliers[0].strategy, submission.strategiesAndMultipliers[1].strategy) =
        (second, first);
        refused(submission, IRewardsCoordinator.StrategiesNotInAscendingOrder.selector);
    }

    /// @dev Ether that is staked natively is in no strategy, and is never whitelisted.
    function test_nativeStakeCounts() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        IStrategy beacon = rewards.beaconChainETHStrategy();
        submission.strategiesAndMultipliers = new IRewardsCoordinator.StrategyAndMultiplier[](1);
        submission.strategiesAndMultipliers[0] = IRewardsCoordinator.StrategyAndMultiplier(beacon, 1 ether);
        submit(submission);
    }

    function test_thePeriodFitsTheIntervals() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.duration = MAX_DURATION + DAY;
        refused(submission, IRewardsCoordinator.DurationExceedsMax.selector);
        submission.duration = DAY + 1;
        refused(submission, IRewardsCoordinator.InvalidDurationRemainder.selector);
        submission.duration = 0;
        refused(submission, IRewardsCoordinator.DurationIsZero.selector);
        submission = valid();
        submission.startTimestamp++;
        refused(submission, IRewardsCoordinator.InvalidStartTimestampRemainder.selector);
    }

    function test_thePeriodIsNotTooLongAgo() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        // NOW is half a day into a day
        submission.startTimestamp = NOW - 12 hours - MAX_RETROACTIVE;
        refused(submission, IRewardsCoordinator.StartTimestampTooFarInPast.selector);
        submission.startTimestamp += DAY;
        submit(submission);
        vm.warp(GENESIS + 2 * DAY);
        submission.startTimestamp = GENESIS - DAY;
        refused(submission, IRewardsCoordinator.StartTimestampTooFarInPast.selector);
        submission.startTimestamp = GENESIS;
        submit(submission);
    }

    function test_thePeriodIsOver() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.startTimestamp = NOW - 12 hours - DAY;
        vm.warp(NOW - 12 hours);
        refused(submission, IRewardsCoordinator.SubmissionNotRetroactive.selector);
        vm.warp(NOW - 12 hours + 1);
        submit(submission);
    }

    function test_operatorsAreThereAscendingAndPaid() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.operatorRewards = new IRewardsCoordinator.OperatorReward[](0);
        refused(submission, IRewardsCoordinator.InputArrayLengthZero.selector);
        submission = valid();
        submission.operatorRewards[0].operator = address(0);
        refused(submission, IRewardsCoordinator.InvalidAddressZero.selector);
        submission.operatorRewards[0].operator = submission.operatorRewards[1].operator;
        refused(submission, IRewardsCoordinator.OperatorsNotInAscendingOrder.selector);
        submission = valid();
        submission.operatorRewards[1].amount = 0;
        refused(submission, IRewardsCoordinator.AmountIsZero.selector);
    }

    function test_theSumHasALimit() public {
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.operatorRewards[0].amount = MAX_AMOUNT - 20 ether + 1;
        refused(submission, IRewardsCoordinator.AmountExceedsMax.selector);
        submission.operatorRewards[0].amount = MAX_AMOUNT - 20 ether;
        submit(submission);
        vm.assertEq(gold.balanceOf(address(rewards)), MAX_AMOUNT);
    }

    function test_constructorChecksTheIntervals() public {
        RewardsSubmissions.Limits memory limits = _limits();
        limits.genesisTimestamp++;
        vm.expectRevert(IRewardsCoordinator.InvalidGenesisRewardsTimestampRemainder.selector);
        this.deploy(limits, 0);
        limits = _limits();
        limits.calculationInterval = 1 hours;
        vm.expectRevert(IRewardsCoordinator.InvalidCalculationIntervalSecondsRemainder.selector);
        this.deploy(limits, 0);
        vm.expectRevert(IRewardsCoordinator.SplitExceedsMax.selector);
        this.deploy(_limits(), 10_001);
        vm.assertEq(rewards.CALCULATION_INTERVAL_SECONDS(), DAY);
        vm.assertEq(rewards.MAX_REWARDS_DURATION(), MAX_DURATION);
        vm.assertEq(rewards.MAX_RETROACTIVE_LENGTH(), MAX_RETROACTIVE);
        vm.assertEq(rewards.MAX_FUTURE_LENGTH(), 28 * DAY);
        vm.assertEq(rewards.GENESIS_REWARDS_TIMESTAMP(), GENESIS);
    }

    function testFuzz_takesExactlyTheSum(uint96[8] memory amounts, uint160 step) public {
        step = uint160(bound(step, 1, type(uint160).max / 9));
        IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission = valid();
        submission.operatorRewards = new IRewardsCoordinator.OperatorReward[](8);
        uint256 sum = 0;
        for (uint160 i = 0; i < 8; i++) {
            uint256 amount = bound(amounts[i], 1, type(uint96).max);
            submission.operatorRewards[i] =
                IRewardsCoordinator.OperatorReward(address((i + 1) * step), amount);
            sum += amount;
        }
        submit(submission);
        vm.assertEq(gold.balanceOf(address(rewards)), sum);
    }

    function deploy(RewardsSubmissions.Limits memory limits, uint16 split) external {
        _coordinator(limits, split);
    }

    /// @dev 10 for ALICE and 20 for BOB, for the last seven whole days.
    function valid()
        private
        view
        returns (IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission)
    {
        submission.strategiesAndMultipliers = new IRewardsCoordinator.StrategyAndMultiplier[](2);
        submission.strategiesAndMultipliers[0] = IRewardsCoordinator.StrategyAndMultiplier(first, 1 ether);
        submission.strategiesAndMultipliers[1] = IRewardsCoordinator.StrategyAndMultiplier(second, 2 ether);
        submission.token = gold;
        submission.operatorRewards = new IRewardsCoordinator.OperatorReward[](2);
        // 0xb0b is below 0xa11ce
        submission.operatorRewards[0] = IRewardsCoordinator.OperatorReward(BOB, 10 ether);
        submission.operatorRewards[1] = IRewardsCoordinator.OperatorReward(ALICE, 20 ether);
        submission.startTimestamp = NOW - 12 hours - 7 * DAY;
        submission.duration = DAY;
        submission.description = "a week ago";
    }

    function list(IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission)
        private
        pure
        returns (IRewardsCoordinator.OperatorDirectedRewardsSubmission[] memory submissions)
    {
        submissions = new IRewardsCoordinator.OperatorDirectedRewardsSubmission[](1);
        submissions[0] = submission;
    }

    function submit(IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission) private {
        vm.prank(address(avs));
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), list(submission));
    }

    function refused(IRewardsCoordinator.OperatorDirectedRewardsSubmission memory submission, bytes4 error_)
        private
    {
        vm.expectRevert(error_);
        submit(submission);
    }
}

contract RewardsSplitsTest is RewardsSetup {
    function setUp() public override {
        super.setUp();
        _register(BOB, 0);
    }

    function test_theFirstSplitReplacesTheDefaultAfterTheDelay() public {
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), DEFAULT_SPLIT);
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.OperatorAVSSplitBipsSet(
            BOB, BOB, address(avs), NOW + ACTIVATION_DELAY, DEFAULT_SPLIT, 2000
        );
        vm.prank(BOB);
        rewards.setOperatorAVSSplit(BOB, address(avs), 2000);
        vm.warp(NOW + ACTIVATION_DELAY - 1);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), DEFAULT_SPLIT);
        // a default that changes meanwhile holds, too
        rewards.setDefaultOperatorSplit(500);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), 500);
        vm.warp(NOW + ACTIVATION_DELAY);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), 2000);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, ALICE), 500);
    }

    function test_aLaterSplitReplacesTheOneBefore() public {
        vm.startPrank(BOB);
        rewards.setOperatorAVSSplit(BOB, address(avs), 2000);
        vm.expectRevert(IRewardsCoordinator.PreviousSplitPending.selector);
        rewards.setOperatorAVSSplit(BOB, address(avs), 3000);
        vm.warp(NOW + ACTIVATION_DELAY);
        vm.expectRevert(IRewardsCoordinator.PreviousSplitPending.selector);
        rewards.setOperatorAVSSplit(BOB, address(avs), 3000);
        vm.warp(NOW + ACTIVATION_DELAY + 1);
        rewards.setOperatorAVSSplit(BOB, address(avs), 0);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), 2000);
        vm.warp(NOW + 2 * ACTIVATION_DELAY + 1);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), 0);
    }

    function test_splitsOfSetsAreTheirOwn() public {
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.OperatorSetSplitBipsSet(
            BOB, BOB, _set(1), NOW + ACTIVATION_DELAY, DEFAULT_SPLIT, 10_000
        );
        vm.prank(BOB);
        rewards.setOperatorSetSplit(BOB, _set(1), 10_000);
        vm.warp(NOW + ACTIVATION_DELAY);
        vm.assertEq(rewards.getOperatorSetSplit(BOB, _set(1)), 10_000);
        vm.assertEq(rewards.getOperatorSetSplit(BOB, _set(2)), DEFAULT_SPLIT);
        vm.assertEq(rewards.getOperatorAVSSplit(BOB, address(avs)), DEFAULT_SPLIT);
    }

    function test_refusesWhatIsNoSplit() public {
        OperatorSet memory set = _set(1);
        OperatorSet memory none = _set(9);
        vm.startPrank(BOB);
        vm.expectRevert(IRewardsCoordinator.SplitExceedsMax.selector);
        rewards.setOperatorAVSSplit(BOB, address(avs), 10_001);
        vm.expectRevert(IRewardsCoordinator.SplitExceedsMax.selector);
        rewards.setOperatorSetSplit(BOB, set, 10_001);
        vm.expectRevert(IRewardsCoordinator.InvalidOperatorSet.selector);
        rewards.setOperatorSetSplit(BOB, none, 1);
        vm.stopPrank();
        vm.startPrank(ALICE);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        rewards.setOperatorAVSSplit(BOB, address(avs), 1);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        rewards.setOperatorSetSplit(BOB, set, 1);
    }

    function test_theDefaultHasALimit() public {
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.DefaultOperatorSplitBipsSet(DEFAULT_SPLIT, 10_000);
        rewards.setDefaultOperatorSplit(10_000);
        vm.assertEq(rewards.defaultOperatorSplitBips(), 10_000);
        vm.expectRevert(IRewardsCoordinator.SplitExceedsMax.selector);
        rewards.setDefaultOperatorSplit(10_001);
    }
}
