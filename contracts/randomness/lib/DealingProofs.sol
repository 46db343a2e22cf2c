// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";
import {Schnorr} from "./Schnorr.sol";

/// @title DealingProofs: the form of a dealing, and what its dealer must have known
library DealingProofs {
    uint256 private constant SHARE_SIZE = 32;
    uint256 private constant PROOF_SIZE = 64;

    /// @dev What a dealing is checked against.
    /// @param polynomials P, number of its polynomials.
    /// @param first What proofs call the first of them.
    /// @param payload Binds the coefficients of a check of all constants together.
    struct Context {
        bytes32 sessionId;
        address dealer;
        uint256 polynomials;
        uint256 first;
        uint256 threshold;
        uint256 shares;
        bytes32 payload;
    }

    /// @notice Reverts unless lengths are right, R and the constants are points other than infinity, and the dealer has
    /// proven to know their secrets.
    function check(Context memory context, Dealing memory dealing) internal view {
        _checkLengths(context, dealing);
        _checkEphemeral(context, dealing);
        for (uint256 i; i < context.polynomials; ++i) {
            _checkConstant(context, dealing, i);
        }
    }

    /// @notice Reverts unless each constant is the old sharing's public polynomial at the point of that share.
    /// @dev All at once: the sum of the differences, each times a coefficient that the dealing's hash decides, is
    /// infinity. With a wrong constant that happens to one dealing in 2^254.
    /// @param polynomial Coefficients of the old polynomial in G2.
    function checkAgainst(Context memory context, Dealing memory dealing, bytes memory polynomial)
        internal
        view
    {
        uint256[] memory scalars = new uint256[](polynomial.length / Points.G2_SIZE);
        Msm.Terms memory terms = Msm.create(scalars.length + context.polynomials);
        for (uint256 i; i < context.polynomials; ++i) {
            uint256 factor = Scalars.challenge(abi.encodePacked(context.payload, i));
            _addPowers(scalars, context.first + i + 1, factor);
            Msm.add(
                terms, dealing.commitments, i * context.threshold * Points.G2_SIZE, Scalars.negate(factor)
            );
        }
        for (uint256 k; k < scalars.length; ++k) {
            Msm.add(terms, polynomial, k * Points.G2_SIZE, scalars[k]);
        }
        require(Points.isInfinite(Msm.result(terms)), Errors.DealingConstantWrong());
    }

    /// @dev Adds factor * x^k to each scalar k.
    function _addPowers(uint256[] memory scalars, uint256 x, uint256 factor) private pure {
        for (uint256 k; k < scalars.length; ++k) {
            scalars[k] = addmod(scalars[k], factor, Scalars.ORDER);
            factor = mulmod(factor, x, Scalars.ORDER);
        }
    }

    function _checkLengths(Context memory context, Dealing memory dealing) private pure {
        uint256 count = context.polynomials;
        _requireLength(dealing.commitments, count * context.threshold * Points.G2_SIZE);
        _requireLength(dealing.sealedShares, count * context.shares * SHARE_SIZE);
        _requireLength(dealing.proofs, (1 + count) * PROOF_SIZE);
    }

    function _requireLength(bytes memory data, uint256 expected) private pure {
        require(data.length == expected, Errors.DealingLength(data.length, expected));
    }

    function _checkEphemeral(Context memory context, Dealing memory dealing) private view {
        bytes memory point = dealing.ephemeral;
        Points.requireOne(point, Points.G1_SIZE);
        (uint256 c, uint256 z) = _proof(dealing, 0);
        bytes memory nonce = Schnorr.nonceG1(point, c, z);
        bytes memory transcript =
            abi.encodePacked("lariat/dkg/ephemeral", context.sessionId, context.dealer, point, nonce);
        require(c == Scalars.challenge(transcript), Errors.EphemeralProofInvalid());
    }

    function _checkConstant(Context memory context, Dealing memory dealing, uint256 polynomial) private view {
        bytes memory point = Points.slice(
            dealing.commitments, polynomial * context.threshold * Points.G2_SIZE, Points.G2_SIZE
        );
        Points.requireOne(point, Points.G2_SIZE);
        (uint256 c, uint256 z) = _proof(dealing, 1 + polynomial);
        bytes memory nonce = Schnorr.nonceG2(point, c, z);
        // Share indices and members are fewer than 65.
        // forge-lint: disable-next-item(unsafe-typecast)
        bytes memory transcript = abi.encodePacked(
            "lariat/dkg/constant",
            context.sessionId,
            context.dealer,
            uint16(context.first + polynomial),
            point,
            nonce
        );
        require(c == Scalars.challenge(transcript), Errors.ConstantProofInvalid(polynomial));
    }

    function _proof(Dealing memory dealing, uint256 index) private pure returns (uint256 c, uint256 z) {
        bytes memory proofs = dealing.proofs;
        assembly ("memory-safe") {
            let proof := add(add(proofs, 32), shl(6, index))
            c := mload(proof)
            z := mload(add(proof, 32))
        }
    }
}
