// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {ExitRequest, OperatorInfo} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {LrtBooksOfOurs} from "./LrtBooksOfOurs.sol";

/// @title LrtCampaign: what holds after any sequence of calls to the liquid restaking vault, the core under it and the
/// staking pools under that
/// @dev A call whose preconditions do not hold is sent back (`vm.assume`) and not counted; any other revert fails the
/// campaign. Amounts are in wei of ETH unless they say otherwise.
contract LrtCampaign is LrtBooksOfOurs {
    /// @dev Of a payment, what may be missing by rounding: a part in 1e9, as the vault says, and wei.
    uint256 private constant MISSING_PART = 1e9;
    uint256 private constant MISSING = 64;

    mapping(address account => mapping(uint256 kind => uint256)) private _earned;

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(this);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[20] memory chosen = [
            this.doDeposit.selector,
            this.doMint.selector,
            this.doRequest.selector,
            this.doFulfil.selector,
            this.doFulfilMany.selector,
            this.doClaim.selector,
            this.doClaimPart.selector,
            this.doTransfer.selector,
            this.doRestake.selector,
            this.doUnstake.selector,
            this.doComplete.selector,
            this.doSlash.selector,
            this.doUndelegate.selector,
            this.doReplace.selector,
            this.doReport.selector,
            this.doReward.selector,
            this.doDonate.selector,
            this.doDepeg.selector,
            this.doPass.selector,
            this.doSync.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), new bytes4[](chosen.length));
        for (uint256 i; i < chosen.length; ++i) {
            targets[0].selectors[i] = chosen[i];
        }
    }

    function doDeposit(uint256 who, uint256 kind, uint256 eth) external steady(false) {
        (address user, uint256 k) = (_user(who), kind % KINDS);
        eth = bound(eth, 1e12, 50 ether);
        vm.assume(!vault.depegged(lsts[k]));
        uint256 amount = _acquire(k, user, eth);
        uint256 worth = _sharesOf(_ethValue(k, amount));
        vm.startPrank(user);
        IERC20(lsts[k]).approve(address(entries[k]), amount);
        uint256 shares = entries[k].deposit(amount, user);
        vm.stopPrank();
        _credit(user, worth, shares);
    }

    function doMint(uint256 who, uint256 kind, uint256 shares) external steady(false) {
        (address user, uint256 k) = (_user(who), kind % KINDS);
        shares = bound(shares, 1e12, 50 ether);
        vm.assume(!vault.depegged(lsts[k]));
        _acquire(k, user, _ethValue(k, entries[k].previewMint(shares)) + 1e6);
        // Asked again: whoever stakes moves an LST's rate by a wei.
        uint256 amount = entries[k].previewMint(shares);
        uint256 before = _unitsHeld(k, user);
        vm.startPrank(user);
        IERC20(lsts[k]).approve(address(entries[k]), amount);
        uint256 taken = entries[k].mint(shares, user);
        vm.stopPrank();
        vm.assertLe(taken, amount, "costs more than was said");
        // By the units that left the user: what a transfer of stETH rounds is not given away for nothing.
        _credit(user, _sharesOf(_valueOf(k, before - _unitsHeld(k, user)) + 1), shares);
    }

    function doRequest(uint256 who, uint256 kind, uint256 shares) external steady(false) {
        address user = _user(who);
        uint256 held = lrt.balanceOf(user);
        vm.assume(held != 0);
        shares = held < 1e15 ? held : bound(shares, 1e15, held);
        uint256 index = vault.queueTail();
        _request(user, kind % KINDS, shares);
        // by a part in 1e15 more, if a fee was taken on the way
        uint256 worth = _worthOf(shares);
        vm.assertLe(
            vault.exitRequest(index).value, worth + worth / 1e15 + 1, "asks for more than it is worth"
        );
    }

    /// @dev Pays the oldest exit, and nobody else.
    function doFulfil(bool wait) external steady(false) {
        uint256 head = vault.queueHead();
        vm.assume(head != vault.queueTail());
        ExitRequest memory exit = vault.exitRequest(head);
        if (wait && vm.getBlockNumber() <= exit.requestBlock + DELAY) vm.roll(exit.requestBlock + DELAY + 1);
        bool isOld = vm.getBlockNumber() > exit.requestBlock + DELAY;
        uint256[4] memory units = _claimables(exit.controller);
        uint256[4] memory all;
        for (uint256 k; k < KINDS; ++k) {
            all[k] = _units(k);
        }
        uint256 burned = vault.fulfil(1);
        vm.assertTrue(isOld || burned == 0, "paid while a slash could still come");
        vm.assertLe(burned, exit.shares, "burned more than was asked for");
        vm.assertEq(vault.queueHead(), burned == exit.shares ? head + 1 : head, "order");
        if (burned == 0) return;
        uint256 cap = Math.mulDiv(exit.value, burned, exit.shares);
        _checkPayment(exit.controller, units, all, Math.min(_worthOf(burned), cap), burned);
    }

    function doFulfilMany(uint256 most) external steady(false) {
        (uint256 head, uint256 tail) = (vault.queueHead(), vault.queueTail());
        vm.assume(head != tail);
        uint256[USERS] memory before;
        for (uint256 i; i < USERS; ++i) {
            before[i] = _inValue(_claimables(_user(i)));
        }
        vault.fulfil(bound(most, 1, 5));
        vm.assertLe(vault.queueHead(), Math.min(tail, head + 5), "order");
        for (uint256 i; i < USERS; ++i) {
            _debit(_user(i), _inValue(_claimables(_user(i))) - before[i]);
        }
    }

    function doClaim(uint256 who) external steady(false) {
        address user = _user(who);
        uint256[4] memory due = _claimables(user);
        uint256[4] memory before = _balances(user);
        vm.prank(user);
        vault.claimAll(user, user);
        uint256[4] memory left = _claimables(user);
        for (uint256 k; k < KINDS; ++k) {
            vm.assertEq(_unitsHeld(k, user) - before[k], due[k] - left[k], "claimed");
        }
    }

    function doClaimPart(uint256 who, uint256 kind, uint256 part, bool byAssets) external steady(false) {
        (address user, uint256 k) = (_user(who), kind % KINDS);
        uint256 due = vault.claimableOf(lsts[k], user).units;
        uint256 before = _unitsHeld(k, user);
        uint256 most = byAssets ? entries[k].maxWithdraw(user) : entries[k].maxRedeem(user);
        vm.assume(most != 0);
        part = bound(part, 1, most);
        vm.prank(user);
        if (byAssets) entries[k].withdraw(part, user, user);
        else entries[k].redeem(part, user, user);
        uint256 got = _unitsHeld(k, user) - before;
        vm.assertEq(due - vault.claimableOf(lsts[k], user).units, got, "claimed a part");
    }

    function doTransfer(uint256 from, uint256 to, uint256 shares) external steady(false) {
        (address a, address b) = (_user(from), _user(to));
        shares = bound(shares, 0, lrt.balanceOf(a));
        vm.prank(a);
        lrt.transfer(b, shares);
        fair[a] = Math.saturatingSub(fair[a], shares);
        fair[b] += shares;
    }

    function doRestake(uint256 kind) external steady(true) {
        try vault.restake(lsts[kind % KINDS]) {}
        catch (bytes memory why) {
            _expectNothingToDo(why);
        }
    }

    function doUnstake() external steady(true) {
        try vault.unstake() {}
        catch (bytes memory why) {
            _expectNothingToDo(why);
        }
    }

    function doComplete(uint256 k, bool wait) external steady(true) {
        OperatorInfo[] memory seats = vault.operators();
        address operator = seats[k % seats.length].operator;
        if (wait) _mine(DELAY + 1);
        bytes32[] memory roots = lens.completable(vault, operator);
        vm.assume(roots.length != 0);
        vault.complete(operator, roots);
    }

    /// @dev The rate falls in the same block, by what the slash took and nothing else.
    function doSlash(uint256 k, uint256 kind, uint256 wad) external unsteady {
        (uint256 value, uint256 supply) = _look();
        uint256 locked = vault.totals().unbooked;
        uint256 before = _units(kind % KINDS);
        _slash(operatorList[k % 3], kind % KINDS, wad % 16 == 0 ? 1e18 : bound(wad, 1, 0.2e18));
        uint256 lost = _valueOf(kind % KINDS, before - _units(kind % KINDS));
        (uint256 left, uint256 supplyLeft) = _look();
        vm.assertEq(supply, supplyLeft);
        vm.assertLe(left, value, "a slash raised the rate");
        vm.assertLe(value - left, lost + 1, "the rate fell by more than was slashed");
        if (left != 0) vm.assertGe(value - left + locked + 1, lost, "a slash is not in the rate");
    }

    /// @dev An operator ends the delegation: the value moves into the queue and never leaves the rate.
    function doUndelegate(uint256 k, uint256 rare) external steady(true) {
        address account = vault.operators()[k % vault.operators().length].account;
        address operator = delegation.delegatedTo(account);
        vm.assume(rare % 4 == 0 && operator != address(0));
        vm.prank(operator);
        delegation.undelegate(account);
    }

    /// @dev An operator is removed, its account emptied and dropped, and it is taken in again after the time lock.
    function doReplace(uint256 k, uint256 rare, uint256 target) external unsteady {
        vm.assume(rare % 4 == 0);
        OperatorInfo[] memory seats = vault.operators();
        address operator = seats[k % seats.length].operator;
        vm.prank(CURATOR);
        vault.removeOperator(operator);
        _mine(DELAY + 1);
        bytes32[] memory roots = lens.completable(vault, operator);
        if (roots.length != 0) vault.complete(operator, roots);
        vault.retire(operator);
        IDelegationManager.SignatureWithExpiry memory none;
        _propose(CURATOR, abi.encodeCall(ILrtVault.addOperator, (operator, none, bytes32(0))));
        seats = vault.operators();
        accounts.push(seats[seats.length - 1].account);
        address[] memory list = new address[](seats.length);
        uint16[] memory targets = new uint16[](seats.length);
        for (uint256 i; i < seats.length; ++i) {
            list[i] = seats[i].operator;
            targets[i] = i + 1 == seats.length ? uint16(target % 3334) : 3333;
        }
        _propose(CURATOR, abi.encodeCall(ILrtVault.setTargets, (list, targets)));
        _checkAssets();
    }

    /// @dev A day passes and an LST reports what its validators earned or lost.
    function doReport(uint256 kind, int256 change) external unsteady {
        UnstakeQueue pool = _pool(kind % KINDS);
        uint256 pooled = pool.pooledEth();
        uint256 most = Math.min(pooled / 50, pool.stakedEth());
        bool up = change >= 0;
        uint256 size = uint256(up ? change : -(change + 1)) % ((up ? pooled / 400 : most) + 1);
        if (up) _bookLosses();
        (uint256 value, uint256 supply) = _look();
        uint256 locked = vault.totals().locked;
        _report(pool, up ? int256(size) : -int256(size));
        (uint256 now_, uint256 supplyNow) = _look();
        vm.assertEq(supply, supplyNow);
        vm.assertLe(now_, value + locked + 1e3, "a report raised the rate at once");
        if (up) vm.assertGe(now_ + 1e3 + value / 1e15, value, "a gain lowered the rate");
    }

    function doReward(uint256 k, uint256 kind, uint256 amount) external unsteady {
        kind %= KINDS;
        _pass(2);
        _bookLosses();
        OperatorInfo[] memory seats = vault.operators();
        OperatorInfo memory seat = seats[k % seats.length];
        amount = bound(amount, 1e9, 0.05 ether);
        vm.assume(IERC20(lsts[kind]).balanceOf(WHALE) > amount + 10);
        _give(WHALE, address(rewards), kind, amount + 10);
        uint256 earned = _earned[seat.account][kind] += amount;
        _claimReward(seat, IERC20(lsts[kind]), earned);
    }

    /// @dev Gifts to the vault, to an account, to a strategy: whoever gives has less, and nobody has more at once.
    function doDonate(uint256 who, uint256 where, uint256 kind, uint256 amount) external steady(false) {
        (address user, uint256 k) = (_user(who), kind % KINDS);
        where %= 4;
        _bookLosses();
        if (where == 3) {
            amount = bound(amount, 0, lrt.balanceOf(user) / 8);
            vm.prank(user);
            lrt.transfer(address(vault), amount);
            donatedShares += amount;
            return;
        }
        amount = _acquire(k, user, bound(amount, 1e6, 2 ether));
        address to = where == 0
            ? address(vault)
            : where == 1 ? vault.operators()[who % vault.operators().length].account : address(strategies[k]);
        uint256 before = _unitsHeld(k, address(vault));
        _give(user, to, k, amount);
        donated[k] += _unitsHeld(k, address(vault)) - before;
    }

    /// @dev A market falls below the LST's own rate, or recovers; or its feed goes stale, silent or wrong.
    function doDepeg(uint256 kind, uint256 how) external steady(false) {
        how %= 8;
        feeds[kind
                % KINDS].set(
            how == 1 ? int256(9800) : how == 2 ? int256(-1) : int256(10_000 - int256(how)),
            how == 3 ? int256(uint256(HEARTBEAT)) + 1 : int256(0),
            how == 4
        );
        vm.assertEq(vault.depegged(lsts[kind % KINDS]), how >= 1 && how <= 4, "alarm");
    }

    function doPass(uint256 blocks, uint256 time) external unsteady {
        (uint256 value, uint256 supply) = _look();
        _mine(bound(blocks, 1, DELAY));
        _pass(bound(time, 1, 2 days));
        (uint256 now_, uint256 supplyNow) = _look();
        vm.assertEq(supply, supplyNow);
        vm.assertGe(now_, value, "waiting cost something");
    }

    function doSync() external steady(false) {
        vault.sync();
    }

    /// @dev One function, because forge runs a whole campaign for each.
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_theVaultAddsUp() external view {
        _checkAssets();
        _checkShares();
    }

    /// @param worth What the shares would have cost whoever only waits.
    function _credit(address user, uint256 worth, uint256 shares) private {
        vm.assertLe(shares, worth + 1, "minted more than was paid for");
        fair[user] += worth;
        actions[user] += 2;
    }

    /// @dev Takes a value that was paid out of what the user may have, at the rate of now.
    function _debit(address user, uint256 value) private {
        fair[user] = Math.saturatingSub(fair[user], _sharesOf(value));
        actions[user] += 1e4;
    }

    /// @param due The lower of the values at request and now.
    function _checkPayment(
        address user,
        uint256[4] memory before,
        uint256[4] memory all,
        uint256 due,
        uint256 burned
    ) private {
        uint256[4] memory units = _claimables(user);
        uint256 first = KINDS;
        for (uint256 k; k < KINDS; ++k) {
            units[k] -= before[k];
            if (first == KINDS && all[k] != 0) first = k;
        }
        for (uint256 k; k < KINDS; ++k) {
            uint256 apart = _difference(units[k] * all[first], units[first] * all[k]);
            vm.assertLe(apart, all[first] + all[k], "not the same part of every LST");
        }
        uint256 paid = _inValue(units);
        vm.assertLe(paid, due, "paid more than the lower of the two values");
        vm.assertGe(paid + due / MISSING_PART + MISSING, due, "paid less than the lower of the two values");
        vm.assertTrue(burned != 0);
        _debit(user, paid);
    }

    function _claimReward(OperatorInfo memory seat, IERC20 token, uint256 earned) private {
        bytes32 tokenRoot = keccak256(abi.encodePacked(uint8(1), token, earned));
        bytes32 root = keccak256(abi.encodePacked(uint8(0), seat.account, tokenRoot));
        uint32 index = uint32(rewards.getDistributionRootsLength());
        rewards.submitRoot(root, uint32(vm.getBlockTimestamp() - 1));
        IRewardsCoordinator.RewardsMerkleClaim memory claim;
        claim.rootIndex = index;
        claim.earnerLeaf = IRewardsCoordinator.EarnerTreeMerkleLeaf(seat.account, tokenRoot);
        claim.tokenIndices = new uint32[](1);
        claim.tokenTreeProofs = new bytes[](1);
        claim.tokenLeaves = new IRewardsCoordinator.TokenTreeMerkleLeaf[](1);
        claim.tokenLeaves[0] = IRewardsCoordinator.TokenTreeMerkleLeaf(token, earned);
        (uint256 value,) = _look();
        vault.claimRewards(seat.operator, claim);
        (uint256 now_,) = _look();
        vm.assertLe(now_, value + 1e3, "a reward raised the rate at once");
        vm.assertGe(now_ + 1e3, value, "a reward lowered the rate");
    }

    function _claimables(address user) private view returns (uint256[4] memory units) {
        for (uint256 k; k < KINDS; ++k) {
            units[k] = vault.claimableOf(lsts[k], user).units;
        }
    }

    function _balances(address user) private view returns (uint256[4] memory units) {
        for (uint256 k; k < KINDS; ++k) {
            units[k] = _unitsHeld(k, user);
        }
    }

    function _inValue(uint256[4] memory units) private view returns (uint256 value) {
        for (uint256 k; k < KINDS; ++k) {
            value += _valueOf(k, units[k]);
        }
    }

    function _expectNothingToDo(bytes memory why) private pure {
        vm.assertEq(bytes32(bytes4(why)), bytes32(bytes4(keccak256("LrtVaultNothingToDo()"))));
    }

    function _difference(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }
}
