// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IDelegationAccount} from "../../lrt/interfaces/IDelegationAccount.sol";
import {Holding, OperatorInfo} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {LrtSetup} from "./LrtSetup.sol";

contract LrtStakingTest is LrtSetup {
    function testStakeIsDividedByTargets() public {
        _in(ALICE, 2, 100 ether);
        uint256 units = _units(2);
        vm.expectEmit(address(vault));
        emit ILrtVault.Restaked(address(rETH), operatorList[0], units * 4000 / 10_000);
        uint256 staked = _restake(2);
        vm.assertApproxEqAbs(staked, units, 3);
        for (uint256 k = 0; k < 3; k++) {
            vm.assertApproxEqAbs(_staked(k, 2), units * targetList[k] / 10_000, 3);
            vm.assertEq(delegation.delegatedTo(_account(k)), operatorList[k]);
        }
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        _restake(2);
    }

    function testTheFirstBelowItsTargetComesFirst() public {
        _in(ALICE, 2, 100 ether);
        _restake(2);
        _slash(operatorList[1], 2, 1e18);
        _in(ALICE, 2, 10 ether);
        uint256 before = _staked(0, 2);
        _restake(2);
        // What operator 1 lost is made up for out of what comes.
        vm.assertApproxEqAbs(_staked(0, 2), before, 1);
        vm.assertGt(_staked(1, 2), 20 ether);
    }

    function testWhatTargetsLeaveOutStaysIdle() public {
        address[] memory operators = new address[](1);
        uint16[] memory targets = new uint16[](1);
        (operators[0], targets[0]) = (operatorList[0], 2500);
        _propose(CURATOR, abi.encodeCall(ILrtVault.setTargets, (operators, targets)));
        _in(ALICE, 2, 100 ether);
        uint256 units = _units(2);
        _restake(2);
        vm.assertApproxEqAbs(_holding(2).staked, units / 4, 2);
        vm.assertApproxEqAbs(_holding(2).idle, units * 3 / 4, 2);
        vm.assertEq(uint256(vault.operators()[1].targetBps), 0);
    }

    function testUnitsThatTheQueueNeedsStayOut() public {
        _in(ALICE, 2, 100 ether);
        _request(ALICE, 2, 40 ether);
        _restake(2);
        vm.assertGe(_holding(2).idle, 40 ether * 1e18 / _rate(2));
        _mine(DELAY + 1);
        vm.assertEq(vault.fulfil(1), 40 ether);
    }

    function testOperatorsThatWentGetNoStake() public {
        address account = _account(0);
        vm.prank(operatorList[0]);
        delegation.undelegate(account);
        _in(ALICE, 2, 100 ether);
        uint256 units = _units(2);
        _restake(2);
        vm.assertEq(_staked(0, 2), 0);
        vm.assertApproxEqAbs(_holding(2).idle, units * 4 / 10, 4, "its part stays idle");
    }

    function testOperatorsWithoutMagnitudeGetNoStake() public {
        vm.mockCall(
            address(allocations),
            abi.encodeCall(allocations.getMaxMagnitude, (operatorList[1], strategies[2])),
            abi.encode(uint64(1e16 - 1))
        );
        _in(ALICE, 2, 100 ether);
        _restake(2);
        vm.assertEq(_staked(1, 2), 0);
        vm.assertGt(_staked(2, 2), 0);
    }

    function testUnstakeFetchesWhatTheQueueLacks() public {
        _filled();
        _request(ALICE, 2, 50 ether);
        vm.assertEq(vault.unstake(), 3, "of every operator's account one withdrawal");
        uint256 rate = vault.getRate();
        uint256 value = 50 ether * rate / 1e18;
        for (uint256 kind = 0; kind < KINDS; kind++) {
            Holding memory has = _holding(kind);
            uint256 needed = _units(kind) * value / vault.totalValue();
            vm.assertGe(has.idle + has.queued, needed, "enough");
            _assertClose(has.idle + has.queued, needed, 2e10, "and no more");
        }
        for (uint256 k = 0; k < 3; k++) {
            vm.assertEq(vault.operators()[k].openWithdrawals, 1);
        }
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.unstake();
    }

    function testNothingIsUnstakedWithoutNeed() public {
        _filled();
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.unstake();
        // A small difference from the targets is no need.
        _slash(operatorList[0], 2, 0.1e18);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.unstake();
    }

    function testAnAccountsWithdrawalsAreAQuarterOfTheDelayApart() public {
        _filled();
        // Alice asks for little, to fill the accounts' places in the core.
        _request(ALICE, 0, 1e15);
        vm.assertEq(vault.unstake(), 3);
        _request(ALICE, 0, 1 ether);
        _mine(DELAY / 4 - 1);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.unstake();
        _mine(1);
        vm.assertEq(vault.unstake(), 3);
    }

    function testNoMoreThanFourWithdrawalsAreOpen() public {
        _filled();
        for (uint256 i = 0; i < 4; i++) {
            _request(ALICE, 0, 1 ether);
            vault.unstake();
            _mine(DELAY / 4);
        }
        vm.assertEq(vault.operators()[0].openWithdrawals, 4);
        _request(ALICE, 0, 1 ether);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.unstake();
        _mine(1);
        _completeAll();
        vm.assertEq(vault.operators()[0].openWithdrawals, 3);
        vm.assertEq(vault.unstake(), 3);
    }

    function testNewTargetsMoveStake() public {
        _filled();
        uint256 value = vault.totalValue();
        address[] memory operators = new address[](2);
        uint16[] memory targets = new uint16[](2);
        (operators[0], operators[1]) = (operatorList[0], operatorList[2]);
        (targets[0], targets[1]) = (1000, 9000);
        _propose(CURATOR, abi.encodeCall(ILrtVault.setTargets, (operators, targets)));
        vm.assertEq(vault.unstake(), 2);
        _mine(DELAY + 1);
        _completeAll();
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _restake(kind);
            vm.assertApproxEqAbs(_staked(0, kind), _units(kind) / 10, 10);
            vm.assertEq(_staked(1, kind), 0);
            vm.assertApproxEqAbs(_staked(2, kind), _units(kind) * 9 / 10, 10);
        }
        vm.assertApproxEqAbs(vault.totalValue(), value, 60);
    }

    function testWithdrawalsOfOthersAreRefused() public {
        _filled();
        _request(ALICE, 0, 50 ether);
        vault.unstake();
        _mine(DELAY + 1);
        bytes32[] memory roots = lens.completable(vault, operatorList[0]);
        vm.assertEq(roots.length, 1);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownWithdrawal.selector, roots[0]));
        vault.complete(operatorList[1], roots);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownOperator.selector, address(1)));
        vault.complete(address(1), roots);
        vm.expectEmit(address(vault));
        emit ILrtVault.WithdrawalCompleted(operatorList[0], roots[0]);
        vault.complete(operatorList[0], roots);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownWithdrawal.selector, roots[0]));
        vault.complete(operatorList[0], roots);
    }

    function testCompletingTooEarlyIsTheCoresRefusal() public {
        _filled();
        _request(ALICE, 0, 50 ether);
        vault.unstake();
        _mine(DELAY);
        vm.assertEq(lens.completable(vault, operatorList[0]).length, 0);
        bytes32[] memory roots = delegation.getQueuedWithdrawalRoots(_account(0));
        vm.expectRevert(IDelegationManager.WithdrawalDelayNotElapsed.selector);
        vault.complete(operatorList[0], roots);
    }

    function testAnOperatorIsRemovedAndRetired() public {
        _filled();
        uint256 value = vault.totalValue();
        address account = _account(0);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAccountInUse.selector, account));
        vault.retire(operatorList[0]);
        vm.expectEmit(address(vault));
        emit ILrtVault.OperatorRemoved(operatorList[0], account);
        vm.prank(CURATOR);
        vault.removeOperator(operatorList[0]);
        vm.assertEq(uint256(vault.operators()[0].targetBps), 0);
        vm.assertApproxEqAbs(vault.totalValue(), value, 20);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultAccountInUse.selector, account));
        vault.retire(operatorList[0]);
        _mine(DELAY + 1);
        _completeAll();
        vm.expectEmit(address(vault));
        emit ILrtVault.OperatorRetired(operatorList[0], account);
        vault.retire(operatorList[0]);
        OperatorInfo[] memory left = vault.operators();
        vm.assertEq(left.length, 2);
        vm.assertEq(left[0].operator, operatorList[2], "the last took its place");
        vm.assertEq(left[1].operator, operatorList[1]);
        vm.assertApproxEqAbs(vault.totalValue(), value, 40);
        // The last of the list is dropped as well, and places are still right.
        vm.prank(CURATOR);
        vault.removeOperator(operatorList[1]);
        _mine(DELAY + 1);
        bytes32[] memory roots = lens.completable(vault, operatorList[1]);
        vault.complete(operatorList[1], roots);
        vault.retire(operatorList[1]);
        vm.assertEq(vault.operators().length, 1);
        vm.assertApproxEqAbs(vault.totalValue(), value, 60);
    }

    /// @dev What was given to an account comes along with its withdrawal. It is a gain, and fills no loss.
    function testAGiftToAnAccountDoesNotMakeASlashGood() public {
        _filled();
        address account = _account(1);
        vm.prank(operatorList[1]);
        delegation.undelegate(account);
        _mine(DELAY + 1);
        _give(WHALE, account, 2, 4 ether);
        _slash(operatorList[0], 2, 0.2e18);
        uint256 rate = vault.getRate();
        vault.complete(operatorList[1], lens.completable(vault, operatorList[1]));
        _assertAtMost(vault.getRate(), rate, "the gift raised the rate at once");
    }

    function testAnOperatorThatWentIsRemovedToo() public {
        _filled();
        address account = _account(1);
        vm.prank(operatorList[1]);
        delegation.undelegate(account);
        vm.prank(OWNER);
        vault.removeOperator(operatorList[1]);
        // Its stake waits in the core: it cannot get a target any more.
        address[] memory operators = new address[](1);
        operators[0] = operatorList[1];
        bytes memory data = abi.encodeCall(ILrtVault.setTargets, (operators, new uint16[](1)));
        vm.prank(CURATOR);
        vault.propose(data);
        _mine(TIMELOCK);
        vm.prank(CURATOR);
        vm.expectRevert(
            abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownOperator.selector, operatorList[1])
        );
        vault.execute(data);
    }

    function testAFullySlashedOperatorLeavesNothingToUnstake() public {
        _filled();
        _request(ALICE, 0, 50 ether);
        address account = _account(0);
        vm.mockCall(
            address(delegation),
            abi.encodeWithSelector(delegation.getWithdrawableShares.selector, account),
            abi.encode(new uint256[](4), new uint256[](4))
        );
        vm.assertEq(vault.unstake(), 2);
    }

    function testUnknownLsts() public {
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownLst.selector, address(1)));
        vault.restake(address(1));
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownLst.selector, address(1)));
        vault.holding(address(1));
    }

    function testAccountsAreTheVaultsAlone() public {
        IDelegationAccount account = IDelegationAccount(_account(0));
        vm.assertEq(account.vault(), address(vault));
        vm.assertEq(account.operator(), operatorList[0]);
        bytes memory refusal =
            abi.encodeWithSelector(IDelegationAccount.DelegationAccountOnlyVault.selector, address(this));
        IDelegationManager.Withdrawal memory withdrawal;
        vm.expectRevert(refusal);
        account.undelegate();
        vm.expectRevert(refusal);
        account.delegate(IDelegationManager.SignatureWithExpiry("", 0), bytes32(0));
        vm.expectRevert(refusal);
        account.stake(strategies[0], stETH);
        vm.expectRevert(refusal);
        account.queue(_list(0), new uint256[](1));
        vm.expectRevert(refusal);
        account.complete(withdrawal, _noTokens(), _noKinds());
    }

    function _noTokens() private pure returns (IERC20[] memory) {}

    function _noKinds() private pure returns (LstRates.Kind[] memory) {}

    /// @dev Units of an LST at an operator.
    function _staked(uint256 k, uint256 kind) private view returns (uint256) {
        (uint256[] memory shares,) = delegation.getWithdrawableShares(_account(k), _list(kind));
        uint256 amount = strategies[kind].sharesToUnderlyingView(shares[0]);
        return LstRates.toUnits(LstRates.Kind(kind), lsts[kind], amount);
    }
}
