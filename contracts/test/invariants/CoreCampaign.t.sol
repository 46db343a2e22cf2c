// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BURN_ADDRESS} from "../../core/SlashingMath.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreActors, ShakyToken} from "./CoreActors.sol";

/// @title CoreCampaign: what holds after any sequence of calls to the core
/// @dev The test is its own handler. A call whose preconditions do not hold is sent back (`vm.assume`) and not counted;
/// any other revert fails the campaign. Next to the core it keeps books of its own, in the simplest possible way: what
/// each withdrawal is still worth, each operator's maximum magnitudes, and the tokens that came and went.
contract CoreCampaign is CoreActors {
    /// @param magnitude The operator's maximum magnitude at the queueing, and after each slash within the delay.
    struct Queued {
        bytes32 root;
        address staker;
        address operator;
        uint256 strategy;
        uint256 scaledShares;
        uint64 magnitude;
        uint256 startBlock;
    }

    struct Slash {
        uint32 set;
        uint256 id;
        uint256 strategy;
        uint256 shares;
    }

    uint256 private constant MAX_QUEUED = 24;
    uint256 private constant MAX_SLASHES = 24;
    uint256 private constant WAD = 1e18;
    /// @dev Offset of a strategy's share price, in wei.
    uint256 private constant OFFSET = 1e3;

    Queued[] private _queued;
    Slash[] private _unburned;
    mapping(address operator => mapping(uint256 strategy => uint64)) private _magnitudes;
    /// @dev Tokens that should be in a strategy.
    mapping(uint256 strategy => uint256) private _tokens;
    mapping(uint256 strategy => uint256) private _slashCount;
    /// @dev Shares that deposits ever made in a strategy.
    mapping(uint256 strategy => uint256) private _sharesMade;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < OPERATORS; ++i) {
            (_magnitudes[_operator(i)][0], _magnitudes[_operator(i)][1]) = (1e18, 1e18);
        }
        (_tokens[0], _tokens[1]) = (FIRST_STAKE * ACCOUNTS, FIRST_STAKE * ACCOUNTS);
        (_sharesMade[0], _sharesMade[1]) = (_tokens[0], _tokens[1]);
    }

    function targetContracts() external view returns (address[] memory) {
        return _one(address(this));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[14] memory chosen = [
            this.doDeposit.selector,
            this.doDelegate.selector,
            this.doUndelegate.selector,
            this.doRedelegate.selector,
            this.doQueue.selector,
            this.doComplete.selector,
            this.doJoin.selector,
            this.doLeave.selector,
            this.doAllocate.selector,
            this.doClear.selector,
            this.doSlash.selector,
            this.doBurn.selector,
            this.doRebase.selector,
            this.doMine.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), new bytes4[](chosen.length));
        for (uint256 i; i < chosen.length; ++i) {
            targets[0].selectors[i] = chosen[i];
        }
    }

    function doDeposit(uint256 account, uint256 j, uint256 amount) external {
        address staker = _account(account);
        amount = bound(amount, 1e3, 100 ether);
        vm.assume(_isAlive(delegation.delegatedTo(staker), j));
        vm.assume(_strategy(j).underlyingToSharesView(amount) > 1);
        uint256 before = _withdrawable(staker, _strategy(j));
        uint256 shares = _deposit(staker, _strategy(j), amount);
        _tokens[j % STRATEGIES] += amount;
        _sharesMade[j % STRATEGIES] += shares;
        vm.assertLe(_withdrawable(staker, _strategy(j)), before + shares, "a deposit undid a slash");
    }

    function doDelegate(uint256 account, uint256 operator) external {
        address staker = _account(account % STAKERS);
        vm.assume(!delegation.isDelegated(staker));
        vm.assume(_isAlive(_operator(operator), 0) && _isAlive(_operator(operator), 1));
        uint256 before = _withdrawable(staker, first);
        _delegate(staker, _operator(operator));
        vm.assertLe(_withdrawable(staker, first), before, "who delegates gains");
        vm.assertApproxEqAbs(_withdrawable(staker, first), before, _dust(_operator(operator), 0, before));
    }

    function doUndelegate(uint256 account, bool forced) external {
        address staker = _account(account % STAKERS);
        address operator = delegation.delegatedTo(staker);
        vm.assume(operator != address(0) && _queued.length + STRATEGIES <= MAX_QUEUED);
        vm.prank(forced ? operator : staker);
        _note(staker, operator, delegation.undelegate(staker));
    }

    function doRedelegate(uint256 account, uint256 operator) external {
        address staker = _account(account % STAKERS);
        address old = delegation.delegatedTo(staker);
        vm.assume(old != address(0) && _queued.length + STRATEGIES <= MAX_QUEUED);
        vm.prank(staker);
        bytes32[] memory roots = delegation.redelegate(
            _operator(operator), IDelegationManager.SignatureWithExpiry("", 0), bytes32(0)
        );
        _note(staker, old, roots);
    }

    function doQueue(uint256 account, uint256 j, uint256 shares) external {
        address staker = _account(account);
        uint256 deposited = strategies.stakerDepositShares(staker, _strategy(j));
        vm.assume(deposited != 0 && _queued.length < MAX_QUEUED);
        uint256[] memory amounts = _wads(bound(shares, 1, deposited));
        IDelegationManager.QueuedWithdrawalParams[] memory params =
            new IDelegationManager.QueuedWithdrawalParams[](1);
        params[0] = IDelegationManager.QueuedWithdrawalParams(_one(_strategy(j)), amounts, address(0));
        uint256 before = _withdrawable(staker, _strategy(j));
        address operator = delegation.delegatedTo(staker);
        vm.prank(staker);
        _note(staker, operator, delegation.queueWithdrawals(params));
        uint256 after_ = _withdrawable(staker, _strategy(j)) + _worth(_queued[_queued.length - 1]);
        vm.assertLe(after_, before, "queueing made shares");
        // two roundings of each
        vm.assertGe(after_ + 3, before, "queueing lost shares");
    }

    function doComplete(uint256 which, bool asTokens) external {
        vm.assume(_queued.length != 0);
        which %= _queued.length;
        Queued memory q = _queued[which];
        if (vm.getBlockNumber() <= q.startBlock + WITHDRAWAL_DELAY) {
            vm.roll(q.startBlock + WITHDRAWAL_DELAY + 1);
        }
        uint256 shares = _worth(q);
        asTokens = asTokens || !_isAlive(delegation.delegatedTo(q.staker), q.strategy);
        (IDelegationManager.Withdrawal memory withdrawal, uint256[] memory promised) =
            delegation.getQueuedWithdrawal(q.root);
        vm.assertEq(promised[0], shares, "queued shares are slashed as staked ones, within the delay only");
        StrategyBase strategy = _strategy(q.strategy);
        vm.assertLe(shares, strategy.totalShares() + _slack(q.strategy), "promised more than there is");
        // A slash may leave the last one out a few wei short, as the real core's roundings do.
        vm.assume(!asTokens || shares <= strategy.totalShares());
        uint256 held = token.balanceOf(address(strategy));
        uint256 due = Math.min(Math.mulDiv(shares, held + OFFSET, strategy.totalShares() + OFFSET), held);
        uint256 before = token.balanceOf(q.staker);
        IERC20[] memory tokens = new IERC20[](1);
        tokens[0] = token;
        vm.prank(q.staker);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, asTokens);
        vm.assertEq(token.balanceOf(q.staker) - before, asTokens ? due : 0, "paid");
        if (asTokens) _tokens[q.strategy] -= due;
        _queued[which] = _queued[_queued.length - 1];
        _queued.pop();
    }

    function doJoin(uint256 operator, uint256 id) external {
        vm.assume(!allocations.isOperatorSlashable(_operator(operator), _set(_setId(id))));
        _join(_operator(operator), _setId(id));
    }

    function doLeave(uint256 operator, uint256 id) external {
        // Else operators would be out of most sets, and nothing slashed.
        vm.assume(id % 4 == 0 && allocations.isMemberOfOperatorSet(_operator(operator), _set(_setId(id))));
        _leave(_operator(operator), _setId(id));
    }

    function doAllocate(uint256 operator, uint256 id, uint256 j, uint256 magnitude) external {
        address account = _operator(operator);
        IAllocationManager.Allocation memory allocation =
            allocations.getAllocation(account, _set(_setId(id)), _strategy(j));
        vm.assume(allocation.effectBlock == 0);
        uint256 most =
            allocation.currentMagnitude + allocations.getAllocatableMagnitude(account, _strategy(j));
        magnitude = bound(magnitude, 0, most);
        vm.assume(magnitude != allocation.currentMagnitude);
        _allocate(account, _setId(id), _strategy(j), uint64(magnitude));
    }

    function doClear(uint256 operator, uint256 j, uint256 count) external {
        uint16[] memory counts = new uint16[](1);
        counts[0] = uint16(bound(count, 1, 3));
        allocations.clearDeallocationQueue(_operator(operator), _one(_strategy(j)), counts);
    }

    function doSlash(uint256 operator, uint256 id, uint256 j, uint256 wad) external {
        (address account, uint32 set) = (_operator(operator), _setId(id));
        j = set == 2 ? 0 : j % STRATEGIES;
        vm.assume(_unburned.length < MAX_SLASHES && allocations.isOperatorSlashable(account, _set(set)));
        // Mostly small, so that operators live on, and sometimes all.
        wad = wad % 32 == 0 ? WAD : bound(wad, 1, WAD / 4);
        uint256 current = allocations.getAllocation(account, _set(set), _strategy(j)).currentMagnitude;
        (uint256 slashId, uint256 shares) = _slash(account, set, _strategy(j), wad);
        _noteSlash(account, j, Math.mulDiv(current, wad, WAD, Math.Rounding.Ceil));
        if (shares != 0) _unburned.push(Slash(set, slashId, j, shares));
    }

    function doBurn(uint256 which) external {
        vm.assume(_unburned.length != 0);
        which %= _unburned.length;
        Slash memory slash = _unburned[which];
        StrategyBase strategy = _strategy(slash.strategy);
        vm.assume(slash.shares <= strategy.totalShares());
        address recipient = slash.set == 3 ? RECIPIENT : BURN_ADDRESS;
        uint256 before = token.balanceOf(recipient);
        uint256 sent =
            strategies.clearBurnOrRedistributableSharesByStrategy(_set(slash.set), slash.id, strategy);
        vm.assertEq(token.balanceOf(recipient) - before, sent, "burned or redistributed");
        _tokens[slash.strategy] -= sent;
        _unburned[which] = _unburned[_unburned.length - 1];
        _unburned.pop();
    }

    /// @param bps Tenths of per mille, up to a tenth of what is there.
    function doRebase(uint256 j, bool up, uint256 bps) external {
        j %= STRATEGIES;
        address strategy = address(_strategy(j));
        uint256 amount = token.balanceOf(strategy) * bound(bps, 1, 1000) / 1e4;
        if (up) {
            token.mint(strategy, amount);
            _tokens[j] += amount;
        } else {
            ShakyToken(address(token)).burn(strategy, amount);
            _tokens[j] -= amount;
        }
    }

    function doMine(uint256 blocks) external {
        vm.roll(vm.getBlockNumber() + bound(blocks, 1, DEALLOCATION_DELAY / 2));
    }

    /// @dev One function, because forge runs a whole campaign for each.
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_theCoreAddsUp() external view {
        for (uint256 j; j < STRATEGIES; ++j) {
            uint256 shares = _queuedAndSlashed(j);
            for (uint256 i; i < OPERATORS; ++i) {
                _noStakeIsPromisedTwice(_operator(i), j);
                shares += delegation.operatorShares(_operator(i), _strategy(j));
            }
            shares += _ofStakers(j);
            _assetsAreCountedOnce(j, shares);
        }
        for (uint32 id = 1; id <= SETS; ++id) {
            uint256 members;
            for (uint256 i; i < OPERATORS; ++i) {
                if (allocations.isMemberOfOperatorSet(_operator(i), _set(id))) ++members;
            }
            vm.assertEq(allocations.getMemberCount(_set(id)), members, "members");
        }
    }

    function _assetsAreCountedOnce(uint256 j, uint256 shares) private view {
        StrategyBase strategy = _strategy(j);
        uint256 total = strategy.totalShares();
        vm.assertLe(shares, total + _slack(j), "more claims than shares");
        vm.assertLe(total, shares + _slack(j), "shares that nobody has");
        uint256 held = token.balanceOf(address(strategy));
        vm.assertEq(held, _tokens[j], "tokens came or went untold");
        vm.assertLe(strategy.sharesToUnderlyingView(total), held + OFFSET, "more claims than tokens");
    }

    /// @dev Encumbered is what allocations say, and at most the maximum, which is what slashes left.
    function _noStakeIsPromisedTwice(address operator, uint256 j) private view {
        uint256 sum;
        for (uint32 id = 1; id <= SETS; ++id) {
            IAllocationManager.Allocation memory allocation =
                allocations.getAllocation(operator, _set(id), _strategy(j));
            sum += allocation.currentMagnitude;
            if (allocation.pendingDiff > 0) sum += uint128(allocation.pendingDiff);
        }
        vm.assertEq(sum, allocations.getEncumberedMagnitude(operator, _strategy(j)), "encumbered");
        uint256 max = allocations.getMaxMagnitude(operator, _strategy(j));
        vm.assertEq(max, _magnitudes[operator][j], "maximum magnitude");
        vm.assertLe(sum, max, "promised more than there is");
    }

    /// @dev Compares each operator's shares with what its stakers can take out.
    /// @return free What stakers without operator hold.
    function _ofStakers(uint256 j) private view returns (uint256 free) {
        uint256[OPERATORS] memory held;
        for (uint256 i; i < ACCOUNTS; ++i) {
            address operator = delegation.delegatedTo(_account(i));
            uint256 shares = _withdrawable(_account(i), _strategy(j));
            if (operator == address(0)) free += shares;
            else held[uint160(operator) - 0x09e0] += shares;
        }
        for (uint256 i; i < OPERATORS; ++i) {
            uint256 shares = delegation.operatorShares(_operator(i), _strategy(j));
            vm.assertLe(held[i], shares, "stakers can take out more than their operator has");
            vm.assertLe(
                shares - held[i],
                _dust(_operator(i), j, _sharesMade[j]),
                "an operator has more than its stakers"
            );
        }
    }

    function _queuedAndSlashed(uint256 j) private view returns (uint256 shares) {
        for (uint256 i; i < _queued.length; ++i) {
            if (_queued[i].strategy == j) shares += _worth(_queued[i]);
        }
        for (uint256 i; i < _unburned.length; ++i) {
            if (_unburned[i].strategy == j) shares += _unburned[i].shares;
        }
    }

    /// @dev Writes new withdrawals down, each of one strategy.
    function _note(address staker, address operator, bytes32[] memory roots) private {
        for (uint256 i; i < roots.length; ++i) {
            IDelegationManager.Withdrawal memory withdrawal = delegation.queuedWithdrawals(roots[i]);
            uint256 j = address(withdrawal.strategies[0]) == address(first) ? 0 : 1;
            uint64 magnitude = operator == address(0) ? uint64(WAD) : _magnitudes[operator][j];
            _queued.push(
                Queued(
                    roots[i], staker, operator, j, withdrawal.scaledShares[0], magnitude, vm.getBlockNumber()
                )
            );
        }
    }

    function _noteSlash(address operator, uint256 j, uint256 magnitude) private {
        _slashCount[j]++;
        _magnitudes[operator][j] -= uint64(magnitude);
        for (uint256 i; i < _queued.length; ++i) {
            Queued storage q = _queued[i];
            if (q.operator != operator || q.strategy != j) continue;
            if (vm.getBlockNumber() <= q.startBlock + WITHDRAWAL_DELAY) {
                q.magnitude = _magnitudes[operator][j];
            }
        }
    }

    function _worth(Queued memory q) private pure returns (uint256) {
        return Math.mulDiv(q.scaledShares, q.magnitude, WAD);
    }

    function _isAlive(address operator, uint256 j) private view returns (bool) {
        return operator == address(0) || _magnitudes[operator][j % STRATEGIES] != 0;
    }

    /// @dev What roundings may add up to: a wei for each withdrawal in each slash.
    function _slack(uint256 j) private view returns (uint256) {
        return (_slashCount[j] + 1) * (MAX_QUEUED + ACCOUNTS);
    }

    /// @dev What an operator may have that its stakers cannot take out: their factors carry 18 digits, so each deposit loses
    /// a part in 1e18 of all that its staker had (which stays with the operator when that is taken out), and a slash to a
    /// tiny rest leaves few digits.
    function _dust(address operator, uint256 j, uint256 shares) private view returns (uint256) {
        uint256 digits = uint256(_magnitudes[operator][j % STRATEGIES]) + 1;
        return 100 * (_slashCount[j % STRATEGIES] + 1) * (1 + shares / digits);
    }
}
