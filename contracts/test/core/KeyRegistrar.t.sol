// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {BN254} from "../../core/BN254.sol";
import {KeyRegistrar} from "../../core/KeyRegistrar.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {IKeyRegistrar} from "../../core/interfaces/IKeyRegistrar.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {CoreSetup} from "./CoreSetup.sol";

/// @notice Makes signatures and reaches the library by calls, so that its reverts can be expected.
contract Bn254User {
    function sign(uint256 secret, bytes32 digest) external view returns (bytes memory) {
        return abi.encode(BN254.mul(BN254.hashToG1(digest), secret));
    }

    function publicG1(uint256 secret) external view returns (BN254.G1Point memory) {
        return BN254.mul(BN254.G1Point(1, 2), secret);
    }

    function hashToG1(bytes32 digest) external view returns (BN254.G1Point memory) {
        return BN254.hashToG1(digest);
    }

    function add(BN254.G1Point memory a, BN254.G1Point memory b)
        external
        view
        returns (BN254.G1Point memory)
    {
        return BN254.add(a, b);
    }
}

/// @title KeyRegistrarSetup: set 1 of the AVS demands ECDSA keys, set 2 BN254 keys
abstract contract KeyRegistrarSetup is CoreSetup {
    /// @dev Secrets with their points of G2, which no precompile makes: from test/vectors/bn254-keys.json.
    uint256 internal constant SECRET = 0x1234567890abcdef;
    uint256 internal constant OTHER_SECRET = 2;
    uint256 internal constant ECDSA_SECRET = 0xec05a;

    KeyRegistrar internal registrar;
    Bn254User internal user;

    function setUp() public virtual override {
        super.setUp();
        registrar =
            KeyRegistrar(vm.deployCode("KeyRegistrar.sol", abi.encode(permissions, allocations, "1.12.0")));
        user = new Bn254User();
        vm.startPrank(address(avs));
        registrar.configureOperatorSet(_set(1), IKeyRegistrar.CurveType.ECDSA);
        registrar.configureOperatorSet(_set(2), IKeyRegistrar.CurveType.BN254);
        vm.stopPrank();
        _register(ALICE, 0);
        _register(BOB, 0);
    }

    function _g2(uint256 secret) internal pure returns (BN254.G2Point memory) {
        if (secret == SECRET) {
            return BN254.G2Point(
                [
                    uint256(0x0503af74028ca22309554e0c5e33b29ad6d7c5d4c3521bcea18c60a921647bdf),
                    0x1759519a5172f8eb621f3dcb47bfbf354dd9b20a6c98f00cf456dfc998f63704
                ],
                [
                    uint256(0x0b56d7e3c5cef388be8c5f476e22ddf38b4d83a00ba66daaa3290be8d3c4bf88),
                    0x0c0252c7045552730896ef5a3d0dcd1aa694d9e0bfa50a25eea707b05ecf59bd
                ]
            );
        }
        return BN254.G2Point(
            [
                uint256(0x203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79),
                0x27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9
            ],
            [
                uint256(0x195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152),
                0x04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e
            ]
        );
    }

    function _bn254(uint256 secret) internal view returns (bytes memory) {
        return registrar.encodeBN254KeyData(user.publicG1(secret), _g2(secret));
    }

    function _signBn254(uint256 secret, address operator, uint32 id) internal view returns (bytes memory) {
        return
            user.sign(
                secret, registrar.getBN254KeyRegistrationMessageHash(operator, _set(id), _bn254(secret))
            );
    }

    function _signEcdsa(uint256 secret, address operator, uint32 id) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(secret, registrar.getECDSAKeyRegistrationMessageHash(operator, _set(id), vm.addr(secret)));
        return abi.encodePacked(r, s, v);
    }

    function _registerEcdsa(address operator, uint256 secret) internal {
        bytes memory signature = _signEcdsa(secret, operator, 1);
        vm.prank(operator);
        registrar.registerKey(operator, _set(1), abi.encodePacked(vm.addr(secret)), signature);
    }

    function _registerBn254(address operator, uint256 secret) internal {
        (bytes memory key, bytes memory signature) = (_bn254(secret), _signBn254(secret, operator, 2));
        vm.prank(operator);
        registrar.registerKey(operator, _set(2), key, signature);
    }
}

contract KeyRegistrarTest is KeyRegistrarSetup {
    function test_aSetIsConfiguredOnceByItsAvs() public {
        vm.expectEmit(address(registrar));
        emit IKeyRegistrar.OperatorSetConfigured(_set(3), IKeyRegistrar.CurveType.BN254);
        vm.startPrank(address(avs));
        registrar.configureOperatorSet(_set(3), IKeyRegistrar.CurveType.BN254);
        vm.assertTrue(registrar.getOperatorSetCurveType(_set(3)) == IKeyRegistrar.CurveType.BN254);
        vm.expectRevert(IKeyRegistrar.ConfigurationAlreadySet.selector);
        registrar.configureOperatorSet(_set(3), IKeyRegistrar.CurveType.ECDSA);
        vm.expectRevert(IKeyRegistrar.InvalidCurveType.selector);
        registrar.configureOperatorSet(_set(4), IKeyRegistrar.CurveType.NONE);
        vm.stopPrank();
        vm.prank(ALICE);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        registrar.configureOperatorSet(_set(4), IKeyRegistrar.CurveType.ECDSA);
    }

    function test_registersAnEcdsaKey() public {
        address key = vm.addr(ECDSA_SECRET);
        vm.assertEq(registrar.getECDSAAddress(_set(1), ALICE), address(0));
        bytes memory signature = _signEcdsa(ECDSA_SECRET, ALICE, 1);
        vm.expectEmit(address(registrar));
        emit IKeyRegistrar.KeyRegistered(_set(1), ALICE, IKeyRegistrar.CurveType.ECDSA, abi.encodePacked(key));
        vm.prank(ALICE);
        registrar.registerKey(ALICE, _set(1), abi.encodePacked(key), signature);
        vm.assertTrue(registrar.isRegistered(_set(1), ALICE));
        vm.assertEq(registrar.getECDSAAddress(_set(1), ALICE), key);
        vm.assertEq(registrar.getECDSAKey(_set(1), ALICE), abi.encodePacked(key));
        bytes32 hash = keccak256(abi.encodePacked(key));
        vm.assertEq(registrar.getKeyHash(_set(1), ALICE), hash);
        vm.assertTrue(registrar.isKeyGloballyRegistered(hash));
        (address operator, bool status) = registrar.getOperatorFromSigningKey(_set(1), abi.encodePacked(key));
        vm.assertEq(operator, ALICE);
        vm.assertTrue(status);
    }

    function test_registersABn254Key() public {
        (BN254.G1Point memory g1, BN254.G2Point memory g2) = registrar.getBN254Key(_set(2), ALICE);
        vm.assertEq(abi.encode(g1, g2), new bytes(192));
        vm.assertEq(registrar.getKeyHash(_set(2), ALICE), bytes32(0));
        _registerBn254(ALICE, SECRET);
        (g1, g2) = registrar.getBN254Key(_set(2), ALICE);
        vm.assertEq(registrar.encodeBN254KeyData(g1, g2), _bn254(SECRET));
        bytes32 hash = keccak256(abi.encode(g1.X, g1.Y));
        vm.assertEq(registrar.getKeyHash(_set(2), ALICE), hash);
        vm.assertTrue(registrar.isKeyGloballyRegistered(hash));
        // of the key the G1 point is enough
        (address operator, bool status) = registrar.getOperatorFromSigningKey(_set(2), abi.encode(g1));
        vm.assertEq(operator, ALICE);
        vm.assertTrue(status);
        (operator, status) = registrar.getOperatorFromSigningKey(_set(2), _bn254(OTHER_SECRET));
        vm.assertEq(operator, address(0));
        vm.assertFalse(status);
    }

    function test_digestsAreEip712() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("EigenLayer"),
                keccak256("1"),
                block.chainid,
                address(registrar)
            )
        );
        vm.assertEq(registrar.domainSeparator(), domain);
        vm.assertEq(registrar.version(), "1.12.0");
        bytes32 ecdsa =
            keccak256(abi.encode(registrar.ECDSA_KEY_REGISTRATION_TYPEHASH(), ALICE, address(avs), 7, BOB));
        vm.assertEq(
            registrar.getECDSAKeyRegistrationMessageHash(ALICE, _set(7), BOB),
            keccak256(abi.encodePacked(hex"1901", domain, ecdsa))
        );
        bytes32 bn254 = keccak256(
            abi.encode(
                registrar.BN254_KEY_REGISTRATION_TYPEHASH(), ALICE, address(avs), 7, keccak256("key data")
            )
        );
        vm.assertEq(
            registrar.getBN254KeyRegistrationMessageHash(ALICE, _set(7), "key data"),
            keccak256(abi.encodePacked(hex"1901", domain, bn254))
        );
    }

    function test_oneKeyAnOperatorAndSet() public {
        _registerEcdsa(ALICE, ECDSA_SECRET);
        bytes memory signature = _signEcdsa(7, ALICE, 1);
        vm.prank(ALICE);
        vm.expectRevert(IKeyRegistrar.OperatorAlreadyRegistered.selector);
        registrar.registerKey(ALICE, _set(1), abi.encodePacked(vm.addr(7)), signature);
    }

    function test_aKeyIsSpentForEverAndEverywhere() public {
        _registerEcdsa(ALICE, ECDSA_SECRET);
        _registerBn254(ALICE, SECRET);
        bytes memory ecdsa = abi.encodePacked(vm.addr(ECDSA_SECRET));
        bytes memory ecdsaSignature = _signEcdsa(ECDSA_SECRET, BOB, 1);
        bytes memory bn254 = _bn254(SECRET);
        bytes memory bn254Signature = _signBn254(SECRET, BOB, 2);
        vm.startPrank(BOB);
        vm.expectRevert(IKeyRegistrar.KeyAlreadyRegistered.selector);
        registrar.registerKey(BOB, _set(1), ecdsa, ecdsaSignature);
        vm.expectRevert(IKeyRegistrar.KeyAlreadyRegistered.selector);
        registrar.registerKey(BOB, _set(2), bn254, bn254Signature);
        vm.stopPrank();

        // for its own operator, too, after it has taken it back
        vm.startPrank(ALICE);
        registrar.deregisterKey(ALICE, _set(2));
        vm.assertFalse(registrar.isRegistered(_set(2), ALICE));
        vm.assertTrue(registrar.isKeyGloballyRegistered(keccak256(abi.encode(user.publicG1(SECRET)))));
        (address operator, bool status) = registrar.getOperatorFromSigningKey(_set(2), bn254);
        vm.assertEq(operator, ALICE);
        vm.assertFalse(status);
        bn254Signature = _signBn254(SECRET, ALICE, 2);
        vm.expectRevert(IKeyRegistrar.KeyAlreadyRegistered.selector);
        registrar.registerKey(ALICE, _set(2), bn254, bn254Signature);
        vm.stopPrank();
        _registerBn254(ALICE, OTHER_SECRET);
    }

    function test_onlyForTheOperator() public {
        bytes memory signature = _signEcdsa(ECDSA_SECRET, ALICE, 1);
        bytes memory key = abi.encodePacked(vm.addr(ECDSA_SECRET));
        vm.startPrank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        registrar.registerKey(ALICE, _set(1), key, signature);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        registrar.deregisterKey(ALICE, _set(1));
        vm.stopPrank();
        bytes4 selector = registrar.registerKey.selector;
        vm.prank(ALICE);
        permissions.setAppointee(ALICE, BOB, address(registrar), selector);
        vm.prank(BOB);
        registrar.registerKey(ALICE, _set(1), key, signature);
        vm.assertTrue(registrar.isRegistered(_set(1), ALICE));
    }

    function test_aSetWithoutConfigurationHasNoKeys() public {
        vm.startPrank(ALICE);
        vm.expectRevert(IKeyRegistrar.OperatorSetNotConfigured.selector);
        registrar.registerKey(ALICE, _set(3), "", "");
        vm.expectRevert(IKeyRegistrar.OperatorSetNotConfigured.selector);
        registrar.deregisterKey(ALICE, _set(3));
        vm.stopPrank();
        vm.assertFalse(registrar.isRegistered(_set(3), ALICE));
        vm.expectRevert(IKeyRegistrar.InvalidCurveType.selector);
        registrar.getOperatorFromSigningKey(_set(3), "");
    }

    function test_readsAKeyOfTheSetsKindOnly() public {
        vm.expectRevert(IKeyRegistrar.InvalidCurveType.selector);
        registrar.getBN254Key(_set(1), ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidCurveType.selector);
        registrar.getECDSAKey(_set(2), ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidCurveType.selector);
        registrar.getECDSAAddress(_set(2), ALICE);
    }

    function test_refusesMalformedKeys() public {
        vm.startPrank(ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidKeyFormat.selector);
        registrar.registerKey(ALICE, _set(1), new bytes(32), "");
        vm.expectRevert(IKeyRegistrar.ZeroPubkey.selector);
        registrar.registerKey(ALICE, _set(1), new bytes(20), "");
        vm.expectRevert(IKeyRegistrar.InvalidKeyFormat.selector);
        registrar.registerKey(ALICE, _set(2), new bytes(191), "");
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(ALICE, _set(2), new bytes(192), new bytes(63));
        vm.expectRevert(IKeyRegistrar.ZeroPubkey.selector);
        registrar.registerKey(ALICE, _set(2), new bytes(192), new bytes(64));
    }

    function test_aSignatureIsBoundToOperatorAndSet() public {
        bytes memory ecdsa = _signEcdsa(ECDSA_SECRET, ALICE, 1);
        bytes memory key = abi.encodePacked(vm.addr(ECDSA_SECRET));
        bytes memory bn254 = _signBn254(SECRET, ALICE, 2);
        bytes memory otherSet = _signBn254(SECRET, BOB, 1);
        bytes memory bn254Key = _bn254(SECRET);
        vm.startPrank(BOB);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(BOB, _set(1), key, ecdsa);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(BOB, _set(2), bn254Key, bn254);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(BOB, _set(2), bn254Key, otherSet);
    }

    /// @dev Someone else's G1 point with one's own G2 point: the pairing ties both.
    function test_bothPointsAreOfOneSecret() public {
        bytes memory mixed = registrar.encodeBN254KeyData(user.publicG1(OTHER_SECRET), _g2(SECRET));
        bytes32 digest = registrar.getBN254KeyRegistrationMessageHash(ALICE, _set(2), mixed);
        (bytes memory one, bytes memory two) = (user.sign(SECRET, digest), user.sign(OTHER_SECRET, digest));
        vm.startPrank(ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(ALICE, _set(2), mixed, one);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(ALICE, _set(2), mixed, two);
    }

    function test_refusesPointsThatAreNone() public {
        BN254.G1Point memory g1 = user.publicG1(SECRET);
        BN254.G2Point memory g2 = _g2(SECRET);
        bytes memory signature = _signBn254(SECRET, ALICE, 2);
        bytes memory offG1 = registrar.encodeBN254KeyData(BN254.G1Point(g1.X, g1.Y + 1), g2);
        g2.Y[0]++;
        bytes memory offG2 = registrar.encodeBN254KeyData(g1, g2);
        bytes memory key = _bn254(SECRET);
        vm.startPrank(ALICE);
        vm.expectRevert(BN254.ECMulFailed.selector);
        registrar.registerKey(ALICE, _set(2), offG1, signature);
        vm.expectRevert(BN254.ECPairingFailed.selector);
        registrar.registerKey(ALICE, _set(2), offG2, signature);
        vm.expectRevert(BN254.ECAddFailed.selector);
        registrar.registerKey(ALICE, _set(2), key, abi.encode(1, 1));
    }

    function test_noDeregistrationWhileSlashable() public {
        _deposit(ALICE, first, 1 ether);
        _registerBn254(ALICE, SECRET);
        _allocate(ALICE, 2, first, 1e18);
        _join(ALICE, 2);
        OperatorSet memory set = _set(2);
        bytes memory refusal =
            abi.encodeWithSelector(IKeyRegistrar.OperatorStillSlashable.selector, set, ALICE);
        vm.prank(ALICE);
        vm.expectRevert(refusal);
        registrar.deregisterKey(ALICE, set);
        _leave(ALICE, 2);
        vm.roll(block.number + DEALLOCATION_DELAY);
        vm.prank(ALICE);
        vm.expectRevert(refusal);
        registrar.deregisterKey(ALICE, set);
        vm.roll(block.number + 1);
        vm.expectEmit(address(registrar));
        emit IKeyRegistrar.KeyDeregistered(set, ALICE, IKeyRegistrar.CurveType.BN254);
        vm.prank(ALICE);
        registrar.deregisterKey(ALICE, set);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IKeyRegistrar.KeyNotFound.selector, set, ALICE));
        registrar.deregisterKey(ALICE, set);
    }

    function test_aContractCanBeAKey() public {
        Signer signer = new Signer();
        bytes memory key = abi.encodePacked(address(signer));
        vm.startPrank(ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(ALICE, _set(1), key, "no");
        registrar.registerKey(ALICE, _set(1), key, "yes");
        vm.assertEq(registrar.getECDSAAddress(_set(1), ALICE), address(signer));
    }

    /// @dev Since EIP-7702 an account with a key can have code, too.
    function test_anAccountWithCodeStillSigns() public {
        vm.etch(vm.addr(ECDSA_SECRET), hex"00");
        _registerEcdsa(ALICE, ECDSA_SECRET);
        vm.assertTrue(registrar.isRegistered(_set(1), ALICE));
    }

    function testFuzz_registersAnyEcdsaKey(uint256 secret, address operator) public {
        secret = bound(secret, 1, 2 ** 255);
        vm.assume(operator != address(0) && operator.code.length == 0);
        _registerEcdsa(operator, secret);
        vm.assertEq(registrar.getECDSAAddress(_set(1), operator), vm.addr(secret));
    }

    function testFuzz_aPointThatIsNoSignatureIsRefused(uint256 factor) public {
        factor = bound(factor, 2, BN254.R - 1);
        bytes memory key = _bn254(SECRET);
        bytes32 digest = registrar.getBN254KeyRegistrationMessageHash(ALICE, _set(2), key);
        bytes memory signature = user.sign(mulmod(SECRET, factor, BN254.R), digest);
        vm.prank(ALICE);
        vm.expectRevert(IKeyRegistrar.InvalidSignature.selector);
        registrar.registerKey(ALICE, _set(2), key, signature);
    }
}

contract Bn254Test is KeyRegistrarSetup {
    function testFuzz_hashesAreOnTheCurve(bytes32 digest) public view {
        BN254.G1Point memory point = user.hashToG1(digest);
        vm.assertLt(point.X, BN254.P);
        uint256 cube = mulmod(mulmod(point.X, point.X, BN254.P), point.X, BN254.P);
        vm.assertEq(mulmod(point.Y, point.Y, BN254.P), addmod(cube, 3, BN254.P));
    }

    /// @dev Of test/vectors/bn254-keys.json.
    function test_hashIsTheOneOfTheVector() public view {
        BN254.G1Point memory point = user.hashToG1(keccak256("digest 0"));
        vm.assertEq(point.X, 0x231b9ad501875327b4952a354ce64634959b71bff2aea79e215b8e84789b6b85);
        vm.assertEq(point.Y, 0x027f895826c1ada86110f939fdc108c359a9e10321d357af4121c1b3fcfc1473);
    }

    function test_hashWrapsAtTheFieldsEnd() public view {
        BN254.G1Point memory low = user.hashToG1(bytes32(uint256(5)));
        BN254.G1Point memory high = user.hashToG1(bytes32(BN254.P + 5));
        vm.assertEq(abi.encode(low), abi.encode(high));
        // p - 1 has no point of its own or has: either way the search goes on below p
        vm.assertLt(user.hashToG1(bytes32(BN254.P - 1)).X, BN254.P);
    }

    function test_additionIsAdditionOfSecrets() public view {
        vm.assertEq(abi.encode(user.add(user.publicG1(3), user.publicG1(4))), abi.encode(user.publicG1(7)));
    }
}

/// @notice A contract that signs by saying yes.
contract Signer is IERC1271 {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return keccak256(signature) == keccak256("yes") ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
