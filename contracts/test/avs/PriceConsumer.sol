// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "../../avs/interfaces/AggregatorV3Interface.sol";

/// @notice What a lending market would have: it knows Chainlink's interface and nothing else.
contract PriceConsumer {
    error StalePrice(uint256 updatedAt);
    error NoPrice(int256 answer);

    uint256 private constant MAX_AGE = 1 hours;

    AggregatorV3Interface private immutable _feed;

    constructor(AggregatorV3Interface feed) {
        _feed = feed;
    }

    /// @notice Value in USD, with 18 decimals, of `amount` of the feed's asset, with 18 decimals.
    function valueOf(uint256 amount) external view returns (uint256) {
        (, int256 answer,, uint256 updatedAt,) = _feed.latestRoundData();
        if (answer <= 0) revert NoPrice(answer);
        if (block.timestamp - updatedAt > MAX_AGE) revert StalePrice(updatedAt);
        return amount * uint256(answer) / 10 ** _feed.decimals();
    }

    /// @notice The mean of the last `count` answers, walking back by round ids.
    function mean(uint80 count) external view returns (int256 sum) {
        (uint80 roundId,,,,) = _feed.latestRoundData();
        for (uint80 i; i < count; ++i) {
            (, int256 answer,,,) = _feed.getRoundData(roundId - i);
            sum += answer;
        }
        return sum / int256(uint256(count));
    }
}
