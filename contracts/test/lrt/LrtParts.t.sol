// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {ILrtLens} from "../../lrt/interfaces/ILrtLens.sol";
import {ILrtToken} from "../../lrt/interfaces/ILrtToken.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";

/// @notice The token, the rate feed, the lens, what entries say of themselves.
contract LrtPartsTest is LrtSetup {
    function testTheTokenIsTheVaultsToMintAndBurn() public {
        bytes memory refusal = abi.encodeWithSelector(ILrtToken.LrtTokenOnlyVault.selector, address(this));
        vm.assertEq(lrt.hub(), address(vault));
        vm.expectRevert(refusal);
        lrt.mint(ALICE, 1);
        vm.expectRevert(refusal);
        lrt.burn(1);
        vm.expectRevert(refusal);
        lrt.escrow(ALICE, ALICE, 1);
        vm.expectRevert(refusal);
        lrt.setEntry(ALICE, ALICE);
    }

    function testShareAndEntriesFindEachOther() public view {
        for (uint256 kind = 0; kind < KINDS; kind++) {
            vm.assertEq(lrt.vault(lsts[kind]), address(entries[kind]));
            vm.assertEq(entries[kind].asset(), lsts[kind]);
            vm.assertEq(entries[kind].share(), address(lrt));
            vm.assertEq(entries[kind].hub(), address(vault));
        }
        vm.assertEq(lrt.vault(address(1)), address(0));
    }

    function testInterfacesByErc165() public view {
        bytes4[4] memory ids = [bytes4(0x01ffc9a7), 0x2f0a18c5, 0xe3bc4e65, 0x620ee8e4];
        for (uint256 i = 0; i < ids.length; i++) {
            vm.assertTrue(entries[0].supportsInterface(ids[i]));
        }
        vm.assertFalse(entries[0].supportsInterface(0xffffffff));
        vm.assertTrue(lrt.supportsInterface(0x01ffc9a7));
        vm.assertTrue(lrt.supportsInterface(0xf815c03d));
        vm.assertFalse(lrt.supportsInterface(0xffffffff));
    }

    function testConversions() public {
        _filled();
        for (uint256 kind = 0; kind < KINDS; kind++) {
            uint256 shares = entries[kind].convertToShares(1 ether);
            _assertClose(shares, _ethValue(kind, 1 ether) * 1e18 / vault.getRate(), 10, "shares");
            vm.assertApproxEqAbs(entries[kind].convertToAssets(shares), 1 ether, 5);
            uint256 amount = kind == 0 ? stETH.getPooledEthByShares(_units(0)) : _units(kind);
            vm.assertEq(entries[kind].totalAssets(), amount);
        }
    }

    function testTheRateAsAFeed() public {
        _filled();
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
            rateFeed.latestRoundData();
        vm.assertEq(uint256(id), vm.getBlockNumber());
        vm.assertEq(uint256(answer), vault.getRate());
        vm.assertEq(startedAt, vm.getBlockTimestamp());
        vm.assertEq(updatedAt, vm.getBlockTimestamp());
        vm.assertEq(uint256(answeredIn), uint256(id));
        vm.assertEq(uint256(rateFeed.decimals()), 18);
        vm.assertEq(rateFeed.version(), 1);
        vm.assertEq(rateFeed.description(), "lrtETH / ETH");
        vm.assertEq(address(rateFeed.vault()), address(vault));
        vm.expectRevert("No data present");
        rateFeed.getRoundData(id - 1);
    }

    function testTheLensSeesRedistributingSets() public {
        _filled();
        vm.assertEq(lens.redistributing(vault).length, 0);
        IStrategy[] memory all = new IStrategy[](4);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            all[kind] = strategies[kind];
        }
        IAllocationManager.CreateSetParamsV2[] memory sets = new IAllocationManager.CreateSetParamsV2[](1);
        sets[0] = IAllocationManager.CreateSetParamsV2(7, all, SLASHER);
        address[] memory recipients = new address[](1);
        recipients[0] = CAROL;
        vm.prank(address(avs));
        allocations.createRedistributingOperatorSets(address(avs), sets, recipients);
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](1);
        params[0] = IAllocationManager.AllocateParams(OperatorSet(address(avs), 7), _list(2), new uint64[](1));
        params[0].newMagnitudes[0] = 0.2e18;
        vm.prank(operatorList[1]);
        allocations.modifyAllocations(operatorList[1], params);
        ILrtLens.Redistribution[] memory found = lens.redistributing(vault);
        vm.assertEq(found.length, 1);
        vm.assertEq(found[0].operator, operatorList[1]);
        vm.assertEq(found[0].avs, address(avs));
        vm.assertEq(uint256(found[0].operatorSetId), 7);
        vm.assertEq(found[0].recipient, CAROL);
        vm.assertEq(uint256(found[0].magnitude), 0.2e18);
    }

    function testTheLensSeesStakeByOperator() public {
        _filled();
        _request(ALICE, 0, 100 ether);
        vault.unstake();
        (address[] memory operators, uint256[] memory values) = lens.stakeByOperator(vault);
        uint256 sum = 0;
        for (uint256 k = 0; k < 3; k++) {
            vm.assertEq(operators[k], operatorList[k]);
            _assertClose(values[k], vault.totalValue() * targetList[k] / 10_000, 1e10, "part");
            sum += values[k];
        }
        _assertClose(sum, vault.totalValue(), 100, "all");
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownOperator.selector, BOB));
        lens.completable(vault, BOB);
    }

    function testBackingByTheLens() public {
        vm.assertEq(lens.backingRatio(vault), 1e18);
        _filled();
        vm.assertApproxEqAbs(lens.backingRatio(vault), 1e18, 2);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _slash(operatorList[0], kind, 1e18);
        }
        // The rate has followed; what is not backed is the virtual value's part.
        vm.assertLe(lens.backingRatio(vault), 1e18);
        vm.assertGe(lens.backingRatio(vault), 1e18 - 1e10);
    }
}
