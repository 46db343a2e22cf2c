// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {ILrtEntry} from "../interfaces/ILrtEntry.sol";
import {Lst} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtBooks} from "./LrtBooks.sol";
import {LrtPrices} from "./LrtPrices.sol";
import {Live, LrtState, LstBook, ONE, VIRTUAL} from "./LrtState.sol";
import {LrtTokens} from "./LrtTokens.sol";

/// @title LrtDeposits: the way in
library LrtDeposits {
    using SafeCast for uint256;

    /// @dev A deposit, as the entry of the LST at `place` asks for it.
    struct Order {
        uint256 place;
        address payer;
        address receiver;
        uint256 assets;
        uint256 shares;
    }

    /// @notice See ILrtVault.depositFor.
    /// @dev The price is taken before anything arrives, and only what arrived is paid for: a token that takes a fee or
    /// rounds a transfer down costs the depositor, not the others.
    function deposit(LrtState storage s, Order memory order)
        external
        returns (uint256 taken, uint256 minted)
    {
        Lst memory lst = s.lsts[order.place].config;
        _checkOpen(s, lst, order.receiver);
        Live memory live = LrtBooks.sync(s);
        require(hasPrice(live), ILrtVaultErrors.LrtVaultWorthless());
        uint256 units;
        uint256 value;
        if (order.shares == 0) {
            taken = order.assets;
            units = _take(lst, order.payer, taken);
            value = LrtBooks.valueOf(units, live.rates[order.place]);
            minted = LrtBooks.toShares(live, value);
            require(minted != 0, ILrtVaultErrors.LrtVaultZeroShares());
        } else {
            minted = order.shares;
            uint256 cost = LrtBooks.toValue(live, minted, Math.Rounding.Ceil);
            uint256 needed = Math.mulDiv(cost, ONE, live.rates[order.place], Math.Rounding.Ceil);
            taken = LrtTokens.amountFor(lst.kind, lst.token, needed);
            units = _take(lst, order.payer, taken);
            require(units >= needed, ILrtVaultErrors.LrtVaultShortDeposit(units, needed));
            value = LrtBooks.valueOf(units, live.rates[order.place]);
        }
        uint256 left = room(lst, live, order.place);
        require(value <= left, ILrtVaultErrors.LrtVaultCap(lst.token, value, left));
        _book(s.lsts[order.place], units);
        s.token.mint(order.receiver, minted);
        emit ILrtVault.Deposited(lst.token, order.receiver, units, value, minted);
    }

    /// @notice Value that an LST's cap still admits, in wei of ETH. Counts all the vault has of it.
    function room(Lst memory lst, Live memory live, uint256 place) internal pure returns (uint256) {
        return Math.saturatingSub(lst.cap, LrtBooks.valueOf(live.units[place], live.rates[place]));
    }

    /// @notice Whether there is a price to mint at: not when less is left than the virtual value, of shares that were
    /// worth more. What those shares claim beyond what is there, at most the virtual value, the next depositor would pay.
    function hasPrice(Live memory live) internal pure returns (bool) {
        return live.value >= VIRTUAL || live.supply <= VIRTUAL;
    }

    function _checkOpen(LrtState storage s, Lst memory lst, address receiver) private view {
        require(s.isOpen, ILrtVaultErrors.LrtVaultNotOpen());
        require(!s.paused, ILrtVaultErrors.LrtVaultPaused());
        require(receiver != address(0), ILrtVaultErrors.LrtVaultZeroAddress());
        require(!LrtPrices.depegged(lst), ILrtVaultErrors.LrtVaultDepegged(lst.token));
    }

    /// @dev What arrives is measured, inside the vault's lock, so that no other transfer can be counted with it.
    function _take(Lst memory lst, address payer, uint256 amount) private returns (uint256 units) {
        uint256 before = LrtTokens.unitsOf(lst.kind, lst.token, address(this));
        ILrtEntry(lst.entry).pull(payer, amount);
        return LrtTokens.unitsOf(lst.kind, lst.token, address(this)) - before;
    }

    /// @dev Paid for in shares, so it is no gain.
    function _book(LstBook storage book, uint256 units) private {
        uint128 added = units.toUint128();
        book.idle += added;
        book.bookedUnits += added;
    }
}
