// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IPriceFeedsErrors: why PriceFeeds and its feeds refuse
interface IPriceFeedsErrors {
    error GenesisOutOfRange(uint64 genesis);
    error IntervalZero();
    error TooManyFeeds(uint256 most);
    error UnknownFeed(uint256 feedIndex);
    error FeedDescriptionLength(uint256 length, uint256 most);
    error FeedDecimals(uint8 decimals, uint8 most);
    error FeedDeviation(uint16 deviationBps);
    error FeedHeartbeat();
    error FeedBounds(int192 minAnswer, int192 maxAnswer);

    error UpdateEmpty();
    error UpdateLengthMismatch(uint256 feedIndices, uint256 answers);
    error SlotOutOfRange(uint64 slot);
    error SlotInFuture(uint64 slotTime, uint256 blockTime);

    // of the feeds
    error OnlyPriceFeeds(address caller);
    error RoundNotNewer(uint64 slot, uint64 latestSlot);
    error AnswerOutOfBounds(int192 answer, int192 minAnswer, int192 maxAnswer);
}
