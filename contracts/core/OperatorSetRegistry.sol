// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {Permissioned} from "./Permissioned.sol";
import {BURN_ADDRESS} from "./SlashingMath.sol";
import {IAVSRegistrar} from "./interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title OperatorSetRegistry: AVSs, their operator sets, and who is in them
abstract contract OperatorSetRegistry is IAllocationManager, Permissioned {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using EnumerableSet for EnumerableSet.UintSet;
    using OperatorSets for OperatorSet;

    /// @dev `pending` replaces `current` from block `effectBlock` on.
    struct Slasher {
        address current;
        address pending;
        uint32 effectBlock;
    }

    /// @dev `slashableUntil` is the last block in which an operator that left can be slashed.
    struct Membership {
        bool registered;
        uint32 slashableUntil;
    }

    /// @inheritdoc IAllocationManager
    IDelegationManager public immutable delegation;
    /// @inheritdoc IAllocationManager
    uint32 public immutable DEALLOCATION_DELAY;
    /// @inheritdoc IAllocationManager
    uint32 public immutable ALLOCATION_CONFIGURATION_DELAY;

    mapping(address avs => bool) private _announced;
    mapping(address avs => IAVSRegistrar) private _registrars;
    mapping(address avs => EnumerableSet.UintSet) private _setIds;
    mapping(bytes32 setKey => EnumerableSet.AddressSet) private _strategies;
    mapping(bytes32 setKey => EnumerableSet.AddressSet) private _members;
    mapping(bytes32 setKey => Slasher) private _slashers;
    /// @dev Zero for a set whose slashed stake is burned.
    mapping(bytes32 setKey => address) private _recipients;
    mapping(address operator => EnumerableSet.Bytes32Set) private _registeredSets;
    mapping(address operator => mapping(bytes32 setKey => Membership)) private _memberships;

    constructor(
        IDelegationManager delegation_,
        IPermissionController controller,
        uint32 deallocationDelay,
        uint32 configurationDelay
    ) Permissioned(controller) {
        delegation = delegation_;
        DEALLOCATION_DELAY = deallocationDelay;
        ALLOCATION_CONFIGURATION_DELAY = configurationDelay;
    }

    /// @inheritdoc IAllocationManager
    function updateAVSMetadataURI(address avs, string calldata metadataURI) external onlyFor(avs) {
        _announced[avs] = true;
        emit AVSMetadataURIUpdated(avs, metadataURI);
    }

    /// @inheritdoc IAllocationManager
    function setAVSRegistrar(address avs, IAVSRegistrar registrar) external onlyFor(avs) {
        require(address(registrar).code.length != 0 && registrar.supportsAVS(avs), InvalidAVSRegistrar());
        _registrars[avs] = registrar;
        emit AVSRegistrarSet(avs, registrar);
    }

    /// @inheritdoc IAllocationManager
    function createOperatorSets(address avs, CreateSetParams[] calldata params) external onlyFor(avs) {
        require(_announced[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; i++) {
            _create(OperatorSet(avs, params[i].operatorSetId), params[i].strategies, avs, address(0));
        }
    }

    /// @inheritdoc IAllocationManager
    function createOperatorSets(address avs, CreateSetParamsV2[] calldata params) external onlyFor(avs) {
        require(_announced[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; i++) {
            OperatorSet memory operatorSet = OperatorSet(avs, params[i].operatorSetId);
            _create(operatorSet, params[i].strategies, params[i].slasher, address(0));
        }
    }

    /// @inheritdoc IAllocationManager
    function createRedistributingOperatorSets(
        address avs,
        CreateSetParams[] calldata params,
        address[] calldata redistributionRecipients
    ) external onlyFor(avs) {
        require(params.length == redistributionRecipients.length, InputArrayLengthMismatch());
        require(_announced[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; i++) {
            address recipient = _checkRecipient(redistributionRecipients[i]);
            _create(OperatorSet(avs, params[i].operatorSetId), params[i].strategies, avs, recipient);
        }
    }

    /// @inheritdoc IAllocationManager
    function createRedistributingOperatorSets(
        address avs,
        CreateSetParamsV2[] calldata params,
        address[] calldata redistributionRecipients
    ) external onlyFor(avs) {
        require(params.length == redistributionRecipients.length, InputArrayLengthMismatch());
        require(_announced[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; i++) {
            address recipient = _checkRecipient(redistributionRecipients[i]);
            OperatorSet memory operatorSet = OperatorSet(avs, params[i].operatorSetId);
            _create(operatorSet, params[i].strategies, params[i].slasher, recipient);
        }
    }

    /// @inheritdoc IAllocationManager
    function addStrategiesToOperatorSet(address avs, uint32 operatorSetId, IStrategy[] calldata strategies)
        external
        onlyFor(avs)
    {
        OperatorSet memory operatorSet = OperatorSet(avs, operatorSetId);
        require(isOperatorSet(operatorSet), InvalidOperatorSet());
        _addStrategies(operatorSet, strategies);
    }

    /// @inheritdoc IAllocationManager
    function removeStrategiesFromOperatorSet(
        address avs,
        uint32 operatorSetId,
        IStrategy[] calldata strategies
    ) external onlyFor(avs) {
        OperatorSet memory operatorSet = OperatorSet(avs, operatorSetId);
        require(isOperatorSet(operatorSet), InvalidOperatorSet());
        for (uint256 i = 0; i < strategies.length; i++) {
            require(_strategies[operatorSet.key()].remove(address(strategies[i])), StrategyNotInOperatorSet());
            emit StrategyRemovedFromOperatorSet(operatorSet, strategies[i]);
        }
    }

    /// @inheritdoc IAllocationManager
    function updateSlasher(OperatorSet calldata operatorSet, address slasher)
        external
        onlyFor(operatorSet.avs)
    {
        require(isOperatorSet(operatorSet), InvalidOperatorSet());
        _setSlasher(operatorSet, slasher, ALLOCATION_CONFIGURATION_DELAY + 1);
    }

    /// @inheritdoc IAllocationManager
    function registerForOperatorSets(address operator, RegisterParams calldata params)
        external
        onlyFor(operator)
    {
        require(delegation.isOperator(operator), InvalidOperator());
        for (uint256 i = 0; i < params.operatorSetIds.length; i++) {
            OperatorSet memory operatorSet = OperatorSet(params.avs, params.operatorSetIds[i]);
            require(isOperatorSet(operatorSet), InvalidOperatorSet());
            // One that left is still a member to the slasher: it can come back only after that.
            require(!isOperatorSlashable(operator, operatorSet), AlreadyMemberOfSet());
            bytes32 setKey = operatorSet.key();
            _memberships[operator][setKey].registered = true;
            _registeredSets[operator].add(setKey);
            _members[setKey].add(operator);
            emit OperatorAddedToOperatorSet(operator, operatorSet);
        }
        getAVSRegistrar(params.avs).registerOperator(operator, params.avs, params.operatorSetIds, params.data);
    }

    /// @inheritdoc IAllocationManager
    function deregisterFromOperatorSets(DeregisterParams calldata params) external {
        require(_mayActFor(params.operator) || _mayActFor(params.avs), InvalidCaller());
        for (uint256 i = 0; i < params.operatorSetIds.length; i++) {
            OperatorSet memory operatorSet = OperatorSet(params.avs, params.operatorSetIds[i]);
            require(isOperatorSet(operatorSet), InvalidOperatorSet());
            bytes32 setKey = operatorSet.key();
            require(_memberships[params.operator][setKey].registered, NotMemberOfSet());
            _memberships[params.operator][setKey] = Membership(false, _blockNumber() + DEALLOCATION_DELAY);
            _registeredSets[params.operator].remove(setKey);
            _members[setKey].remove(params.operator);
            emit OperatorRemovedFromOperatorSet(params.operator, operatorSet);
        }
        getAVSRegistrar(params.avs).deregisterOperator(params.operator, params.avs, params.operatorSetIds);
    }

    /// @inheritdoc IAllocationManager
    /// @dev An AVS that set none is asked itself.
    function getAVSRegistrar(address avs) public view returns (IAVSRegistrar) {
        IAVSRegistrar registrar = _registrars[avs];
        return address(registrar) == address(0) ? IAVSRegistrar(avs) : registrar;
    }

    /// @inheritdoc IAllocationManager
    function getOperatorSetCount(address avs) external view returns (uint256) {
        return _setIds[avs].length();
    }

    /// @inheritdoc IAllocationManager
    function isOperatorSet(OperatorSet memory operatorSet) public view returns (bool) {
        return _setIds[operatorSet.avs].contains(operatorSet.id);
    }

    /// @inheritdoc IAllocationManager
    function getMembers(OperatorSet memory operatorSet) external view returns (address[] memory) {
        return _members[operatorSet.key()].values();
    }

    /// @inheritdoc IAllocationManager
    function getMemberCount(OperatorSet memory operatorSet) external view returns (uint256) {
        return _members[operatorSet.key()].length();
    }

    /// @inheritdoc IAllocationManager
    function getStrategiesInOperatorSet(OperatorSet memory operatorSet)
        external
        view
        returns (IStrategy[] memory)
    {
        return _toStrategies(_strategies[operatorSet.key()].values());
    }

    /// @inheritdoc IAllocationManager
    function getSlasher(OperatorSet memory operatorSet) public view returns (address) {
        Slasher storage slasher = _slashers[operatorSet.key()];
        return block.number >= slasher.effectBlock ? slasher.pending : slasher.current;
    }

    /// @inheritdoc IAllocationManager
    function getPendingSlasher(OperatorSet memory operatorSet)
        external
        view
        returns (address pendingSlasher, uint32 effectBlock)
    {
        Slasher storage slasher = _slashers[operatorSet.key()];
        if (block.number < slasher.effectBlock) return (slasher.pending, slasher.effectBlock);
    }

    /// @inheritdoc IAllocationManager
    function getRedistributionRecipient(OperatorSet memory operatorSet) public view returns (address) {
        address recipient = _recipients[operatorSet.key()];
        return recipient == address(0) ? BURN_ADDRESS : recipient;
    }

    /// @inheritdoc IAllocationManager
    function isRedistributingOperatorSet(OperatorSet memory operatorSet) public view returns (bool) {
        return _recipients[operatorSet.key()] != address(0);
    }

    /// @inheritdoc IAllocationManager
    function SLASHER_CONFIGURATION_DELAY() external view returns (uint32) {
        return ALLOCATION_CONFIGURATION_DELAY;
    }

    /// @inheritdoc IAllocationManager
    function getRegisteredSets(address operator) public view returns (OperatorSet[] memory) {
        return _toOperatorSets(_registeredSets[operator].values());
    }

    /// @inheritdoc IAllocationManager
    function isMemberOfOperatorSet(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (bool)
    {
        return _memberships[operator][operatorSet.key()].registered;
    }

    /// @inheritdoc IAllocationManager
    function isOperatorSlashable(address operator, OperatorSet memory operatorSet)
        public
        view
        returns (bool)
    {
        Membership storage membership = _memberships[operator][operatorSet.key()];
        return membership.registered || block.number <= membership.slashableUntil;
    }

    /// @param recipient Who gets what is slashed, or zero if it is burned.
    function _create(
        OperatorSet memory operatorSet,
        IStrategy[] calldata strategies,
        address slasher,
        address recipient
    ) private {
        require(_setIds[operatorSet.avs].add(operatorSet.id), InvalidOperatorSet());
        emit OperatorSetCreated(operatorSet);
        if (recipient != address(0)) {
            _recipients[operatorSet.key()] = recipient;
            emit RedistributionAddressSet(operatorSet, recipient);
        }
        _addStrategies(operatorSet, strategies);
        _setSlasher(operatorSet, slasher, 0);
    }

    function _checkRecipient(address recipient) private pure returns (address) {
        require(recipient != address(0), InputAddressZero());
        require(recipient != BURN_ADDRESS, InvalidRedistributionRecipient());
        return recipient;
    }

    function _addStrategies(OperatorSet memory operatorSet, IStrategy[] calldata strategies) private {
        for (uint256 i = 0; i < strategies.length; i++) {
            require(
                _strategies[operatorSet.key()].add(address(strategies[i])), StrategyAlreadyInOperatorSet()
            );
            emit StrategyAddedToOperatorSet(operatorSet, strategies[i]);
        }
    }

    /// @param delay Blocks until `account` is the slasher.
    function _setSlasher(OperatorSet memory operatorSet, address account, uint32 delay) private {
        require(account != address(0), InputAddressZero());
        bytes32 setKey = operatorSet.key();
        Slasher memory slasher = _slashers[setKey];
        // The same change again must not start its wait anew.
        if (account == slasher.pending && block.number < slasher.effectBlock) return;
        uint32 effectBlock = _blockNumber() + delay;
        _slashers[setKey] = Slasher(getSlasher(operatorSet), account, effectBlock);
        emit SlasherUpdated(operatorSet, account, effectBlock);
    }

    function _isStrategyOf(bytes32 setKey, IStrategy strategy) internal view returns (bool) {
        return _strategies[setKey].contains(address(strategy));
    }

    function _blockNumber() internal view returns (uint32) {
        return SafeCast.toUint32(block.number);
    }

    function _toOperatorSets(bytes32[] memory keys) internal pure returns (OperatorSet[] memory sets) {
        sets = new OperatorSet[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) {
            sets[i] = OperatorSets.fromKey(keys[i]);
        }
    }

    function _toStrategies(address[] memory addresses) internal pure returns (IStrategy[] memory strategies) {
        strategies = new IStrategy[](addresses.length);
        for (uint256 i = 0; i < addresses.length; i++) {
            strategies[i] = IStrategy(addresses[i]);
        }
    }
}
