// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";

/// @title Points: points of BLS12-381 as they travel, affine without padding
/// @dev G1: x, y. G2: x.c0, x.c1, y.c0, y.c1. A coordinate has 48 bytes, big-endian. EIP-2537 wants 16 zero bytes before
/// each. Whether bytes are a point of the group is for the precompiles to say. Infinity is all zero.
library Points {
    uint256 internal constant G1_SIZE = 96;
    uint256 internal constant G2_SIZE = 192;

    bytes internal constant G1_GENERATOR =
        hex"17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
    bytes internal constant G2_GENERATOR =
        hex"024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb813e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b828010606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";

    /// @notice Reverts unless `points` has the size of one point, and is not infinity.
    function requireOne(bytes memory points, uint256 size) internal pure {
        require(points.length == size, Errors.PointsLength(points.length, size));
        require(!isInfinite(points), Errors.PointInfinite());
    }

    /// @notice Whether all of `point` is zero.
    /// @param point Whole words: a point of G1 or of G2.
    function isInfinite(bytes memory point) internal pure returns (bool infinite) {
        assembly ("memory-safe") {
            let bits := 0
            let end := add(add(point, 32), mload(point))
            for { let at := add(point, 32) } lt(at, end) { at := add(at, 32) } { bits := or(bits, mload(at)) }
            infinite := iszero(bits)
        }
    }

    /// @notice Part of `data`, which the caller knows to be long enough.
    function slice(bytes memory data, uint256 offset, uint256 size)
        internal
        pure
        returns (bytes memory part)
    {
        part = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(data, 32), offset), size)
        }
    }

    /// @notice Copies `count` coordinates to memory at `to`, with their padding.
    /// @param from Memory pointer of the first.
    function pad(uint256 to, uint256 from, uint256 count) internal pure {
        assembly ("memory-safe") {
            for { let end := add(to, shl(6, count)) } lt(to, end) { to := add(to, 64) } {
                mstore(to, 0)
                mcopy(add(to, 16), from, 48)
                from := add(from, 48)
            }
        }
    }

    /// @notice Copies `count` coordinates to memory at `to`, without their padding.
    /// @param from Memory pointer of the first's padding.
    function unpad(uint256 to, uint256 from, uint256 count) internal pure {
        assembly ("memory-safe") {
            for { let end := add(from, shl(6, count)) } lt(from, end) { from := add(from, 64) } {
                mcopy(to, add(from, 16), 48)
                to := add(to, 48)
            }
        }
    }
}
