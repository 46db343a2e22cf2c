// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

contract UndelegationTest is WithdrawalSetup {
    uint256 private constant APPROVER_KEY = 0xa99;

    function setUp() public override {
        super.setUp();
        _register(ALICE, 0);
        _deposit(BOB, first, 40 ether);
        _deposit(BOB, second, 5 ether);
        _delegate(BOB, ALICE);
    }

    function testAStakerTakesAllOutByOneWithdrawalAStrategy() public {
        vm.expectEmit(address(delegation));
        emit IDelegationManager.StakerUndelegated(BOB, ALICE);
        vm.prank(BOB);
        bytes32[] memory roots = delegation.undelegate(BOB);

        vm.assertEq(roots.length, 2);
        vm.assertFalse(delegation.isDelegated(BOB));
        vm.assertEq(delegation.operatorShares(ALICE, first) + delegation.operatorShares(ALICE, second), 0);
        vm.assertEq(strategies.stakerStrategyListLength(BOB), 0);
        (IDelegationManager.Withdrawal[] memory withdrawals, uint256[][] memory shares) =
            delegation.getQueuedWithdrawals(BOB);
        vm.assertEq(_root(withdrawals[0]), roots[0]);
        vm.assertEq(withdrawals[1].delegatedTo, ALICE);
        vm.assertEq(address(withdrawals[1].strategies[0]), address(second));
        vm.assertEq(shares[0][0], 40 ether);
        vm.assertEq(shares[1][0], 5 ether);
        // It is free to choose anew at once, though its stake is still on its way.
        _delegate(BOB, ALICE);
    }

    function testQueuedByUndelegationIsStillSlashed() public {
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 1e18);
        vm.prank(BOB);
        bytes32[] memory roots = delegation.undelegate(BOB);
        (, uint256 shares) = _slash(ALICE, 1, first, 0.1e18);
        vm.assertEq(shares, 4 ether);
        vm.assertEq(_queuedShares(delegation.queuedWithdrawals(roots[0])), 36 ether);
    }

    function testTheOperatorItsApproverAndItsAppointeeForceIt() public {
        vm.prank(ALICE);
        delegation.modifyOperatorDetails(ALICE, CAROL);
        vm.prank(ALICE);
        permissions.setAppointee(ALICE, SLASHER, address(delegation), IDelegationManager.undelegate.selector);
        address[3] memory callers = [ALICE, CAROL, SLASHER];
        for (uint256 i = 0; i < callers.length; i++) {
            uint256 snapshot = vm.snapshotState();
            vm.expectEmit(address(delegation));
            emit IDelegationManager.StakerForceUndelegated(BOB, ALICE);
            vm.expectEmit(address(delegation));
            emit IDelegationManager.StakerUndelegated(BOB, ALICE);
            vm.prank(callers[i]);
            vm.assertEq(delegation.undelegate(BOB).length, 2);
            // The shares stay the staker's.
            _passDelay();
            _complete(_first(BOB), true);
            vm.assertEq(token.balanceOf(BOB), 40 ether);
            vm.revertToState(snapshot);
        }
    }

    function _first(address staker) private view returns (IDelegationManager.Withdrawal memory) {
        (IDelegationManager.Withdrawal[] memory withdrawals,) = delegation.getQueuedWithdrawals(staker);
        return withdrawals[0];
    }

    function testNobodyElseForcesIt() public {
        vm.prank(CAROL);
        vm.expectRevert(IDelegationManager.CallerCannotUndelegate.selector);
        delegation.undelegate(BOB);
    }

    function testOperatorsAndWhoIsNotDelegatedCannot() public {
        vm.prank(ALICE);
        vm.expectRevert(IDelegationManager.OperatorsCannotUndelegate.selector);
        delegation.undelegate(ALICE);
        vm.prank(CAROL);
        vm.expectRevert(IDelegationManager.NotActivelyDelegated.selector);
        delegation.undelegate(CAROL);
    }

    function testWithoutDepositsNothingIsQueued() public {
        _delegate(CAROL, ALICE);
        vm.prank(CAROL);
        vm.assertEq(delegation.undelegate(CAROL).length, 0);
        vm.assertFalse(delegation.isDelegated(CAROL));
    }

    function testAStakerRedelegates() public {
        address approver = vm.addr(APPROVER_KEY);
        vm.prank(CAROL);
        delegation.registerAsOperator(approver, 0, "");
        bytes32 digest = delegation.calculateDelegationApprovalDigestHash(
            BOB, CAROL, approver, bytes32(0), type(uint256).max
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(APPROVER_KEY, digest);
        vm.prank(BOB);
        vm.expectRevert(IDelegationManager.InvalidSignature.selector);
        delegation.redelegate(
            CAROL, IDelegationManager.SignatureWithExpiry(new bytes(65), type(uint256).max), bytes32(0)
        );
        vm.prank(BOB);
        bytes32[] memory roots = delegation.redelegate(
            CAROL,
            IDelegationManager.SignatureWithExpiry(abi.encodePacked(r, s, v), type(uint256).max),
            bytes32(0)
        );
        vm.assertEq(delegation.delegatedTo(BOB), CAROL);
        vm.assertEq(delegation.operatorShares(CAROL, first), 0, "the stake is still in the queue");
        _passDelay();
        _complete(delegation.queuedWithdrawals(roots[0]), false);
        _complete(delegation.queuedWithdrawals(roots[1]), false);
        vm.assertEq(delegation.operatorShares(CAROL, first), 40 ether);
        vm.assertEq(delegation.operatorShares(CAROL, second), 5 ether);
    }
}
