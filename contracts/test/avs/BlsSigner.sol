// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bls12381} from "../../avs/lib/Bls12381.sol";

/// @notice Signs in Solidity, by the multiplication precompiles. Keys made here are for tests only.
library BlsSigner {
    using Bls12381 for bytes;

    /// @notice The order of G1 and G2.
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    bytes internal constant GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    function publicKey(uint256 secret) internal view returns (bytes memory) {
        return _run(0x0c, abi.encodePacked(GENERATOR, secret));
    }

    function sign(uint256 secret, bytes32 digest) internal view returns (bytes memory) {
        return signTagged(secret, digest, Bls12381.TAG_SIGNATURE);
    }

    function prove(uint256 secret, bytes32 digest) internal view returns (bytes memory) {
        return signTagged(secret, digest, Bls12381.TAG_POSSESSION);
    }

    function signTagged(uint256 secret, bytes32 digest, bytes memory tag)
        internal
        view
        returns (bytes memory)
    {
        bytes memory point = Bls12381.hashToG2(bytes.concat(digest), tag);
        return _run(0x0e, bytes.concat(point, bytes32(secret)));
    }

    function sum(uint256[] memory secrets) internal pure returns (uint256 total) {
        for (uint256 i; i < secrets.length; ++i) {
            total = addmod(total, secrets[i], ORDER);
        }
    }

    /// @dev Outside of the library under test on purpose: no shared helper, all gas.
    function _run(uint160 precompile, bytes memory input) private view returns (bytes memory) {
        (bool done, bytes memory output) = address(precompile).staticcall(input);
        require(done, "BlsSigner: precompile failed");
        return output;
    }
}
