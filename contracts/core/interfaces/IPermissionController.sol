// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IPermissionController: who may call which core function for whom
/// @dev Signatures as in EigenLayer v1.12, without its admins: here an account is its own and only admin.
interface IPermissionController {
    error NotAdmin();
    error AppointeeAlreadySet();
    error AppointeeNotSet();
    /// @notice Thrown by the core's functions when their caller may not act for the account.
    error InvalidPermissions();

    event AppointeeSet(address indexed account, address indexed appointee, address target, bytes4 selector);
    event AppointeeRemoved(
        address indexed account, address indexed appointee, address target, bytes4 selector
    );

    /// @notice Lets `appointee` call `selector` on `target` on behalf of `account`, which must be the caller.
    function setAppointee(address account, address appointee, address target, bytes4 selector) external;

    /// @notice Takes the right back.
    function removeAppointee(address account, address appointee, address target, bytes4 selector) external;

    /// @notice Whether `caller` may manage the appointees of `account`.
    function isAdmin(address account, address caller) external view returns (bool);

    /// @notice Whether `caller` may call `selector` on `target` for `account`: the account itself or an appointee.
    function canCall(address account, address caller, address target, bytes4 selector)
        external
        view
        returns (bool);

    /// @notice All rights of `appointee` for `account`, as two lists of one length.
    function getAppointeePermissions(address account, address appointee)
        external
        view
        returns (address[] memory targets, bytes4[] memory selectors);

    /// @notice All appointees who may call `selector` on `target` for `account`.
    function getAppointees(address account, address target, bytes4 selector)
        external
        view
        returns (address[] memory);
}
