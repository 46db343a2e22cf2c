// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Points} from "./Points.sol";

/// @title DrandChain: the name that drand gives to a chain of rounds
library DrandChain {
    /// @notice sha256(period u32 | genesis i64 | public key | group hash), of a beacon whose id is "default".
    /// @param key G2, 192 bytes, not infinity.
    function chainHash(uint32 period, uint64 genesis, bytes memory key, bytes32 groupHash)
        internal
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(period, genesis, compress(key), groupHash));
    }

    /// @notice A point of G2 in 96 bytes, as everybody else writes it: x.c1, x.c0, and three bits on top: compressed, not
    /// infinity, whether y is the greater of the two square roots, by c1 and then by c0.
    function compress(bytes memory point) internal pure returns (bytes memory data) {
        bytes memory c1 = Points.slice(point, 48, 48);
        c1[0] |= _isGreater(point) ? bytes1(0xa0) : bytes1(0x80);
        return bytes.concat(c1, Points.slice(point, 0, 48));
    }

    function _isGreater(bytes memory point) private pure returns (bool) {
        (uint256 high, uint256 low) = _coordinate(point, 144);
        if (high | low == 0) (high, low) = _coordinate(point, 96);
        // (p − 1) / 2
        uint256 halfHigh = 0x0d0088f51cbff34d258dd3db21a5d66b;
        uint256 halfLow = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;
        return high > halfHigh || (high == halfHigh && low > halfLow);
    }

    /// @dev The 48 bytes at `offset` as 16 and 32.
    function _coordinate(bytes memory point, uint256 offset)
        private
        pure
        returns (uint256 high, uint256 low)
    {
        assembly ("memory-safe") {
            let start := add(add(point, 32), offset)
            high := shr(128, mload(start))
            low := mload(add(start, 16))
        }
    }
}
