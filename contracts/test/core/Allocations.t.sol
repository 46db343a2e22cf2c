// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreSetup} from "./CoreSetup.sol";

contract AllocationsTest is CoreSetup {
    uint64 internal constant HALF = 0.5e18;

    function setUp() public override {
        super.setUp();
        _register(ALICE, 0);
        _deposit(ALICE, first, 100 ether);
    }

    function _expectAllocation(uint64 current, int128 pendingDiff, uint256 effectBlock) private view {
        IAllocationManager.Allocation memory allocation = allocations.getAllocation(ALICE, _set(1), first);
        vm.assertEq(uint256(allocation.currentMagnitude), current, "current magnitude");
        vm.assertEq(int256(allocation.pendingDiff), pendingDiff, "pending difference");
        vm.assertEq(uint256(allocation.effectBlock), effectBlock, "effect block");
    }

    function testWithoutDelayAnAllocationCountsAtOnce() public {
        vm.expectEmit(address(allocations));
        emit IAllocationManager.EncumberedMagnitudeUpdated(ALICE, first, HALF);
        vm.expectEmit(address(allocations));
        emit IAllocationManager.AllocationUpdated(ALICE, _set(1), first, HALF, uint32(vm.getBlockNumber()));
        _allocate(ALICE, 1, first, HALF);

        _expectAllocation(HALF, 0, 0);
        vm.assertEq(uint256(allocations.getEncumberedMagnitude(ALICE, first)), HALF);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), HALF);
        OperatorSet[] memory sets = allocations.getAllocatedSets(ALICE);
        vm.assertTrue(sets.length == 1 && sets[0].id == 1);
        vm.assertEq(address(allocations.getAllocatedStrategies(ALICE, _set(1))[0]), address(first));
        vm.assertEq(
            uint256(allocations.getAllocations(_one(ALICE), _set(1), first)[0].currentMagnitude), HALF
        );
    }

    function testStakeIsSlashableOnlyOfMembers() public {
        _allocate(ALICE, 1, first, HALF);
        uint256 ahead = vm.getBlockNumber() + 5;
        vm.assertEq(_slashableStake(ALICE, 1, first, ahead), 0);
        vm.assertEq(allocations.getAllocatedStake(_set(1), _one(ALICE), _one(first))[0][0], 50 ether);
        _join(ALICE, 1);
        vm.assertEq(_slashableStake(ALICE, 1, first, ahead), 50 ether);
        vm.assertEq(_slashableStake(ALICE, 1, second, ahead), 0);
        vm.assertEq(_slashableStake(ALICE, 2, first, ahead), 0);
        _deposit(ALICE, first, 100 ether);
        vm.assertEq(_slashableStake(ALICE, 1, first, ahead), 100 ether);
    }

    function testTheAllocationDelayHolds() public {
        _register(BOB, 6);
        _deposit(BOB, first, 10 ether);
        _join(BOB, 1);
        uint256 effect = vm.getBlockNumber() + 6;
        _allocate(BOB, 1, first, HALF);
        vm.assertEq(
            _slashableStake(BOB, 1, first, effect + 1), 0, "a pending allocation is not yet slashable"
        );
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(BOB, first)), HALF, "but it is taken");
        vm.prank(BOB);
        vm.expectRevert(IAllocationManager.ModificationAlreadyPending.selector);
        allocations.modifyAllocations(BOB, _allocateParams(1, first, 0));
        vm.roll(effect - 1);
        vm.assertEq(uint256(allocations.getAllocation(BOB, _set(1), first).currentMagnitude), 0);
        vm.roll(effect);
        vm.assertEq(uint256(allocations.getAllocation(BOB, _set(1), first).currentMagnitude), HALF);
        vm.assertEq(_slashableStake(BOB, 1, first, effect + 1), 5 ether);
    }

    function testADeallocationFromASetOneIsInWaits() public {
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, HALF);
        uint256 effect = vm.getBlockNumber() + DEALLOCATION_DELAY + 1;
        vm.expectEmit(address(allocations));
        emit IAllocationManager.AllocationUpdated(ALICE, _set(1), first, 0, uint32(effect));
        _allocate(ALICE, 1, first, 0);
        _expectAllocation(HALF, -int128(uint128(HALF)), effect);

        vm.assertEq(_slashableStake(ALICE, 1, first, effect - 1), 50 ether);
        vm.assertEq(_slashableStake(ALICE, 1, first, effect), 0, "a minimum looks ahead");
        uint16[] memory all = new uint16[](1);
        all[0] = 10;
        vm.roll(effect - 1);
        allocations.clearDeallocationQueue(ALICE, _one(first), all);
        vm.assertEq(_slashableStake(ALICE, 1, first, effect - 1), 50 ether);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), HALF);
        vm.roll(effect);
        _expectAllocation(0, 0, 0);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 1e18, "seen without clearing");
        vm.assertEq(allocations.getAllocatedSets(ALICE).length, 1, "the list is cleared by hand");

        vm.expectEmit(address(allocations));
        emit IAllocationManager.EncumberedMagnitudeUpdated(ALICE, first, 0);
        allocations.clearDeallocationQueue(ALICE, _one(first), all);
        vm.assertEq(allocations.getAllocatedSets(ALICE).length, 0);
        vm.assertEq(uint256(allocations.getEncumberedMagnitude(ALICE, first)), 0);
    }

    function testADeallocationThatNobodyCanSlashIsAtOnce() public {
        _allocate(ALICE, 1, first, HALF);
        _allocate(ALICE, 1, first, 0);
        _expectAllocation(0, 0, 0);
        vm.assertEq(allocations.getAllocatedSets(ALICE).length, 0);

        // Nor does a set slash in a strategy that is not its own.
        _join(ALICE, 2);
        _deposit(ALICE, second, 1 ether);
        _allocate(ALICE, 2, second, HALF);
        _allocate(ALICE, 2, second, 0);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, second)), 1e18);
    }

    function testWhoLeftAMomentAgoStillWaits() public {
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, HALF);
        _leave(ALICE, 1);
        uint256 left = vm.getBlockNumber();
        vm.roll(left + DEALLOCATION_DELAY);
        vm.assertEq(_slashableStake(ALICE, 1, first, left + DEALLOCATION_DELAY), 50 ether);
        vm.roll(left + DEALLOCATION_DELAY + 1);
        vm.assertEq(_slashableStake(ALICE, 1, first, left + DEALLOCATION_DELAY + 1), 0);
        _allocate(ALICE, 1, first, 0);
        _expectAllocation(0, 0, 0);
    }

    function testStakeIsDividedNotReused() public {
        _allocate(ALICE, 1, first, 0.6e18);
        vm.startPrank(ALICE);
        vm.expectRevert(IAllocationManager.InsufficientMagnitude.selector);
        allocations.modifyAllocations(ALICE, _allocateParams(2, first, 0.4e18 + 1));
        allocations.modifyAllocations(ALICE, _allocateParams(2, first, 0.4e18));
        vm.stopPrank();
        (OperatorSet[] memory sets, IAllocationManager.Allocation[] memory list) =
            allocations.getStrategyAllocations(ALICE, first);
        vm.assertEq(sets.length, 2);
        vm.assertEq(uint256(list[0].currentMagnitude) + list[1].currentMagnitude, 1e18);
    }

    function testFreedMagnitudeIsFoundByTheNextAllocation() public {
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 1e18);
        _allocate(ALICE, 1, first, 0);
        vm.prank(ALICE);
        vm.expectRevert(IAllocationManager.InsufficientMagnitude.selector);
        allocations.modifyAllocations(ALICE, _allocateParams(2, first, 1));
        vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY + 1);
        _allocate(ALICE, 2, first, 1e18);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 0);
    }

    function testBadModificationsAreRefused() public {
        IAllocationManager.AllocateParams[] memory params = _allocateParams(1, first, 1);
        vm.prank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        allocations.modifyAllocations(ALICE, params);
        vm.prank(BOB);
        vm.expectRevert(IAllocationManager.UninitializedAllocationDelay.selector);
        allocations.modifyAllocations(BOB, params);

        vm.startPrank(ALICE);
        vm.expectRevert(IAllocationManager.SameMagnitude.selector);
        allocations.modifyAllocations(ALICE, _allocateParams(1, first, 0));
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.modifyAllocations(ALICE, _allocateParams(9, first, 1));
        params[0].newMagnitudes = new uint64[](2);
        vm.expectRevert(IAllocationManager.InputArrayLengthMismatch.selector);
        allocations.modifyAllocations(ALICE, params);
        vm.expectRevert(IAllocationManager.InputArrayLengthMismatch.selector);
        allocations.clearDeallocationQueue(ALICE, _one(first), new uint16[](2));
    }

    function testANewAllocationDelayWaits() public {
        uint256 effect = vm.getBlockNumber() + CONFIGURATION_DELAY + 1;
        vm.expectEmit(address(allocations));
        emit IAllocationManager.AllocationDelaySet(ALICE, 9, uint32(effect));
        vm.prank(ALICE);
        allocations.setAllocationDelay(ALICE, 9);
        vm.roll(effect - 1);
        (, uint32 delay) = allocations.getAllocationDelay(ALICE);
        vm.assertEq(uint256(delay), 0);
        vm.roll(effect);
        (, delay) = allocations.getAllocationDelay(ALICE);
        vm.assertEq(uint256(delay), 9);

        vm.prank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        allocations.setAllocationDelay(ALICE, 1);
        vm.prank(BOB);
        vm.expectRevert(IAllocationManager.InvalidOperator.selector);
        allocations.setAllocationDelay(BOB, 1);
    }

    function testAHotKeyAllocates() public {
        vm.prank(ALICE);
        permissions.setAppointee(ALICE, BOB, address(allocations), allocations.modifyAllocations.selector);
        vm.prank(BOB);
        allocations.modifyAllocations(ALICE, _allocateParams(1, first, HALF));
        _expectAllocation(HALF, 0, 0);
    }

    function testOneCallSetsSeveralSetsAndStrategies() public {
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](2);
        uint64[] memory both = new uint64[](2);
        (both[0], both[1]) = (0.25e18, 1e18);
        uint64[] memory one = new uint64[](1);
        one[0] = 0.75e18;
        params[0] = IAllocationManager.AllocateParams(_set(1), _both(), both);
        params[1] = IAllocationManager.AllocateParams(_set(2), _one(first), one);
        vm.prank(ALICE);
        allocations.modifyAllocations(ALICE, params);
        vm.assertEq(allocations.getAllocatedStrategies(ALICE, _set(1)).length, 2);
        uint64[] memory maxima = allocations.getMaxMagnitudes(ALICE, _both());
        vm.assertTrue(maxima[0] == 1e18 && maxima[1] == 1e18);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 0);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, second)), 0);
    }

    function testFuzzTheMinimumHoldsAtEveryBlockAhead(uint64 from, uint64 to, uint256 horizon) public {
        from = uint64(bound(from, 1, 1e18));
        to = uint64(bound(to, 0, 1e18));
        vm.assume(from != to);
        horizon = bound(horizon, 0, DEALLOCATION_DELAY);
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, from);
        _allocate(ALICE, 1, first, to);
        uint256 start = vm.getBlockNumber();
        uint256 promised = _slashableStake(ALICE, 1, first, start + horizon);
        for (uint256 b = start; b <= start + horizon; b++) {
            vm.roll(b);
            uint256 now_ = allocations.getAllocatedStake(_set(1), _one(ALICE), _one(first))[0][0];
            vm.assertGe(now_, promised, "less was slashable than the minimum promised");
        }
    }
}
