// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";

/// @title PermissionController: lets an account hand single functions of the core to hot keys
contract PermissionController is IPermissionController {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

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
    function isAdmin(address account, address caller) public pure returns (bool) {
        return account == caller;
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
