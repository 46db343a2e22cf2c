// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BN254} from "../BN254.sol";
import {OperatorSet} from "../OperatorSet.sol";

/// @title IKeyRegistrar: one signing key per operator and operator set, for AVSs that demand it
/// @dev Signatures as in EigenLayer v1.12. A key can be registered once, ever, over all sets and AVSs.
interface IKeyRegistrar {
    enum CurveType {
        NONE,
        ECDSA,
        BN254
    }

    error KeyAlreadyRegistered();
    error OperatorAlreadyRegistered();
    /// @notice ECDSA key data is not 20 bytes, or BN254 key data not 192.
    error InvalidKeyFormat();
    error ZeroPubkey();
    error InvalidCurveType();
    error ConfigurationAlreadySet();
    error OperatorSetNotConfigured();
    error InvalidSignature();
    error KeyNotFound(OperatorSet operatorSet, address operator);
    error OperatorStillSlashable(OperatorSet operatorSet, address operator);

    event OperatorSetConfigured(OperatorSet operatorSet, CurveType curveType);
    event KeyRegistered(OperatorSet operatorSet, address indexed operator, CurveType curveType, bytes pubkey);
    event KeyDeregistered(OperatorSet operatorSet, address indexed operator, CurveType curveType);

    /// @notice Says once which kind of key the set demands. Callers act for the AVS.
    function configureOperatorSet(OperatorSet memory operatorSet, CurveType curveType) external;

    /// @notice Registers the operator's key for the set, whether or not it is in the set. Callers act for the operator.
    /// @param pubkey ECDSA: the 20 bytes of the key's address, which may be a contract (ERC-1271). BN254: 192 bytes
    /// as `encodeBN254KeyData` makes them.
    /// @param signature ECDSA: over `getECDSAKeyRegistrationMessageHash`. BN254: the 64 bytes of a G1 point, the hash
    /// of `getBN254KeyRegistrationMessageHash` to G1 (try and increment) times the secret key.
    function registerKey(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata pubkey,
        bytes calldata signature
    ) external;

    /// @notice Takes the key out of the set, once the set cannot slash the operator any more. It stays spent.
    function deregisterKey(address operator, OperatorSet memory operatorSet) external;

    function isRegistered(OperatorSet memory operatorSet, address operator) external view returns (bool);
    function getOperatorSetCurveType(OperatorSet memory operatorSet) external view returns (CurveType);

    /// @notice The key of an operator of a BN254 set; zeros if it has none.
    function getBN254Key(OperatorSet memory operatorSet, address operator)
        external
        view
        returns (BN254.G1Point memory g1Point, BN254.G2Point memory g2Point);

    /// @notice The key data of an operator of an ECDSA set; empty if it has none.
    function getECDSAKey(OperatorSet memory operatorSet, address operator)
        external
        view
        returns (bytes memory);

    /// @notice The key of an operator of an ECDSA set; zero if it has none.
    function getECDSAAddress(OperatorSet memory operatorSet, address operator) external view returns (address);

    /// @notice Whether a key with this hash was ever registered.
    function isKeyGloballyRegistered(bytes32 keyHash) external view returns (bool);

    /// @notice keccak256 of the 20 bytes of an ECDSA key, or of the 64 bytes of a BN254 key's G1 point; zero for none.
    function getKeyHash(OperatorSet memory operatorSet, address operator) external view returns (bytes32);

    /// @param keyData As for `registerKey`; of a BN254 key the G1 point is enough.
    /// @return operator Who ever registered the key, zero if nobody did.
    /// @return status Whether that operator has a key in the set now.
    function getOperatorFromSigningKey(OperatorSet memory operatorSet, bytes memory keyData)
        external
        view
        returns (address operator, bool status);

    /// @notice EIP-712 digest of `ECDSAKeyRegistration(address operator,address avs,uint32 operatorSetId,address keyAddress)`.
    function getECDSAKeyRegistrationMessageHash(
        address operator,
        OperatorSet memory operatorSet,
        address keyAddress
    ) external view returns (bytes32);

    /// @notice EIP-712 digest of `BN254KeyRegistration(address operator,address avs,uint32 operatorSetId,bytes keyData)`.
    function getBN254KeyRegistrationMessageHash(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata keyData
    ) external view returns (bytes32);

    /// @notice 192 bytes: g1.x, g1.y, g2.x.c1, g2.x.c0, g2.y.c1, g2.y.c0.
    function encodeBN254KeyData(BN254.G1Point memory g1Point, BN254.G2Point memory g2Point)
        external
        pure
        returns (bytes memory);

    /// @notice EIP-712 domain: name "EigenLayer", version the first character of `version()`.
    function domainSeparator() external view returns (bytes32);

    function version() external view returns (string memory);
}
