// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Claimable, ExitRequest} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtBooks} from "./LrtBooks.sol";
import {LEAST, Live, LrtState, LstBook, ONE} from "./LrtState.sol";

/// @title LrtExits: the queue out
/// @dev First in, first out. A request fixes the most that is paid, the value of its shares then. They stay in the supply
/// and share losses until they are fulfilled, at the earliest when a withdrawal from the core that was queued
/// with them would no longer be slashable: nobody leaves before a slash that the others bear. Then they are paid
/// the lower of the two values, in the same part of the units of every LST: nobody takes the good ones and leaves
/// the depegged ones. What is paid leaves the idle units, the value and the supply at once and is reserved.
library LrtExits {
    using SafeCast for uint256;

    /// @dev Part of an exit's value that may be missing for it to be paid in full: what the roundings of the core and of
    /// the strategies can take on the way.
    uint256 private constant ROUNDING_PART = 1e9;

    /// @dev What one step of `fulfil` pays.
    struct Payment {
        uint256 shares;
        /// Of the value at request, the part for these shares.
        uint256 cap;
        /// What the shares are worth now.
        uint256 worth;
        /// What is paid: the lower of the two.
        uint256 value;
    }

    /// @notice See ILrtVault.requestExit. The caller is `entry`, of the LST at `place`.
    function request(
        LrtState storage s,
        uint256 place,
        address entry,
        address caller,
        uint256 shares,
        address controller,
        address owner
    ) external {
        require(shares != 0, ILrtVaultErrors.LrtVaultZeroShares());
        require(controller != address(0), ILrtVaultErrors.LrtVaultZeroAddress());
        // An operator of the owner needs no allowance: zero stands for that.
        address spender = s.isOperator[owner][caller] ? address(0) : caller;
        s.token.escrow(owner, spender, shares);
        require(
            shares >= LEAST || s.token.balanceOf(owner) == 0, ILrtVaultErrors.LrtVaultLimit(shares, LEAST)
        );
        Live memory live = LrtBooks.sync(s);
        uint256 value = LrtBooks.toValue(live, shares, Math.Rounding.Floor);
        uint256 index = s.queueTail++;
        s.requests[index] = ExitRequest({
            controller: controller,
            // At most MAX_LSTS.
            // forge-lint: disable-next-line(unsafe-typecast)
            lst: uint8(place),
            requestBlock: block.number.toUint64(),
            shares: shares.toUint128(),
            value: value.toUint128()
        });
        s.pendingShares += shares;
        s.pendingOf[entry][controller] += shares;
        emit ILrtVault.ExitRequested(index, controller, shares, value);
    }

    /// @notice See ILrtVault.fulfil.
    function fulfil(LrtState storage s, uint256 maxRequests) external returns (uint256 burned) {
        Live memory live = LrtBooks.sync(s);
        uint256 delay = s.delegation.minWithdrawalDelayBlocks();
        uint256 end = s.queueHead + Math.min(s.queueTail - s.queueHead, maxRequests);
        for (uint256 index = s.queueHead; index < end; index++) {
            ExitRequest storage exit = s.requests[index];
            // The core's bound is inclusive: a withdrawal queued then is slashable through this block.
            if (block.number <= exit.requestBlock + delay) break;
            Payment memory payment = _price(s, live, exit);
            if (payment.shares == 0) break;
            bool whole = payment.shares == exit.shares;
            _pay(s, live, exit, index, payment);
            burned += payment.shares;
            if (!whole) break;
            delete s.requests[index];
            s.queueHead = index + 1;
        }
    }

    /// @notice See ILrtVault.claim.
    function claim(
        LrtState storage s,
        uint256 place,
        address caller,
        address controller,
        uint256 units,
        uint256 shares
    ) external returns (uint256 paidUnits, uint256 spent) {
        checkOperator(s, controller, caller);
        LstBook storage book = s.lsts[place];
        Claimable storage has = s.claimable[book.config.token][controller];
        (uint256 allShares, uint256 allUnits) = (has.shares, has.units);
        if (shares != 0) {
            require(shares <= allShares, ILrtVaultErrors.LrtVaultAmount(shares, allShares));
            (paidUnits, spent) = (Math.mulDiv(allUnits, shares, allShares), shares);
        } else {
            require(units != 0, ILrtVaultErrors.LrtVaultZeroShares());
            require(units <= allUnits, ILrtVaultErrors.LrtVaultAmount(units, allUnits));
            (paidUnits, spent) = (units, Math.mulDiv(allShares, units, allUnits, Math.Rounding.Ceil));
        }
        // Both are at most what there is.
        // forge-lint: disable-next-item(unsafe-typecast)
        (has.shares, has.units) = (uint128(allShares - spent), uint128(allUnits - paidUnits));
        // forge-lint: disable-next-line(unsafe-typecast)
        book.reserved -= uint128(paidUnits);
    }

    /// @notice Reverts unless the caller may claim for the controller.
    function checkOperator(LrtState storage s, address controller, address caller) internal view {
        require(
            caller == controller || s.isOperator[controller][caller],
            ILrtVaultErrors.LrtVaultNotOperator(controller, caller)
        );
    }

    /// @dev What is paid for as much of the oldest exit as idle units go; no shares if they go for too little.
    function _price(LrtState storage s, Live memory live, ExitRequest storage exit)
        private
        view
        returns (Payment memory payment)
    {
        payment.shares = exit.shares;
        payment.cap = exit.value;
        _lower(live, payment);
        uint256 most = _payable(s, live);
        // A part in 1e9 that is missing by rounding is not waited for.
        if (payment.value <= most + payment.value / ROUNDING_PART) {
            payment.value = Math.min(payment.value, most);
            return payment;
        }
        uint256 part = Math.mulDiv(payment.shares, most, payment.value);
        if (part < LEAST) part = 0;
        payment.cap = Math.mulDiv(payment.cap, part, payment.shares);
        payment.shares = part;
        _lower(live, payment);
        payment.value = Math.min(payment.value, most);
    }

    /// @dev The lower of the value at request and the value now. After a loss shares stand for a little more than there
    /// is, by the virtual value: nobody is paid from what belongs to no one yet.
    function _lower(Live memory live, Payment memory payment) private pure {
        payment.worth = Math.min(LrtBooks.toValue(live, payment.shares, Math.Rounding.Floor), live.value);
        payment.value = Math.min(payment.worth, payment.cap);
    }

    /// @dev Most value that can be paid in equal parts of every LST with the units that are idle.
    function _payable(LrtState storage s, Live memory live) private view returns (uint256) {
        uint256 part = ONE;
        for (uint256 i = 0; i < live.units.length; i++) {
            if (live.units[i] == 0) continue;
            part = Math.min(part, Math.mulDiv(s.lsts[i].idle, ONE, live.units[i]));
        }
        return Math.mulDiv(live.counted, part, ONE);
    }

    function _pay(
        LrtState storage s,
        Live memory live,
        ExitRequest storage exit,
        uint256 index,
        Payment memory payment
    ) private {
        (uint256[] memory units, uint256[] memory values) = _reserve(s, live, payment.value);
        _credit(s, exit, payment.shares, units, values);
        // At most what the exit has.
        // forge-lint: disable-next-item(unsafe-typecast)
        (exit.shares, exit.value) = (exit.shares - uint128(payment.shares), exit.value - uint128(payment.cap));
        s.pendingShares -= payment.shares;
        s.pendingOf[s.lsts[exit.lst].config.entry][exit.controller] -= payment.shares;
        s.token.burn(payment.shares);

        // What the shares were worth beyond what they are paid stays with the others. As a gain it vests, so that
        // nobody comes in just before: the rate after is the rate before.
        uint256 counted = 0;
        for (uint256 i = 0; i < live.units.length; i++) {
            counted += LrtBooks.valueOf(live.units[i], live.rates[i]);
        }
        uint256 kept = counted + payment.worth - live.counted;
        LrtBooks.lock(s, kept);
        live.counted = counted;
        live.locked += kept;
        live.value -= payment.worth;
        live.supply -= payment.shares;
        emit ILrtVault.ExitFulfilled(index, exit.controller, payment.shares, payment.value, units);
    }

    /// @dev Takes `value` out of the idle units, of every LST the same part of all its units. Rounded down, and by two
    /// wei for each LST, so that what remains is worth at least what was there less `value`.
    function _reserve(LrtState storage s, Live memory live, uint256 value)
        private
        returns (uint256[] memory units, uint256[] memory values)
    {
        uint256 n = live.units.length;
        (units, values) = (new uint256[](n), new uint256[](n));
        value = Math.saturatingSub(value, 2 * n);
        if (value == 0) return (units, values);
        for (uint256 i = 0; i < n; i++) {
            uint128 taken = Math.mulDiv(live.units[i], value, live.counted).toUint128();
            LstBook storage book = s.lsts[i];
            book.idle -= taken;
            book.bookedUnits -= taken;
            book.reserved += taken;
            live.units[i] -= taken;
            (units[i], values[i]) = (taken, LrtBooks.valueOf(taken, live.rates[i]));
        }
    }

    /// @dev Divides the shares between the LSTs by the value that each pays; together they are exactly `shares`.
    function _credit(
        LrtState storage s,
        ExitRequest storage exit,
        uint256 shares,
        uint256[] memory units,
        uint256[] memory values
    ) private {
        uint256 total = 0;
        uint256 last = exit.lst;
        for (uint256 i = 0; i < values.length; i++) {
            total += values[i];
            if (values[i] != 0) last = i;
        }
        uint256 left = shares;
        for (uint256 i = 0; i < values.length; i++) {
            uint256 part = i == last ? left : total == 0 ? 0 : Math.mulDiv(shares, values[i], total);
            if (part == 0 && units[i] == 0) continue;
            left -= part;
            Claimable storage has = s.claimable[s.lsts[i].config.token][exit.controller];
            // Shares fit, as the supply does; units were cast when they were reserved.
            // forge-lint: disable-next-item(unsafe-typecast)
            (has.shares, has.units) = (has.shares + uint128(part), has.units + uint128(units[i]));
        }
    }
}
