// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {Lst} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtBooks} from "./LrtBooks.sol";
import {LrtOperators} from "./LrtOperators.sol";
import {
    BAND_BPS,
    BPS,
    LEAST,
    LEAST_MAGNITUDE,
    Live,
    LrtState,
    LstBook,
    MAX_OPEN,
    OperatorBook
} from "./LrtState.sol";
import {LrtTokens} from "./LrtTokens.sol";

/// @title LrtStaking: units into the core and out of it
/// @dev Of each LST, the units that the exit queue needs stay out of the core; the rest is divided by the operators'
/// targets. Anyone may move units towards that, no role chooses what moves. Value is only moved here: from idle to
/// staked, from staked to queued, from queued to idle. The core's roundings take a few wei each time, so what is
/// moved is never dust.
library LrtStaking {
    using SafeCast for uint256;

    /// @dev For what roundings take on the way from the core: more is withdrawn than needed by a part in 1e8, and wei.
    uint256 private constant MARGIN_PART = 1e8;
    uint256 private constant MARGIN = 1e3;

    /// @dev One account's shares in the strategies.
    struct Position {
        uint256[] withdrawable;
        uint256[] deposits;
    }

    /// @notice See ILrtVault.restake.
    function restake(LrtState storage s, address token) external returns (uint256 staked) {
        require(!s.paused, ILrtVaultErrors.LrtVaultPaused());
        uint256 place = LrtOperators.lstPlace(s, token);
        Live memory live = LrtBooks.sync(s);
        LstBook storage book = s.lsts[place];
        uint256 need = needs(s, live)[place];
        uint256 left = Math.saturatingSub(book.idle, need);
        IStrategy[] memory strategies = new IStrategy[](1);
        strategies[0] = book.config.strategy;
        for (uint256 k = 0; k < s.operators.length; k++) {
            OperatorBook storage seat = s.operators[k];
            uint256 target = _target(seat, live.units[place], need);
            if (target == 0 || !_takesStake(s, seat, strategies[0])) continue;
            (uint256[] memory shares,) = s.delegation.getWithdrawableShares(address(seat.account), strategies);
            uint256 units = Math.min(left, Math.saturatingSub(target, LrtBooks.toUnits(book, shares[0])));
            if (units < LEAST || _sharesFor(book, units) == 0) continue;
            left -= units;
            staked += units;
            _stake(book, seat, units);
        }
        require(staked != 0, ILrtVaultErrors.LrtVaultNothingToDo());
    }

    /// @notice See ILrtVault.unstake.
    function unstake(LrtState storage s) external returns (uint256 queued) {
        Live memory live = LrtBooks.sync(s);
        uint256[] memory need = needs(s, live);
        // A quarter of the delay apart, an account's withdrawals never use up their places: an exit waits for the next
        // at most that long, however many small ones came before it.
        uint256 spacing = s.delegation.minWithdrawalDelayBlocks() / MAX_OPEN;
        for (uint256 k = 0; k < s.operators.length; k++) {
            OperatorBook storage seat = s.operators[k];
            if (seat.lastQueued != 0 && block.number < seat.lastQueued + spacing) continue;
            if (s.delegation.getQueuedWithdrawalRoots(address(seat.account)).length >= MAX_OPEN) continue;
            if (_queue(s, seat, live, need)) queued++;
        }
        require(queued != 0, ILrtVaultErrors.LrtVaultNothingToDo());
    }

    /// @notice See ILrtVault.complete.
    function complete(LrtState storage s, address operator, bytes32[] calldata roots) external {
        OperatorBook storage seat = s.operators[LrtOperators.place(s, operator)];
        for (uint256 i = 0; i < roots.length; i++) {
            (IDelegationManager.Withdrawal memory withdrawal,) = s.delegation.getQueuedWithdrawal(roots[i]);
            require(
                withdrawal.staker == address(seat.account),
                ILrtVaultErrors.LrtVaultUnknownWithdrawal(roots[i])
            );
            _complete(s, seat, withdrawal);
            emit ILrtVault.WithdrawalCompleted(operator, roots[i]);
        }
    }

    /// @notice Units of each LST that the exits that wait will be paid, with a margin; at most all there are.
    /// @dev By what they are worth now: at most that is paid.
    function needs(LrtState storage s, Live memory live) internal view returns (uint256[] memory need) {
        uint256 n = live.units.length;
        need = new uint256[](n);
        if (s.pendingShares == 0 || live.counted == 0) return need;
        uint256 value = LrtBooks.toValue(live, s.pendingShares, Math.Rounding.Ceil);
        for (uint256 i = 0; i < n; i++) {
            uint256 units = Math.mulDiv(live.units[i], value, live.counted, Math.Rounding.Ceil);
            need[i] = Math.min(live.units[i], units + units / MARGIN_PART + MARGIN);
        }
    }

    function _target(OperatorBook storage seat, uint256 units, uint256 need) private view returns (uint256) {
        return (units - need) * seat.targetBps / BPS;
    }

    /// @dev Not if the operator ended the delegation, nor if little or nothing is left of its magnitude: the core would
    /// refuse the deposit, and with it all the others'.
    function _takesStake(LrtState storage s, OperatorBook storage seat, IStrategy strategy)
        private
        view
        returns (bool)
    {
        return s.delegation.delegatedTo(address(seat.account)) == seat.operator
            && s.delegation.allocationManager().getMaxMagnitude(seat.operator, strategy) >= LEAST_MAGNITUDE;
    }

    /// @dev 0 where a gift made a share of an empty strategy dearer than `units`: the core would refuse them, and the others.
    function _sharesFor(LstBook storage book, uint256 units) private view returns (uint256) {
        Lst storage lst = book.config;
        return lst.strategy.underlyingToSharesView(LstRates.toAmount(lst.kind, lst.token, units));
    }

    function _stake(LstBook storage book, OperatorBook storage seat, uint256 units) private {
        Lst memory lst = book.config;
        book.idle -= units.toUint128();
        LrtTokens.send(lst.kind, lst.token, address(seat.account), units);
        seat.account.stake(lst.strategy, IERC20(lst.token));
        emit ILrtVault.Restaked(lst.token, seat.operator, units);
    }

    function _queue(LrtState storage s, OperatorBook storage seat, Live memory live, uint256[] memory need)
        private
        returns (bool)
    {
        uint256 n = live.units.length;
        IStrategy[] memory strategies = new IStrategy[](n);
        for (uint256 i = 0; i < n; i++) {
            strategies[i] = s.lsts[i].config.strategy;
        }
        Position memory has;
        (has.withdrawable, has.deposits) =
            s.delegation.getWithdrawableShares(address(seat.account), strategies);
        uint256 count = 0;
        for (uint256 i = 0; i < n; i++) {
            uint256 shares = _surplus(s, seat, live, need[i], i, has);
            if (shares == 0) continue;
            (strategies[count], has.deposits[count]) = (strategies[i], shares);
            count++;
        }
        if (count == 0) return false;
        uint256[] memory deposits = has.deposits;
        // Both lists end after `count`, which is at most their length.
        assembly ("memory-safe") {
            mstore(strategies, count)
            mstore(deposits, count)
        }
        seat.lastQueued = block.number.toUint64();
        bytes32 root = seat.account.queue(strategies, deposits);
        emit ILrtVault.Unstaking(seat.operator, root);
        return true;
    }

    /// @dev Deposit shares to withdraw of the LST at `place`: what the account has above its target, if the exits that
    /// wait lack units, or if it is far above.
    function _surplus(
        LrtState storage s,
        OperatorBook storage seat,
        Live memory live,
        uint256 need,
        uint256 place,
        Position memory has
    ) private view returns (uint256) {
        LstBook storage book = s.lsts[place];
        uint256 staked = LrtBooks.toUnits(book, has.withdrawable[place]);
        if (staked == 0) return 0;
        uint256 target = _target(seat, live.units[place], need);
        uint256 surplus = Math.saturatingSub(staked, target);
        if (need > book.idle + live.queued[place]) {
            surplus = Math.min(staked, Math.max(surplus, LEAST));
        } else if (surplus < LEAST || surplus * BPS <= target * BAND_BPS) {
            return 0;
        }
        return Math.mulDiv(has.deposits[place], surplus, staked, Math.Rounding.Ceil);
    }

    /// @dev Booked units are not raised by what arrives: it was counted while it was queued, and what is beyond that is a
    /// gift to the account, a gain.
    function _complete(
        LrtState storage s,
        OperatorBook storage seat,
        IDelegationManager.Withdrawal memory withdrawal
    ) private {
        uint256 n = withdrawal.strategies.length;
        IERC20[] memory tokens = new IERC20[](n);
        LstRates.Kind[] memory kinds = new LstRates.Kind[](n);
        uint256[] memory places = new uint256[](n);
        uint256[] memory before = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            tokens[i] = withdrawal.strategies[i].underlyingToken();
            places[i] = LrtOperators.lstPlace(s, address(tokens[i]));
            kinds[i] = s.lsts[places[i]].config.kind;
            before[i] = LrtTokens.unitsOf(kinds[i], address(tokens[i]), address(this));
        }
        seat.account.complete(withdrawal, tokens, kinds);
        for (uint256 i = 0; i < n; i++) {
            uint256 arrived = LrtTokens.unitsOf(kinds[i], address(tokens[i]), address(this)) - before[i];
            s.lsts[places[i]].idle += arrived.toUint128();
        }
    }
}
