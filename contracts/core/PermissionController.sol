// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";

/// @title PermissionController: lets an account have admins, and hand single functions of the core to hot keys
contract PermissionController is IPermissionController {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    mapping(address account => EnumerableSet.AddressSet) private _admins;
    mapping(address account => EnumerableSet.AddressSet) private _pendingAdmins;
    /// @dev account → (target, selector) → appointees
    mapping(address => mapping(bytes32 => EnumerableSet.AddressSet)) private _appointees;
    /// @dev account → appointee → (target, selector)
    mapping(address => mapping(address => EnumerableSet.Bytes32Set)) private _rights;

    modifier onlyAdmin(address account) {
        _checkAdmin(account);
        _;
    }

    function _checkAdmin(address account) private view {
        require(isAdmin(account, msg.sender), NotAdmin());
    }

    /// @inheritdoc IPermissionController
    function addPendingAdmin(address account, address admin) external onlyAdmin(account) {
        require(!_admins[account].contains(admin), AdminAlreadySet());
        require(_pendingAdmins[account].add(admin), AdminAlreadyPending());
        emit PendingAdminAdded(account, admin);
    }

    /// @inheritdoc IPermissionController
    function removePendingAdmin(address account, address admin) external onlyAdmin(account) {
        require(_pendingAdmins[account].remove(admin), AdminNotPending());
        emit PendingAdminRemoved(account, admin);
    }

    /// @inheritdoc IPermissionController
    function acceptAdmin(address account) external {
        require(_pendingAdmins[account].remove(msg.sender), AdminNotPending());
        _admins[account].add(msg.sender);
        emit AdminSet(account, msg.sender);
    }

    /// @inheritdoc IPermissionController
    function removeAdmin(address account, address admin) external onlyAdmin(account) {
        require(_admins[account].length() > 1, CannotHaveZeroAdmins());
        require(_admins[account].remove(admin), AdminNotSet());
        emit AdminRemoved(account, admin);
    }

    /// @inheritdoc IPermissionController
    function setAppointee(address account, address appointee, address target, bytes4 selector)
        external
        onlyAdmin(account)
    {
        bytes32 right = _encode(target, selector);
        require(_rights[account][appointee].add(right), AppointeeAlreadySet());
        _appointees[account][right].add(appointee);
        emit AppointeeSet(account, appointee, target, selector);
    }

    /// @inheritdoc IPermissionController
    function removeAppointee(address account, address appointee, address target, bytes4 selector)
        external
        onlyAdmin(account)
    {
        bytes32 right = _encode(target, selector);
        require(_rights[account][appointee].remove(right), AppointeeNotSet());
        _appointees[account][right].remove(appointee);
        emit AppointeeRemoved(account, appointee, target, selector);
    }

    /// @inheritdoc IPermissionController
    function isAdmin(address account, address caller) public view returns (bool) {
        if (_admins[account].length() == 0) return account == caller;
        return _admins[account].contains(caller);
    }

    /// @inheritdoc IPermissionController
    function isPendingAdmin(address account, address pendingAdmin) external view returns (bool) {
        return _pendingAdmins[account].contains(pendingAdmin);
    }

    /// @inheritdoc IPermissionController
    function getAdmins(address account) external view returns (address[] memory admins) {
        if (_admins[account].length() != 0) return _admins[account].values();
        admins = new address[](1);
        admins[0] = account;
    }

    /// @inheritdoc IPermissionController
    function getPendingAdmins(address account) external view returns (address[] memory) {
        return _pendingAdmins[account].values();
    }

    /// @inheritdoc IPermissionController
    function canCall(address account, address caller, address target, bytes4 selector)
        external
        view
        returns (bool)
    {
        return isAdmin(account, caller) || _rights[account][caller].contains(_encode(target, selector));
    }

    /// @inheritdoc IPermissionController
    function getAppointeePermissions(address account, address appointee)
        external
        view
        returns (address[] memory targets, bytes4[] memory selectors)
    {
        bytes32[] memory rights = _rights[account][appointee].values();
        targets = new address[](rights.length);
        selectors = new bytes4[](rights.length);
        for (uint256 i = 0; i < rights.length; i++) {
            (targets[i], selectors[i]) = _decode(rights[i]);
        }
    }

    /// @inheritdoc IPermissionController
    function getAppointees(address account, address target, bytes4 selector)
        external
        view
        returns (address[] memory)
    {
        return _appointees[account][_encode(target, selector)].values();
    }

    /// @dev The target in the upper 160 bits, the selector in the lower 32.
    function _encode(address target, bytes4 selector) private pure returns (bytes32) {
        return bytes32((uint256(uint160(target)) << 96) | uint32(selector));
    }

    function _decode(bytes32 right) private pure returns (address target, bytes4 selector) {
        // Both parts were written by `_encode`, so the narrowing takes back what it put there.
        // forge-lint: disable-next-line(unsafe-typecast)
        return (address(uint160(uint256(right) >> 96)), bytes4(uint32(uint256(right))));
    }
}
