// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {Totals} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {BPS, Live, LrtState, LstBook, ONE, VIRTUAL} from "./LrtState.sol";

/// @title LrtBooks: what the vault is worth
/// @dev Every unit is in exactly one place: idle (a counter here), staked or queued (both read from the core at this very
/// moment, slashes applied), or reserved, which belongs to those who left and is in no value. Whatever moves between
/// staked and queued, by us or by an operator who ends a delegation, therefore never leaves the value, and a slash
/// is in it in its own block.
///
/// Losses count at once, gains only once they are booked: of each LST the lower of units now and booked, at the lower
/// of rate now and booked, make `counted`. A sync books what is above (rates that rose, rewards, gifts) and
/// locks it, to vest over time: so nobody gains by coming in before a gain is reported and leaving after it.
library LrtBooks {
    using SafeCast for uint256;

    /// @dev What a sync would book.
    struct Gains {
        uint256 gain;
        uint256 loss;
        uint256 fee;
        uint256 feeShares;
    }

    /// @notice Books gains and takes the fee for them; returns the state after it.
    function sync(LrtState storage s) external returns (Live memory live) {
        Gains memory gains;
        (live, gains) = _read(s);
        for (uint256 i = 0; i < live.units.length; i++) {
            LstBook storage book = s.lsts[i];
            book.bookedUnits = live.units[i].toUint128();
            book.bookedRate = live.rates[i].toUint128();
        }
        if (gains.loss != 0 || gains.gain != 0) s.lossCarried = _carry(s, gains);
        if (gains.gain == 0) return live;
        lock(s, gains.gain - gains.fee);
        if (gains.feeShares != 0) s.token.mint(s.treasury, gains.feeShares);
        emit ILrtVault.Synced(gains.gain, gains.fee, gains.feeShares, s.locked, s.lockedUntil);
    }

    /// @notice The state as a sync now would leave it.
    function read(LrtState storage s) external view returns (Live memory live) {
        (live,) = _read(s);
    }

    /// @notice The value and what is not in it, as it is before a sync.
    function totals(LrtState storage s) external view returns (Totals memory) {
        (Live memory live, Gains memory gains) = _read(s);
        return Totals({
            counted: live.counted - gains.gain,
            locked: lockedNow(s),
            unbooked: gains.gain,
            supply: s.token.totalSupply()
        });
    }

    /// @notice Adds a gain to what vests.
    /// @dev What was locked keeps its remaining time and the gain gets the whole period, each by its weight: a gain of
    /// dust cannot stretch the rest. Rounded down the time is never less than what remains of the old.
    function lock(LrtState storage s, uint256 gain) internal {
        if (gain == 0) return;
        uint256 old = lockedNow(s);
        uint256 left = old == 0 ? 0 : s.lockedUntil - block.timestamp;
        uint256 time = (old * left + gain * s.vestingSeconds) / (old + gain);
        s.locked = (old + gain).toUint128();
        s.lockedFrom = block.timestamp.toUint64();
        s.lockedUntil = (block.timestamp + time).toUint64();
    }

    /// @notice Gains that have not vested, in wei of ETH, rounded up.
    function lockedNow(LrtState storage s) internal view returns (uint256) {
        uint256 until = s.lockedUntil;
        if (block.timestamp >= until) return 0;
        return Math.mulDiv(s.locked, until - block.timestamp, until - s.lockedFrom, Math.Rounding.Ceil);
    }

    /// @notice Value of units, in wei of ETH, rounded down.
    function valueOf(uint256 units, uint256 rate) internal pure returns (uint256) {
        return Math.mulDiv(units, rate, ONE);
    }

    /// @notice Shares for a value, rounded down.
    function toShares(Live memory live, uint256 value) internal pure returns (uint256) {
        return Math.mulDiv(value, live.supply + VIRTUAL, live.value + VIRTUAL);
    }

    /// @notice Value of shares, in wei of ETH.
    function toValue(Live memory live, uint256 shares, Math.Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        return Math.mulDiv(shares, live.value + VIRTUAL, live.supply + VIRTUAL, rounding);
    }

    function _read(LrtState storage s) private view returns (Live memory live, Gains memory gains) {
        live = _stake(s);
        uint256 booked = 0;
        for (uint256 i = 0; i < live.units.length; i++) {
            LstBook storage book = s.lsts[i];
            (uint256 units, uint256 rate) = (live.units[i], live.rates[i]);
            (uint256 bookedUnits, uint256 bookedRate) = (book.bookedUnits, book.bookedRate);
            uint256 counted = valueOf(Math.min(units, bookedUnits), Math.min(rate, bookedRate));
            booked += counted;
            live.counted += valueOf(units, rate);
            gains.loss += valueOf(bookedUnits, bookedRate) - counted;
        }
        gains.gain = live.counted - booked;
        live.locked = lockedNow(s);
        // More can be lost than has vested: then nothing is left for now.
        live.value = Math.saturatingSub(booked, live.locked);
        live.supply = s.token.totalSupply();
        _takeFee(s, live, gains);
    }

    /// @dev The fee is paid in shares at the rate before it, and its value counts at once: the rate does not move.
    function _takeFee(LrtState storage s, Live memory live, Gains memory gains) private view {
        uint256 made = gains.loss + s.lossCarried;
        if (live.value != 0 && gains.gain > made) {
            gains.fee = (gains.gain - made) * s.feeBps / BPS;
            gains.feeShares = toShares(live, gains.fee);
        }
        live.locked += gains.gain - gains.fee;
        live.value += gains.fee;
        live.supply += gains.feeShares;
    }

    function _carry(LrtState storage s, Gains memory gains) private view returns (uint256) {
        return Math.saturatingSub(s.lossCarried + gains.loss, gains.gain);
    }

    /// @dev Units of each LST and where they are. What the core lists is matched by strategy, never by its place in a list.
    function _stake(LrtState storage s) private view returns (Live memory live) {
        uint256 n = s.lsts.length;
        live.units = new uint256[](n);
        live.staked = new uint256[](n);
        live.queued = new uint256[](n);
        live.rates = new uint256[](n);
        IStrategy[] memory strategies = new IStrategy[](n);
        for (uint256 i = 0; i < n; i++) {
            strategies[i] = s.lsts[i].config.strategy;
        }
        for (uint256 k = 0; k < s.operators.length; k++) {
            address account = address(s.operators[k].account);
            (uint256[] memory shares,) = s.delegation.getWithdrawableShares(account, strategies);
            for (uint256 i = 0; i < n; i++) {
                live.staked[i] += shares[i];
            }
            _addQueued(s.delegation, account, strategies, live.queued);
        }
        for (uint256 i = 0; i < n; i++) {
            LstBook storage book = s.lsts[i];
            live.staked[i] = toUnits(book, live.staked[i]);
            live.queued[i] = toUnits(book, live.queued[i]);
            live.units[i] = book.idle + live.staked[i] + live.queued[i];
            live.rates[i] = LstRates.unitRate(book.config.kind, book.config.token);
        }
    }

    function _addQueued(
        IDelegationManager delegation,
        address account,
        IStrategy[] memory strategies,
        uint256[] memory queued
    ) private view {
        (IDelegationManager.Withdrawal[] memory withdrawals, uint256[][] memory shares) =
            delegation.getQueuedWithdrawals(account);
        for (uint256 w = 0; w < withdrawals.length; w++) {
            IStrategy[] memory listed = withdrawals[w].strategies;
            for (uint256 j = 0; j < listed.length; j++) {
                for (uint256 i = 0; i < strategies.length; i++) {
                    if (address(listed[j]) == address(strategies[i])) queued[i] += shares[w][j];
                }
            }
        }
    }

    /// @notice Units that shares of an LST's strategy are worth, rounded down.
    function toUnits(LstBook storage book, uint256 shares) internal view returns (uint256) {
        if (shares == 0) return 0;
        return LstRates.toUnits(
            book.config.kind, book.config.token, book.config.strategy.sharesToUnderlyingView(shares)
        );
    }
}
