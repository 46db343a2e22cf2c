// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "../interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors as Errors} from "../interfaces/IBridgeIsmErrors.sol";

/// @title Metadata: what a message is delivered with
/// @dev
///     version 1 | epoch 8 | index 4 | root 32 | messageId 32 | leaf 4 | proof 32 * 32 [ | signature 256 | absent ]
///
/// `index`, `root` and `messageId` are of the checkpoint; `leaf` and `proof` lead from the message to its root. Signature and
/// absent are those of the certificate; a root that is remembered needs none.
library Metadata {
    uint8 internal constant VERSION = 1;
    uint256 private constant PROOF = 81;
    uint256 private constant CERTIFICATE = PROOF + 32 * 32;
    uint256 private constant SIGNATURE_SIZE = 256;

    /// @notice Reverts unless the fields are there.
    function check(bytes calldata metadata) internal pure {
        uint256 length = metadata.length;
        require(
            length == CERTIFICATE || length >= CERTIFICATE + SIGNATURE_SIZE, Errors.MetadataLength(length)
        );
        uint8 version = uint8(bytes1(metadata[:1]));
        require(version == VERSION, Errors.MetadataVersion(version));
    }

    function epoch(bytes calldata metadata) internal pure returns (uint64) {
        return uint64(bytes8(metadata[1:9]));
    }

    function checkpoint(bytes calldata metadata) internal pure returns (Checkpoint memory) {
        return Checkpoint({
            index: uint32(bytes4(metadata[9:13])),
            root: bytes32(metadata[13:45]),
            messageId: bytes32(metadata[45:77])
        });
    }

    function leaf(bytes calldata metadata) internal pure returns (uint32) {
        return uint32(bytes4(metadata[77:81]));
    }

    function proof(bytes calldata metadata) internal pure returns (bytes calldata) {
        return metadata[PROOF:CERTIFICATE];
    }

    function hasCertificate(bytes calldata metadata) internal pure returns (bool) {
        return metadata.length != CERTIFICATE;
    }

    function signature(bytes calldata metadata) internal pure returns (bytes calldata) {
        return metadata[CERTIFICATE:CERTIFICATE + SIGNATURE_SIZE];
    }

    function absent(bytes calldata metadata) internal pure returns (bytes calldata) {
        return metadata[CERTIFICATE + SIGNATURE_SIZE:];
    }
}
