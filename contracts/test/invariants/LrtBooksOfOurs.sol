// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {ExitRequest, Holding, OperatorInfo, Totals} from "../../lrt/interfaces/ILrtTypes.sol";
import {LrtSetup} from "../lrt/LrtSetup.sol";

/// @title LrtBooksOfOurs: what a campaign over the vault remembers by itself, and compares the vault's books with
/// @dev Three users act. What each of them ever put in, less what it took out, is counted in shares at the rate of that
/// moment: that is what a holder who did nothing but wait would have. Nobody may hold more.
abstract contract LrtBooksOfOurs is LrtSetup {
    uint256 internal constant USERS = 3;

    /// @dev Accounts that the vault ever had at operators. Those it has dropped must stay empty.
    address[] internal accounts;
    /// @dev Shares that an account should have at most, those of its waiting exits included.
    mapping(address user => uint256) internal fair;
    /// @dev Roundings in a user's favour, one for each of its actions.
    mapping(address user => uint256) internal actions;
    /// @dev Units sent to the vault outside any of its functions, and LRT.
    mapping(uint256 kind => uint256) internal donated;
    uint256 internal donatedShares;

    /// @dev Value, in wei of ETH, and supply, as they were after the last watched call.
    uint256 private _value;
    uint256 private _supply;
    bool private _isKnown;

    /// @dev The rate neither falls nor jumps up: what comes in vests, what moves stays. But for what the core's roundings
    /// may take where `moves` stake: a few wei, or one share of a strategy. A share is worth a wei or so, unless somebody
    /// gave much to an empty strategy: it then takes up to a thousandth of what was given, nearly all of which
    /// is lost to the giver.
    modifier steady(bool moves) {
        if (!_isKnown) (_value, _supply) = _look();
        uint256 dust = moves ? _coreDust() : 0;
        _;
        if (moves) dust = Math.max(dust, _coreDust());
        (uint256 value, uint256 supply) = _look();
        uint256 before = (_value + VIRTUAL) * (supply + VIRTUAL);
        uint256 after_ = (value + VIRTUAL) * (_supply + VIRTUAL);
        uint256 slack = (dust + _value / 1e15) * (_supply + VIRTUAL);
        vm.assertGe(after_ + slack, before, "the rate fell");
        vm.assertLe(after_, before + slack + 1e3 * (_supply + VIRTUAL), "the rate jumped");
        (_value, _supply, _isKnown) = (value, supply, true);
    }

    /// @dev A gift or a gain that comes between a loss and the next sync makes the loss good at once, up to what was
    /// there before. Nobody can come in between the two, as every way in syncs; so it is no jump that anyone gains by.
    function _bookLosses() internal {
        // Always: roundings on the way into and out of the core are losses too, of up to a strategy share each.
        vault.sync();
    }

    /// @dev For what may change the rate: time, slashes, reports of LSTs.
    modifier unsteady() {
        _isKnown = false;
        _;
    }

    function setUp() public virtual override {
        super.setUp();
        vm.deal(address(this), 1e6 ether);
        // Validators can lose only what is staked with them; and of stETH, too, there is some to give away.
        for (uint256 kind; kind < KINDS; ++kind) {
            if (kind != 1) _acquire(kind, WHALE, 500 ether);
            if (kind != 1) _pool(kind).stakeBuffered();
        }
        for (uint256 i; i < USERS; ++i) {
            for (uint256 kind; kind < KINDS; ++kind) {
                fair[_user(i)] += _in(_user(i), kind, 25 ether);
            }
        }
        for (uint256 kind; kind < KINDS; ++kind) {
            _restake(kind);
        }
        OperatorInfo[] memory seats = vault.operators();
        for (uint256 k; k < seats.length; ++k) {
            accounts.push(seats[k].account);
        }
    }

    function _user(uint256 i) internal pure returns (address) {
        i %= USERS;
        return i == 0 ? ALICE : i == 1 ? BOB : CAROL;
    }

    /// @return value P: counted less locked, before the next sync, so that a fee is in neither of the two.
    function _look() internal view returns (uint256 value, uint256 supply) {
        Totals memory totals = vault.totals();
        return (Math.saturatingSub(totals.counted, totals.locked), totals.supply);
    }

    /// @dev Shares that a value was worth before the watched call, rounded up.
    function _sharesOf(uint256 value) internal view returns (uint256) {
        return Math.mulDiv(value, _supply + VIRTUAL, _value + VIRTUAL, Math.Rounding.Ceil);
    }

    /// @dev Value of shares before the watched call, rounded down.
    function _worthOf(uint256 shares) internal view returns (uint256) {
        return Math.min(Math.mulDiv(shares, _value + VIRTUAL, _supply + VIRTUAL), _value);
    }

    /// @dev Of each LST, two shares at each of three operators, and wei.
    function _coreDust() private view returns (uint256 dust) {
        for (uint256 kind; kind < KINDS; ++kind) {
            dust += 1e3 + 6 * _ethValue(kind, strategies[kind].sharesToUnderlyingView(1));
        }
    }

    function _unitsHeld(uint256 kind, address account) internal view returns (uint256) {
        return kind == 0 ? stETH.sharesOf(account) : IERC20(lsts[kind]).balanceOf(account);
    }

    function _valueOf(uint256 kind, uint256 units) internal view returns (uint256) {
        return Math.mulDiv(units, _rate(kind), 1e18);
    }

    /// @dev What an account has in the core of an LST, in units: staked, and in all withdrawals that the core lists.
    function _inCore(address account)
        internal
        view
        returns (uint256[4] memory staked, uint256[4] memory queued)
    {
        IStrategy[] memory list = new IStrategy[](KINDS);
        for (uint256 kind; kind < KINDS; ++kind) {
            list[kind] = strategies[kind];
        }
        (uint256[] memory shares,) = delegation.getWithdrawableShares(account, list);
        (IDelegationManager.Withdrawal[] memory withdrawals, uint256[][] memory left) =
            delegation.getQueuedWithdrawals(account);
        for (uint256 kind; kind < KINDS; ++kind) {
            staked[kind] = shares[kind];
            for (uint256 w; w < withdrawals.length; ++w) {
                for (uint256 i; i < left[w].length; ++i) {
                    if (address(withdrawals[w].strategies[i]) == address(strategies[kind])) {
                        queued[kind] += left[w][i];
                    }
                }
            }
        }
    }

    function _sharesToUnits(uint256 kind, uint256 shares) internal view returns (uint256) {
        uint256 amount = strategies[kind].sharesToUnderlyingView(shares);
        return LstRates.toUnits(LstRates.Kind(kind), lsts[kind], amount);
    }

    /// @dev Every unit is in exactly one place, and what the vault says is there is there.
    function _checkAssets() internal view {
        uint256[4] memory staked;
        uint256[4] memory queued;
        for (uint256 k; k < accounts.length; ++k) {
            (uint256[4] memory s, uint256[4] memory q) = _inCore(accounts[k]);
            for (uint256 kind; kind < KINDS; ++kind) {
                staked[kind] += s[kind];
                queued[kind] += q[kind];
            }
        }
        uint256 value;
        for (uint256 kind; kind < KINDS; ++kind) {
            Holding memory has = _holding(kind);
            vm.assertEq(has.staked, _sharesToUnits(kind, staked[kind]), "staked");
            vm.assertEq(has.queued, _sharesToUnits(kind, queued[kind]), "queued");
            uint256 held = _unitsHeld(kind, address(vault));
            vm.assertEq(
                has.idle + has.reserved + donated[kind], held, "idle, reserved and gifts are what is here"
            );
            vm.assertEq(has.reserved, _claimable(kind), "reserved is what can be claimed");
            value += _valueOf(kind, has.idle + has.staked + has.queued);
        }
        Totals memory totals = vault.totals();
        vm.assertEq(totals.counted + totals.unbooked, value, "value");
    }

    function _checkShares() internal view {
        uint256 waiting;
        for (uint256 i = vault.queueHead(); i < vault.queueTail(); ++i) {
            ExitRequest memory exit = vault.exitRequest(i);
            waiting += exit.shares;
            // What a user has in the queue, it holds.
        }
        vm.assertEq(vault.pendingShares(), waiting, "pending shares");
        vm.assertEq(lrt.balanceOf(address(vault)), waiting + donatedShares, "escrow");
        uint256 supply = waiting + donatedShares + lrt.balanceOf(TREASURY);
        for (uint256 i; i < USERS; ++i) {
            uint256 held = lrt.balanceOf(_user(i));
            supply += held;
            for (uint256 kind; kind < KINDS; ++kind) {
                held += vault.pendingOf(address(entries[kind]), _user(i));
            }
            vm.assertLe(held, fair[_user(i)] + actions[_user(i)], "has more than who only waited");
        }
        vm.assertEq(lrt.totalSupply(), supply, "supply");
    }

    function _claimable(uint256 kind) private view returns (uint256 units) {
        for (uint256 i; i < USERS; ++i) {
            units += vault.claimableOf(lsts[kind], _user(i)).units;
        }
    }
}
