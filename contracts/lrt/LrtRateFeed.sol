// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "../avs/interfaces/AggregatorV3Interface.sol";
import {ILrtVault} from "./interfaces/ILrtVault.sol";

/// @title LrtRateFeed: the LRT's rate, read as a Chainlink feed
/// @dev The rate is computed when it is asked for, so every answer is of this block, and a slash is in it in its own
/// block. The number of a round is the block's number: only the present one is there.
contract LrtRateFeed is AggregatorV3Interface {
    /// @inheritdoc AggregatorV3Interface
    uint8 public constant decimals = 18;
    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;
    /// @inheritdoc AggregatorV3Interface
    string public description;
    /// @notice Whose rate it is.
    ILrtVault public immutable vault;

    constructor(ILrtVault vault_, string memory description_) {
        vault = vault_;
        description = description_;
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 _roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        require(_roundId == block.number, "No data present");
        // A rate that does not fit in 255 bits cannot come of values and supplies of 128.
        // forge-lint: disable-next-line(unsafe-typecast)
        return (_roundId, int256(vault.getRate()), block.timestamp, block.timestamp, _roundId);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        // Block numbers have far less than 80 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return getRoundData(uint80(block.number));
    }
}
