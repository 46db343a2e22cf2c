// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {DoubleEndedQueue} from "@openzeppelin/contracts/utils/structs/DoubleEndedQueue.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {OperatorSetRegistry} from "./OperatorSetRegistry.sol";
import {SlashingMath, WAD} from "./SlashingMath.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title Allocations: how an operator divides its magnitude between operator sets
/// @dev Of an operator and a strategy, the encumbered magnitude is the sum over all sets of the larger of current and
/// pending magnitude. It never exceeds the maximum magnitude, so no stake is promised twice. An allocation
/// encumbers at once; a deallocation frees when it has matured, and is then cleared from the queue.
abstract contract Allocations is OperatorSetRegistry {
    using DoubleEndedQueue for DoubleEndedQueue.Bytes32Deque;
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using OperatorSets for OperatorSet;
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev `delay` holds until block `effectBlock`, `pending` from then on. A delay was set if `effectBlock` is not 0
    /// and either `isSet` or that block has come.
    struct Delay {
        uint32 delay;
        uint32 pending;
        uint32 effectBlock;
        bool isSet;
    }

    mapping(address operator => Delay) private _delays;
    mapping(address operator => mapping(bytes32 setKey => mapping(IStrategy => Allocation))) private
        _allocations;
    mapping(address operator => mapping(IStrategy => uint64)) private _encumbered;
    /// @dev What was slashed of the maximum magnitude of 1e18.
    mapping(address operator => mapping(IStrategy => uint64)) private _slashed;
    /// @dev Keys of sets with a delayed deallocation, oldest first. All wait equally long, so the oldest matures first.
    mapping(address operator => mapping(IStrategy => DoubleEndedQueue.Bytes32Deque)) private _deallocations;
    mapping(address operator => EnumerableSet.Bytes32Set) private _allocatedSets;
    mapping(address operator => mapping(bytes32 setKey => EnumerableSet.AddressSet)) private
        _allocatedStrategies;

    /// @inheritdoc IAllocationManager
    function setAllocationDelay(address operator, uint32 delay) external {
        bool registering = msg.sender == address(delegation);
        if (!registering) {
            _checkFor(operator);
            require(delegation.isOperator(operator), InvalidOperator());
        }
        (bool isSet, uint32 current) = getAllocationDelay(operator);
        uint32 effectBlock = _blockNumber() + (registering ? 0 : ALLOCATION_CONFIGURATION_DELAY + 1);
        _delays[operator] = Delay(current, delay, effectBlock, isSet);
        emit AllocationDelaySet(operator, delay, effectBlock);
    }

    /// @inheritdoc IAllocationManager
    function modifyAllocations(address operator, AllocateParams[] calldata params)
        external
        onlyFor(operator)
    {
        (bool isSet, uint32 delay) = getAllocationDelay(operator);
        require(isSet, UninitializedAllocationDelay());
        for (uint256 i = 0; i < params.length; i++) {
            OperatorSet memory operatorSet = params[i].operatorSet;
            require(params[i].strategies.length == params[i].newMagnitudes.length, InputArrayLengthMismatch());
            require(isOperatorSet(operatorSet), InvalidOperatorSet());
            for (uint256 j = 0; j < params[i].strategies.length; j++) {
                _modify(operator, operatorSet, params[i].strategies[j], params[i].newMagnitudes[j], delay);
            }
        }
    }

    /// @inheritdoc IAllocationManager
    function clearDeallocationQueue(
        address operator,
        IStrategy[] calldata strategies,
        uint16[] calldata numToClear
    ) external {
        require(strategies.length == numToClear.length, InputArrayLengthMismatch());
        for (uint256 i = 0; i < strategies.length; i++) {
            _clear(operator, strategies[i], numToClear[i]);
        }
    }

    /// @inheritdoc IAllocationManager
    function getAllocationDelay(address operator) public view returns (bool isSet, uint32 delay) {
        Delay storage info = _delays[operator];
        if (info.effectBlock != 0 && block.number >= info.effectBlock) return (true, info.pending);
        return (info.isSet, info.delay);
    }

    /// @inheritdoc IAllocationManager
    function getAllocatedSets(address operator) public view returns (OperatorSet[] memory) {
        return _toOperatorSets(_allocatedSets[operator].values());
    }

    /// @inheritdoc IAllocationManager
    function getAllocatedStrategies(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (IStrategy[] memory)
    {
        return _toStrategies(_allocatedStrategies[operator][operatorSet.key()].values());
    }

    /// @inheritdoc IAllocationManager
    function getAllocation(address operator, OperatorSet memory operatorSet, IStrategy strategy)
        public
        view
        returns (Allocation memory allocation)
    {
        (allocation,) = _current(operator, operatorSet.key(), strategy);
    }

    /// @inheritdoc IAllocationManager
    function getAllocations(address[] memory operators, OperatorSet memory operatorSet, IStrategy strategy)
        external
        view
        returns (Allocation[] memory allocations)
    {
        allocations = new Allocation[](operators.length);
        for (uint256 i = 0; i < operators.length; i++) {
            allocations[i] = getAllocation(operators[i], operatorSet, strategy);
        }
    }

    /// @inheritdoc IAllocationManager
    function getStrategyAllocations(address operator, IStrategy strategy)
        external
        view
        returns (OperatorSet[] memory sets, Allocation[] memory allocations)
    {
        sets = getAllocatedSets(operator);
        allocations = new Allocation[](sets.length);
        for (uint256 i = 0; i < sets.length; i++) {
            allocations[i] = getAllocation(operator, sets[i], strategy);
        }
    }

    /// @inheritdoc IAllocationManager
    function getEncumberedMagnitude(address operator, IStrategy strategy)
        public
        view
        returns (uint64 magnitude)
    {
        magnitude = _encumbered[operator][strategy];
        DoubleEndedQueue.Bytes32Deque storage queue = _deallocations[operator][strategy];
        for (uint256 i = 0; i < queue.length(); i++) {
            Allocation storage allocation = _allocations[operator][queue.at(i)][strategy];
            if (block.number < allocation.effectBlock) break;
            magnitude = _add(magnitude, allocation.pendingDiff);
        }
    }

    /// @inheritdoc IAllocationManager
    function getAllocatableMagnitude(address operator, IStrategy strategy) external view returns (uint64) {
        return getMaxMagnitude(operator, strategy) - getEncumberedMagnitude(operator, strategy);
    }

    /// @inheritdoc IAllocationManager
    function getMaxMagnitude(address operator, IStrategy strategy) public view returns (uint64) {
        return WAD - _slashed[operator][strategy];
    }

    /// @inheritdoc IAllocationManager
    function getMaxMagnitudes(address operator, IStrategy[] calldata strategies)
        external
        view
        returns (uint64[] memory magnitudes)
    {
        magnitudes = new uint64[](strategies.length);
        for (uint256 i = 0; i < strategies.length; i++) {
            magnitudes[i] = getMaxMagnitude(operator, strategies[i]);
        }
    }

    /// @dev Slashes the part `wad` of an allocation, and of what its pending deallocation will free.
    /// @return before The operator's maximum magnitude before, and `left` after; equal if nothing was allocated.
    function _slashMagnitude(
        address operator,
        OperatorSet memory operatorSet,
        IStrategy strategy,
        uint256 wad
    ) internal returns (uint64 before, uint64 left) {
        (Allocation memory allocation, uint64 encumbered) = _current(operator, operatorSet.key(), strategy);
        uint64 magnitude = SlashingMath.slashedPart(allocation.currentMagnitude, wad);
        before = getMaxMagnitude(operator, strategy);
        left = before - magnitude;
        if (magnitude == 0) return (before, left);

        _slashed[operator][strategy] += magnitude;
        allocation.currentMagnitude -= magnitude;
        if (allocation.pendingDiff < 0) {
            // A deallocation is of at most the current magnitude, so it fits in 64 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint64 pending = uint64(uint128(-allocation.pendingDiff));
            allocation.pendingDiff += int128(uint128(SlashingMath.slashedPart(pending, wad)));
            uint64 target = _add(allocation.currentMagnitude, allocation.pendingDiff);
            emit AllocationUpdated(operator, operatorSet, strategy, target, allocation.effectBlock);
        }
        _store(operator, operatorSet.key(), strategy, allocation, encumbered - magnitude);
        emit AllocationUpdated(operator, operatorSet, strategy, allocation.currentMagnitude, _blockNumber());
        emit MaxMagnitudeUpdated(operator, strategy, left);
    }

    /// @dev The sum of a magnitude and a change of it; reverts if it does not fit.
    function _add(uint64 magnitude, int128 change) internal pure returns (uint64) {
        return (int256(uint256(magnitude)) + change).toUint256().toUint64();
    }

    function _modify(
        address operator,
        OperatorSet memory operatorSet,
        IStrategy strategy,
        uint64 newMagnitude,
        uint32 allocationDelay
    ) private {
        bytes32 setKey = operatorSet.key();
        _clear(operator, strategy, type(uint256).max);
        (Allocation memory allocation, uint64 encumbered) = _current(operator, setKey, strategy);
        require(allocation.effectBlock == 0, ModificationAlreadyPending());
        uint64 magnitude = allocation.currentMagnitude;
        require(newMagnitude != magnitude, SameMagnitude());
        allocation.pendingDiff = int128(uint128(newMagnitude)) - int128(uint128(magnitude));

        if (newMagnitude > magnitude) {
            encumbered = _add(encumbered, allocation.pendingDiff);
            require(encumbered <= getMaxMagnitude(operator, strategy), InsufficientMagnitude());
            allocation.effectBlock = _blockNumber() + allocationDelay;
        } else if (_isStrategyOf(setKey, strategy) && isOperatorSlashable(operator, operatorSet)) {
            // Slashable through the whole delay, this block included.
            allocation.effectBlock = _blockNumber() + DEALLOCATION_DELAY + 1;
            _deallocations[operator][strategy].pushBack(setKey);
        } else {
            encumbered = _add(encumbered, allocation.pendingDiff);
            allocation = Allocation(newMagnitude, 0, _blockNumber());
        }
        _store(operator, setKey, strategy, allocation, encumbered);
        emit AllocationUpdated(operator, operatorSet, strategy, newMagnitude, allocation.effectBlock);
    }

    /// @dev Writes matured deallocations down, oldest first, and takes them from the queue.
    function _clear(address operator, IStrategy strategy, uint256 limit) private {
        DoubleEndedQueue.Bytes32Deque storage queue = _deallocations[operator][strategy];
        for (uint256 cleared = 0; cleared < limit && !queue.empty(); cleared++) {
            bytes32 setKey = queue.front();
            if (block.number < _allocations[operator][setKey][strategy].effectBlock) return;
            (Allocation memory allocation, uint64 encumbered) = _current(operator, setKey, strategy);
            _store(operator, setKey, strategy, allocation, encumbered);
            queue.popFront();
        }
    }

    /// @dev An allocation, and the operator's encumbered magnitude, as if the allocation's change was already written
    /// down if it has matured.
    function _current(address operator, bytes32 setKey, IStrategy strategy)
        private
        view
        returns (Allocation memory allocation, uint64 encumbered)
    {
        allocation = _allocations[operator][setKey][strategy];
        encumbered = _encumbered[operator][strategy];
        if (block.number < allocation.effectBlock) return (allocation, encumbered);
        if (allocation.pendingDiff < 0) encumbered = _add(encumbered, allocation.pendingDiff);
        allocation = Allocation(_add(allocation.currentMagnitude, allocation.pendingDiff), 0, 0);
    }

    function _store(
        address operator,
        bytes32 setKey,
        IStrategy strategy,
        Allocation memory allocation,
        uint64 encumbered
    ) private {
        if (encumbered != _encumbered[operator][strategy]) {
            _encumbered[operator][strategy] = encumbered;
            emit EncumberedMagnitudeUpdated(operator, strategy, encumbered);
        }
        _allocations[operator][setKey][strategy] = allocation;
        EnumerableSet.AddressSet storage strategies = _allocatedStrategies[operator][setKey];
        if (allocation.currentMagnitude != 0 || allocation.pendingDiff != 0) {
            strategies.add(address(strategy));
            _allocatedSets[operator].add(setKey);
        } else {
            strategies.remove(address(strategy));
            if (strategies.length() == 0) _allocatedSets[operator].remove(setKey);
        }
    }
}
