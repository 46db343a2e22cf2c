// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BN254} from "./BN254.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {Permissioned} from "./Permissioned.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IKeyRegistrar} from "./interfaces/IKeyRegistrar.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";

/// @title KeyRegistrar: operators' signing keys for AVSs that demand them
/// @dev A key that was registered once is spent for ever, for its own operator too. Nothing keeps a set that has no
/// such configuration from having members: AVSs ask.
contract KeyRegistrar is IKeyRegistrar, Permissioned {
    using OperatorSets for OperatorSet;
    using ShortStrings for *;

    bytes32 public constant ECDSA_KEY_REGISTRATION_TYPEHASH = keccak256(
        "ECDSAKeyRegistration(address operator,address avs,uint32 operatorSetId,address keyAddress)"
    );
    bytes32 public constant BN254_KEY_REGISTRATION_TYPEHASH =
        keccak256("BN254KeyRegistration(address operator,address avs,uint32 operatorSetId,bytes keyData)");
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    IAllocationManager public immutable allocationManager;
    ShortString private immutable _version;

    mapping(bytes32 setKey => CurveType) private _curveTypes;
    /// @dev Key data of who is registered; empty for the others.
    mapping(bytes32 setKey => mapping(address operator => bytes)) private _keys;
    /// @dev Who ever registered the key.
    mapping(bytes32 keyHash => address operator) private _owners;

    /// @param semanticVersion At most 31 bytes, one digit before the first point: "1.12.0".
    constructor(
        IPermissionController controller,
        IAllocationManager allocationManager_,
        string memory semanticVersion
    ) Permissioned(controller) {
        allocationManager = allocationManager_;
        _version = semanticVersion.toShortString();
    }

    /// @inheritdoc IKeyRegistrar
    function configureOperatorSet(OperatorSet memory operatorSet, CurveType curveType)
        external
        onlyFor(operatorSet.avs)
    {
        require(curveType != CurveType.NONE, InvalidCurveType());
        require(_curveTypes[operatorSet.key()] == CurveType.NONE, ConfigurationAlreadySet());
        _curveTypes[operatorSet.key()] = curveType;
        emit OperatorSetConfigured(operatorSet, curveType);
    }

    /// @inheritdoc IKeyRegistrar
    function registerKey(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata pubkey,
        bytes calldata signature
    ) external onlyFor(operator) {
        CurveType curveType = _curveTypes[operatorSet.key()];
        require(curveType != CurveType.NONE, OperatorSetNotConfigured());
        require(!isRegistered(operatorSet, operator), OperatorAlreadyRegistered());
        bytes32 keyHash;
        if (curveType == CurveType.ECDSA) {
            keyHash = _checkECDSA(operator, operatorSet, pubkey, signature);
        } else {
            keyHash = _checkBN254(operator, operatorSet, pubkey, signature);
        }
        _keys[operatorSet.key()][operator] = pubkey;
        _owners[keyHash] = operator;
        emit KeyRegistered(operatorSet, operator, curveType, pubkey);
    }

    /// @inheritdoc IKeyRegistrar
    function deregisterKey(address operator, OperatorSet memory operatorSet) external onlyFor(operator) {
        require(
            !allocationManager.isOperatorSlashable(operator, operatorSet),
            OperatorStillSlashable(operatorSet, operator)
        );
        CurveType curveType = _curveTypes[operatorSet.key()];
        require(curveType != CurveType.NONE, OperatorSetNotConfigured());
        require(isRegistered(operatorSet, operator), KeyNotFound(operatorSet, operator));
        delete _keys[operatorSet.key()][operator];
        emit KeyDeregistered(operatorSet, operator, curveType);
    }

    /// @inheritdoc IKeyRegistrar
    function isRegistered(OperatorSet memory operatorSet, address operator) public view returns (bool) {
        return _keys[operatorSet.key()][operator].length != 0;
    }

    /// @inheritdoc IKeyRegistrar
    function getOperatorSetCurveType(OperatorSet memory operatorSet) external view returns (CurveType) {
        return _curveTypes[operatorSet.key()];
    }

    /// @inheritdoc IKeyRegistrar
    function getBN254Key(OperatorSet memory operatorSet, address operator)
        external
        view
        returns (BN254.G1Point memory g1Point, BN254.G2Point memory g2Point)
    {
        require(_curveTypes[operatorSet.key()] == CurveType.BN254, InvalidCurveType());
        if (!isRegistered(operatorSet, operator)) return (g1Point, g2Point);
        return abi.decode(_keys[operatorSet.key()][operator], (BN254.G1Point, BN254.G2Point));
    }

    /// @inheritdoc IKeyRegistrar
    function getECDSAKey(OperatorSet memory operatorSet, address operator)
        public
        view
        returns (bytes memory)
    {
        require(_curveTypes[operatorSet.key()] == CurveType.ECDSA, InvalidCurveType());
        return _keys[operatorSet.key()][operator];
    }

    /// @inheritdoc IKeyRegistrar
    function getECDSAAddress(OperatorSet memory operatorSet, address operator)
        external
        view
        returns (address)
    {
        return _toAddress(getECDSAKey(operatorSet, operator));
    }

    /// @inheritdoc IKeyRegistrar
    function isKeyGloballyRegistered(bytes32 keyHash) external view returns (bool) {
        return _owners[keyHash] != address(0);
    }

    /// @inheritdoc IKeyRegistrar
    function getKeyHash(OperatorSet memory operatorSet, address operator) external view returns (bytes32) {
        if (!isRegistered(operatorSet, operator)) return bytes32(0);
        return _keyHash(_keys[operatorSet.key()][operator], _curveTypes[operatorSet.key()]);
    }

    /// @inheritdoc IKeyRegistrar
    function getOperatorFromSigningKey(OperatorSet memory operatorSet, bytes memory keyData)
        external
        view
        returns (address operator, bool status)
    {
        CurveType curveType = _curveTypes[operatorSet.key()];
        require(curveType != CurveType.NONE, InvalidCurveType());
        operator = _owners[_keyHash(keyData, curveType)];
        status = isRegistered(operatorSet, operator);
    }

    /// @inheritdoc IKeyRegistrar
    function getECDSAKeyRegistrationMessageHash(
        address operator,
        OperatorSet memory operatorSet,
        address keyAddress
    ) public view returns (bytes32) {
        return _digest(
            abi.encode(ECDSA_KEY_REGISTRATION_TYPEHASH, operator, operatorSet.avs, operatorSet.id, keyAddress)
        );
    }

    /// @inheritdoc IKeyRegistrar
    function getBN254KeyRegistrationMessageHash(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata keyData
    ) public view returns (bytes32) {
        bytes32 hash = keccak256(keyData);
        return
            _digest(
                abi.encode(BN254_KEY_REGISTRATION_TYPEHASH, operator, operatorSet.avs, operatorSet.id, hash)
            );
    }

    /// @inheritdoc IKeyRegistrar
    function encodeBN254KeyData(BN254.G1Point memory g1Point, BN254.G2Point memory g2Point)
        external
        pure
        returns (bytes memory)
    {
        return abi.encode(g1Point, g2Point);
    }

    /// @inheritdoc IKeyRegistrar
    function domainSeparator() public view returns (bytes32) {
        bytes memory major = abi.encodePacked(bytes(version())[0]);
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH, keccak256("EigenLayer"), keccak256(major), block.chainid, address(this)
            )
        );
    }

    /// @inheritdoc IKeyRegistrar
    function version() public view returns (string memory) {
        return _version.toString();
    }

    /// @dev A spent key is told before its signature is looked at, of a BN254 key after: EigenLayer's order.
    function _checkECDSA(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata pubkey,
        bytes calldata signature
    ) private view returns (bytes32 keyHash) {
        require(pubkey.length == 20, InvalidKeyFormat());
        address key = _toAddress(pubkey);
        require(key != address(0), ZeroPubkey());
        keyHash = _keyHash(pubkey, CurveType.ECDSA);
        _checkUnspent(keyHash);
        bytes32 digest = getECDSAKeyRegistrationMessageHash(operator, operatorSet, key);
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        // An account with a key can have code too, since EIP-7702: its own signature counts whatever the code says.
        require(
            signer == key || SignatureChecker.isValidERC1271SignatureNow(key, digest, signature),
            InvalidSignature()
        );
    }

    function _checkBN254(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata pubkey,
        bytes calldata signature
    ) private view returns (bytes32 keyHash) {
        require(pubkey.length == 192, InvalidKeyFormat());
        require(signature.length == 64, InvalidSignature());
        (BN254.G1Point memory g1, BN254.G2Point memory g2) =
            abi.decode(pubkey, (BN254.G1Point, BN254.G2Point));
        require(g1.X != 0 || g1.Y != 0, ZeroPubkey());
        bytes32 digest = getBN254KeyRegistrationMessageHash(operator, operatorSet, pubkey);
        require(BN254.verify(digest, abi.decode(signature, (BN254.G1Point)), g1, g2), InvalidSignature());
        keyHash = _keyHash(pubkey, CurveType.BN254);
        _checkUnspent(keyHash);
    }

    function _checkUnspent(bytes32 keyHash) private view {
        require(_owners[keyHash] == address(0), KeyAlreadyRegistered());
    }

    /// @dev Zero for empty key data.
    function _toAddress(bytes memory keyData) private pure returns (address) {
        // Key data of an ECDSA set has 20 bytes or none.
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(bytes20(keyData));
    }

    /// @dev Of a BN254 key only the G1 point counts: the G2 point is the same key again.
    function _keyHash(bytes memory keyData, CurveType curveType) private pure returns (bytes32) {
        if (curveType == CurveType.ECDSA) return keccak256(keyData);
        return keccak256(abi.encode(abi.decode(keyData, (BN254.G1Point))));
    }

    function _digest(bytes memory encodedStruct) private view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), keccak256(encodedStruct));
    }
}
