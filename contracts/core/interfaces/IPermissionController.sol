// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IPermissionController: who may call which core function for whom
/// @dev Signatures as in EigenLayer v1.12. An account is its own admin until it has others: then only they are.
interface IPermissionController {
    error NotAdmin();
    error AdminAlreadyPending();
    error AdminAlreadySet();
    error AdminNotPending();
    error AdminNotSet();
    error CannotHaveZeroAdmins();
    error AppointeeAlreadySet();
    error AppointeeNotSet();
    /// @notice Thrown by the core's functions when their caller may not act for the account.
    error InvalidPermissions();

    event PendingAdminAdded(address indexed account, address admin);
    event PendingAdminRemoved(address indexed account, address admin);
    event AdminSet(address indexed account, address admin);
    event AdminRemoved(address indexed account, address admin);
    event AppointeeSet(address indexed account, address indexed appointee, address target, bytes4 selector);
    event AppointeeRemoved(
        address indexed account, address indexed appointee, address target, bytes4 selector
    );

    /// @notice Offers `admin` to become an admin of `account`. Only an admin.
    function addPendingAdmin(address account, address admin) external;

    /// @notice Takes the offer back. Only an admin.
    function removePendingAdmin(address account, address admin) external;

    /// @notice Accepts the offer. Once an account has an admin, it is not its own admin any more unless it accepted too.
    function acceptAdmin(address account) external;

    /// @notice Removes an admin, but never the last one. Only an admin.
    function removeAdmin(address account, address admin) external;

    /// @notice Lets `appointee` call `selector` on `target` on behalf of `account`. Only an admin.
    function setAppointee(address account, address appointee, address target, bytes4 selector) external;

    /// @notice Takes the right back. Only an admin.
    function removeAppointee(address account, address appointee, address target, bytes4 selector) external;

    /// @notice Whether `caller` may manage admins and appointees of `account`.
    function isAdmin(address account, address caller) external view returns (bool);

    function isPendingAdmin(address account, address pendingAdmin) external view returns (bool);

    /// @notice All admins: the account itself if it never had another.
    function getAdmins(address account) external view returns (address[] memory);
    function getPendingAdmins(address account) external view returns (address[] memory);

    /// @notice Whether `caller` may call `selector` on `target` for `account`: an admin or an appointee.
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
