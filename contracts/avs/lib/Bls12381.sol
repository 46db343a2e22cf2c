// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Precompile} from "./Precompile.sol";

/// @title Bls12381: BLS signatures, public keys in G1 and signatures in G2, by the precompiles of EIP-2537
/// @dev Points are in EIP-2537 form: a field element takes 64 bytes of which the first 16 are zero, an element of Fp2
/// is c0 then c1, infinity is all zero. The precompiles refuse any other encoding, and points off the curve. Only
/// the pairing and the multiplications check the subgroup as well; additions do not.
library Bls12381 {
    struct G1 {
        uint256 xHigh;
        uint256 xLow;
        uint256 yHigh;
        uint256 yLow;
    }

    error BlsPointLength(uint256 length, uint256 expected);

    /// @notice Domain separation tag of signatures (draft-irtf-cfrg-bls-signature, proof-of-possession scheme).
    bytes internal constant TAG_SIGNATURE = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
    /// @notice Domain separation tag of proofs of possession, of the same draft.
    bytes internal constant TAG_POSSESSION = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

    uint256 internal constant G1_SIZE = 128;
    uint256 internal constant G2_SIZE = 256;

    // Precompiles and their prices (EIP-2537; SHA-256 from the first version of the EVM).
    uint256 private constant SHA256 = 0x02;
    uint256 private constant SHA256_PRICE = 60;
    uint256 private constant SHA256_WORD_PRICE = 12;
    uint256 private constant MODEXP = 0x05;
    /// @dev 200 up to Prague (EIP-2565), 500 from Osaka on (EIP-7883), for a 64-byte modulus and the exponent 1.
    uint256 private constant MODEXP_PRICE = 500;
    uint256 private constant G1_ADD = 0x0b;
    uint256 private constant G1_ADD_PRICE = 375;
    uint256 private constant G2_ADD = 0x0d;
    uint256 private constant G2_ADD_PRICE = 600;
    uint256 private constant PAIRING = 0x0f;
    uint256 private constant PAIRING_PRICE = 37_700 + 2 * 32_600;
    uint256 private constant MAP_TO_G1 = 0x10;
    uint256 private constant MAP_TO_G1_PRICE = 5500;
    uint256 private constant MAP_TO_G2 = 0x11;
    uint256 private constant MAP_TO_G2_PRICE = 23_800;

    uint256 private constant PAIRING_SIZE = 2 * (G1_SIZE + G2_SIZE);
    /// @dev Elements of Fp that hashing to G2 and to G1 takes.
    uint256 private constant G2_ELEMENTS = 4;
    uint256 private constant G1_ELEMENTS = 2;
    /// @dev What hashing to the field needs besides the precompiles' prices: 12 calls of 100, and the instructions.
    uint256 private constant FIELD_MARGIN = 5000;

    // The field's modulus, and the generator of G1 with its negative.
    uint256 private constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
    uint256 private constant X_HIGH = 0x17f1d3a73197d7942695638c4fa9ac0f;
    uint256 private constant X_LOW = 0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb;
    uint256 private constant Y_HIGH = 0x08b3f481e3aaa0f1a09e30ed741d8ae4;
    uint256 private constant Y_LOW = 0xfcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1;
    uint256 private constant NEGATED_Y_HIGH = 0x114d1d6855d545a8aa7d76c8cf2e21f2;
    uint256 private constant NEGATED_Y_LOW =
        0x67816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca;

    /// @notice Reads a public key of 128 bytes. Whether it is a point is for the precompiles to say.
    function toG1(bytes memory data) internal pure returns (G1 memory) {
        require(data.length == G1_SIZE, BlsPointLength(data.length, G1_SIZE));
        return abi.decode(data, (G1));
    }

    function isInfinity(G1 memory point) internal pure returns (bool) {
        return (point.xHigh | point.xLow | point.yHigh | point.yLow) == 0;
    }

    /// @notice The sum of two points of the curve, which need not be in the subgroup.
    function add(G1 memory a, G1 memory b) internal view returns (G1 memory sum) {
        uint256 input = _allocate(2 * G1_SIZE);
        uint256 output;
        assembly ("memory-safe") {
            mcopy(input, a, 128)
            mcopy(add(input, 128), b, 128)
            output := sum
        }
        Precompile.run(G1_ADD, G1_ADD_PRICE, input, 2 * G1_SIZE, output, G1_SIZE);
    }

    /// @notice The negative of a point whose coordinates are below the modulus.
    function negate(G1 memory point) internal pure returns (G1 memory) {
        if (isInfinity(point)) return point;
        // Two-word subtraction p - y: the low word wraps by design, and then borrows from the high one.
        unchecked {
            uint256 borrow = point.yLow > P_LOW ? 1 : 0;
            return G1(point.xHigh, point.xLow, P_HIGH - point.yHigh - borrow, P_LOW - point.yLow);
        }
    }

    /// @notice Whether `signature` (256 bytes) signs `digest` under the key whose negative is `negatedKey`:
    /// e(-key, H(digest)) * e(generator, signature) = 1.
    /// @dev Reverts `PrecompileFailed` if an input is no point of its subgroup. The caller refuses an infinite key.
    function verifyNegated(G1 memory negatedKey, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        require(signature.length == G2_SIZE, BlsPointLength(signature.length, G2_SIZE));
        uint256 input = _allocate(PAIRING_SIZE);
        _hashToG2(bytes.concat(digest), TAG_SIGNATURE, input + G1_SIZE);
        assembly ("memory-safe") {
            mcopy(input, negatedKey, G1_SIZE)
            let second := add(input, 384)
            mstore(second, X_HIGH)
            mstore(add(second, 32), X_LOW)
            mstore(add(second, 64), Y_HIGH)
            mstore(add(second, 96), Y_LOW)
            calldatacopy(add(second, G1_SIZE), signature.offset, G2_SIZE)
        }
        return _pairingIsOne(input);
    }

    /// @notice Whether `signature` (256 bytes) signs `digest` under `key` and the domain separation `tag`:
    /// e(key, H(digest)) * e(-generator, signature) = 1.
    /// @dev Reverts `PrecompileFailed` if an input is no point of its subgroup. The caller refuses an infinite key.
    function verify(G1 memory key, bytes32 digest, bytes memory tag, bytes memory signature)
        internal
        view
        returns (bool)
    {
        require(signature.length == G2_SIZE, BlsPointLength(signature.length, G2_SIZE));
        uint256 input = _allocate(PAIRING_SIZE);
        _hashToG2(bytes.concat(digest), tag, input + G1_SIZE);
        assembly ("memory-safe") {
            mcopy(input, key, G1_SIZE)
            let second := add(input, 384)
            mstore(second, X_HIGH)
            mstore(add(second, 32), X_LOW)
            mstore(add(second, 64), NEGATED_Y_HIGH)
            mstore(add(second, 96), NEGATED_Y_LOW)
            mcopy(add(second, G1_SIZE), add(signature, 32), G2_SIZE)
        }
        return _pairingIsOne(input);
    }

    /// @notice hash_to_curve of RFC 9380, suite BLS12381G2_XMD:SHA-256_SSWU_RO_: a point of 256 bytes.
    /// @param tag Domain separation tag of at most 255 bytes.
    function hashToG2(bytes memory message, bytes memory tag) internal view returns (bytes memory point) {
        point = new bytes(G2_SIZE);
        uint256 output;
        assembly ("memory-safe") {
            output := add(point, 32)
        }
        _hashToG2(message, tag, output);
    }

    /// @notice hash_to_curve of RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_: writes a point of 128 bytes to memory
    /// at `output`.
    /// @param tag Domain separation tag of at most 255 bytes.
    function writeHashToG1(bytes memory message, bytes memory tag, uint256 output) internal view {
        uint256 elements = _allocate(128);
        uint256 mapped = _allocate(2 * G1_SIZE);
        _hashToField(message, tag, G1_ELEMENTS, elements);
        // As for G2. Memory pointers: nothing overflows.
        unchecked {
            Precompile.run(MAP_TO_G1, MAP_TO_G1_PRICE, elements, 64, mapped, G1_SIZE);
            Precompile.run(MAP_TO_G1, MAP_TO_G1_PRICE, elements + 64, 64, mapped + G1_SIZE, G1_SIZE);
            Precompile.run(G1_ADD, G1_ADD_PRICE, mapped, 2 * G1_SIZE, output, G1_SIZE);
        }
    }

    /// @dev Writes the point to memory at `output`.
    function _hashToG2(bytes memory message, bytes memory tag, uint256 output) private view {
        uint256 elements = _allocate(256);
        uint256 mapped = _allocate(2 * G2_SIZE);
        _hashToField(message, tag, G2_ELEMENTS, elements);
        // The map clears the cofactor of each summand, which comes to the same as clearing it of the sum.
        // Memory pointers: nothing overflows.
        unchecked {
            Precompile.run(MAP_TO_G2, MAP_TO_G2_PRICE, elements, 128, mapped, G2_SIZE);
            Precompile.run(MAP_TO_G2, MAP_TO_G2_PRICE, elements + 128, 128, mapped + G2_SIZE, G2_SIZE);
            Precompile.run(G2_ADD, G2_ADD_PRICE, mapped, 2 * G2_SIZE, output, G2_SIZE);
        }
    }

    /// @dev hash_to_field of RFC 9380, section 5.2, with L 64, on top of expand_message_xmd, section 5.3.1: writes
    /// `count` elements of Fp, of 64 bytes each, to memory at `elements`. Two elements of Fp2 are four of Fp.
    function _hashToField(bytes memory message, bytes memory tag, uint256 count, uint256 elements)
        private
        view
    {
        // One block: 32 bytes of state, a counter, the tag and its length.
        // Sizes of memory: nothing overflows.
        unchecked {
            uint256 size = 34 + tag.length;
            uint256 block_ = _allocate(size);
            bytes32 first = _expandFirst(message, tag, count, block_);
            _expandRest(first, block_, size, count, elements);
        }
    }

    /// @dev b_0 of expand_message_xmd for 64 bytes of output an element. Also lays out the tail of `block_`, the buffer
    /// of the blocks that follow: the tag and its length.
    function _expandFirst(bytes memory message, bytes memory tag, uint256 count, uint256 block_)
        private
        view
        returns (bytes32 first)
    {
        uint256 size;
        // A block of zeros, the message, the output's length (two bytes), zero, the tag and its length. These are sizes
        // of memory: nothing overflows.
        unchecked {
            size = 68 + message.length + tag.length;
        }
        uint256 input = _allocate(size);
        assembly ("memory-safe") {
            let length := mload(tag)
            mcopy(add(block_, 33), add(tag, 32), length)
            mstore8(add(add(block_, 33), length), length)

            mstore(input, 0)
            mstore(add(input, 32), 0)
            mcopy(add(input, 64), add(message, 32), mload(message))
            let tail := add(add(input, 64), mload(message))
            mstore8(tail, shr(2, count)) // 64 * count as two bytes
            mstore8(add(tail, 1), shl(6, count))
            mstore8(add(tail, 2), 0)
            mcopy(add(tail, 3), add(block_, 33), add(length, 1))
        }
        Precompile.run(SHA256, _sha256Price(size), input, size, input, 32);
        assembly ("memory-safe") {
            first := mload(input)
        }
    }

    /// @dev b_1 and what follows of expand_message_xmd, every two of them reduced to a field element. One check of the
    /// gas precedes all of the calls.
    function _expandRest(bytes32 first, uint256 block_, uint256 size, uint256 count, uint256 elements)
        private
        view
    {
        uint256 price = _sha256Price(size);
        _requireGas(price, count);
        uint256 modexp = _allocate(225);
        bool done = true;
        assembly ("memory-safe") {
            // MODEXP with exponent 1 reduces 64 bytes modulo p and writes them as a padded field element.
            mstore(modexp, 64)
            mstore(add(modexp, 32), 1)
            mstore(add(modexp, 64), 64)
            mstore8(add(modexp, 160), 1)
            mstore(add(modexp, 161), P_HIGH)
            mstore(add(modexp, 193), P_LOW)

            let state := 0
            for { let i := 1 } iszero(gt(i, shl(1, count))) { i := add(i, 1) } {
                mstore(block_, xor(first, state))
                mstore8(add(block_, 32), i)
                // Two hashes fill the 64 bytes of MODEXP's base.
                let output := sub(add(modexp, 128), shl(5, and(i, 1)))
                done := and(staticcall(price, SHA256, block_, size, output, 32), done)
                state := mload(output)
                if iszero(and(i, 1)) {
                    output := add(elements, shl(5, sub(i, 2)))
                    done := and(staticcall(MODEXP_PRICE, MODEXP, modexp, 225, output, 64), done)
                }
            }
        }
        if (!done) revert Precompile.PrecompileFailed(SHA256);
    }

    /// @dev For two hashes of `price` and a reduction for each element.
    function _requireGas(uint256 price, uint256 count) private view {
        // Prices of blocks of at most 289 bytes: nothing overflows.
        unchecked {
            uint256 total = count * (2 * price + MODEXP_PRICE);
            if (gasleft() <= total + FIELD_MARGIN) revert Precompile.PrecompileOutOfGas(SHA256, total);
        }
    }

    function _sha256Price(uint256 size) private pure returns (uint256) {
        // Sizes of memory: nothing overflows.
        unchecked {
            return SHA256_PRICE + SHA256_WORD_PRICE * ((size + 31) / 32);
        }
    }

    /// @dev Whether e(a, b) * e(c, d) = 1 for the points a, b, c and d in memory at `input`.
    function _pairingIsOne(uint256 input) private view returns (bool one) {
        Precompile.run(PAIRING, PAIRING_PRICE, input, PAIRING_SIZE, input, 32);
        assembly ("memory-safe") {
            one := mload(input)
        }
    }

    /// @dev Memory of `size` bytes, not cleared.
    function _allocate(uint256 size) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(0x40, and(add(add(pointer, size), 31), not(31)))
        }
    }
}
