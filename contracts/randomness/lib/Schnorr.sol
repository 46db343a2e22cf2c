// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";

/// @title Schnorr: proofs that somebody knows the secret of a point
/// @dev The prover draws k, hashes T = k * generator with what the proof is bound to into the challenge c, and tells c
/// and z = k + c * secret. T is found again as z * generator − c * point; the caller hashes it and compares. A T of
/// infinity, with which z would tell the secret, is refused.
library Schnorr {
    /// @notice T in G1, 96 bytes. Reverts if `point` is none of the group.
    function nonceG1(bytes memory point, uint256 c, uint256 z) internal view returns (bytes memory nonce) {
        Scalars.requireReduced(c);
        Scalars.requireReduced(z);
        nonce = Msm.sumOfTwo(Points.G1_GENERATOR, z, point, Scalars.negate(c));
        Points.requireOne(nonce, Points.G1_SIZE);
    }

    /// @notice T in G2, 192 bytes. Reverts if `point` is none of the group.
    function nonceG2(bytes memory point, uint256 c, uint256 z) internal view returns (bytes memory nonce) {
        Scalars.requireReduced(c);
        Scalars.requireReduced(z);
        Msm.Terms memory terms = Msm.create(2);
        Msm.add(terms, Points.G2_GENERATOR, 0, z);
        Msm.add(terms, point, 0, Scalars.negate(c));
        nonce = Msm.result(terms);
        Points.requireOne(nonce, Points.G2_SIZE);
    }
}
