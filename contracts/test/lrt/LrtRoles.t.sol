// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {Lst, PriceSource, Role} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";
import {FixedFeed} from "./MarketFeed.sol";

/// @notice Roles, proposals that wait, and the limits of parameters.
contract LrtRolesTest is LrtSetup {
    function testRolesAreTakenInTwoSteps() public {
        vm.assertEq(vault.roleHolder(Role.OWNER), OWNER);
        vm.assertEq(vault.roleHolder(Role.CURATOR), CURATOR);
        vm.assertEq(vault.roleHolder(Role.PAUSER), PAUSER);
        vm.expectEmit(address(vault));
        emit ILrtVault.RoleTransferStarted(Role.CURATOR, BOB);
        vm.prank(CURATOR);
        vault.transferRole(Role.CURATOR, BOB);
        vm.assertEq(vault.roleHolder(Role.CURATOR), CURATOR, "until it is taken");
        vm.assertEq(vault.pendingRoleHolder(Role.CURATOR), BOB);
        vm.expectRevert(_onlyRole(Role.CURATOR, address(this)));
        vault.acceptRole(Role.CURATOR);
        vm.expectEmit(address(vault));
        emit ILrtVault.RoleTransferred(Role.CURATOR, CURATOR, BOB);
        vm.startPrank(BOB);
        vault.acceptRole(Role.CURATOR);
        vm.assertEq(vault.roleHolder(Role.CURATOR), BOB);
        vm.expectRevert(_onlyRole(Role.CURATOR, BOB));
        vault.acceptRole(Role.CURATOR);
        // A role gives no other.
        vm.expectRevert(_onlyRole(Role.PAUSER, BOB));
        vault.transferRole(Role.PAUSER, BOB);
        vm.stopPrank();
        vm.prank(OWNER);
        vault.transferRole(Role.CURATOR, CAROL);
        vm.assertEq(vault.pendingRoleHolder(Role.CURATOR), CAROL);
    }

    function testWhoMayDoWhatAtOnce() public {
        vm.startPrank(CURATOR);
        vm.expectRevert(_onlyRole(Role.PAUSER, CURATOR));
        vault.pause();
        vm.expectRevert(_onlyRole(Role.OWNER, CURATOR));
        vault.unpause();
        vm.expectRevert(_onlyRole(Role.PAUSER, CURATOR));
        vault.lowerCap(address(rETH), 1);
        vm.expectRevert(_onlyRole(Role.OWNER, CURATOR));
        vault.open();
        vm.stopPrank();
        vm.startPrank(PAUSER);
        vm.expectRevert(_onlyRole(Role.CURATOR, PAUSER));
        vault.removeOperator(operatorList[0]);
        vm.expectEmit(address(vault));
        emit ILrtVault.PauseSet(true);
        vault.pause();
        vm.assertTrue(vault.paused());
        vm.expectRevert(_onlyRole(Role.OWNER, PAUSER));
        vault.unpause();
        vm.expectEmit(address(vault));
        emit ILrtVault.CapSet(address(rETH), 7 ether);
        vault.lowerCap(address(rETH), 7 ether);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 8 ether, 7 ether));
        vault.lowerCap(address(rETH), 8 ether);
        vm.stopPrank();
        vm.startPrank(OWNER);
        vm.expectEmit(address(vault));
        emit ILrtVault.PauseSet(false);
        vault.unpause();
        vault.pause();
        vm.expectRevert(ILrtVaultErrors.LrtVaultAlreadyOpen.selector);
        vault.open();
        vm.stopPrank();
    }

    function testNobodyChangesParametersWithoutAProposal() public {
        bytes[] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; i++) {
            vm.prank(OWNER);
            (bool done, bytes memory why) = address(vault).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(why, abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyTimelock.selector, OWNER));
        }
    }

    function testAProposalWaitsAndEnds() public {
        bytes memory data = abi.encodeCall(ILrtVault.raiseCap, (address(rETH), CAP * 2));
        bytes32 id = keccak256(data);
        vm.assertEq(vault.readyBlock(id), 0);
        uint256 ready = vm.getBlockNumber() + TIMELOCK;
        vm.expectEmit(address(vault));
        emit ILrtVault.Proposed(id, OWNER, data, ready);
        vm.startPrank(OWNER);
        vm.assertEq(vault.propose(data), id);
        vm.assertEq(vault.readyBlock(id), ready);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAlreadyProposed.selector, id));
        vault.propose(data);
        _mine(TIMELOCK - 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultTooEarly.selector, id, ready));
        vault.execute(data);
        _mine(1);
        vm.expectEmit(address(vault));
        emit ILrtVault.Executed(id);
        vault.execute(data);
        vm.assertEq(uint256(vault.lstOf(address(rETH)).cap), CAP * 2);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotProposed.selector, id));
        vault.execute(data);
        // One whose window has passed is gone, and may be made again.
        vault.propose(data);
        _mine(TIMELOCK * 2 + 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotProposed.selector, id));
        vault.execute(data);
        vault.propose(data);
        vm.expectEmit(address(vault));
        emit ILrtVault.Cancelled(id);
        vault.cancel(data);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotProposed.selector, id));
        vault.cancel(data);
        vm.stopPrank();
    }

    function testTheTimeLockIsLongerThanTheWayOutEvenIfThatGrows() public {
        bytes memory data = abi.encodeCall(ILrtVault.raiseCap, (address(rETH), CAP * 2));
        vm.prank(OWNER);
        vault.propose(data);
        uint256 proposed = vm.getBlockNumber();
        vm.mockCall(
            address(delegation),
            abi.encodeCall(delegation.minWithdrawalDelayBlocks, ()),
            abi.encode(uint32(400))
        );
        vm.assertEq(vault.readyBlock(keccak256(data)), proposed + 400 + 100 + 2);
        _mine(TIMELOCK);
        vm.prank(OWNER);
        vm.expectRevert(
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultTooEarly.selector, keccak256(data), proposed + 502)
        );
        vault.execute(data);
        vm.clearMockedCalls();
        vm.expectRevert(
            abi.encodeWithSelector(
                ILrtVaultErrors.LrtVaultLimit.selector, DELAY + DELAY / 4 + 1, DELAY + DELAY / 4 + 1
            )
        );
        _newVault(DELAY + DELAY / 4 + 1, VESTING, FEE_BPS);
    }

    function testEachRoleProposesItsOwn() public {
        bytes memory targets = abi.encodeCall(ILrtVault.setTargets, (new address[](0), new uint16[](0)));
        bytes memory fee = abi.encodeCall(ILrtVault.setFee, (1, TREASURY));
        vm.prank(OWNER);
        vm.expectRevert(_onlyRole(Role.CURATOR, OWNER));
        vault.propose(targets);
        vm.startPrank(CURATOR);
        vm.expectRevert(_onlyRole(Role.OWNER, CURATOR));
        vault.propose(fee);
        vault.propose(targets);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILrtVaultErrors.LrtVaultNotProposable.selector, ILrtVault.complete.selector
            )
        );
        vault.propose(abi.encodeCall(ILrtVault.complete, (BOB, new bytes32[](0))));
        vm.stopPrank();
        vm.prank(PAUSER);
        vm.expectRevert(_onlyRole(Role.CURATOR, PAUSER));
        vault.cancel(targets);
        _mine(TIMELOCK);
        vm.prank(BOB);
        vm.expectRevert(_onlyRole(Role.CURATOR, BOB));
        vault.execute(targets);
        // The owner can stop the curator.
        vm.prank(OWNER);
        vault.cancel(targets);
    }

    function testAddingOperators() public {
        address added = address(0x2001);
        _makeOperator(added, new IStrategy[](0));
        bytes memory data = abi.encodeCall(
            ILrtVault.addOperator, (added, IDelegationManager.SignatureWithExpiry("", 0), bytes32(0))
        );
        _propose(CURATOR, data);
        vm.assertEq(vault.operators()[3].operator, added);
        vm.assertTrue(vault.operators()[3].delegated);
        vm.prank(CURATOR);
        vault.propose(data);
        _mine(TIMELOCK);
        vm.prank(CURATOR);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultKnownOperator.selector, added));
        vault.execute(data);
    }

    function testLimitsOfOperatorsAndTargets() public {
        ILrtVault young = _newVault(TIMELOCK, VESTING, FEE_BPS);
        IDelegationManager.SignatureWithExpiry memory none;
        for (uint256 k = 0; k < 8; k++) {
            address operator = address(uint160(0x3001 + k));
            _makeOperator(operator, new IStrategy[](0));
            vm.prank(OWNER);
            young.addOperator(operator, none, bytes32(0));
        }
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 9, 8));
        young.addOperator(operatorList[0], none, bytes32(0));

        address[] memory operators = new address[](2);
        uint16[] memory targets = new uint16[](2);
        (operators[0], operators[1]) = (address(0x3001), address(0x3002));
        (targets[0], targets[1]) = (5000, 5001);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 10_001, 10_000));
        young.setTargets(operators, targets);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLengths.selector, 2, 1));
        young.setTargets(operators, new uint16[](1));
        targets[1] = 5000;
        vm.expectEmit(address(young));
        emit ILrtVault.TargetSet(operators[0], 5000);
        young.setTargets(operators, targets);
        operators[1] = ALICE;
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownOperator.selector, ALICE));
        young.setTargets(operators, targets);
        vm.stopPrank();
    }

    function testLimitsOfLsts() public {
        ILrtVault young = _newVault(TIMELOCK, VESTING, FEE_BPS);
        Lst memory lst = _lst(2);
        vm.startPrank(OWNER);
        lst.strategy = strategies[0];
        vm.expectRevert(
            abi.encodeWithSelector(
                ILrtVaultErrors.LrtVaultStrategy.selector, address(strategies[0]), address(rETH)
            )
        );
        young.addLst(lst);
        lst = _lst(2);
        lst.market.bps = 1001;
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 1001, 1000));
        young.addLst(lst);
        lst = _lst(2);
        feeds[2].set(0, 0, false);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNoPrice.selector, address(rETH)));
        young.addLst(lst);
        feeds[2].set(10_000, 0, false);
        vm.expectEmit(address(young));
        emit ILrtVault.MarketSet(address(rETH), lst.market);
        young.addLst(lst);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultKnownLst.selector, address(rETH)));
        young.addLst(lst);
        young.addLst(_lst(0));
        young.addLst(_lst(1));
        young.addLst(_lst(3));
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 5, 4));
        young.addLst(_lst(3));
        young.setMarket(address(rETH), PriceSource(address(feeds[2]), 5, 6));
        vm.stopPrank();
        vm.assertEq(uint256(young.lstOf(address(rETH)).market.heartbeat), 5);
        vm.assertEq(young.lsts()[3].token, address(cbETH));
    }

    function testLimitsOfTheFee() public {
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 1001, 1000));
        _newVault(TIMELOCK, VESTING, 1001);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 0, 90 days));
        _newVault(TIMELOCK, 0, FEE_BPS);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 90 days + 1, 90 days));
        _newVault(TIMELOCK, 90 days + 1, FEE_BPS);
        // What was gained before the change pays the old fee.
        _filled();
        _report(rEthPool, 2 ether);
        uint256 gain = vault.totals().unbooked;
        _propose(OWNER, abi.encodeCall(ILrtVault.setFee, (0, BOB)));
        vm.assertApproxEqAbs(vault.valueOfShares(lrt.balanceOf(TREASURY)), gain * FEE_BPS / 10_000, 5);
        vm.assertEq(uint256(vault.feeBps()), 0);
        vm.assertEq(vault.treasury(), BOB);
        bytes memory data = abi.encodeCall(ILrtVault.setFee, (0, address(0)));
        vm.prank(OWNER);
        vault.propose(data);
        _mine(TIMELOCK);
        vm.prank(OWNER);
        vm.expectRevert(ILrtVaultErrors.LrtVaultZeroAddress.selector);
        vault.execute(data);
    }

    function testLimitsOfRewardSales() public {
        FixedFeed price = new FixedFeed(1 ether, 18);
        ILrtVault young = _newVault(TIMELOCK, VESTING, FEE_BPS);
        address own = young.token();
        vm.startPrank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotReward.selector, own));
        young.setRewardSale(own, PriceSource(address(price), 60, 500));
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultLimit.selector, 501, 500));
        young.setRewardSale(BOB, PriceSource(address(price), 60, 501));
        vm.expectEmit(address(young));
        emit ILrtVault.RewardSaleSet(BOB, PriceSource(address(price), 60, 500));
        young.setRewardSale(BOB, PriceSource(address(price), 60, 500));
        vm.assertEq(young.rewardSale(BOB).feed, address(price));
        young.setRewardSale(BOB, PriceSource(address(0), 0, 0));
        vm.assertEq(young.rewardSale(BOB).feed, address(0));
        vm.stopPrank();
    }

    function testOpening() public {
        ILrtVault young = _newVault(TIMELOCK, VESTING, FEE_BPS);
        vm.assertFalse(young.isOpen());
        vm.prank(CURATOR);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyTimelock.selector, CURATOR));
        young.setFee(1, TREASURY);
        vm.expectEmit(address(young));
        emit ILrtVault.Opened();
        vm.startPrank(OWNER);
        young.open();
        vm.assertTrue(young.isOpen());
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyTimelock.selector, OWNER));
        young.setFee(1, TREASURY);
        vm.stopPrank();
        vm.assertEq(uint256(young.timelockBlocks()), TIMELOCK);
        vm.assertEq(uint256(young.vestingSeconds()), VESTING);
        vm.assertEq(address(young.delegation()), address(delegation));
        vm.assertEq(address(young.rewardsCoordinator()), address(rewards));
    }

    function _calls() private view returns (bytes[] memory calls) {
        calls = new bytes[](7);
        IDelegationManager.SignatureWithExpiry memory none;
        PriceSource memory source;
        calls[0] = abi.encodeCall(ILrtVault.addOperator, (BOB, none, bytes32(0)));
        calls[1] = abi.encodeCall(ILrtVault.setTargets, (new address[](0), new uint16[](0)));
        calls[2] = abi.encodeCall(ILrtVault.addLst, (_lst(0)));
        calls[3] = abi.encodeCall(ILrtVault.setMarket, (address(rETH), source));
        calls[4] = abi.encodeCall(ILrtVault.raiseCap, (address(rETH), 1));
        calls[5] = abi.encodeCall(ILrtVault.setRewardSale, (BOB, source));
        calls[6] = abi.encodeCall(ILrtVault.setFee, (1, BOB));
    }

    function _onlyRole(Role role, address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ILrtVaultErrors.LrtVaultOnlyRole.selector, role, caller);
    }
}
