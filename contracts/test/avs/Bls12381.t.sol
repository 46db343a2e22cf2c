// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {Test} from "../Vm.sol";
import {BlsSigner} from "./BlsSigner.sol";

/// @notice Calls the library from outside, with the gas that the caller gives.
contract BlsCaller {
    function hashToG2(bytes memory message, bytes memory tag) external view returns (bytes memory) {
        return Bls12381.hashToG2(message, tag);
    }

    function verify(bytes memory key, bytes32 digest, bytes memory tag, bytes memory signature)
        external
        view
        returns (bool)
    {
        return Bls12381.verify(Bls12381.toG1(key), digest, tag, signature);
    }

    function verifyNegated(bytes memory negatedKey, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool)
    {
        return Bls12381.verifyNegated(Bls12381.toG1(negatedKey), digest, signature);
    }

    function add(bytes memory a, bytes memory b) external view returns (bytes memory) {
        return abi.encode(Bls12381.add(Bls12381.toG1(a), Bls12381.toG1(b)));
    }

    function negate(bytes memory a) external pure returns (bytes memory) {
        return abi.encode(Bls12381.negate(Bls12381.toG1(a)));
    }
}

contract Bls12381Test is Test {
    /// @dev A point of the curve (x = 4) that is not in the subgroup.
    bytes private constant OUTSIDE_SUBGROUP =
        hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004000000000000000000000000000000000a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c";

    // From ethereum/bls12-381-tests (sign), as EIP-2537 points.
    uint256 private constant SECRET = 0x263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3;
    bytes32 private constant MESSAGE =
        bytes32(uint256(0x5656565656565656565656565656565656565656565656565656565656565656));
    bytes private constant PUBLIC_KEY =
        hex"000000000000000000000000000000000491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a0000000000000000000000000000000017cd7061575d3e8034fcea62adaa1a3bc38dca4b50e4c5c01d04dd78037c9cee914e17944ea99e7ad84278e5d49f36c4";
    bytes private constant SIGNATURE =
        hex"000000000000000000000000000000000767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb00000000000000000000000000000000082730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20000000000000000000000000000000019e426c52ca45ac68e03b448b3dceed33a7e4e30678cb2d7c40d4ca88c0386f0e8024d1004fa4b19f934359531699b5d00000000000000000000000000000000019e7372a391cf8e5747a84ba2cd027cfaa46356299cae5b855fd2fd22bbdabac9b7fa608f71413686c8efd7d2253e8a";

    // The proof of possession of Chia's bls-signatures for the seed 0x04…04: the message is the compressed key.
    uint256 private constant POSSESSION_SECRET =
        0x258787ef728c898e43bc76244d70f468c9c7e1338a107b18b42da0d86b663c26;
    bytes private constant POSSESSION_MESSAGE =
        hex"b6dbcb8d09e98d3bdb81e9e5001e3e360ea5c886d855c602814961e951f94a237958bad5a4babac85641de653818542d";
    bytes private constant POSSESSION_PROOF =
        hex"000000000000000000000000000000000558c6871c53f1ef6055b9f06b0d1abe22ad584ad3b957f3018a8f58227c6c716b1e15791459850f2289168fa0cf91150000000000000000000000000000000004f709159435f0dc73b3e8bf6c78d85282d19231555a8ee3b6e2573aaf66872d9203fefa1ef700e34e7c3f3fb282101000000000000000000000000000000000142b9cf12d26f1c0cb4f087899041ba2f6e31e1e8b9a3cece8ed92940bdeb499a2a5b5e45c1e1a36a89e78f42844db130000000000000000000000000000000006678ec8d095f592a0d74ace8b6b9029e036612e88459add469dba341ab720615405064cf2371cf183ec35f30e362cdf";

    BlsCaller private bls;

    function setUp() public {
        bls = new BlsCaller();
    }

    /// RFC 9380, appendix J.10.1.
    function testHashToCurveVectors() public view {
        _checkHash(
            "",
            hex"000000000000000000000000000000000141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a0000000000000000000000000000000005cb8437535e20ecffaef7752baddf98034139c38452458baeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d000000000000000000000000000000000503921d7f6a12805e72940b963c0cf3471c7b2a524950ca195d11062ee75ec076daf2d4bc358c4b190c0c98064fdd920000000000000000000000000000000012424ac32561493f3fe3c260708a12b7c620e7be00099a974e259ddc7d1f6395c3c811cdd19f1e8dbf3e9ecfdcbab8d6"
        );
        _checkHash(
            "abc",
            hex"0000000000000000000000000000000002c2d18e033b960562aae3cab37a27ce00d80ccd5ba4b7fe0e7a210245129dbec7780ccc7954725f4168aff2787776e600000000000000000000000000000000139cddbccdc5e91b9623efd38c49f81a6f83f175e80b06fc374de9eb4b41dfe4ca3a230ed250fbe3a2acf73a41177fd8000000000000000000000000000000001787327b68159716a37440985269cf584bcb1e621d3a7202be6ea05c4cfe244aeb197642555a0645fb87bf7466b2ba480000000000000000000000000000000000aa65dae3c8d732d10ecd2c50f8a1baf3001578f71c694e03866e9f3d49ac1e1ce70dd94a733534f106d4cec0eddd16"
        );
        _checkHash(
            "abcdef0123456789",
            hex"00000000000000000000000000000000121982811d2491fde9ba7ed31ef9ca474f0e1501297f68c298e9f4c0028add35aea8bb83d53c08cfc007c1e005723cd000000000000000000000000000000000190d119345b94fbd15497bcba94ecf7db2cbfd1e1fe7da034d26cbba169fb3968288b3fafb265f9ebd380512a71c3f2c0000000000000000000000000000000005571a0f8d3c08d094576981f4a3b8eda0a8e771fcdcc8ecceaf1356a6acf17574518acb506e435b639353c2e14827c8000000000000000000000000000000000bb5e7572275c567462d91807de765611490205a941a5a6af3b1691bfe596c31225d3aabdf15faff860cb4ef17c7c3be"
        );
        _checkHash(
            abi.encodePacked("q128_", _repeat("q", 128)),
            hex"0000000000000000000000000000000019a84dd7248a1066f737cc34502ee5555bd3c19f2ecdb3c7d9e24dc65d4e25e50d83f0f77105e955d78f4762d33c17da000000000000000000000000000000000934aba516a52d8ae479939a91998299c76d39cc0c035cd18813bec433f587e2d7a4fef038260eef0cef4d02aae3eb910000000000000000000000000000000014f81cd421617428bc3b9fe25afbb751d934a00493524bc4e065635b0555084dd54679df1536101b2c979c0152d091920000000000000000000000000000000009bcccfa036b4847c9950780733633f13619994394c23ff0b32fa6b795844f4a0673e20282d07bc69641cee04f5e5662"
        );
        _checkHash(
            abi.encodePacked("a512_", _repeat("a", 512)),
            hex"0000000000000000000000000000000001a6ba2f9a11fa5598b2d8ace0fbe0a0eacb65deceb476fbbcb64fd24557c2f4b18ecfc5663e54ae16a84f5ab7f625340000000000000000000000000000000011fca2ff525572795a801eed17eb12785887c7b63fb77a42be46ce4a34131d71f7a73e95fee3f812aea3de78b4d01569000000000000000000000000000000000b6798718c8aed24bc19cb27f866f1c9effcdbf92397ad6448b5c9db90d2b9da6cbabf48adc1adf59a1a28344e79d57e0000000000000000000000000000000003a47f8e6d1763ba0cad63d6114c0accbef65707825a511b251a660a9b3994249ae4e63fac38b23da0c398689ee2ab52"
        );
    }

    function testPublicKeyAndSignatureVectors() public view {
        vm.assertEq(BlsSigner.publicKey(SECRET), PUBLIC_KEY);
        vm.assertEq(BlsSigner.sign(SECRET, MESSAGE), SIGNATURE);
        vm.assertTrue(bls.verify(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE));
        vm.assertTrue(bls.verifyNegated(bls.negate(PUBLIC_KEY), MESSAGE, SIGNATURE));
        vm.assertFalse(bls.verify(PUBLIC_KEY, MESSAGE, Bls12381.TAG_POSSESSION, SIGNATURE));
    }

    /// Our messages are digests of 32 bytes, so the vector is checked where they meet: the hashed point times the key.
    function testPossessionVector() public view {
        bytes memory hashed = bls.hashToG2(POSSESSION_MESSAGE, Bls12381.TAG_POSSESSION);
        (bool done, bytes memory proof) =
            address(0x0e).staticcall(bytes.concat(hashed, bytes32(POSSESSION_SECRET)));
        vm.assertTrue(done);
        vm.assertEq(proof, POSSESSION_PROOF);
    }

    function testFuzzSignatures(uint256 seed, bytes32 digest, bytes32 other) public view {
        vm.assume(digest != other);
        uint256 secret = bound(seed, 1, BlsSigner.ORDER - 1);
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory signature = BlsSigner.sign(secret, digest);
        vm.assertTrue(bls.verifyNegated(bls.negate(key), digest, signature));
        vm.assertFalse(bls.verifyNegated(key, digest, signature));
        vm.assertFalse(bls.verifyNegated(bls.negate(key), other, signature));
    }

    function testFuzzAggregates(uint256 seedA, uint256 seedB) public view {
        uint256 a = bound(seedA, 1, BlsSigner.ORDER - 1);
        uint256 b = bound(seedB, 1, BlsSigner.ORDER - 1);
        bytes memory sum = bls.add(BlsSigner.publicKey(a), BlsSigner.publicKey(b));
        vm.assertEq(sum, BlsSigner.publicKey(addmod(a, b, BlsSigner.ORDER)));
        vm.assertEq(bls.add(sum, bls.negate(BlsSigner.publicKey(b))), BlsSigner.publicKey(a));
    }

    function testNegate() public view {
        bytes memory infinity = new bytes(128);
        vm.assertEq(bls.negate(infinity), infinity);
        vm.assertEq(bls.negate(PUBLIC_KEY), BlsSigner.publicKey(BlsSigner.ORDER - SECRET));
    }

    /// Why registration refuses infinity: with it as the key, infinity signs everything.
    function testInfinitySignsAnything() public view {
        vm.assertTrue(bls.verify(new bytes(128), MESSAGE, Bls12381.TAG_SIGNATURE, new bytes(256)));
    }

    function testInfiniteSignatureOfARealKeyIsInvalid() public view {
        vm.assertFalse(bls.verify(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, new bytes(256)));
    }

    function testKeyOutsideTheSubgroupIsRefused() public {
        // On the curve: addition takes it.
        bls.add(OUTSIDE_SUBGROUP, PUBLIC_KEY);
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        bls.verify(OUTSIDE_SUBGROUP, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE);
    }

    function testPointsOffTheCurveAreRefused() public {
        bytes memory key = PUBLIC_KEY;
        key[127] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        bls.verify(key, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE);
        bytes memory signature = SIGNATURE;
        signature[255] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        bls.verify(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, signature);
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0b));
        bls.add(key, PUBLIC_KEY);
    }

    /// A second encoding of the same point would be a second key for the register.
    function testUnreducedCoordinatesAreRefused() public {
        bytes memory key = PUBLIC_KEY;
        // The modulus added to x: its low word first, then the carry and the high word.
        uint256 low;
        uint256 high;
        assembly {
            low := mload(add(key, 64))
            high := mload(add(key, 32))
        }
        unchecked {
            uint256 sum = low + 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;
            high += 0x1a0111ea397fe69a4b1ba7b6434bacd7 + (sum < low ? 1 : 0);
            low = sum;
        }
        assembly {
            mstore(add(key, 64), low)
            mstore(add(key, 32), high)
        }
        vm.expectRevert(abi.encodeWithSelector(Precompile.PrecompileFailed.selector, 0x0f));
        bls.verify(key, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE);
    }

    function testLengthsAreChecked() public {
        vm.expectRevert(abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 127, 128));
        bls.negate(new bytes(127));
        vm.expectRevert(abi.encodeWithSelector(Bls12381.BlsPointLength.selector, 257, 256));
        bls.verify(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, new bytes(257));
    }

    /// Whatever gas it gets, a check of a valid signature says yes or runs out: never no, never "invalid point".
    function testFuzzTooLittleGasIsNeverInvalid(uint256 limit) public view {
        limit = bound(limit, 3000, 200_000);
        try bls.verify{gas: limit}(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE) returns (
            bool valid
        ) {
            vm.assertTrue(valid);
        } catch (bytes memory reason) {
            // No reason at all is the EVM's own end of gas, between the precompiles.
            vm.assertTrue(
                reason.length == 0 || bytes4(reason) == Precompile.PrecompileOutOfGas.selector, "misread"
            );
        }
    }

    /// The same just below what each precompile needs, where forwarding too little would show.
    function testTooLittleGasAtEveryStep() public view {
        uint256 outOfGas;
        uint256 refused;
        for (uint256 limit = 160_000; limit > 3000; limit -= 701) {
            try bls.verify{gas: limit}(PUBLIC_KEY, MESSAGE, Bls12381.TAG_SIGNATURE, SIGNATURE) returns (
                bool valid
            ) {
                vm.assertTrue(valid);
            } catch (bytes memory reason) {
                if (reason.length == 0) {
                    ++outOfGas;
                } else {
                    vm.assertEq(bytes32(bytes4(reason)), bytes32(Precompile.PrecompileOutOfGas.selector));
                    ++refused;
                }
            }
        }
        vm.assertGt(refused, 100);
    }

    function _checkHash(bytes memory message, bytes memory expected) private view {
        vm.assertEq(bls.hashToG2(message, "QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_"), expected);
    }

    function _repeat(bytes1 char, uint256 count) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i; i < count; ++i) {
            text[i] = char;
        }
    }
}
