// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {DoubleEndedQueue} from "@openzeppelin/contracts/utils/structs/DoubleEndedQueue.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {SlashingMath, WAD} from "./SlashingMath.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title Magnitudes: how each operator's magnitude is divided between operator sets
/// @dev A linked library: its external functions run in the AllocationManager's name. Of an operator and a strategy, the
/// encumbered magnitude is the sum over all sets of the larger of current and pending magnitude. It never exceeds the
/// maximum magnitude, so no stake is promised twice. An allocation encumbers at once; a deallocation frees when it has
/// matured, and is then cleared from the queue.
library Magnitudes {
    using Checkpoints for Checkpoints.Trace224;
    using DoubleEndedQueue for DoubleEndedQueue.Bytes32Deque;
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using OperatorSets for OperatorSet;
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @param slashed By block, what was slashed of the maximum magnitude of 1e18.
    /// @param deallocations Keys of sets with a delayed deallocation, oldest first. All wait equally long, so the oldest
    /// matures first.
    struct Book {
        mapping(
            address operator => mapping(bytes32 setKey => mapping(IStrategy => IAllocationManager.Allocation))
        ) allocations;
        mapping(address operator => mapping(IStrategy => uint64)) encumbered;
        mapping(address operator => mapping(IStrategy => Checkpoints.Trace224)) slashed;
        mapping(address operator => mapping(IStrategy => DoubleEndedQueue.Bytes32Deque)) deallocations;
        mapping(address operator => EnumerableSet.Bytes32Set) allocatedSets;
        mapping(address operator => mapping(bytes32 setKey => EnumerableSet.AddressSet)) allocatedStrategies;
    }

    /// @param allocationDelay Blocks until more is slashable.
    /// @param slashableFor Blocks for which what is taken away stays slashable, or 0 if the set cannot slash it now.
    struct Change {
        address operator;
        OperatorSet operatorSet;
        IStrategy strategy;
        uint64 newMagnitude;
        uint32 allocationDelay;
        uint32 slashableFor;
    }

    /// @notice Changes an allocation.
    function modify(Book storage self, Change memory change) external {
        (address operator, IStrategy strategy) = (change.operator, change.strategy);
        bytes32 setKey = change.operatorSet.key();
        _clear(self, operator, strategy, type(uint256).max);
        (IAllocationManager.Allocation memory allocation, uint64 used) =
            current(self, operator, setKey, strategy);
        require(allocation.effectBlock == 0, IAllocationManager.ModificationAlreadyPending());
        uint64 magnitude = allocation.currentMagnitude;
        require(change.newMagnitude != magnitude, IAllocationManager.SameMagnitude());
        allocation.pendingDiff = int128(uint128(change.newMagnitude)) - int128(uint128(magnitude));

        uint32 blockNumber = block.number.toUint32();
        if (change.newMagnitude > magnitude) {
            used = add(used, allocation.pendingDiff);
            uint64 most = maxMagnitude(self, operator, strategy);
            require(used <= most, IAllocationManager.InsufficientMagnitude());
            allocation.effectBlock = blockNumber + change.allocationDelay;
        } else if (change.slashableFor != 0) {
            // Slashable through the whole delay, this block included.
            allocation.effectBlock = blockNumber + change.slashableFor;
            self.deallocations[operator][strategy].pushBack(setKey);
        } else {
            used = add(used, allocation.pendingDiff);
            allocation = IAllocationManager.Allocation(change.newMagnitude, 0, blockNumber);
        }
        _store(self, operator, setKey, strategy, allocation, used);
        emit IAllocationManager.AllocationUpdated(
            operator, change.operatorSet, strategy, change.newMagnitude, allocation.effectBlock
        );
    }

    /// @notice Writes matured deallocations down, oldest first, at most `limit` of them.
    function clear(Book storage self, address operator, IStrategy strategy, uint256 limit) external {
        _clear(self, operator, strategy, limit);
    }

    /// @notice Slashes the part `wad` of an allocation, and of what its pending deallocation will free.
    /// @return before The operator's maximum magnitude before.
    /// @return left And after; the same if nothing was allocated.
    function slash(
        Book storage self,
        address operator,
        OperatorSet memory operatorSet,
        IStrategy strategy,
        uint256 wad
    ) external returns (uint64 before, uint64 left) {
        bytes32 setKey = operatorSet.key();
        (IAllocationManager.Allocation memory allocation, uint64 used) =
            current(self, operator, setKey, strategy);
        uint64 magnitude = SlashingMath.slashedPart(allocation.currentMagnitude, wad);
        before = maxMagnitude(self, operator, strategy);
        left = before - magnitude;
        if (magnitude == 0) return (before, left);

        uint32 blockNumber = block.number.toUint32();
        allocation.currentMagnitude -= magnitude;
        if (allocation.pendingDiff < 0) {
            // A deallocation is of at most the current magnitude, so it fits in 64 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint64 pending = uint64(uint128(-allocation.pendingDiff));
            allocation.pendingDiff += int128(uint128(SlashingMath.slashedPart(pending, wad)));
            uint64 target = add(allocation.currentMagnitude, allocation.pendingDiff);
            emit IAllocationManager.AllocationUpdated(
                operator, operatorSet, strategy, target, allocation.effectBlock
            );
        }
        _store(self, operator, setKey, strategy, allocation, used - magnitude);
        emit IAllocationManager.AllocationUpdated(
            operator, operatorSet, strategy, allocation.currentMagnitude, blockNumber
        );
        self.slashed[operator][strategy].push(blockNumber, WAD - left);
        emit IAllocationManager.MaxMagnitudeUpdated(operator, strategy, left);
    }

    /// @notice Magnitude that is allocated, as if matured deallocations were cleared.
    function encumberedMagnitude(Book storage self, address operator, IStrategy strategy)
        external
        view
        returns (uint64 magnitude)
    {
        magnitude = self.encumbered[operator][strategy];
        DoubleEndedQueue.Bytes32Deque storage queue = self.deallocations[operator][strategy];
        for (uint256 i = 0; i < queue.length(); i++) {
            IAllocationManager.Allocation storage allocation =
                self.allocations[operator][queue.at(i)][strategy];
            if (block.number < allocation.effectBlock) break;
            magnitude = add(magnitude, allocation.pendingDiff);
        }
    }

    /// @notice 1e18 less all that was slashed until now.
    function maxMagnitude(Book storage self, address operator, IStrategy strategy)
        internal
        view
        returns (uint64)
    {
        return _left(self.slashed[operator][strategy].latest());
    }

    /// @notice 1e18 less all that was slashed until the end of a block.
    function maxMagnitudeAt(Book storage self, address operator, IStrategy strategy, uint32 blockNumber)
        internal
        view
        returns (uint64)
    {
        return _left(self.slashed[operator][strategy].upperLookupRecent(blockNumber));
    }

    /// @notice An allocation, and the operator's encumbered magnitude, as if the allocation's change was already written
    /// down if it has matured.
    function current(Book storage self, address operator, bytes32 setKey, IStrategy strategy)
        internal
        view
        returns (IAllocationManager.Allocation memory allocation, uint64 used)
    {
        allocation = self.allocations[operator][setKey][strategy];
        used = self.encumbered[operator][strategy];
        if (block.number < allocation.effectBlock) return (allocation, used);
        if (allocation.pendingDiff < 0) used = add(used, allocation.pendingDiff);
        uint64 magnitude = add(allocation.currentMagnitude, allocation.pendingDiff);
        allocation = IAllocationManager.Allocation(magnitude, 0, 0);
    }

    /// @dev The sum of a magnitude and a change of it; reverts if it does not fit.
    function add(uint64 magnitude, int128 change) internal pure returns (uint64) {
        return (int256(uint256(magnitude)) + change).toUint256().toUint64();
    }

    function _clear(Book storage self, address operator, IStrategy strategy, uint256 limit) private {
        DoubleEndedQueue.Bytes32Deque storage queue = self.deallocations[operator][strategy];
        for (uint256 cleared = 0; cleared < limit && !queue.empty(); cleared++) {
            bytes32 setKey = queue.front();
            if (block.number < self.allocations[operator][setKey][strategy].effectBlock) return;
            (IAllocationManager.Allocation memory allocation, uint64 used) =
                current(self, operator, setKey, strategy);
            _store(self, operator, setKey, strategy, allocation, used);
            queue.popFront();
        }
    }

    function _store(
        Book storage self,
        address operator,
        bytes32 setKey,
        IStrategy strategy,
        IAllocationManager.Allocation memory allocation,
        uint64 used
    ) private {
        if (used != self.encumbered[operator][strategy]) {
            self.encumbered[operator][strategy] = used;
            emit IAllocationManager.EncumberedMagnitudeUpdated(operator, strategy, used);
        }
        self.allocations[operator][setKey][strategy] = allocation;
        EnumerableSet.AddressSet storage strategies = self.allocatedStrategies[operator][setKey];
        if (allocation.currentMagnitude != 0 || allocation.pendingDiff != 0) {
            strategies.add(address(strategy));
            self.allocatedSets[operator].add(setKey);
        } else {
            strategies.remove(address(strategy));
            if (strategies.length() == 0) self.allocatedSets[operator].remove(setKey);
        }
    }

    function _left(uint224 slashed) private pure returns (uint64) {
        // At most 1e18 was slashed.
        // forge-lint: disable-next-line(unsafe-typecast)
        return WAD - uint64(slashed);
    }
}
