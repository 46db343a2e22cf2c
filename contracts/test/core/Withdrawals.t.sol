// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DelegationManager} from "../../core/DelegationManager.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IStrategyManager} from "../../core/interfaces/IStrategyManager.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

/// @notice A token that tries to take a withdrawal out again while it is paid out.
contract GreedyToken is TestToken("Greedy", "GR") {
    DelegationManager private _delegation;
    bytes private _call;

    function aim(DelegationManager delegation, bytes calldata data) external {
        (_delegation, _call) = (delegation, data);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        (bool ok, bytes memory answer) = address(_delegation).call(_call);
        require(!ok && bytes4(answer) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        return super.transfer(to, amount);
    }
}

contract WithdrawalsTest is WithdrawalSetup {
    function setUp() public override {
        super.setUp();
        _register(ALICE, 0);
        _deposit(ALICE, first, 60 ether);
        _deposit(BOB, first, 40 ether);
        _delegate(BOB, ALICE);
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 1e18);
    }

    function testSharesAreQueuedAndPaidOut() public {
        IDelegationManager.Withdrawal memory expected = IDelegationManager.Withdrawal({
            staker: BOB,
            delegatedTo: ALICE,
            withdrawer: BOB,
            nonce: 0,
            startBlock: uint32(vm.getBlockNumber()),
            strategies: _one(first),
            scaledShares: _wads(10 ether)
        });
        bytes32 root = keccak256(abi.encode(expected));
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorSharesDecreased(ALICE, BOB, first, 10 ether);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.SlashingWithdrawalQueued(root, expected, _wads(10 ether));
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 10 ether);

        vm.assertEq(keccak256(abi.encode(withdrawal)), root);
        vm.assertEq(_root(withdrawal), root);
        vm.assertTrue(delegation.pendingWithdrawals(root));
        vm.assertEq(delegation.getQueuedWithdrawalRoots(BOB)[0], root);
        vm.assertEq(delegation.cumulativeWithdrawalsQueued(BOB), 1);
        vm.assertEq(delegation.operatorShares(ALICE, first), 90 ether);
        vm.assertEq(_withdrawable(BOB, first), 30 ether, "queued shares are not counted twice");
        (IDelegationManager.Withdrawal[] memory all, uint256[][] memory shares) =
            delegation.getQueuedWithdrawals(BOB);
        vm.assertEq(all.length, 1);
        vm.assertEq(shares[0][0], 10 ether);
        vm.assertEq(delegation.getSlashableSharesInQueue(ALICE, first), 10 ether);

        _passDelay();
        vm.expectEmit(address(delegation));
        emit IDelegationManager.SlashingWithdrawalCompleted(root);
        _complete(withdrawal, true);
        vm.assertEq(token.balanceOf(BOB), 10 ether);
        vm.assertEq(first.totalShares(), 90 ether);
        vm.assertFalse(delegation.pendingWithdrawals(root));
        vm.assertEq(delegation.getQueuedWithdrawalRoots(BOB).length, 0);
        (all, shares) = delegation.getQueuedWithdrawals(BOB);
        vm.assertEq(all.length + shares.length, 0);
        vm.assertEq(delegation.getSlashableSharesInQueue(ALICE, first), 0);
    }

    function testTheDelayIsOverInTheBlockAfterItsLast() public {
        vm.assertEq(delegation.minWithdrawalDelayBlocks(), WITHDRAWAL_DELAY);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 10 ether);
        _mine(WITHDRAWAL_DELAY);
        vm.prank(BOB);
        vm.expectRevert(IDelegationManager.WithdrawalDelayNotElapsed.selector);
        delegation.completeQueuedWithdrawal(withdrawal, new IERC20[](1), false);
        _mine(1);
        _complete(withdrawal, true);
    }

    function testSharesGoBackToTheStakersOperator() public {
        _register(CAROL, 0);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 40 ether);
        vm.startPrank(BOB);
        delegation.redelegate(CAROL, IDelegationManager.SignatureWithExpiry("", 0), 0);
        vm.stopPrank();
        _passDelay();
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorSharesIncreased(CAROL, BOB, first, 40 ether);
        _complete(withdrawal, false);
        vm.assertEq(delegation.operatorShares(CAROL, first), 40 ether);
        vm.assertEq(delegation.operatorShares(ALICE, first), 60 ether);
        vm.assertEq(strategies.stakerDepositShares(BOB, first), 40 ether);
        vm.assertEq(_withdrawable(BOB, first), 40 ether);
        vm.assertEq(token.balanceOf(BOB), 0);
    }

    function testSeveralStrategiesAndWithdrawalsAtOnce() public {
        _deposit(BOB, second, 5 ether);
        IDelegationManager.QueuedWithdrawalParams[] memory params =
            new IDelegationManager.QueuedWithdrawalParams[](2);
        uint256[] memory amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (1 ether, 2 ether);
        params[0] = IDelegationManager.QueuedWithdrawalParams(_both(), amounts, address(0));
        params[1] = IDelegationManager.QueuedWithdrawalParams(_one(second), _wads(3 ether), address(0));
        vm.prank(BOB);
        bytes32[] memory roots = delegation.queueWithdrawals(params);

        IDelegationManager.Withdrawal[] memory withdrawals = new IDelegationManager.Withdrawal[](2);
        IERC20[][] memory tokens = new IERC20[][](2);
        bool[] memory asTokens = new bool[](2);
        for (uint256 i = 0; i < 2; i++) {
            withdrawals[i] = delegation.queuedWithdrawals(roots[i]);
            vm.assertEq(withdrawals[i].nonce, i);
            tokens[i] = _tokens(withdrawals[i]);
        }
        asTokens[0] = true;
        vm.assertEq(strategies.stakerStrategyListLength(BOB), 1, "all of the second strategy left");
        _passDelay();
        vm.prank(BOB);
        delegation.completeQueuedWithdrawals(withdrawals, tokens, asTokens);
        vm.assertEq(token.balanceOf(BOB), 3 ether);
        vm.assertEq(strategies.stakerDepositShares(BOB, second), 3 ether);
        vm.assertEq(delegation.operatorShares(ALICE, second), 3 ether);
    }

    function testAStakerWithoutOperatorWaitsButIsNotSlashed() public {
        _deposit(CAROL, first, 10 ether);
        IDelegationManager.Withdrawal memory withdrawal = _queue(CAROL, first, 10 ether);
        vm.assertEq(withdrawal.delegatedTo, address(0));
        _slash(ALICE, 1, first, 1e18);
        vm.assertEq(_queuedShares(withdrawal), 10 ether);
        _passDelay();
        _complete(withdrawal, true);
        vm.assertEq(token.balanceOf(CAROL), 10 ether);
    }

    function testOnlyWhatIsThereIsQueued() public {
        _deposit(CAROL, first, 1 ether);
        vm.startPrank(CAROL);
        vm.expectRevert(IDelegationManager.InputArrayLengthMismatch.selector);
        delegation.queueWithdrawals(_queueParams(_both(), _wads(1)));
        vm.expectRevert(IDelegationManager.InputArrayLengthZero.selector);
        delegation.queueWithdrawals(_queueParams(new IStrategy[](0), new uint256[](0)));
        vm.expectRevert(IStrategyManager.SharesAmountZero.selector);
        delegation.queueWithdrawals(_queueParams(_one(first), _wads(0)));
        vm.expectRevert(IStrategyManager.SharesAmountTooHigh.selector);
        delegation.queueWithdrawals(_queueParams(_one(first), _wads(1 ether + 1)));
        vm.expectRevert(IStrategyManager.SharesAmountTooHigh.selector);
        delegation.queueWithdrawals(_queueParams(_one(second), _wads(1)));
    }

    function testAWithdrawalIsCompletedOnceByItsOwnerAsItWasQueued() public {
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 10 ether);
        IERC20[] memory tokens = _tokens(withdrawal);
        _passDelay();
        vm.expectRevert(IDelegationManager.WithdrawerNotCaller.selector);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, true);

        vm.startPrank(BOB);
        vm.expectRevert(IDelegationManager.InputArrayLengthMismatch.selector);
        delegation.completeQueuedWithdrawal(withdrawal, new IERC20[](0), true);
        withdrawal.scaledShares[0]++;
        vm.expectRevert(IDelegationManager.WithdrawalNotQueued.selector);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, true);
        withdrawal.scaledShares[0]--;
        tokens[0] = IERC20(address(1));
        vm.expectRevert(IStrategy.OnlyUnderlyingToken.selector);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, true);
        tokens[0] = token;
        delegation.completeQueuedWithdrawal(withdrawal, tokens, true);
        vm.expectRevert(IDelegationManager.WithdrawalNotQueued.selector);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, true);
        vm.assertEq(token.balanceOf(BOB), 10 ether);
    }

    function testQueuedSharesAreSlashedThroughTheDelay() public {
        IDelegationManager.Withdrawal memory early = _queue(BOB, first, 10 ether);
        _mine(1);
        IDelegationManager.Withdrawal memory late = _queue(BOB, first, 10 ether);
        _mine(WITHDRAWAL_DELAY - 1);
        // The last block of the early one: half of everything, queued or not.
        (, uint256 shares) = _slash(ALICE, 1, first, 0.5e18);
        vm.assertEq(shares, 50 ether);
        vm.assertEq(delegation.operatorShares(ALICE, first), 40 ether);
        vm.assertEq(_queuedShares(early), 5 ether);
        vm.assertEq(_queuedShares(late), 5 ether);
        _mine(1);
        // The early one is out of reach now, the late one is not.
        vm.assertEq(delegation.getSlashableSharesInQueue(ALICE, first), 5 ether);
        (, shares) = _slash(ALICE, 1, first, 0.5e18);
        vm.assertEq(shares, 22.5 ether);
        vm.assertEq(_queuedShares(early), 5 ether);
        vm.assertEq(_queuedShares(late), 2.5 ether);
        _mine(1);
        // Neither is: a slash takes delegated shares only.
        vm.assertEq(delegation.getSlashableSharesInQueue(ALICE, first), 0);
        (, shares) = _slash(ALICE, 1, first, 0.5e18);
        vm.assertEq(shares, 10 ether);
        _complete(early, true);
        _complete(late, true);
        vm.assertEq(token.balanceOf(BOB), 7.5 ether);
    }

    function testASlashInTheBlockOfTheQueueingIsShared() public {
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 40 ether);
        (, uint256 shares) = _slash(ALICE, 1, first, 0.25e18);
        vm.assertEq(shares, 25 ether);
        vm.assertEq(_queuedShares(withdrawal), 30 ether);
        vm.assertEq(_withdrawable(ALICE, first), 45 ether);
    }

    function testWhatIsLeftAfterASlashCanBeQueued() public {
        _slash(ALICE, 1, first, 0.5e18);
        uint256[] memory deposits = delegation.convertToDepositShares(BOB, _one(first), _wads(5 ether));
        vm.assertEq(deposits, _wads(10 ether));
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, deposits[0]);
        vm.assertEq(withdrawal.scaledShares[0], 10 ether, "without the slashing factor");
        vm.assertEq(_queuedShares(withdrawal), 5 ether);
        vm.assertEq(_withdrawable(BOB, first), 15 ether);
        vm.assertEq(delegation.operatorShares(ALICE, first), 45 ether);
    }

    function testWhoHasTakenAllOutStartsAnew() public {
        _slash(ALICE, 1, first, 0.5e18);
        _deposit(BOB, first, 20 ether);
        vm.assertGt(delegation.depositScalingFactor(BOB, first), 1e18);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.DepositScalingFactorUpdated(BOB, first, 1e18);
        _queue(BOB, first, 60 ether);
        vm.assertEq(delegation.depositScalingFactor(BOB, first), 1e18);
        vm.assertEq(strategies.stakerStrategyListLength(BOB), 0);
    }

    function testNothingIsLeftOfAFullSlash() public {
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, 40 ether);
        (, uint256 shares) = _slash(ALICE, 1, first, 1e18);
        vm.assertEq(shares, 100 ether);
        vm.assertEq(delegation.getSlashableSharesInQueue(ALICE, first), 0);
        _passDelay();
        _complete(withdrawal, true);
        vm.assertEq(token.balanceOf(BOB), 0);
        // What the operator's own deposit is worth now can leave, too: nothing.
        withdrawal = _queue(ALICE, first, 60 ether);
        _passDelay();
        _complete(withdrawal, false);
        vm.assertEq(strategies.stakerDepositShares(ALICE, first), 0);
    }

    function testSharesCannotGoBackToAnOperatorSlashedToNothing() public {
        _deposit(CAROL, first, 10 ether);
        IDelegationManager.Withdrawal memory withdrawal = _queue(CAROL, first, 10 ether);
        _delegate(CAROL, ALICE);
        _slash(ALICE, 1, first, 1e18);
        _passDelay();
        vm.prank(CAROL);
        vm.expectRevert(IDelegationManager.FullySlashed.selector);
        delegation.completeQueuedWithdrawal(withdrawal, new IERC20[](1), false);
        _complete(withdrawal, true);
        vm.assertEq(token.balanceOf(CAROL), 10 ether);
    }

    function testATokensCallbackFindsTheQueueShut() public {
        GreedyToken greedy = new GreedyToken();
        token = greedy;
        StrategyBase strategy = _newStrategy();
        strategies.addStrategiesToDepositWhitelist(_one(strategy));
        _deposit(BOB, strategy, 10 ether);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, strategy, 4 ether);
        IERC20[] memory tokens = _tokens(withdrawal);
        bytes[3] memory calls = [
            abi.encodeCall(delegation.completeQueuedWithdrawal, (withdrawal, tokens, true)),
            abi.encodeCall(delegation.queueWithdrawals, (_queueParams(_one(strategy), _wads(1)))),
            abi.encodeCall(delegation.undelegate, (BOB))
        ];
        _passDelay();
        for (uint256 i = 0; i < calls.length; i++) {
            uint256 snapshot = vm.snapshotState();
            greedy.aim(delegation, calls[i]);
            _complete(withdrawal, true);
            vm.assertEq(greedy.balanceOf(BOB), 4 ether);
            vm.revertToState(snapshot);
        }
    }

    function testNothingEarlierIsSubtractedOnAYoungChain() public {
        // EigenLayer's core computes a block number before the first here, and reverts.
        vm.roll(3);
        _deposit(CAROL, second, 10 ether);
        _register(CAROL, 0);
        _queue(CAROL, second, 4 ether);
        vm.assertEq(delegation.getSlashableSharesInQueue(CAROL, second), 4 ether);
    }

    function testANameWithoutAWithdrawalIsEmpty() public view {
        (IDelegationManager.Withdrawal memory withdrawal, uint256[] memory shares) =
            delegation.getQueuedWithdrawal(bytes32(uint256(1)));
        vm.assertEq(withdrawal.staker, address(0));
        vm.assertEq(shares.length, 0);
        vm.assertEq(delegation.queuedWithdrawals(bytes32(uint256(1))).strategies.length, 0);
    }
}
