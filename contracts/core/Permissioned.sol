// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPermissionController} from "./interfaces/IPermissionController.sol";
import {IPermissioned} from "./interfaces/IPermissioned.sol";

/// @title Permissioned: functions that an account may call itself, or let an appointee call
abstract contract Permissioned is IPermissioned {
    /// @inheritdoc IPermissioned
    IPermissionController public immutable permissionController;

    constructor(IPermissionController controller) {
        permissionController = controller;
    }

    modifier onlyFor(address account) {
        _checkFor(account);
        _;
    }

    function _checkFor(address account) internal view {
        require(_mayActFor(account), IPermissionController.InvalidPermissions());
    }

    /// @dev Whether the caller may call the current function on behalf of `account`.
    function _mayActFor(address account) internal view returns (bool) {
        return permissionController.canCall(account, msg.sender, address(this), msg.sig);
    }
}
