// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Where the worth of a strategy's tokens in ETH comes from. Never from price feeds of our own: their weights
/// would then follow from themselves.
/// FIXED: the owner says it. The others: the strategy holds a liquid staking token of that shape, which is asked itself.
enum RateSource {
    FIXED,
    STETH,
    WSTETH,
    RETH,
    CBETH
}

/// @notice How stake in a strategy counts.
/// @param multiplierBps What its worth is multiplied with, in basis points: 10,000 counts it as it is, 0 not at all.
/// @param rate Wei of ETH that 1e18 shares of the strategy are worth, if the source is FIXED; otherwise 0.
struct StrategyWeight {
    RateSource source;
    uint16 multiplierBps;
    uint128 rate;
}
