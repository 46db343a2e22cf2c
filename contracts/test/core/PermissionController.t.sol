// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PermissionController} from "../../core/PermissionController.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {Test} from "../Vm.sol";

contract PermissionControllerTest is Test {
    address internal constant ACCOUNT = address(0xacc);
    address internal constant ADMIN = address(0xad);
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

    function _accept(address admin) private {
        vm.prank(admin);
        permissions.acceptAdmin(ACCOUNT);
    }

    function testAnAccountIsItsOwnAdminUntilAnotherAccepts() public {
        vm.assertEq(permissions.getAdmins(ACCOUNT)[0], ACCOUNT);
        vm.assertTrue(permissions.isAdmin(ACCOUNT, ACCOUNT));
        vm.expectEmit(address(permissions));
        emit IPermissionController.PendingAdminAdded(ACCOUNT, ADMIN);
        vm.prank(ACCOUNT);
        permissions.addPendingAdmin(ACCOUNT, ADMIN);
        vm.assertTrue(permissions.isPendingAdmin(ACCOUNT, ADMIN));
        vm.assertEq(permissions.getPendingAdmins(ACCOUNT)[0], ADMIN);
        vm.assertFalse(permissions.isAdmin(ACCOUNT, ADMIN));
        vm.assertTrue(permissions.canCall(ACCOUNT, ACCOUNT, TARGET, SELECTOR));

        vm.expectEmit(address(permissions));
        emit IPermissionController.AdminSet(ACCOUNT, ADMIN);
        _accept(ADMIN);
        vm.assertTrue(permissions.isAdmin(ACCOUNT, ADMIN));
        vm.assertFalse(permissions.isPendingAdmin(ACCOUNT, ADMIN));
        vm.assertFalse(permissions.isAdmin(ACCOUNT, ACCOUNT), "it handed itself over");
        vm.assertFalse(permissions.canCall(ACCOUNT, ACCOUNT, TARGET, SELECTOR));
        vm.assertTrue(permissions.canCall(ACCOUNT, ADMIN, TARGET, SELECTOR));
        vm.assertEq(permissions.getAdmins(ACCOUNT).length, 1);
        vm.prank(ACCOUNT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
        vm.prank(ADMIN);
        permissions.setAppointee(ACCOUNT, HOT, TARGET, SELECTOR);
    }

    function testAnOfferIsTakenBack() public {
        vm.startPrank(ACCOUNT);
        permissions.addPendingAdmin(ACCOUNT, ADMIN);
        vm.expectRevert(IPermissionController.AdminAlreadyPending.selector);
        permissions.addPendingAdmin(ACCOUNT, ADMIN);
        vm.expectEmit(address(permissions));
        emit IPermissionController.PendingAdminRemoved(ACCOUNT, ADMIN);
        permissions.removePendingAdmin(ACCOUNT, ADMIN);
        vm.expectRevert(IPermissionController.AdminNotPending.selector);
        permissions.removePendingAdmin(ACCOUNT, ADMIN);
        vm.stopPrank();
        vm.prank(ADMIN);
        vm.expectRevert(IPermissionController.AdminNotPending.selector);
        permissions.acceptAdmin(ACCOUNT);
    }

    function testOneAdminStays() public {
        vm.startPrank(ACCOUNT);
        permissions.addPendingAdmin(ACCOUNT, ADMIN);
        permissions.addPendingAdmin(ACCOUNT, ACCOUNT);
        vm.expectRevert(IPermissionController.CannotHaveZeroAdmins.selector);
        permissions.removeAdmin(ACCOUNT, ACCOUNT);
        vm.stopPrank();
        _accept(ADMIN);
        _accept(ACCOUNT);
        vm.assertEq(permissions.getAdmins(ACCOUNT).length, 2);
        vm.startPrank(ADMIN);
        vm.expectRevert(IPermissionController.AdminAlreadySet.selector);
        permissions.addPendingAdmin(ACCOUNT, ADMIN);
        vm.expectRevert(IPermissionController.AdminNotSet.selector);
        permissions.removeAdmin(ACCOUNT, HOT);
        vm.expectEmit(address(permissions));
        emit IPermissionController.AdminRemoved(ACCOUNT, ACCOUNT);
        permissions.removeAdmin(ACCOUNT, ACCOUNT);
        vm.expectRevert(IPermissionController.CannotHaveZeroAdmins.selector);
        permissions.removeAdmin(ACCOUNT, ADMIN);
        vm.stopPrank();
        vm.startPrank(HOT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.addPendingAdmin(ACCOUNT, HOT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.removePendingAdmin(ACCOUNT, HOT);
        vm.expectRevert(IPermissionController.NotAdmin.selector);
        permissions.removeAdmin(ACCOUNT, ADMIN);
    }
}
