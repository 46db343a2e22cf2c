// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet, OperatorSets} from "../../core/OperatorSet.sol";
import {IAVSRegistrar} from "../../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreSetup, RecordingAvs} from "./CoreSetup.sol";

contract OperatorSetsTest is CoreSetup {
    function _params(uint32 id, address slasher)
        private
        view
        returns (IAllocationManager.CreateSetParamsV2[] memory params)
    {
        params = new IAllocationManager.CreateSetParamsV2[](1);
        params[0] = IAllocationManager.CreateSetParamsV2(id, _both(), slasher);
    }

    function testASetIsCreated() public {
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorSetCreated(_set(3));
        vm.expectEmit(address(allocations));
        emit IAllocationManager.StrategyAddedToOperatorSet(_set(3), first);
        vm.expectEmit(address(allocations));
        emit IAllocationManager.StrategyAddedToOperatorSet(_set(3), second);
        vm.expectEmit(address(allocations));
        emit IAllocationManager.SlasherUpdated(_set(3), CAROL, uint32(vm.getBlockNumber()));
        vm.prank(address(avs));
        allocations.createOperatorSets(address(avs), _params(3, CAROL));

        vm.assertTrue(allocations.isOperatorSet(_set(3)));
        vm.assertFalse(allocations.isOperatorSet(_set(4)));
        vm.assertEq(allocations.getOperatorSetCount(address(avs)), 3);
        vm.assertEq(allocations.getSlasher(_set(3)), CAROL);
        vm.assertEq(allocations.getSlasher(_set(4)), address(0));
        IStrategy[] memory list = allocations.getStrategiesInOperatorSet(_set(3));
        vm.assertTrue(
            list.length == 2 && address(list[0]) == address(first) && address(list[1]) == address(second)
        );
    }

    function testASetWantsMetadataASlasherAndAFreshNumber() public {
        vm.prank(CAROL);
        vm.expectRevert(IAllocationManager.NonexistentAVSMetadata.selector);
        allocations.createOperatorSets(CAROL, _params(1, CAROL));
        vm.startPrank(address(avs));
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.createOperatorSets(address(avs), _params(1, CAROL));
        vm.expectRevert(IAllocationManager.InputAddressZero.selector);
        allocations.createOperatorSets(address(avs), _params(3, address(0)));
        vm.stopPrank();
        vm.prank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        allocations.createOperatorSets(address(avs), _params(3, BOB));
    }

    function testStrategiesOfASetChange() public {
        vm.startPrank(address(avs));
        vm.expectRevert(IAllocationManager.StrategyNotInOperatorSet.selector);
        allocations.removeStrategiesFromOperatorSet(address(avs), 2, _one(second));
        allocations.addStrategiesToOperatorSet(address(avs), 2, _one(second));
        vm.expectRevert(IAllocationManager.StrategyAlreadyInOperatorSet.selector);
        allocations.addStrategiesToOperatorSet(address(avs), 2, _one(second));
        allocations.removeStrategiesFromOperatorSet(address(avs), 2, _both());
        vm.assertEq(allocations.getStrategiesInOperatorSet(_set(2)).length, 0);
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.addStrategiesToOperatorSet(address(avs), 9, _one(second));
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.removeStrategiesFromOperatorSet(address(avs), 9, _one(second));
    }

    function testARegistrarHasCodeAndSupportsTheAvs() public {
        vm.startPrank(CAROL);
        vm.expectRevert(IAllocationManager.InvalidAVSRegistrar.selector);
        allocations.setAVSRegistrar(CAROL, IAVSRegistrar(BOB));
        vm.expectRevert(IAllocationManager.InvalidAVSRegistrar.selector);
        allocations.setAVSRegistrar(CAROL, avs);
        vm.stopPrank();
        vm.assertEq(address(allocations.getAVSRegistrar(CAROL)), CAROL, "an AVS answers for itself");

        vm.mockCall(address(avs), abi.encodeCall(IAVSRegistrar.supportsAVS, (CAROL)), abi.encode(true));
        vm.expectEmit(address(allocations));
        emit IAllocationManager.AVSRegistrarSet(CAROL, avs);
        vm.prank(CAROL);
        allocations.setAVSRegistrar(CAROL, avs);
        vm.assertEq(address(allocations.getAVSRegistrar(CAROL)), address(avs));
    }

    function testAnOperatorJoinsAndTheRegistrarHears() public {
        _register(ALICE, 0);
        uint32[] memory ids = new uint32[](2);
        (ids[0], ids[1]) = (2, 1);
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorAddedToOperatorSet(ALICE, _set(2));
        vm.prank(ALICE);
        allocations.registerForOperatorSets(
            ALICE, IAllocationManager.RegisterParams(address(avs), ids, hex"c0ffee")
        );

        vm.assertEq(avs.registrations(), 1);
        vm.assertEq(avs.lastOperator(), ALICE);
        vm.assertEq(avs.lastData(), hex"c0ffee");
        vm.assertEq(avs.lastIds(1), 1);
        vm.assertTrue(allocations.isMemberOfOperatorSet(ALICE, _set(1)));
        vm.assertTrue(allocations.isOperatorSlashable(ALICE, _set(1)));
        vm.assertEq(allocations.getMembers(_set(2)), _one(ALICE));
        vm.assertEq(allocations.getMemberCount(_set(2)), 1);
        OperatorSet[] memory sets = allocations.getRegisteredSets(ALICE);
        vm.assertTrue(sets.length == 2 && sets[0].id == 2 && sets[1].avs == address(avs));
    }

    function testARegistrarCanRefuse() public {
        _register(ALICE, 0);
        avs.setRefuses(true);
        vm.prank(ALICE);
        vm.expectRevert(RecordingAvs.Refused.selector);
        allocations.registerForOperatorSets(
            ALICE, IAllocationManager.RegisterParams(address(avs), _ids(1), "")
        );
        vm.assertEq(allocations.getMemberCount(_set(1)), 0);
    }

    function testOnlyOperatorsJoinAndOnlyRealSets() public {
        IAllocationManager.RegisterParams memory params =
            IAllocationManager.RegisterParams(address(avs), _ids(1), "");
        vm.prank(BOB);
        vm.expectRevert(IAllocationManager.InvalidOperator.selector);
        allocations.registerForOperatorSets(BOB, params);
        _register(ALICE, 0);
        vm.prank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        allocations.registerForOperatorSets(ALICE, params);
        params.operatorSetIds = _ids(9);
        vm.prank(ALICE);
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.registerForOperatorSets(ALICE, params);
    }

    function testWhoLeavesStaysSlashableForTheDelay() public {
        _register(ALICE, 0);
        _join(ALICE, 1);
        vm.prank(ALICE);
        vm.expectRevert(IAllocationManager.AlreadyMemberOfSet.selector);
        allocations.registerForOperatorSets(
            ALICE, IAllocationManager.RegisterParams(address(avs), _ids(1), "")
        );

        uint256 left = vm.getBlockNumber();
        vm.expectEmit(address(allocations));
        emit IAllocationManager.OperatorRemovedFromOperatorSet(ALICE, _set(1));
        _leave(ALICE, 1);
        vm.assertEq(avs.deregistrations(), 1);
        vm.assertFalse(allocations.isMemberOfOperatorSet(ALICE, _set(1)));
        vm.assertEq(allocations.getMemberCount(_set(1)), 0);
        vm.assertEq(allocations.getRegisteredSets(ALICE).length, 0);

        vm.roll(left + DEALLOCATION_DELAY);
        vm.assertTrue(allocations.isOperatorSlashable(ALICE, _set(1)), "the last block is included");
        vm.prank(ALICE);
        vm.expectRevert(IAllocationManager.AlreadyMemberOfSet.selector);
        allocations.registerForOperatorSets(
            ALICE, IAllocationManager.RegisterParams(address(avs), _ids(1), "")
        );

        vm.roll(left + DEALLOCATION_DELAY + 1);
        vm.assertFalse(allocations.isOperatorSlashable(ALICE, _set(1)));
        _join(ALICE, 1);
        vm.assertTrue(allocations.isMemberOfOperatorSet(ALICE, _set(1)));
    }

    function testTheAvsCanPutAnOperatorOutAndStrangersCannot() public {
        _register(ALICE, 0);
        _join(ALICE, 1);
        IAllocationManager.DeregisterParams memory params =
            IAllocationManager.DeregisterParams(ALICE, address(avs), _ids(1));
        vm.prank(BOB);
        vm.expectRevert(IAllocationManager.InvalidCaller.selector);
        allocations.deregisterFromOperatorSets(params);
        vm.prank(address(avs));
        allocations.deregisterFromOperatorSets(params);
        vm.startPrank(ALICE);
        vm.expectRevert(IAllocationManager.NotMemberOfSet.selector);
        allocations.deregisterFromOperatorSets(params);
        params.operatorSetIds = _ids(9);
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.deregisterFromOperatorSets(params);
    }

    function testANewSlasherWaits() public {
        vm.assertEq(uint256(allocations.SLASHER_CONFIGURATION_DELAY()), CONFIGURATION_DELAY);
        uint32 effect = uint32(vm.getBlockNumber()) + CONFIGURATION_DELAY + 1;
        vm.prank(address(avs));
        allocations.updateSlasher(_set(1), CAROL);
        (address pending, uint32 effectBlock) = allocations.getPendingSlasher(_set(1));
        vm.assertEq(pending, CAROL);
        vm.assertEq(uint256(effectBlock), effect);

        vm.roll(effect - 1);
        vm.assertEq(allocations.getSlasher(_set(1)), SLASHER);
        // Asking for the same again does not put it off.
        vm.prank(address(avs));
        allocations.updateSlasher(_set(1), CAROL);
        vm.roll(effect);
        vm.assertEq(allocations.getSlasher(_set(1)), CAROL);
        (pending, effectBlock) = allocations.getPendingSlasher(_set(1));
        vm.assertTrue(pending == address(0) && effectBlock == 0);

        vm.prank(address(avs));
        vm.expectRevert(IAllocationManager.InvalidOperatorSet.selector);
        allocations.updateSlasher(_set(9), CAROL);
        vm.prank(address(avs));
        vm.expectRevert(IAllocationManager.InputAddressZero.selector);
        allocations.updateSlasher(_set(1), address(0));
    }

    function testFuzzKeysOfSetsComeBack(address account, uint32 id) public pure {
        OperatorSet memory back = OperatorSets.fromKey(OperatorSets.key(OperatorSet(account, id)));
        vm.assertEq(back.avs, account);
        vm.assertEq(uint256(back.id), id);
    }
}
