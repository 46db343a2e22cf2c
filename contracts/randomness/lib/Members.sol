// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Points} from "./Points.sol";

/// @title Members: the member table of one session
/// @dev A row is operator 20 | encryption key 96 | weight 8 | shares 2. Members own consecutive share indices.
library Members {
    uint256 internal constant ROW_SIZE = 126;
    uint256 private constant KEY_OFFSET = 20;
    uint256 private constant WEIGHT_END = 124;

    function row(address operator, bytes memory encryptionKey, uint64 weight, uint16 shares)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(operator, encryptionKey, weight, shares);
    }

    function count(bytes memory table) internal pure returns (uint256) {
        return table.length / ROW_SIZE;
    }

    function operatorAt(bytes memory table, uint256 index) internal pure returns (address) {
        return address(uint160(_field(table, index, KEY_OFFSET) & type(uint160).max));
    }

    /// @notice 96 bytes.
    function keyAt(bytes memory table, uint256 index) internal pure returns (bytes memory) {
        return Points.slice(table, index * ROW_SIZE + KEY_OFFSET, Points.G1_SIZE);
    }

    function weightAt(bytes memory table, uint256 index) internal pure returns (uint64) {
        // Cuts off what precedes the field.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(_field(table, index, WEIGHT_END));
    }

    function sharesAt(bytes memory table, uint256 index) internal pure returns (uint16) {
        // Cuts off what precedes the field.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint16(_field(table, index, ROW_SIZE));
    }

    /// @notice The place of an operator.
    function find(bytes memory table, address operator) internal pure returns (bool found, uint256 index) {
        for (uint256 end = count(table); index < end; ++index) {
            if (operatorAt(table, index) == operator) return (true, index);
        }
    }

    /// @notice Share indices of all members before `index`: the first of its own.
    function firstShare(bytes memory table, uint256 index) internal pure returns (uint256 first) {
        for (uint256 i; i < index; ++i) {
            first += sharesAt(table, i);
        }
    }

    /// @notice The member that owns a share index, which some member does.
    function ownerOf(bytes memory table, uint256 shareIndex) internal pure returns (uint256 index) {
        uint256 end = sharesAt(table, 0);
        while (shareIndex >= end) {
            end += sharesAt(table, ++index);
        }
    }

    /// @dev The word that ends `end` bytes after the start of a row.
    function _field(bytes memory table, uint256 index, uint256 end) private pure returns (uint256 word) {
        uint256 offset = index * ROW_SIZE + end;
        assembly ("memory-safe") {
            word := mload(add(table, offset))
        }
    }
}
