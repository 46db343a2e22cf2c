// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {Drand} from "../../randomness/lib/Drand.sol";

/// @notice A group of one: signs rounds in Solidity, by the multiplication precompiles. Keys made here are for tests only.
library RoundSigner {
    bytes private constant GENERATOR =
        hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb80000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e000000000000000000000000000000000ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801000000000000000000000000000000000606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";

    /// @notice The key of 192 bytes.
    function groupKey(uint256 secret) internal view returns (bytes memory) {
        return unpad(_run(0x0e, bytes.concat(GENERATOR, bytes32(secret))));
    }

    /// @notice The signature of 96 bytes.
    function sign(uint256 secret, uint64 round) internal view returns (bytes memory) {
        return
            unpad(_run(0x0c, bytes.concat(hashToG1(abi.encodePacked(Drand.message(round))), bytes32(secret))));
    }

    /// @notice The sum of points of G1, each times its factor.
    function combine(bytes[] memory points, uint256[] memory factors) internal view returns (bytes memory) {
        bytes memory input;
        for (uint256 i; i < points.length; ++i) {
            input = bytes.concat(input, pad(points[i]), bytes32(factors[i]));
        }
        return unpad(_run(0x0c, input));
    }

    function hashToG1(bytes memory message) internal view returns (bytes memory) {
        return hashToG1(message, Drand.TAG);
    }

    function hashToG1(bytes memory message, bytes memory tag) internal view returns (bytes memory point) {
        point = new bytes(128);
        uint256 output;
        assembly ("memory-safe") {
            output := add(point, 32)
        }
        Bls12381.writeHashToG1(message, tag, output);
    }

    /// @notice A point of G1 as the precompiles want it.
    function pad(bytes memory point) internal pure returns (bytes memory padded) {
        padded = new bytes(128);
        for (uint256 i; i < 96; ++i) {
            padded[16 + i + (i / 48) * 16] = point[i];
        }
    }

    /// @notice Each coordinate of 64 bytes without the 16 zeros in front.
    function unpad(bytes memory padded) internal pure returns (bytes memory point) {
        for (uint256 i; i < padded.length; i += 64) {
            bytes memory coordinate = new bytes(48);
            for (uint256 j; j < 48; ++j) {
                coordinate[j] = padded[i + 16 + j];
            }
            point = bytes.concat(point, coordinate);
        }
    }

    /// @dev Outside of the libraries under test on purpose: no shared helper, all gas.
    function _run(uint160 precompile, bytes memory input) private view returns (bytes memory) {
        (bool done, bytes memory output) = address(precompile).staticcall(input);
        require(done, "RoundSigner: precompile failed");
        return output;
    }
}
