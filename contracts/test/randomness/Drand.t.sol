// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Drand} from "../../randomness/lib/Drand.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {Test} from "../Vm.sol";
import {BlsSigner} from "../avs/BlsSigner.sol";
import {RoundSigner} from "./RoundSigner.sol";

/// @notice Calls the library from outside, with the gas that the caller gives.
contract DrandCaller {
    function verify(bytes calldata key, uint64 round, bytes calldata signature) external view returns (bool) {
        return Drand.verify(Drand.padKey(key), round, signature);
    }

    function padKey(bytes calldata key) external view returns (bytes memory) {
        return Drand.padKey(key);
    }

    function compressSignature(bytes calldata signature) external pure returns (bytes memory) {
        return Drand.compressSignature(signature);
    }

    function compressKey(bytes calldata key) external pure returns (bytes memory) {
        return Drand.compressKey(key);
    }

    function chainHash(uint32 period, uint64 genesis, bytes memory publicKey, bytes32 groupHash)
        external
        pure
        returns (bytes32)
    {
        return Drand.chainHash(period, genesis, publicKey, groupHash);
    }
}

contract DrandTest is Test {
    /// @dev (0, 2): on the curve, of order three.
    bytes private constant OF_ORDER_THREE = bytes.concat(new bytes(48), new bytes(47), hex"02");

    DrandCaller private drand;
    string private vectors;

    function setUp() public {
        drand = new DrandCaller();
        vectors = vm.readFile("test/vectors/quicknet.json");
    }

    /// RFC 9380, appendix J.9.1.
    function testHashToCurveVectors() public view {
        _checkHash(
            "",
            hex"052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a108ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265"
        );
        _checkHash(
            "abc",
            hex"03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f69030b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d"
        );
        _checkHash(
            "abcdef0123456789",
            hex"11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d9803a87ae2caf14e8ee52e51fa2ed8eefe80f02457004ba4d486d6aa1f517c0889501dc7413753f9599b099ebcbbd2d709"
        );
        _checkHash(
            abi.encodePacked("q128_", _repeat("q", 128)),
            hex"15f68eaa693b95ccb85215dc65fa81038d69629f70aeee0d0f677cf22285e7bf58d7cb86eefe8f2e9bc3f8cb84fac4881807a1d50c29f430b8cafc4f8638dfeeadf51211e1602a5f184443076715f91bb90a48ba1e370edce6ae1062f5e6dd38"
        );
        _checkHash(
            abi.encodePacked("a512_", _repeat("a", 512)),
            hex"082aabae8b7dedb0e78aeb619ad3bfd9277a2f77ba7fad20ef6aabdc6c31d19ba5a6d12283553294c1825c4b3ca2dcfe05b84ae5a942248eea39e1d91030458c40153f3b654ab7872d779ad1e942856a20c438e8d99bc8abfbf74729ce1f7ac8"
        );
    }

    /// Real rounds of the real network.
    function testQuicknetRounds() public view {
        bytes memory key = vm.parseJsonBytes(vectors, ".chain.publicKeyAffine");
        uint256 count = _count();
        vm.assertGe(count, 10);
        uint256 larger;
        for (uint256 i; i < count; ++i) {
            (uint64 round, bytes memory signature, bytes memory compressed, bytes32 randomness) = _round(i);
            vm.assertTrue(drand.verify(key, round, signature));
            vm.assertEq(drand.compressSignature(signature), compressed);
            vm.assertEq(sha256(compressed), randomness);
            if (compressed[0] & 0x20 != 0) ++larger;
        }
        // Both signs were met.
        vm.assertTrue(larger != 0 && larger != count);
    }

    function testQuicknetRoundsOfAnotherRound() public view {
        bytes memory key = vm.parseJsonBytes(vectors, ".chain.publicKeyAffine");
        (uint64 round, bytes memory signature,,) = _round(0);
        vm.assertFalse(drand.verify(key, round + 1, signature));
        vm.assertFalse(drand.verify(key, type(uint64).max, signature));
        vm.assertFalse(drand.verify(key, 0, signature));
        (, bytes memory other,,) = _round(1);
        vm.assertFalse(drand.verify(key, round, other));
    }

    /// quicknet's hash has its beacon id at the end, as that is not "default".
    function testQuicknetChainHash() public view {
        bytes memory key = drand.compressKey(vm.parseJsonBytes(vectors, ".chain.publicKeyAffine"));
        vm.assertEq(key, vm.parseJsonBytes(vectors, ".chain.publicKey"));
        uint64 genesis = uint64(vm.parseJsonUint(vectors, ".chain.genesis"));
        bytes32 groupHash = vm.parseJsonBytes32(vectors, ".chain.groupHash");
        bytes32 hash = sha256(abi.encodePacked(uint32(3), genesis, key, groupHash, "quicknet"));
        vm.assertEq(hash, vm.parseJsonBytes32(vectors, ".chain.hash"));
        vm.assertTrue(drand.chainHash(3, genesis, key, groupHash) != hash);
    }

    /// A network whose id is "default": drand's first one. Its keys are in G1, but the hash is made alike.
    function testDefaultChainHash() public view {
        vm.assertEq(
            drand.chainHash(
                uint32(vm.parseJsonUint(vectors, ".otherChain.period")),
                uint64(vm.parseJsonUint(vectors, ".otherChain.genesis")),
                vm.parseJsonBytes(vectors, ".otherChain.publicKey"),
                vm.parseJsonBytes32(vectors, ".otherChain.groupHash")
            ),
            vm.parseJsonBytes32(vectors, ".otherChain.hash")
        );
    }

    function testFuzzSignatures(uint256 seed, uint64 round, uint64 other) public view {
        vm.assume(round != other);
        uint256 secret = bound(seed, 1, BlsSigner.ORDER - 1);
        bytes memory key = RoundSigner.groupKey(secret);
        bytes memory signature = RoundSigner.sign(secret, round);
        vm.assertTrue(drand.verify(key, round, signature));
        vm.assertFalse(drand.verify(key, other, signature));
        bytes memory negative = RoundSigner.sign(BlsSigner.ORDER - secret, round);
        vm.assertFalse(drand.verify(key, round, negative));
        // Of a point and its negative, exactly one has the greater y; the rest of the bytes is the same.
        bytes memory a = drand.compressSignature(signature);
        bytes memory b = drand.compressSignature(negative);
        vm.assertEq(uint256(uint8(a[0] ^ b[0])), 0x20);
        a[0] = b[0];
        vm.assertEq(a, b);
    }

    /// The same of keys.
    function testFuzzCompressedKeys(uint256 seed) public view {
        uint256 secret = bound(seed, 1, BlsSigner.ORDER - 1);
        bytes memory a = drand.compressKey(RoundSigner.groupKey(secret));
        bytes memory b = drand.compressKey(RoundSigner.groupKey(BlsSigner.ORDER - secret));
        vm.assertEq(a.length, 96);
        vm.assertEq(uint256(uint8(a[0] & b[0] & 0x80)), 0x80);
        vm.assertEq(uint256(uint8(a[0] ^ b[0])), 0x20);
    }

    /// Where c1 of y is zero, c0 decides. No such key is known; the rule is that of the format.
    function testTheSignOfAKeyByC0() public view {
        bytes memory key = new bytes(192);
        key[143] = 0x01;
        vm.assertEq(uint256(uint8(drand.compressKey(key)[0])), 0x80);
        // (p - 1) / 2 is not above itself; one more is.
        bytes memory half =
            hex"0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555";
        for (uint256 i; i < 48; ++i) {
            key[96 + i] = half[i];
        }
        vm.assertEq(uint256(uint8(drand.compressKey(key)[0])), 0x80);
        key[143] = 0x56;
        vm.assertEq(uint256(uint8(drand.compressKey(key)[0])), 0xa0);
    }

    function testInfinitySignsNothing() public {
        vm.assertFalse(drand.verify(RoundSigner.groupKey(7), 1, new bytes(96)));
        vm.expectRevert(Drand.DrandKeyInfinite.selector);
        drand.padKey(new bytes(192));
    }

    function testPointsOutsideAreRefused() public {
        bytes memory key = RoundSigner.groupKey(7);
        bytes memory signature = RoundSigner.sign(7, 1);
        signature[95] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        drand.verify(key, 1, signature);
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        drand.verify(key, 1, OF_ORDER_THREE);
        key[191] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0e));
        drand.padKey(key);
    }

    /// A second encoding of one signature would be a second randomness of one round.
    function testUnreducedCoordinatesAreRefused() public {
        bytes memory key = RoundSigner.groupKey(7);
        for (uint64 round = 1; round < 4; ++round) {
            bytes memory signature = RoundSigner.sign(7, round);
            for (uint256 offset; offset < 96; offset += 48) {
                bytes memory other = _plusModulus(signature, offset);
                vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
                drand.verify(key, round, other);
            }
        }
    }

    function testLengthsAreChecked() public {
        bytes memory key = RoundSigner.groupKey(7);
        vm.expectRevert(abi.encodeWithSelector(Drand.DrandSignatureLength.selector, 48, 96));
        drand.verify(key, 1, new bytes(48));
        vm.expectRevert(abi.encodeWithSelector(Drand.DrandSignatureLength.selector, 97, 96));
        drand.compressSignature(new bytes(97));
        vm.expectRevert(abi.encodeWithSelector(Drand.DrandKeyLength.selector, 256, 192));
        drand.padKey(new bytes(256));
        vm.expectRevert(abi.encodeWithSelector(Drand.DrandKeyLength.selector, 96, 192));
        drand.compressKey(new bytes(96));
    }

    /// Whatever gas it gets, a check of a valid signature says yes or runs out: never no, never "invalid point".
    function testFuzzTooLittleGasIsNeverInvalid(uint256 limit) public view {
        bytes memory key = RoundSigner.groupKey(7);
        bytes memory signature = RoundSigner.sign(7, 1);
        try drand.verify{gas: bound(limit, 3000, 200_000)}(key, 1, signature) returns (bool valid) {
            vm.assertTrue(valid);
        } catch (bytes memory reason) {
            // No reason at all is the EVM's own end of gas, between the precompiles.
            vm.assertTrue(
                reason.length == 0 || bytes4(reason) == Precompile.PrecompileOutOfGas.selector, "misread"
            );
        }
    }

    function _checkHash(bytes memory message, bytes memory expected) private view {
        bytes memory tag = "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
        vm.assertEq(RoundSigner.unpad(RoundSigner.hashToG1(message, tag)), expected);
    }

    function _count() private view returns (uint256 count) {
        while (vm.keyExistsJson(vectors, string.concat(".rounds[", _digits(count), "]"))) ++count;
    }

    function _round(uint256 i)
        private
        view
        returns (uint64 round, bytes memory signature, bytes memory compressed, bytes32 randomness)
    {
        string memory path = string.concat(".rounds[", _digits(i), "]");
        round = uint64(vm.parseJsonUint(vectors, string.concat(path, ".round")));
        signature = vm.parseJsonBytes(vectors, string.concat(path, ".signatureAffine"));
        compressed = vm.parseJsonBytes(vectors, string.concat(path, ".signature"));
        randomness = vm.parseJsonBytes32(vectors, string.concat(path, ".randomness"));
    }

    function _digits(uint256 n) private pure returns (string memory) {
        if (n < 10) return string(abi.encodePacked(uint8(48 + n)));
        return string.concat(_digits(n / 10), _digits(n % 10));
    }

    /// @dev With the modulus added to the coordinate at `offset`: it stays below 2^384.
    function _plusModulus(bytes memory point, uint256 offset) private pure returns (bytes memory sum) {
        bytes memory modulus =
            hex"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
        sum = bytes.concat(point);
        uint256 carry;
        for (uint256 i = 48; i > 0; --i) {
            carry += uint256(uint8(point[offset + i - 1])) + uint8(modulus[i - 1]);
            sum[offset + i - 1] = bytes1(uint8(carry));
            carry >>= 8;
        }
    }

    function _repeat(bytes1 char, uint256 count) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i; i < count; ++i) {
            text[i] = char;
        }
    }
}
