// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Magnitudes} from "./Magnitudes.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {OperatorSetRegistry} from "./OperatorSetRegistry.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title Allocations: which operator sets can slash how much of each operator's stake
abstract contract Allocations is OperatorSetRegistry {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using Magnitudes for Magnitudes.Book;
    using OperatorSets for OperatorSet;

    /// @dev `delay` holds until block `effectBlock`, `pending` from then on. A delay was set if `effectBlock` is not 0
    /// and either `isSet` or that block has come.
    struct Delay {
        uint32 delay;
        uint32 pending;
        uint32 effectBlock;
        bool isSet;
    }

    mapping(address operator => Delay) private _delays;
    Magnitudes.Book internal _book;

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
            _modify(operator, params[i], delay);
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
            _book.clear(operator, strategies[i], numToClear[i]);
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
        return _toOperatorSets(_book.allocatedSets[operator].values());
    }

    /// @inheritdoc IAllocationManager
    function getAllocatedStrategies(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (IStrategy[] memory)
    {
        return _toStrategies(_book.allocatedStrategies[operator][operatorSet.key()].values());
    }

    /// @inheritdoc IAllocationManager
    function getAllocation(address operator, OperatorSet memory operatorSet, IStrategy strategy)
        public
        view
        returns (Allocation memory allocation)
    {
        (allocation,) = _book.current(operator, operatorSet.key(), strategy);
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
    function getEncumberedMagnitude(address operator, IStrategy strategy) public view returns (uint64) {
        return _book.encumberedMagnitude(operator, strategy);
    }

    /// @inheritdoc IAllocationManager
    function getAllocatableMagnitude(address operator, IStrategy strategy) external view returns (uint64) {
        return getMaxMagnitude(operator, strategy) - getEncumberedMagnitude(operator, strategy);
    }

    /// @inheritdoc IAllocationManager
    function getMaxMagnitude(address operator, IStrategy strategy) public view returns (uint64) {
        return _book.maxMagnitude(operator, strategy);
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

    /// @inheritdoc IAllocationManager
    function getMaxMagnitudes(address[] calldata operators, IStrategy strategy)
        external
        view
        returns (uint64[] memory magnitudes)
    {
        magnitudes = new uint64[](operators.length);
        for (uint256 i = 0; i < operators.length; i++) {
            magnitudes[i] = getMaxMagnitude(operators[i], strategy);
        }
    }

    /// @inheritdoc IAllocationManager
    function getMaxMagnitudesAtBlock(address operator, IStrategy[] calldata strategies, uint32 blockNumber)
        external
        view
        returns (uint64[] memory magnitudes)
    {
        magnitudes = new uint64[](strategies.length);
        for (uint256 i = 0; i < strategies.length; i++) {
            magnitudes[i] = _book.maxMagnitudeAt(operator, strategies[i], blockNumber);
        }
    }

    /// @inheritdoc IAllocationManager
    function isOperatorRedistributable(address operator) external view returns (bool) {
        // One that left a set may still be allocated to it, one that joined may not be yet.
        return _canRedistribute(operator, getRegisteredSets(operator))
            || _canRedistribute(operator, getAllocatedSets(operator));
    }

    function _modify(address operator, AllocateParams calldata params, uint32 delay) private {
        require(params.strategies.length == params.newMagnitudes.length, InputArrayLengthMismatch());
        require(isOperatorSet(params.operatorSet), InvalidOperatorSet());
        bool slashable = isOperatorSlashable(operator, params.operatorSet);
        for (uint256 i = 0; i < params.strategies.length; i++) {
            IStrategy strategy = params.strategies[i];
            bool used = slashable && _isStrategyOf(params.operatorSet.key(), strategy);
            _book.modify(
                Magnitudes.Change({
                    operator: operator,
                    operatorSet: params.operatorSet,
                    strategy: strategy,
                    newMagnitude: params.newMagnitudes[i],
                    allocationDelay: delay,
                    slashableFor: used ? DEALLOCATION_DELAY + 1 : 0
                })
            );
        }
    }

    function _canRedistribute(address operator, OperatorSet[] memory sets) private view returns (bool) {
        for (uint256 i = 0; i < sets.length; i++) {
            if (isRedistributingOperatorSet(sets[i]) && isOperatorSlashable(operator, sets[i])) return true;
        }
        return false;
    }
}
