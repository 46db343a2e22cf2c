// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "../../avs/interfaces/AggregatorV3Interface.sol";
import {LstRates} from "../../lst/LstRates.sol";

/// @title MarketFeed: a market of an LST in ETH that follows its own rate, as a test wants it
contract MarketFeed is AggregatorV3Interface {
    uint8 public immutable decimals;
    uint256 public constant version = 1;
    string public constant description = "LST / ETH";
    LstRates.Kind private immutable _kind;
    address private immutable _token;

    /// @notice Price in basis points of the LST's own rate.
    int256 public bps = 10_000;
    /// @notice Seconds since the last answer; negative for one from the future.
    int256 public age;
    bool public silent;

    constructor(LstRates.Kind kind, address token, uint8 decimals_) {
        (_kind, _token, decimals) = (kind, token, decimals_);
    }

    function set(int256 bps_, int256 age_, bool silent_) external {
        (bps, age, silent) = (bps_, age_, silent_);
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        require(!silent, "No data present");
        int256 own = int256(LstRates.ethValue(_kind, _token, 1e18));
        uint256 updated = uint256(int256(block.timestamp) - age);
        return (id, own * bps / 10_000 / int256(10 ** (18 - decimals)), updated, updated, id);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(1);
    }
}

/// @title FixedFeed: a price that stands
contract FixedFeed is AggregatorV3Interface {
    uint8 public immutable decimals;
    uint256 public constant version = 1;
    string public constant description = "TKN / ETH";
    int256 public answer;

    constructor(int256 answer_, uint8 decimals_) {
        (answer, decimals) = (answer_, decimals_);
    }

    function set(int256 answer_) external {
        answer = answer_;
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        return (id, answer, block.timestamp, block.timestamp, id);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(1);
    }
}
