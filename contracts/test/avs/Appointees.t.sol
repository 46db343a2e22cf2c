// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {RewardsCoordinator} from "../../core/RewardsCoordinator.sol";
import {RewardsSubmissions} from "../../core/RewardsSubmissions.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";

/// Whom the owner lets act for the AVS in the core, and that it gives nobody the rule over its operators.
contract AppointeesTest is AvsSetup {
    address private constant PAYER = address(0x9a7e4);
    uint256 private constant AMOUNT = 1000;

    TestAvs private avs;
    RewardsCoordinator private rewards;

    function setUp() public override {
        super.setUp();
        avs = _newTestAvs(_parameters());
        _initialize(avs);
        uint32 today = uint32(START / 1 days * 1 days);
        RewardsSubmissions.Core memory core =
            RewardsSubmissions.Core(delegation, strategyManager, allocations, permissions);
        RewardsSubmissions.Limits memory limits =
            RewardsSubmissions.Limits(1 days, 70 days, 84 days, 28 days, today - 84 days);
        RewardsCoordinator.Settings memory settings =
            RewardsCoordinator.Settings(address(this), address(this), 0, 1000);
        rewards =
            RewardsCoordinator(vm.deployCode("RewardsCoordinator.sol", abi.encode(core, limits, settings)));
        token.mint(PAYER, AMOUNT);
        vm.prank(PAYER);
        token.approve(address(rewards), AMOUNT);
    }

    function testAppointeePaysRewardsInTheNameOfTheAvs() public {
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        vm.prank(PAYER);
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), _submission());

        vm.expectEmit(address(permissions));
        emit IPermissionController.AppointeeSet(address(avs), PAYER, address(rewards), _paying());
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.assertTrue(permissions.canCall(address(avs), PAYER, address(rewards), _paying()));

        IRewardsCoordinator.OperatorDirectedRewardsSubmission[] memory submissions = _submission();
        vm.expectEmit(address(rewards));
        emit IRewardsCoordinator.OperatorDirectedAVSRewardsSubmissionCreated(
            PAYER, address(avs), keccak256(abi.encode(address(avs), 0, submissions[0])), 0, submissions[0]
        );
        vm.prank(PAYER);
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), submissions);
        vm.assertEq(token.balanceOf(address(rewards)), AMOUNT);
        vm.assertEq(token.balanceOf(PAYER), 0);
    }

    /// The right is for one function of one contract, and for this AVS alone.
    function testFuzzAppointmentIsForNothingElse(address caller, address target, bytes4 selector) public {
        vm.assume(caller != address(avs));
        vm.assume(caller != PAYER || target != address(rewards) || selector != _paying());
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.assertFalse(permissions.canCall(address(avs), caller, target, selector));
        vm.assertFalse(permissions.isAdmin(address(avs), PAYER));
        TestAvs other = _newTestAvs(_parameters());
        vm.assertFalse(permissions.canCall(address(other), PAYER, address(rewards), _paying()));
    }

    function testAppointeeMayNotAppoint() public {
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        vm.prank(PAYER);
        permissions.setAppointee(address(avs), PAYER, address(allocations), _slasherUpdate());
    }

    function testRemoval() public {
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.expectEmit(address(permissions));
        emit IPermissionController.AppointeeRemoved(address(avs), PAYER, address(rewards), _paying());
        avs.removeAppointee(PAYER, address(rewards), _paying());
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        vm.prank(PAYER);
        rewards.createOperatorDirectedAVSRewardsSubmission(address(avs), _submission());
        // and can be appointed again
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.assertTrue(permissions.canCall(address(avs), PAYER, address(rewards), _paying()));
    }

    function testTwice() public {
        vm.expectRevert(IPermissionController.AppointeeNotSet.selector);
        avs.removeAppointee(PAYER, address(rewards), _paying());
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.expectRevert(IPermissionController.AppointeeAlreadySet.selector);
        avs.setAppointee(PAYER, address(rewards), _paying());
    }

    function testFuzzOnlyOwner(address stranger) public {
        vm.assume(stranger != address(this));
        bytes memory reason = abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", stranger);
        vm.expectRevert(reason);
        vm.prank(stranger);
        avs.setAppointee(PAYER, address(rewards), _paying());
        avs.setAppointee(PAYER, address(rewards), _paying());
        vm.expectRevert(reason);
        vm.prank(stranger);
        avs.removeAppointee(PAYER, address(rewards), _paying());
    }

    /// The owner cannot make itself the slasher by way of an appointment: the set's slasher stays the contract.
    function testNobodyRulesTheOperatorSet() public {
        bytes4[6] memory selectors = [
            _slasherUpdate(),
            IAllocationManager.setAVSRegistrar.selector,
            IAllocationManager.deregisterFromOperatorSets.selector,
            IAllocationManager.addStrategiesToOperatorSet.selector,
            IAllocationManager.removeStrategiesFromOperatorSet.selector,
            IAllocationManager.updateAVSMetadataURI.selector
        ];
        bytes memory reason =
            abi.encodeWithSelector(Errors.AppointeeTargetForbidden.selector, address(allocations));
        for (uint256 i; i < selectors.length; ++i) {
            vm.expectRevert(reason);
            avs.setAppointee(address(this), address(allocations), selectors[i]);
        }
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        allocations.updateSlasher(OperatorSet(address(avs), 1), address(this));
        vm.assertEq(allocations.getSlasher(OperatorSet(address(avs), 1)), address(avs));
    }

    function _paying() private view returns (bytes4) {
        return rewards.createOperatorDirectedAVSRewardsSubmission.selector;
    }

    function _slasherUpdate() private pure returns (bytes4) {
        return IAllocationManager.updateSlasher.selector;
    }

    /// @dev For yesterday, to one operator.
    function _submission()
        private
        view
        returns (IRewardsCoordinator.OperatorDirectedRewardsSubmission[] memory list)
    {
        list = new IRewardsCoordinator.OperatorDirectedRewardsSubmission[](1);
        list[0].strategiesAndMultipliers = new IRewardsCoordinator.StrategyAndMultiplier[](1);
        list[0].strategiesAndMultipliers[0] = IRewardsCoordinator.StrategyAndMultiplier(strategy, 1e18);
        list[0].token = token;
        list[0].operatorRewards = new IRewardsCoordinator.OperatorReward[](1);
        list[0].operatorRewards[0] = IRewardsCoordinator.OperatorReward(_account(0), AMOUNT);
        list[0].startTimestamp = uint32(START / 1 days * 1 days) - 1 days;
        list[0].duration = 1 days;
    }
}
