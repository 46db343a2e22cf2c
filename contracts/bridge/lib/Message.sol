// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMailboxErrors} from "../interfaces/IMailboxErrors.sol";

/// @title Message: the fields of a message of Hyperlane v3
/// @dev
///     version 1 | nonce 4 | origin 4 | sender 32 | destination 4 | recipient 32 | body
///
/// Every function but `id` wants what `check` has passed.
library Message {
    uint8 internal constant VERSION = 3;
    uint256 internal constant HEADER_SIZE = 77;

    /// @notice Reverts unless there is room for a header.
    function check(bytes calldata message) internal pure {
        require(message.length >= HEADER_SIZE, IMailboxErrors.MessageTooShort(message.length));
        require(version(message) == VERSION, IMailboxErrors.MessageVersion(version(message)));
    }

    function encode(
        uint32 nonce_,
        uint32 origin_,
        address sender_,
        uint32 destination_,
        bytes32 recipient_,
        bytes calldata body_
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            VERSION, nonce_, origin_, bytes32(uint256(uint160(sender_))), destination_, recipient_, body_
        );
    }

    /// @notice Its name everywhere, and its leaf in the tree.
    function id(bytes memory message) internal pure returns (bytes32) {
        return keccak256(message);
    }

    function version(bytes calldata message) internal pure returns (uint8) {
        return uint8(bytes1(message[:1]));
    }

    function origin(bytes calldata message) internal pure returns (uint32) {
        return uint32(bytes4(message[5:9]));
    }

    function sender(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[9:41]);
    }

    function destination(bytes calldata message) internal pure returns (uint32) {
        return uint32(bytes4(message[41:45]));
    }

    function recipient(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[45:77]);
    }

    function body(bytes calldata message) internal pure returns (bytes calldata) {
        return message[77:];
    }

    /// @notice The address in 32 bytes. Reverts when more than 20 of them are used.
    function toAddress(bytes32 word) internal pure returns (address) {
        require(uint256(word) >> 160 == 0, IMailboxErrors.RecipientNotAddress(word));
        // Nothing is cut off.
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(uint256(word)));
    }
}
