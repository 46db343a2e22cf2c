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

    /// @notice See ILrtVault.depositFor. The caller is the entry of the LST at `place`.
    /// @dev The price is taken before anything arrives, and only what arrived is paid for: a token that takes a fee or
    /// rounds a transfer down costs the depositor, not the others.
    function deposit(
        LrtState storage s,
        uint256 place,
        address payer,
        address receiver,
        uint256 assets,
        uint256 shares
    ) external returns (uint256 taken, uint256 minted) {
        require(s.isOpen, ILrtVaultErrors.LrtVaultNotOpen());
        require(!s.paused, ILrtVaultErrors.LrtVaultPaused());
        require(receiver != address(0), ILrtVaultErrors.LrtVaultZeroAddress());
        Lst memory lst = s.lsts[place].config;
        require(!LrtPrices.depegged(lst), ILrtVaultErrors.LrtVaultDepegged(lst.token));

        Live memory live = LrtBooks.sync(s);
        _checkPrice(live);
        uint256 rate = live.rates[place];
        uint256 needed = 0;
        taken = assets;
        if (shares != 0) {
            uint256 cost = LrtBooks.toValue(live, shares, Math.Rounding.Ceil);
            needed = Math.mulDiv(cost, ONE, rate, Math.Rounding.Ceil);
            taken = LrtTokens.amountFor(lst.kind, lst.token, needed);
        }
        uint256 units = _take(lst, payer, taken);
        uint256 value = LrtBooks.valueOf(units, rate);
        if (shares == 0) {
            minted = LrtBooks.toShares(live, value);
            require(minted != 0, ILrtVaultErrors.LrtVaultZeroShares());
        } else {
            minted = shares;
            require(units >= needed, ILrtVaultErrors.LrtVaultShortDeposit(units, needed));
        }
        uint256 left = room(lst, live, place);
        require(value <= left, ILrtVaultErrors.LrtVaultCap(lst.token, value, left));

        _book(s.lsts[place], units);
        s.token.mint(receiver, minted);
        emit ILrtVault.Deposited(lst.token, receiver, units, value, minted);
    }

    /// @notice Value that an LST's cap still admits, in wei of ETH. Counts all the vault has of it.
    function room(Lst memory lst, Live memory live, uint256 place) internal pure returns (uint256) {
        return Math.saturatingSub(lst.cap, LrtBooks.valueOf(live.units[place], live.rates[place]));
    }

    /// @notice Whether there is a price to mint at. Shares of which nothing is left would take from the next depositor;
    /// the virtual value covers as many of them as there are virtual shares.
    function hasPrice(Live memory live) internal pure returns (bool) {
        return live.value != 0 || live.supply <= VIRTUAL;
    }

    function _checkPrice(Live memory live) private pure {
        require(hasPrice(live), ILrtVaultErrors.LrtVaultWorthless());
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
