// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";

/// @title Scalars: numbers modulo the order of BLS12-381's groups
library Scalars {
    /// @notice The order r of G1 and of G2, a prime.
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    uint256 private constant MODEXP = 0x05;
    /// @dev 1,354 up to Prague (EIP-2565), 4,064 from Osaka on (EIP-7883), for 32 bytes and an exponent of 255 bits.
    uint256 private constant MODEXP_PRICE = 4064;

    /// @notice The number that a hash stands for in a proof.
    function challenge(bytes memory transcript) internal pure returns (uint256) {
        return uint256(keccak256(transcript)) % ORDER;
    }

    function requireReduced(uint256 scalar) internal pure {
        require(scalar < ORDER, Errors.ScalarTooLarge(scalar));
    }

    /// @notice −a. Of 0 it is the order, which multiplies like 0.
    function negate(uint256 a) internal pure returns (uint256) {
        return ORDER - a;
    }

    /// @notice 1 / a, by Fermat. Of 0 it is 0.
    function inverse(uint256 a) internal view returns (uint256 result) {
        uint256 input;
        uint256 order = ORDER;
        assembly ("memory-safe") {
            input := mload(0x40)
            mstore(0x40, add(input, 192))
            mstore(input, 32)
            mstore(add(input, 32), 32)
            mstore(add(input, 64), 32)
            mstore(add(input, 96), a)
            mstore(add(input, 128), sub(order, 2))
            mstore(add(input, 160), order)
        }
        Precompile.run(MODEXP, MODEXP_PRICE, input, 192, input, 32);
        assembly ("memory-safe") {
            result := mload(input)
        }
    }

    /// @notice Lagrange's coefficient of the value at `x` for a polynomial's value at 0: the product over all other
    /// points y of y / (y − x).
    /// @param points All points, `x` among them, different and not 0 modulo the order.
    function lagrangeAtZero(uint256[] memory points, uint256 x) internal view returns (uint256) {
        uint256 above = 1;
        uint256 below = 1;
        for (uint256 i; i < points.length; ++i) {
            uint256 y = points[i];
            if (y == x) continue;
            above = mulmod(above, y, ORDER);
            below = mulmod(below, addmod(y, ORDER - x, ORDER), ORDER);
        }
        return mulmod(above, inverse(below), ORDER);
    }
}
