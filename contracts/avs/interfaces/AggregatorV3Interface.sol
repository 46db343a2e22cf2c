// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title AggregatorV3Interface: how contracts read a Chainlink price feed
/// @dev Exactly Chainlink's functions; the selectors are tested.
interface AggregatorV3Interface {
    function decimals() external view returns (uint8);
    function description() external view returns (string memory);
    function version() external view returns (uint256);

    /// @notice Reverts "No data present" for a round that was never there, or is no longer kept.
    /// @return roundId As asked for.
    /// @return answer The price, in units of 10^-decimals.
    /// @return startedAt Unix second of the observation.
    /// @return updatedAt Unix second of the block that brought the answer.
    /// @return answeredInRound Same as `roundId`.
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The newest round, as `getRoundData`. Reverts "No data present" before the first.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
