// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PermissionController} from "../../core/PermissionController.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {Test} from "../Vm.sol";

contract PermissionControllerTest is Test {
    address internal constant ACCOUNT = address(0xacc);
    address internal constant HOT = address(0x407);
    address internal constant TARGET = address(0x7a46e7);
    bytes4 internal constant SELECTOR = 0x12345678;

    PermissionController internal permissions;

    function setUp() public {
        permissions = PermissionController(vm.deployCode("PermissionController.sol"));
    }

    function testAnAccountMayCallForItself() public view {
        vm.assertTrue(permissions.canCall(ACCOUNT, ACCOUNT, TARGET, SELECTOR));
        vm.assertFalse(permissions.canCall(ACCOUNT, HOT, TARGET, SELECTOR));
    }

    function testAnAppointeeMayCallThatFunctionOnly() public {
        vm.expectEmit(address(permissions));
        emit IPermissionController.AppointeeSet(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.prank(ACCOUNT);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.assertTrue(permissions.canCall(ACCOUNT, HOT, TARGET, SELECTOR));
        vm.assertFalse(permissions.canCall(ACCOUNT, HOT, TARGET, 0x12345679));
        vm.assertFalse(permissions.canCall(ACCOUNT, HOT, HOT, SELECTOR));
        vm.assertFalse(permissions.canCall(TARGET, HOT, TARGET, SELECTOR));
        vm.assertFalse(permissions.isAdmin(ACCOUNT, HOT));
    }

    function testRightsCanBeListedAndTakenBack() public {
        vm.startPrank(ACCOUNT);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        (address[] memory targets, bytes4[] memory selectors) =
            permissions.getAppointeePermissions(ACCOUNT, HOT);
        vm.assertEq(targets.length, 1);
        vm.assertEq(targets[0], TARGET);
        vm.assertTrue(selectors.length == 1 && selectors[0] == SELECTOR);
        vm.assertEq(permissions.getAppointees(ACCOUNT, TARGET, SELECTOR)[0], HOT);

        vm.expectEmit(address(permissions));
        emit IPermissionController.AppointeeRemoved(ACCOUNT, HOT, TARGET, SELECTOR);
        permissions.removeAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.assertFalse(permissions.canCall(ACCOUNT, HOT, TARGET, SELECTOR));
        vm.assertEq(permissions.getAppointees(ACCOUNT, TARGET, SELECTOR).length, 0);
    }

    function testOnlyTheAccountAppoints() public {
        vm.prank(HOT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.prank(HOT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.removeAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
    }

    function testNothingIsSetTwiceOrRemovedUnset() public {
        vm.startPrank(ACCOUNT);
        vm.expectRevert(IPermissionController.AppointeeNotSet.selector);
        permissions.removeAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.expectRevert(IPermissionController.AppointeeAlreadySet.selector);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
    }

    function testFuzzRightsComeBackAsTheyWereGiven(address target, bytes4 selector) public {
        vm.prank(ACCOUNT);
        permissions.setAppointee(ACCOUNT, HOT, target, selector);
        (address[] memory targets, bytes4[] memory selectors) =
            permissions.getAppointeePermissions(ACCOUNT, HOT);
        vm.assertEq(targets[0], target);
        vm.assertTrue(selectors[0] == selector);
    }
}
