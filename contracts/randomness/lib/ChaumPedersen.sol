// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";

/// @title ChaumPedersen: proofs that two points of G1 have the same secret to two bases
/// @dev The prover, who knows `secret` with key = secret * generator and product = secret * base, draws k, hashes
/// T1 = k * generator and T2 = k * base into the challenge c, and tells c and z = k + c * secret. Infinity is refused.
library ChaumPedersen {
    /// @notice T1 and T2, 96 bytes each; the caller hashes them and compares. Reverts if a point is none of the group.
    function nonces(bytes memory key, bytes memory base, bytes memory product, uint256 c, uint256 z)
        internal
        view
        returns (bytes memory first, bytes memory second)
    {
        Scalars.requireReduced(c);
        Scalars.requireReduced(z);
        first = Msm.sumOfTwo(Points.G1_GENERATOR, z, key, Scalars.negate(c));
        second = Msm.sumOfTwo(base, z, product, Scalars.negate(c));
        Points.requireOne(first, Points.G1_SIZE);
        Points.requireOne(second, Points.G1_SIZE);
    }
}
