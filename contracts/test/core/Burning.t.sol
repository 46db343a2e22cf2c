// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IStrategyManager} from "../../core/interfaces/IStrategyManager.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

/// @notice What becomes of slashed stake. Set 1 burns, set 3 redistributes to RECIPIENT.
contract BurningTest is WithdrawalSetup {
    address private constant BURN = 0x00000000000000000000000000000000000E16E4;
    address private constant RECIPIENT = address(0x4ec1);

    function setUp() public override {
        super.setUp();
        vm.prank(address(avs));
        allocations.createRedistributingOperatorSets(address(avs), _params(3, SLASHER), _one(RECIPIENT));
        _register(ALICE, 0);
        _deposit(ALICE, first, 60 ether);
        _deposit(ALICE, second, 10 ether);
        _deposit(BOB, first, 40 ether);
        _delegate(BOB, ALICE);
        _join(ALICE, 1);
        _join(ALICE, 3);
        _allocate(ALICE, 1, first, 0.5e18);
        _allocate(ALICE, 1, second, 0.5e18);
        _allocate(ALICE, 3, first, 0.5e18);
    }

    function _params(uint32 id, address slasher)
        private
        view
        returns (IAllocationManager.CreateSetParamsV2[] memory params)
    {
        params = new IAllocationManager.CreateSetParamsV2[](1);
        params[0] = IAllocationManager.CreateSetParamsV2(id, _both(), slasher);
    }

    function _oldParams(uint32 id) private view returns (IAllocationManager.CreateSetParams[] memory params) {
        params = new IAllocationManager.CreateSetParams[](1);
        params[0] = IAllocationManager.CreateSetParams(id, _both());
    }

    function testSlashedStakeIsBurned() public {
        vm.assertEq(strategies.DEFAULT_BURN_ADDRESS(), BURN);
        _slash(ALICE, 1, first, 0.2e18);
        vm.assertEq(token.balanceOf(address(first)), 100 ether, "until somebody clears it");
        vm.assertEq(strategies.getBurnOrRedistributableShares(_set(1), 1, first), 10 ether);
        vm.assertEq(strategies.getBurnOrRedistributableCount(_set(1), 1), 1);
        vm.assertEq(strategies.getPendingOperatorSets().length, 1);
        vm.assertEq(strategies.getPendingOperatorSets()[0].avs, address(avs));
        vm.assertEq(uint256(strategies.getPendingOperatorSets()[0].id), 1);
        vm.assertEq(strategies.getPendingSlashIds(_set(1))[0], 1);

        vm.expectEmit(address(strategies));
        emit IStrategyManager.BurnOrRedistributableSharesDecreased(_set(1), 1, first, 10 ether);
        vm.assertEq(strategies.clearBurnOrRedistributableShares(_set(1), 1), _wads(10 ether));
        vm.assertEq(token.balanceOf(BURN), 10 ether);
        vm.assertEq(first.totalShares(), 90 ether);
        vm.assertEq(strategies.getBurnOrRedistributableShares(_set(1), 1, first), 0);
        vm.assertEq(strategies.getPendingOperatorSets().length, 0);
        vm.assertEq(strategies.getPendingSlashIds(_set(1)).length, 0);
        vm.assertEq(strategies.clearBurnOrRedistributableShares(_set(1), 1).length, 0, "once");
        vm.assertEq(token.balanceOf(BURN), 10 ether);
    }

    function testSlashedStakeGoesToTheSetsRecipient() public {
        _queue(BOB, first, 20 ether);
        _slash(ALICE, 3, first, 1e18);
        // Half of 80 delegated and of 20 queued shares.
        vm.assertEq(strategies.getBurnOrRedistributableShares(_set(3), 1, first), 50 ether);
        vm.assertEq(
            strategies.clearBurnOrRedistributableSharesByStrategy(_set(3), 1, first), 50 ether, "tokens sent"
        );
        vm.assertEq(token.balanceOf(RECIPIENT), 50 ether);
        vm.assertEq(token.balanceOf(BURN), 0);
    }

    function testSlashesWaitApart() public {
        IStrategy[] memory list = _both();
        uint256[] memory wads = new uint256[](2);
        (wads[0], wads[1]) = (0.5e18, 0.5e18);
        vm.prank(SLASHER);
        allocations.slashOperator(
            address(avs), IAllocationManager.SlashingParams(ALICE, 1, list, wads, "twice")
        );
        _slash(ALICE, 1, first, 0.5e18);
        vm.assertEq(strategies.getBurnOrRedistributableCount(_set(1), 1), 2);
        vm.assertEq(strategies.getPendingSlashIds(_set(1)).length, 2);
        strategies.clearBurnOrRedistributableSharesByStrategy(_set(1), 1, first);
        vm.assertEq(strategies.getPendingSlashIds(_set(1)).length, 2, "the second strategy still waits");
        strategies.clearBurnOrRedistributableShares(_set(1), 1);
        vm.assertEq(strategies.getPendingSlashIds(_set(1)).length, 1);
        vm.assertEq(strategies.getPendingOperatorSets().length, 1);
        strategies.clearBurnOrRedistributableShares(_set(1), 2);
        vm.assertEq(strategies.getPendingOperatorSets().length, 0);
        vm.assertEq(token.balanceOf(BURN), 25 ether + 2.5 ether + 12.5 ether);
    }

    function testASlashOfNoStakeIsClearedToo() public {
        _register(CAROL, 0);
        _join(CAROL, 1);
        _allocate(CAROL, 1, first, 1e18);
        _slash(CAROL, 1, first, 1e18);
        vm.assertEq(strategies.getBurnOrRedistributableCount(_set(1), 1), 1);
        vm.assertEq(strategies.clearBurnOrRedistributableShares(_set(1), 1), _wads(0));
        vm.assertEq(strategies.getPendingOperatorSets().length, 0);
    }

    function testAStrategyIsNotedOnceASlash() public {
        vm.startPrank(address(delegation));
        strategies.increaseBurnOrRedistributableShares(_set(1), 9, first, 1);
        vm.expectRevert(IStrategyManager.StrategyAlreadyInSlash.selector);
        strategies.increaseBurnOrRedistributableShares(_set(1), 9, first, 1);
    }

    function testARedistributingSetNamesItsRecipientForever() public {
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorSetCreated(_set(4));
        vm.expectEmit(address(allocations));
        emit IAllocationManager.RedistributionAddressSet(_set(4), CAROL);
        vm.startPrank(address(avs));
        allocations.createRedistributingOperatorSets(address(avs), _oldParams(4), _one(CAROL));
        allocations.createOperatorSets(address(avs), _oldParams(5));
        vm.stopPrank();
        vm.assertEq(allocations.getSlasher(_set(4)), address(avs), "the older form makes the AVS the slasher");
        vm.assertEq(allocations.getSlasher(_set(5)), address(avs));
        vm.assertEq(allocations.getRedistributionRecipient(_set(4)), CAROL);
        vm.assertEq(allocations.getRedistributionRecipient(_set(5)), BURN);
        vm.assertEq(allocations.getRedistributionRecipient(_set(1)), BURN);
        vm.assertTrue(allocations.isRedistributingOperatorSet(_set(3)));
        vm.assertFalse(allocations.isRedistributingOperatorSet(_set(1)));
    }

    function testARecipientIsSomebody() public {
        vm.startPrank(address(avs));
        vm.expectRevert(IAllocationManager.InputAddressZero.selector);
        allocations.createRedistributingOperatorSets(address(avs), _oldParams(4), _one(address(0)));
        vm.expectRevert(IAllocationManager.InvalidRedistributionRecipient.selector);
        allocations.createRedistributingOperatorSets(address(avs), _params(4, SLASHER), _one(BURN));
        vm.expectRevert(IAllocationManager.InputArrayLengthMismatch.selector);
        allocations.createRedistributingOperatorSets(address(avs), _params(4, SLASHER), new address[](0));
        vm.expectRevert(IAllocationManager.InputArrayLengthMismatch.selector);
        allocations.createRedistributingOperatorSets(address(avs), _oldParams(4), new address[](0));
        vm.stopPrank();
        vm.startPrank(CAROL);
        vm.expectRevert(IAllocationManager.NonexistentAVSMetadata.selector);
        allocations.createRedistributingOperatorSets(CAROL, _oldParams(4), _one(BOB));
        vm.expectRevert(IAllocationManager.NonexistentAVSMetadata.selector);
        allocations.createRedistributingOperatorSets(CAROL, _params(4, SLASHER), _one(BOB));
        vm.expectRevert(IAllocationManager.NonexistentAVSMetadata.selector);
        allocations.createOperatorSets(CAROL, _oldParams(4));
    }

    function testItShowsWhetherARedistributingSetCanSlashAnOperator() public {
        vm.assertTrue(allocations.isOperatorRedistributable(ALICE));
        _leave(ALICE, 3);
        vm.assertTrue(allocations.isOperatorRedistributable(ALICE), "slashable for the delay");
        _mine(DEALLOCATION_DELAY + 1);
        vm.assertFalse(allocations.isOperatorRedistributable(ALICE));
        _register(CAROL, 0);
        vm.assertFalse(allocations.isOperatorRedistributable(CAROL));
        _join(CAROL, 3);
        vm.assertTrue(allocations.isOperatorRedistributable(CAROL), "joined, not yet allocated");
    }

    function testMaximumMagnitudesArePartOfHistory() public {
        uint32 start = uint32(vm.getBlockNumber());
        _mine(5);
        _slash(ALICE, 1, first, 0.2e18);
        _mine(5);
        _slash(ALICE, 3, first, 0.2e18);
        _slash(ALICE, 3, first, 0.5e18);
        _mine(5);
        uint64[4] memory expected = [uint64(1e18), 0.9e18, 0.9e18, 0.6e18];
        uint32[4] memory blocks = [start + 4, start + 5, start + 9, start + 10];
        for (uint256 i = 0; i < 4; i++) {
            vm.assertEq(
                uint256(allocations.getMaxMagnitudesAtBlock(ALICE, _one(first), blocks[i])[0]), expected[i]
            );
        }
        address[] memory operators = new address[](2);
        (operators[0], operators[1]) = (ALICE, BOB);
        uint64[] memory now_ = allocations.getMaxMagnitudes(operators, first);
        vm.assertTrue(now_[0] == 0.6e18 && now_[1] == 1e18);
        now_ = allocations.getMaxMagnitudes(ALICE, _both());
        vm.assertTrue(now_[0] == 0.6e18 && now_[1] == 1e18);
    }
}
