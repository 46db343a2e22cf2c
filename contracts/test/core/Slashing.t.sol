// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IStrategyManager} from "../../core/interfaces/IStrategyManager.sol";
import {CoreSetup} from "./CoreSetup.sol";

contract SlashingTest is CoreSetup {
    function setUp() public override {
        super.setUp();
        _register(ALICE, 0);
        _deposit(ALICE, first, 60 ether);
        _deposit(BOB, first, 40 ether);
        _delegate(BOB, ALICE);
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 0.5e18);
    }

    function _params(IStrategy[] memory list, uint256[] memory wads)
        private
        pure
        returns (IAllocationManager.SlashingParams memory)
    {
        return IAllocationManager.SlashingParams(ALICE, 1, list, wads, "lied");
    }

    function testASlashTakesItsPartOfWhatIsAllocated() public {
        // 20 % of the 50 % that are allocated: a tenth of everything.
        vm.expectEmit(address(allocations));
        emit IAllocationManager.AllocationUpdated(ALICE, _set(1), first, 0.4e18, uint32(vm.getBlockNumber()));
        vm.expectEmit(address(allocations));
        emit IAllocationManager.MaxMagnitudeUpdated(ALICE, first, 0.9e18);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorSharesDecreased(ALICE, address(0), first, 10 ether);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorSharesSlashed(ALICE, first, 10 ether);
        vm.expectEmit(address(strategies));
        emit IStrategyManager.BurnOrRedistributableSharesIncreased(_set(1), 1, first, 10 ether);
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorSlashed(ALICE, _set(1), _one(first), _wads(0.1e18), "test");
        (uint256 slashId, uint256 shares) = _slash(ALICE, 1, first, 0.2e18);

        vm.assertEq(slashId, 1);
        vm.assertEq(shares, 10 ether);
        vm.assertEq(allocations.getSlashCount(_set(1)), 1);
        vm.assertEq(delegation.operatorShares(ALICE, first), 90 ether);
        vm.assertEq(uint256(allocations.getMaxMagnitude(ALICE, first)), 0.9e18);
        vm.assertEq(uint256(allocations.getEncumberedMagnitude(ALICE, first)), 0.4e18);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 0.5e18);
        vm.assertApproxEqAbs(_slashableStake(ALICE, 1, first, vm.getBlockNumber() + 1), 40 ether, 100);
        vm.assertEq(_withdrawable(ALICE, first), 54 ether);
        vm.assertEq(_withdrawable(BOB, first), 36 ether);
        vm.assertEq(strategies.stakerDepositShares(BOB, first), 40 ether, "deposit shares stay");
        (IStrategy[] memory list, uint256[] memory noted) =
            strategies.getBurnOrRedistributableShares(_set(1), 1);
        vm.assertEq(address(list[0]), address(first));
        vm.assertEq(noted, _wads(10 ether));
    }

    function testWhoComesAfterASlashHasNoPartInIt() public {
        _slash(ALICE, 1, first, 1e18);
        vm.assertEq(_withdrawable(BOB, first), 20 ether);
        _deposit(CAROL, first, 7 ether);
        _delegate(CAROL, ALICE);
        vm.assertApproxEqAbs(_withdrawable(CAROL, first), 7 ether, 10);
        // Nor has the later part of a deposit.
        _deposit(BOB, first, 10 ether);
        vm.assertApproxEqAbs(_withdrawable(BOB, first), 30 ether, 100);
        vm.assertEq(delegation.operatorShares(ALICE, first), 67 ether);
        // The next slash is everyone's.
        _allocate(ALICE, 1, first, 0.25e18);
        _slash(ALICE, 1, first, 1e18);
        vm.assertApproxEqAbs(_withdrawable(CAROL, first), 3.5 ether, 100);
        vm.assertApproxEqAbs(_withdrawable(BOB, first), 15 ether, 100);
    }

    function testAnOperatorSlashedToNothingTakesNoMoreStake() public {
        _allocate(ALICE, 1, first, 1e18);
        _slash(ALICE, 1, first, 1e18);
        vm.assertEq(delegation.operatorShares(ALICE, first), 0);
        vm.assertEq(uint256(allocations.getMaxMagnitude(ALICE, first)), 0);
        vm.assertEq(_slashableStake(ALICE, 1, first, vm.getBlockNumber() + 1), 0);
        vm.assertEq(_withdrawable(BOB, first), 0);
        token.mint(BOB, 1 ether);
        vm.startPrank(BOB);
        token.approve(address(strategies), 1 ether);
        vm.expectRevert(IDelegationManager.FullySlashed.selector);
        strategies.depositIntoStrategy(first, token, 1 ether);
    }

    function testASlashOfNothingSucceedsWithZero() public {
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorSlashed(ALICE, _set(1), _one(second), _wads(0), "test");
        (uint256 slashId, uint256 shares) = _slash(ALICE, 1, second, 1e18);
        vm.assertEq(slashId, 1);
        vm.assertEq(shares, 0);
        vm.assertEq(uint256(allocations.getMaxMagnitude(ALICE, second)), 1e18);
    }

    function testAPendingDeallocationShrinksWithTheSlash() public {
        _allocate(ALICE, 1, first, 0.2e18);
        uint256 effect = vm.getBlockNumber() + DEALLOCATION_DELAY + 1;
        _slash(ALICE, 1, first, 0.5e18);
        IAllocationManager.Allocation memory allocation = allocations.getAllocation(ALICE, _set(1), first);
        vm.assertEq(uint256(allocation.currentMagnitude), 0.25e18);
        vm.assertEq(int256(allocation.pendingDiff), -0.15e18);
        vm.roll(effect);
        vm.assertEq(uint256(allocations.getAllocation(ALICE, _set(1), first).currentMagnitude), 0.1e18);
        vm.assertEq(uint256(allocations.getEncumberedMagnitude(ALICE, first)), 0.1e18);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 0.65e18);
    }

    function testAMaturedDeallocationIsOutOfReach() public {
        _allocate(ALICE, 1, first, 0.2e18);
        vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY + 1);
        // Nobody has cleared the queue.
        (, uint256 shares) = _slash(ALICE, 1, first, 1e18);
        vm.assertEq(shares, 20 ether);
        vm.assertEq(uint256(allocations.getEncumberedMagnitude(ALICE, first)), 0);
        _allocate(ALICE, 2, first, 0.8e18);
        vm.assertEq(uint256(allocations.getAllocatableMagnitude(ALICE, first)), 0);
    }

    function testWhoLeftIsSlashedThroughTheDelay() public {
        _leave(ALICE, 1);
        vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY);
        (, uint256 shares) = _slash(ALICE, 1, first, 0.5e18);
        vm.assertEq(shares, 25 ether);
        vm.roll(vm.getBlockNumber() + 1);
        vm.prank(SLASHER);
        vm.expectRevert(IAllocationManager.OperatorNotSlashable.selector);
        allocations.slashOperator(address(avs), _params(_one(first), _wads(1)));
    }

    function testOnlyTheSlasherSlashes() public {
        vm.prank(address(avs));
        vm.expectRevert(IAllocationManager.InvalidCaller.selector);
        allocations.slashOperator(address(avs), _params(_one(first), _wads(1)));
    }

    function testBadSlashesAreRefused() public {
        IAllocationManager.SlashingParams memory params = _params(_one(first), new uint256[](2));
        vm.startPrank(SLASHER);
        vm.expectRevert(IAllocationManager.InputArrayLengthMismatch.selector);
        allocations.slashOperator(address(avs), params);
        vm.expectRevert(IAllocationManager.InvalidWadToSlash.selector);
        allocations.slashOperator(address(avs), _params(_one(first), _wads(0)));
        vm.expectRevert(IAllocationManager.InvalidWadToSlash.selector);
        allocations.slashOperator(address(avs), _params(_one(first), _wads(1e18 + 1)));
        vm.expectRevert(IAllocationManager.StrategyNotInOperatorSet.selector);
        allocations.slashOperator(address(avs), _params(_one(IStrategy(BOB)), _wads(1)));

        IStrategy[] memory twice = new IStrategy[](2);
        uint256[] memory wads = new uint256[](2);
        (twice[0], twice[1], wads[0], wads[1]) = (second, first, 1, 1);
        vm.expectRevert(IAllocationManager.StrategiesMustBeInAscendingOrder.selector);
        allocations.slashOperator(address(avs), _params(twice, wads));
        (twice[0], twice[1]) = (first, first);
        vm.expectRevert(IAllocationManager.StrategiesMustBeInAscendingOrder.selector);
        allocations.slashOperator(address(avs), _params(twice, wads));

        params = _params(_one(first), _wads(1));
        params.operatorSetId = 9;
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.slashOperator(address(avs), params);
        params.operatorSetId = 2;
        vm.expectRevert(IAllocationManager.OperatorNotSlashable.selector);
        allocations.slashOperator(address(avs), params);
    }

    /// The operator's shares stay those of its stakers, whatever is slashed and deposited in between. Both sides round
    /// on their own, so a small slack in either direction is theirs.
    function testFuzzSharesOfStakersAddUp(uint64 magnitude, uint256 wad, uint256 later, uint256 wad2) public {
        magnitude = uint64(bound(magnitude, 1, 0.99e18));
        wad = bound(wad, 1, 1e18);
        wad2 = bound(wad2, 1, 1e18);
        later = bound(later, 1e6, 1e24);
        if (magnitude != 0.5e18) {
            _allocate(ALICE, 1, first, magnitude);
            vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY + 1);
        }
        _slash(ALICE, 1, first, wad);
        _deposit(CAROL, first, later);
        _delegate(CAROL, ALICE);
        _deposit(BOB, first, later);
        _slash(ALICE, 1, first, wad2);
        uint256 sum = _withdrawable(ALICE, first) + _withdrawable(BOB, first) + _withdrawable(CAROL, first);
        uint256 held = delegation.operatorShares(ALICE, first);
        vm.assertApproxEqAbs(held, sum, 1e4 + held / 1e14, "the operator's shares are not its stakers'");
    }
}
