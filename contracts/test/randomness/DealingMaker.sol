// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";

/// @title DealingMaker: makes dealings and complaints in Solidity, by the multiplication precompiles
/// @dev Shares nothing with the contracts under test. Secrets made here are for tests only.
library DealingMaker {
    /// @notice The order of G1 and G2.
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    bytes internal constant G1 =
        hex"17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
    bytes internal constant G2 =
        hex"024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb813e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b828010606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";

    /// @param coefficients Of each polynomial, constant first.
    /// @param first What proofs and masks call the first polynomial: the member's place, or the first old share index.
    /// @param ephemeral R's secret.
    /// @param recipients For each share index the encryption key of its owner.
    struct Plan {
        bytes32 sessionId;
        address dealer;
        uint256 first;
        uint256 ephemeral;
        uint256[][] coefficients;
        bytes[] recipients;
    }

    /// @notice An honest dealing.
    function make(Plan memory plan) internal view returns (Dealing memory dealing) {
        dealing.ephemeral = multiplyG1(G1, plan.ephemeral);
        dealing.proofs = proveEphemeral(plan.sessionId, plan.dealer, plan.ephemeral);
        bytes[] memory shared = new bytes[](plan.recipients.length);
        for (uint256 j; j < shared.length; ++j) {
            bool same = j > 0 && keccak256(plan.recipients[j]) == keccak256(plan.recipients[j - 1]);
            shared[j] = same ? shared[j - 1] : multiplyG1(plan.recipients[j], plan.ephemeral);
        }
        for (uint256 p; p < plan.coefficients.length; ++p) {
            uint256[] memory polynomial = plan.coefficients[p];
            dealing.commitments = bytes.concat(dealing.commitments, commit(polynomial));
            dealing.proofs = bytes.concat(
                dealing.proofs, proveConstant(plan.sessionId, plan.dealer, plan.first + p, polynomial[0])
            );
            bytes32[] memory row = new bytes32[](shared.length);
            for (uint256 j; j < shared.length; ++j) {
                row[j] = bytes32(evaluate(polynomial, j + 1))
                    ^ mask(shared[j], plan.sessionId, plan.dealer, plan.first + p, j);
            }
            dealing.sealedShares = bytes.concat(dealing.sealedShares, abi.encodePacked(row));
        }
    }

    /// @notice What a dealer's `deal` statement carries.
    function payload(bytes32 sessionId, address dealer, Dealing memory dealing)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                "lariat/dkg/dealing/1", sessionId, dealer, keccak256(dealing.commitments), restHash(dealing)
            )
        );
    }

    function restHash(Dealing memory dealing) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(dealing.ephemeral, dealing.sealedShares, dealing.proofs));
    }

    /// @notice (c, z) that registers the encryption key of `secret` for `operator`.
    function proveEncryptionKey(address board, address operator, uint256 secret)
        internal
        view
        returns (bytes memory publicKey, uint256 c, uint256 z)
    {
        publicKey = multiplyG1(G1, secret);
        uint256 k = _nonce(secret, "encryption key");
        bytes memory head =
            abi.encodePacked("lariat/dkg/encryption-key", block.chainid, board, operator, publicKey);
        c = uint256(keccak256(bytes.concat(head, multiplyG1(G1, k)))) % ORDER;
        z = addmod(k, mulmod(c, secret, ORDER), ORDER);
    }

    /// @notice (c, z), 64 bytes, that the dealer knows R's secret.
    function proveEphemeral(bytes32 sessionId, address dealer, uint256 secret)
        internal
        view
        returns (bytes memory)
    {
        uint256 k = _nonce(secret, "ephemeral");
        uint256 c = uint256(
            keccak256(
                abi.encodePacked(
                    "lariat/dkg/ephemeral", sessionId, dealer, multiplyG1(G1, secret), multiplyG1(G1, k)
                )
            )
        ) % ORDER;
        return abi.encodePacked(c, addmod(k, mulmod(c, secret, ORDER), ORDER));
    }

    /// @notice (c, z), 64 bytes, that the dealer knows a constant.
    function proveConstant(bytes32 sessionId, address dealer, uint256 index, uint256 secret)
        internal
        view
        returns (bytes memory)
    {
        uint256 k = _nonce(secret, "constant");
        uint256 c = uint256(
            keccak256(
                abi.encodePacked(
                    "lariat/dkg/constant",
                    sessionId,
                    dealer,
                    uint16(index),
                    multiplyG2(G2, secret),
                    multiplyG2(G2, k)
                )
            )
        ) % ORDER;
        return abi.encodePacked(c, addmod(k, mulmod(c, secret, ORDER), ORDER));
    }

    /// @notice The shared point of a recipient's `secret` and R, and the proof of it.
    /// @param about Session id, dealer, recipient, polynomial (2 bytes) and share index (2 bytes), packed.
    function complain(bytes memory about, uint256 secret, bytes memory ephemeral)
        internal
        view
        returns (bytes memory shared, uint256 c, uint256 z)
    {
        shared = multiplyG1(ephemeral, secret);
        uint256 k = _nonce(secret, "complaint");
        bytes memory head = abi.encodePacked("lariat/dkg/complaint", about, multiplyG1(G1, secret));
        bytes memory tail = abi.encodePacked(ephemeral, shared, multiplyG1(G1, k), multiplyG1(ephemeral, k));
        c = uint256(keccak256(bytes.concat(head, tail))) % ORDER;
        z = addmod(k, mulmod(c, secret, ORDER), ORDER);
    }

    function mask(bytes memory shared, bytes32 sessionId, address dealer, uint256 index, uint256 shareIndex)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encodePacked("lariat/dkg/share", shared, sessionId, dealer, uint16(index), uint16(shareIndex))
        );
    }

    function evaluate(uint256[] memory polynomial, uint256 x) internal pure returns (uint256 value) {
        for (uint256 k = polynomial.length; k > 0; --k) {
            value = addmod(mulmod(value, x, ORDER), polynomial[k - 1], ORDER);
        }
    }

    /// @notice The coefficients times the generator of G2.
    function commit(uint256[] memory polynomial) internal view returns (bytes memory commitments) {
        commitments = new bytes(polynomial.length * 192);
        for (uint256 k; k < polynomial.length; ++k) {
            bytes memory point = multiplyG2(G2, polynomial[k]);
            assembly ("memory-safe") {
                mcopy(add(add(commitments, 32), mul(k, 192)), add(point, 32), 192)
            }
        }
    }

    /// @notice Lagrange's coefficient at 0 of point x among `points`.
    function lagrange(uint256[] memory points, uint256 x) internal view returns (uint256 value) {
        value = 1;
        for (uint256 i; i < points.length; ++i) {
            if (points[i] == x) continue;
            uint256 difference = addmod(points[i], ORDER - x, ORDER);
            bytes memory inverse = _run(
                0x05, abi.encodePacked(uint256(32), uint256(32), uint256(32), difference, ORDER - 2, ORDER)
            );
            value = mulmod(value, mulmod(points[i], abi.decode(inverse, (uint256)), ORDER), ORDER);
        }
    }

    function multiplyG1(bytes memory point, uint256 scalar) internal view returns (bytes memory) {
        return _unpad(_run(0x0c, bytes.concat(_pad(point), bytes32(scalar))));
    }

    function multiplyG2(bytes memory point, uint256 scalar) internal view returns (bytes memory) {
        return _unpad(_run(0x0e, bytes.concat(_pad(point), bytes32(scalar))));
    }

    function _pad(bytes memory point) private pure returns (bytes memory padded) {
        padded = new bytes(point.length / 3 * 4);
        for (uint256 i; i < point.length / 48; ++i) {
            assembly ("memory-safe") {
                mcopy(add(add(padded, 48), mul(i, 64)), add(add(point, 32), mul(i, 48)), 48)
            }
        }
    }

    function _unpad(bytes memory padded) private pure returns (bytes memory point) {
        point = new bytes(padded.length / 4 * 3);
        for (uint256 i; i < point.length / 48; ++i) {
            assembly ("memory-safe") {
                mcopy(add(add(point, 32), mul(i, 48)), add(add(padded, 48), mul(i, 64)), 48)
            }
        }
    }

    function _nonce(uint256 secret, string memory purpose) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(secret, purpose))) % ORDER;
    }

    /// @dev All gas, no shared helper.
    function _run(uint160 precompile, bytes memory input) private view returns (bytes memory) {
        (bool done, bytes memory output) = address(precompile).staticcall(input);
        require(done, "DealingMaker: precompile failed");
        return output;
    }
}
