// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";

/// @title Drand: rounds of drand's scheme bls-unchained-g1-rfc9380, that of its network quicknet
/// @dev Signatures in G1, keys in G2. Points come unpadded: 48 bytes a coordinate of Fp, c0 before c1. Compressed points
/// are as drand and Zcash write them: x, big-endian, c1 before c0, with flags in the first three bits.
library Drand {
    error DrandSignatureLength(uint256 length, uint256 expected);
    error DrandKeyLength(uint256 length, uint256 expected);
    error DrandKeyInfinite();

    /// @notice Domain separation tag of the scheme.
    bytes internal constant TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
    uint256 internal constant SIGNATURE_SIZE = 96;
    uint256 internal constant KEY_SIZE = 192;

    uint256 private constant G2_MSM = 0x0e;
    uint256 private constant G2_MSM_PRICE = 22_500;
    uint256 private constant PAIRING = 0x0f;
    uint256 private constant PAIRING_PRICE = 37_700 + 2 * 32_600;
    uint256 private constant PAIRING_SIZE = 768;

    // (p - 1) / 2 for the field's modulus p: what lies above it is the larger of y and -y.
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;
    bytes1 private constant COMPRESSED = 0x80;
    bytes1 private constant LARGER = 0x20;

    // The negative of the generator of G2.
    uint256 private constant X0_HIGH = 0x024aa2b2f08f0a91260805272dc51051;
    uint256 private constant X0_LOW = 0xc6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8;
    uint256 private constant X1_HIGH = 0x13e02b6052719f607dacd3a088274f65;
    uint256 private constant X1_LOW = 0x596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e;
    uint256 private constant Y0_HIGH = 0x0d1b3cc2c7027888be51d9ef691d77bc;
    uint256 private constant Y0_LOW = 0xb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa;
    uint256 private constant Y1_HIGH = 0x13fa4d4a0ad8b1ce186ed5061789213d;
    uint256 private constant Y1_LOW = 0x993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed;

    /// @notice What is signed for a round.
    function message(uint64 round) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(round));
    }

    /// @notice Whether `signature` is that of `round` under `key`: e(signature, -generator) * e(H(message), key) = 1.
    /// @dev Reverts `PrecompileFailed` if an input is no point of its subgroup, or not written in the one way that
    /// EIP-2537 knows, so that no round has two signatures. The key was checked by `padKey`.
    /// @param key As `padKey` returns it.
    /// @param signature 96 bytes.
    function verify(bytes memory key, uint64 round, bytes calldata signature)
        internal
        view
        returns (bool one)
    {
        require(signature.length == SIGNATURE_SIZE, DrandSignatureLength(signature.length, SIGNATURE_SIZE));
        bytes memory input = new bytes(PAIRING_SIZE);
        uint256 start;
        assembly ("memory-safe") {
            start := add(input, 32)
            calldatacopy(add(start, 16), signature.offset, 48)
            calldatacopy(add(start, 80), add(signature.offset, 48), 48)
            mstore(add(start, 128), X0_HIGH)
            mstore(add(start, 160), X0_LOW)
            mstore(add(start, 192), X1_HIGH)
            mstore(add(start, 224), X1_LOW)
            mstore(add(start, 256), Y0_HIGH)
            mstore(add(start, 288), Y0_LOW)
            mstore(add(start, 320), Y1_HIGH)
            mstore(add(start, 352), Y1_LOW)
            mcopy(add(start, 512), add(key, 32), 256)
        }
        // A memory pointer: nothing overflows.
        unchecked {
            Bls12381.writeHashToG1(bytes.concat(message(round)), TAG, start + 384);
        }
        Precompile.run(PAIRING, PAIRING_PRICE, start, PAIRING_SIZE, start, 32);
        assembly ("memory-safe") {
            one := mload(start)
        }
    }

    /// @notice The key of 192 bytes as EIP-2537 has it, in 256. Reverts unless it is a point of the subgroup, not infinity.
    function padKey(bytes calldata key) internal view returns (bytes memory padded) {
        require(key.length == KEY_SIZE, DrandKeyLength(key.length, KEY_SIZE));
        padded = abi.encodePacked(
            bytes16(0), key[:48], bytes16(0), key[48:96], bytes16(0), key[96:144], bytes16(0), key[144:]
        );
        require(keccak256(padded) != keccak256(new bytes(256)), DrandKeyInfinite());
        // The multiplication by one refuses what is not of the subgroup.
        bytes memory input = bytes.concat(padded, bytes32(uint256(1)));
        uint256 start;
        assembly ("memory-safe") {
            start := add(input, 32)
        }
        Precompile.run(G2_MSM, G2_MSM_PRICE, start, 288, start, 256);
    }

    /// @notice A signature of 96 bytes, compressed to 48. Its coordinates are below the modulus.
    function compressSignature(bytes calldata signature) internal pure returns (bytes memory compressed) {
        require(signature.length == SIGNATURE_SIZE, DrandSignatureLength(signature.length, SIGNATURE_SIZE));
        compressed = bytes.concat(signature[:48]);
        _flag(compressed, _isLarger(signature[48:]));
    }

    /// @notice A key of 192 bytes, compressed to 96. Its coordinates are below the modulus.
    function compressKey(bytes calldata key) internal pure returns (bytes memory compressed) {
        require(key.length == KEY_SIZE, DrandKeyLength(key.length, KEY_SIZE));
        compressed = bytes.concat(key[48:96], key[:48]);
        // Elements of Fp2 are compared by c1, and by c0 where c1 is zero.
        bytes calldata c1 = key[144:];
        _flag(compressed, _isLarger(_isZero(c1) ? key[96:144] : c1));
    }

    /// @notice drand's hash of a chain whose beacon id is "default", which is left out of it.
    /// @param publicKey Compressed, 96 bytes.
    function chainHash(uint32 period, uint64 genesis, bytes memory publicKey, bytes32 groupHash)
        internal
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(period, genesis, publicKey, groupHash));
    }

    function _flag(bytes memory compressed, bool larger) private pure {
        compressed[0] |= larger ? COMPRESSED | LARGER : COMPRESSED;
    }

    /// @dev Whether an element of Fp, 48 bytes, is more than half of the modulus.
    function _isLarger(bytes calldata element) private pure returns (bool) {
        (uint256 high, uint256 low) = _words(element);
        return high > HALF_HIGH || (high == HALF_HIGH && low > HALF_LOW);
    }

    function _isZero(bytes calldata element) private pure returns (bool) {
        (uint256 high, uint256 low) = _words(element);
        return high | low == 0;
    }

    /// @dev 48 bytes as 16 and 32.
    function _words(bytes calldata element) private pure returns (uint256 high, uint256 low) {
        assembly ("memory-safe") {
            high := shr(128, calldataload(element.offset))
            low := calldataload(add(element.offset, 16))
        }
    }
}
