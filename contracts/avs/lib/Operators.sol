// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAVSRegistrar} from "../../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IPermissioned} from "../../core/interfaces/IPermissioned.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IServiceManager, Registration} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Blob} from "./Blob.sol";
import {Bls12381} from "./Bls12381.sol";
import {Digests} from "./Digests.sol";

/// @title Operators: the operators of one AVS, their BLS keys and where to reach them
/// @dev A linked library: its external functions run in the ServiceManager's name. A key proves its possession and is
/// used at most once ever. What is known of an operator that left is kept: it stays in the epochs that count it,
/// signs in them, and can be slashed for them.
library Operators {
    /// @notice Operators in the set at once. One epoch holds that many in pages of the least size.
    uint256 internal constant MAX_OPERATORS = 10_000;
    /// @notice Multiaddrs of one operator.
    uint256 internal constant MAX_ADDRESSES = 8;
    /// @notice Bytes of one multiaddr.
    uint256 internal constant MAX_ADDRESS_LENGTH = 128;
    /// @notice Bytes of a peer id: libp2p's have 34 (a hash) or 38 (an Ed25519 key), rounded up.
    uint256 internal constant MAX_PEER_ID_LENGTH = 64;

    /// @param peer Blob of (peer id, addresses), ABI-encoded.
    /// @param position Place in the list, from 1; 0 if not in the set.
    struct Operator {
        uint128 keyXHigh;
        uint128 keyYHigh;
        uint256 keyXLow;
        uint256 keyYLow;
        address peer;
        uint32 position;
    }

    struct Registry {
        mapping(address operator => Operator) operators;
        address[] list;
        mapping(bytes32 keyHash => address operator) keyUsers;
    }

    /// @notice Announces the AVS that calls this to the core, with itself as registrar and one operator set that it
    /// may slash.
    function createSet(
        IAllocationManager core,
        uint32 operatorSetId,
        string calldata metadataURI,
        IStrategy[] calldata strategies
    ) external {
        core.updateAVSMetadataURI(address(this), metadataURI);
        core.setAVSRegistrar(address(this), IAVSRegistrar(address(this)));
        IAllocationManager.CreateSetParamsV2[] memory sets = new IAllocationManager.CreateSetParamsV2[](1);
        sets[0] = IAllocationManager.CreateSetParamsV2(operatorSetId, strategies, address(this));
        core.createOperatorSets(address(this), sets);
    }

    /// @notice Lets somebody call one function of the core in the AVS's name, or no longer.
    function appoint(
        IAllocationManager core,
        address appointee,
        address target,
        bytes4 selector,
        bool allowed
    ) external {
        // Whoever may act for the AVS there can make an account of its choice the slasher.
        require(target != address(core), Errors.AppointeeTargetForbidden(target));
        IPermissionController permissions = IPermissioned(address(core)).permissionController();
        if (allowed) permissions.setAppointee(address(this), appointee, target, selector);
        else permissions.removeAppointee(address(this), appointee, target, selector);
    }

    /// @notice Makes the core throw an operator out of the set, if it is still in; the core then calls back.
    function eject(Registry storage self, IAllocationManager core, uint32 operatorSetId, address operator)
        external
    {
        Operator storage record = self.operators[operator];
        require(record.peer != address(0), Errors.OperatorUnknown(operator));
        if (record.position == 0) return;
        uint32[] memory ids = new uint32[](1);
        ids[0] = operatorSetId;
        core.deregisterFromOperatorSets(IAllocationManager.DeregisterParams(operator, address(this), ids));
    }

    /// @param domain Domain separator under which the proof of possession was signed.
    /// @param data A `Registration`, ABI-encoded.
    function register(Registry storage self, bytes32 domain, address operator, bytes calldata data) external {
        Registration memory registration = abi.decode(data, (Registration));
        Operator storage record = self.operators[operator];
        require(record.position == 0, Errors.OperatorAlreadyJoined(operator));
        require(self.list.length < MAX_OPERATORS, Errors.TooManyOperators(MAX_OPERATORS));

        _setKey(self, domain, operator, registration.publicKey, registration.proofOfPossession);

        self.list.push(operator);
        // Not above MAX_OPERATORS.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.position = uint32(self.list.length);
        _setPeer(record, operator, registration.peerId, registration.addresses);
        emit IServiceManager.OperatorJoined(operator);
    }

    /// @notice Replaces the key of an operator in the set. Tables frozen before keep the old one, and pages added from
    /// now on have the new one: no epoch has both, and none is without.
    function rotateKey(
        Registry storage self,
        bytes32 domain,
        address operator,
        bytes calldata publicKey,
        bytes calldata proofOfPossession
    ) external {
        require(self.operators[operator].position != 0, Errors.OperatorUnknown(operator));
        _setKey(self, domain, operator, publicKey, proofOfPossession);
    }

    /// @notice Takes an operator out of the list; the last one takes its place.
    function remove(Registry storage self, address operator) external {
        uint32 position = self.operators[operator].position;
        require(position != 0, Errors.OperatorUnknown(operator));
        address last = self.list[self.list.length - 1];
        self.list[position - 1] = last;
        self.operators[last].position = position;
        self.list.pop();
        self.operators[operator].position = 0;
        emit IServiceManager.OperatorLeft(operator);
    }

    function setPeer(
        Registry storage self,
        address operator,
        bytes calldata peerId,
        string[] calldata addresses
    ) external {
        Operator storage record = self.operators[operator];
        require(record.peer != address(0), Errors.OperatorUnknown(operator));
        _setPeer(record, operator, peerId, addresses);
    }

    function peerOf(Registry storage self, address operator)
        external
        view
        returns (bytes memory peerId, string[] memory addresses)
    {
        address peer = self.operators[operator].peer;
        if (peer == address(0)) return ("", new string[](0));
        return abi.decode(Blob.readAll(peer), (bytes, string[]));
    }

    /// @notice The operator's last key; infinity if it never registered one.
    function keyOf(Registry storage self, address operator) internal view returns (Bls12381.G1 memory) {
        Operator storage record = self.operators[operator];
        return Bls12381.G1(record.keyXHigh, record.keyXLow, record.keyYHigh, record.keyYLow);
    }

    /// @notice Up to `count` operators of the list.
    function slice(Registry storage self, uint256 from, uint256 count)
        internal
        view
        returns (address[] memory operators)
    {
        uint256 total = self.list.length;
        if (from > total) from = total;
        if (count > total - from) count = total - from;
        operators = new address[](count);
        for (uint256 i; i < count; ++i) {
            operators[i] = self.list[from + i];
        }
    }

    function _useKey(Registry storage self, address operator, bytes memory publicKey) private {
        bytes32 keyHash = keccak256(publicKey);
        address user = self.keyUsers[keyHash];
        require(user == address(0), Errors.OperatorKeyUsed(user));
        self.keyUsers[keyHash] = operator;
    }

    /// @dev The key must prove its possession by signing operator, contract and chain.
    function _setKey(
        Registry storage self,
        bytes32 domain,
        address operator,
        bytes memory publicKey,
        bytes memory proofOfPossession
    ) private {
        _useKey(self, operator, publicKey);
        bytes32 digest = Digests.registration(domain, operator, publicKey);
        Bls12381.G1 memory key = _provenKey(publicKey, proofOfPossession, digest);
        Operator storage record = self.operators[operator];
        // The precompiles accepted the point, so that its high words have 16 bytes.
        // forge-lint: disable-next-item(unsafe-typecast)
        (record.keyXHigh, record.keyYHigh) = (uint128(key.xHigh), uint128(key.yHigh));
        (record.keyXLow, record.keyYLow) = (key.xLow, key.yLow);
        emit IServiceManager.OperatorKeyRegistered(operator, publicKey);
    }

    /// @dev The pairing inside refuses keys off the curve or outside of the subgroup, but not infinity.
    function _provenKey(bytes memory publicKey, bytes memory proofOfPossession, bytes32 digest)
        private
        view
        returns (Bls12381.G1 memory key)
    {
        key = Bls12381.toG1(publicKey);
        require(!Bls12381.isInfinity(key), Errors.OperatorKeyInfinite());
        require(
            Bls12381.verify(key, digest, Bls12381.TAG_POSSESSION, proofOfPossession),
            Errors.OperatorPossessionInvalid()
        );
    }

    function _setPeer(
        Operator storage record,
        address operator,
        bytes memory peerId,
        string[] memory addresses
    ) private {
        require(
            peerId.length != 0 && peerId.length <= MAX_PEER_ID_LENGTH,
            Errors.OperatorPeerIdLength(peerId.length, MAX_PEER_ID_LENGTH)
        );
        require(
            addresses.length <= MAX_ADDRESSES,
            Errors.OperatorTooManyAddresses(addresses.length, MAX_ADDRESSES)
        );
        for (uint256 i; i < addresses.length; ++i) {
            uint256 length = bytes(addresses[i]).length;
            require(
                length != 0 && length <= MAX_ADDRESS_LENGTH,
                Errors.OperatorAddressLength(i, length, MAX_ADDRESS_LENGTH)
            );
        }
        record.peer = Blob.write(abi.encode(peerId, addresses));
        emit IServiceManager.OperatorPeerUpdated(operator, peerId, addresses);
    }
}
