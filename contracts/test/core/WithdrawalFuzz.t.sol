// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

/// @notice Withdrawals around slashes, with amounts that divide badly.
contract WithdrawalFuzzTest is WithdrawalSetup {
    /// @dev Units that a handful of roundings can make up, for magnitudes that keep at least 9 digits.
    uint256 private constant DUST = 1e10;

    /// @param earlier Part of the operator's stake that is slashed before BOB delegates, `before` before he queues,
    /// `queued` while he waits, `after_` when the delay is over; each of what is left, times 1e18.
    struct Slashes {
        uint256 earlier;
        uint256 before;
        uint256 queued;
        uint256 after_;
    }

    function setUp() public override {
        super.setUp();
        _register(ALICE, 0);
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 1e18);
    }

    function _bounded(Slashes memory slashes) private pure {
        slashes.earlier = bound(slashes.earlier, 1, 0.99e18);
        slashes.before = bound(slashes.before, 1, 0.99e18);
        slashes.queued = bound(slashes.queued, 1, 0.99e18);
        slashes.after_ = bound(slashes.after_, 1, 0.99e18);
    }

    /// @notice A staker never gets more than deposit × what the slashes of its time left, and within dust not less.
    function testFuzzAStakerGetsItsDepositTimesTheSlashes(
        uint256 deposit,
        uint256 part,
        uint256 wait,
        Slashes memory slashes
    ) public {
        deposit = bound(deposit, 1e6, 1e27);
        part = bound(part, 1, deposit);
        wait = bound(wait, 0, WITHDRAWAL_DELAY);
        _bounded(slashes);
        _deposit(ALICE, first, 3e18 + 1);
        _slash(ALICE, 1, first, slashes.earlier);
        _deposit(BOB, first, deposit);
        _delegate(BOB, ALICE);
        _slash(ALICE, 1, first, slashes.before);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, part);
        _mine(wait);
        _slash(ALICE, 1, first, slashes.queued);
        _mine(WITHDRAWAL_DELAY + 1 - wait);
        _slash(ALICE, 1, first, slashes.after_);
        uint256 promised = _queuedShares(withdrawal);
        if (promised == 0) return;
        _complete(withdrawal, true);
        uint256 got = token.balanceOf(BOB);
        vm.assertEq(got, promised, "what the core said");
        uint256 fair = Math.mulDiv(part, (1e18 - slashes.before) * (1e18 - slashes.queued), 1e36);
        vm.assertLe(got, fair, "more than deposit times slashing");
        vm.assertApproxEqAbs(got, fair, DUST + fair / 1e9);
    }

    /// @notice Queued shares and those that stay are slashed alike, and withdrawable + queued + slashed is what came in.
    function testFuzzQueuedSharesAreSlashedAsDelegatedOnes(
        uint256 deposit,
        uint256 wad,
        uint256 wad2,
        uint256 wait
    ) public {
        deposit = bound(deposit, 2, 1e27);
        wad = bound(wad, 1, 1e18 - 1);
        wad2 = bound(wad2, 1, 1e18 - 1);
        wait = bound(wait, 0, WITHDRAWAL_DELAY);
        _deposit(BOB, first, deposit);
        _deposit(CAROL, first, deposit);
        _delegate(BOB, ALICE);
        _delegate(CAROL, ALICE);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, deposit);
        _slash(ALICE, 1, first, wad);
        _mine(wait);
        _slash(ALICE, 1, first, wad2);
        vm.assertEq(_queuedShares(withdrawal), _withdrawable(CAROL, first), "not alike");
        vm.assertApproxEqAbs(delegation.getSlashableSharesInQueue(ALICE, first), _queuedShares(withdrawal), 2);
        uint256 slashed = strategies.getBurnOrRedistributableShares(_set(1), 1, first)
            + strategies.getBurnOrRedistributableShares(_set(1), 2, first);
        uint256 sum = _queuedShares(withdrawal) + _withdrawable(CAROL, first) + slashed;
        vm.assertLe(sum, 2 * deposit, "counted twice");
        vm.assertApproxEqAbs(sum, 2 * deposit, 10, "lost");

        // All of it can be taken out, in any order, with nothing missing.
        strategies.clearBurnOrRedistributableShares(_set(1), 2);
        _passDelay();
        _complete(withdrawal, true);
        uint256 rest = _withdrawable(CAROL, first);
        if (rest != 0) vm.assertEq(_takeOut(CAROL, first, deposit), rest);
        strategies.clearBurnOrRedistributableShares(_set(1), 1);
        vm.assertLe(first.totalShares(), 10);
    }

    /// @notice Leaving and coming back as shares neither gains nor forgives anything.
    function testFuzzRestakingKeepsTheWorth(uint256 deposit, uint256 part, uint256 wad, uint256 wad2) public {
        deposit = bound(deposit, 1e6, 1e27);
        part = bound(part, 1, deposit);
        wad = bound(wad, 1, 0.999e18);
        wad2 = bound(wad2, 1, 0.999e18);
        _deposit(BOB, first, deposit);
        _delegate(BOB, ALICE);
        _slash(ALICE, 1, first, wad);
        IDelegationManager.Withdrawal memory withdrawal = _queue(BOB, first, part);
        _slash(ALICE, 1, first, wad2);
        _passDelay();
        uint256 worth = _withdrawable(BOB, first) + _queuedShares(withdrawal);
        _complete(withdrawal, false);
        vm.assertLe(_withdrawable(BOB, first), worth, "restaking gained");
        vm.assertApproxEqAbs(_withdrawable(BOB, first), worth, DUST + worth / 1e9);
        vm.assertApproxEqAbs(
            delegation.operatorShares(ALICE, first), _withdrawable(BOB, first), DUST + worth / 1e9
        );
    }

    /// @notice Who splits a withdrawal gains nothing over who takes all at once.
    function testFuzzSplittingAWithdrawalGainsNothing(uint256 deposit, uint256 part, uint256 wad) public {
        deposit = bound(deposit, 2, 1e27);
        part = bound(part, 1, deposit - 1);
        wad = bound(wad, 1, 1e18);
        _deposit(BOB, first, deposit);
        _deposit(CAROL, first, deposit);
        _delegate(BOB, ALICE);
        _delegate(CAROL, ALICE);
        IDelegationManager.Withdrawal memory one = _queue(BOB, first, part);
        IDelegationManager.Withdrawal memory two = _queue(BOB, first, deposit - part);
        IDelegationManager.Withdrawal memory whole = _queue(CAROL, first, deposit);
        _slash(ALICE, 1, first, wad);
        vm.assertLe(_queuedShares(one) + _queuedShares(two), _queuedShares(whole));
    }
}
