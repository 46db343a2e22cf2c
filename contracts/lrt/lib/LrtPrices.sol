// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "../../avs/interfaces/AggregatorV3Interface.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {Lst, PriceSource} from "../interfaces/ILrtTypes.sol";
import {BPS, ONE} from "./LrtState.sol";

/// @title LrtPrices: market prices. They decide whether deposits stop and what reward tokens are sold for, never what an
/// LST or the LRT is worth.
library LrtPrices {
    /// @notice Price of one token in ETH, times 1e18, rounded down; 0 if the feed gives none that can be relied on: it
    /// reverts, its answer is not positive, or older than this feed's own heartbeat, or from the future.
    function read(PriceSource memory source) internal view returns (uint256 price) {
        try AggregatorV3Interface(source.feed).latestRoundData() returns (
            uint80, int256 answer, uint256, uint256 updatedAt, uint80
        ) {
            if (answer <= 0) return 0;
            if (updatedAt > block.timestamp || block.timestamp - updatedAt > source.heartbeat) return 0;
            // Positive, as was checked.
            // forge-lint: disable-next-line(unsafe-typecast)
            return uint256(answer) * ONE / 10 ** AggregatorV3Interface(source.feed).decimals();
        } catch {
            return 0;
        }
    }

    /// @notice Whether an LST is worth less on its market than by its own rate, by more than its limit, or whether that
    /// cannot be told.
    function depegged(Lst memory lst) internal view returns (bool) {
        uint256 own = LstRates.ethValue(lst.kind, lst.token, ONE);
        return read(lst.market) * BPS < own * (BPS - lst.market.bps);
    }
}
