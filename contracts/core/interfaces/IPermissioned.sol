// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPermissionController} from "./IPermissionController.sol";

/// @title IPermissioned: a contract of the core whose functions an account can hand to appointees
/// @dev Signature as in EigenLayer v1.12, where AllocationManager, DelegationManager and RewardsCoordinator have it.
interface IPermissioned {
    function permissionController() external view returns (IPermissionController);
}
