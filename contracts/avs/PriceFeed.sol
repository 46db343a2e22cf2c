// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "./interfaces/AggregatorV3Interface.sol";
import {Feed, FeedConfig} from "./interfaces/IPriceFeeds.sol";
import {IPriceFeedsErrors} from "./interfaces/IPriceFeedsErrors.sol";

/// @title PriceFeed: one feed of PriceFeeds, at an address of its own, read as a Chainlink feed
/// @dev Round ids are the feed's own: 1, 2, 3 and so on, without gaps, so that consumers can walk back. The last
/// HISTORY rounds are kept. An update writes two slots of storage: the head, and the round in its place in the ring.
contract PriceFeed is AggregatorV3Interface, IPriceFeedsErrors {
    /// @notice Rounds that are kept.
    uint256 public constant HISTORY = 256;

    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;

    /// @dev One storage slot: all that an update has to know and change.
    /// @param slot PriceFeeds' slot of the newest round.
    struct Head {
        uint32 roundId;
        uint32 slot;
        int96 minAnswer;
        int96 maxAnswer;
    }

    /// @dev One storage slot.
    struct Round {
        int128 answer;
        uint64 startedAt;
        uint64 updatedAt;
    }

    /// @notice As Chainlink's feeds emit them.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    /// @notice The only contract that writes here.
    address public immutable priceFeeds;

    address private immutable _factory;

    Head private _head;
    Round[HISTORY] private _rounds;

    /// @inheritdoc AggregatorV3Interface
    uint8 public decimals;
    /// @notice Change, in basis points of the last answer, from which operators publish a round.
    uint16 public deviationBps;
    /// @notice Seconds after which operators publish a round without a change.
    uint32 public heartbeat;
    /// @inheritdoc AggregatorV3Interface
    string public description;

    constructor(address priceFeeds_) {
        priceFeeds = priceFeeds_;
        _factory = msg.sender;
    }

    modifier onlyPriceFeeds() {
        require(msg.sender == priceFeeds, OnlyPriceFeeds(msg.sender));
        _;
    }

    /// @notice Names the feed. The factory calls it once, when it has created the feed.
    function setUp(string calldata description_, uint8 decimals_) external {
        require(msg.sender == _factory, OnlyPriceFeeds(msg.sender));
        description = description_;
        decimals = decimals_;
    }

    /// @notice Sets when operators publish, and the bounds of answers.
    function configure(uint16 deviationBps_, uint32 heartbeat_, int192 minAnswer, int192 maxAnswer)
        external
        onlyPriceFeeds
    {
        require(deviationBps_ != 0 && deviationBps_ <= 10_000, FeedDeviation(deviationBps_));
        require(heartbeat_ != 0, FeedHeartbeat());
        // The head has 96 bits for each bound: 3.9e28, or 3.9e10 with 18 decimals.
        require(
            minAnswer <= maxAnswer && minAnswer >= type(int96).min && maxAnswer <= type(int96).max,
            FeedBounds(minAnswer, maxAnswer)
        );
        deviationBps = deviationBps_;
        heartbeat = heartbeat_;
        // forge-lint: disable-next-item(unsafe-typecast)
        (_head.minAnswer, _head.maxAnswer) = (int96(minAnswer), int96(maxAnswer));
    }

    /// @notice Takes the certified answer of PriceFeeds' round `slot`.
    /// @param slot Below 2^32.
    /// @param startedAt Unix second of the slot.
    function transmit(int192 answer, uint64 slot, uint64 startedAt)
        external
        onlyPriceFeeds
        returns (uint32 roundId)
    {
        Head memory head = _head;
        require(head.roundId == 0 || slot > head.slot, RoundNotNewer(slot, head.slot));
        require(
            answer >= head.minAnswer && answer <= head.maxAnswer,
            AnswerOutOfBounds(answer, head.minAnswer, head.maxAnswer)
        );
        roundId = head.roundId + 1;
        head.roundId = roundId;
        // PriceFeeds has checked that the slot fits, and the bounds that the answer does.
        // forge-lint: disable-next-item(unsafe-typecast)
        head.slot = uint32(slot);
        _head = head;
        // forge-lint: disable-next-line(unsafe-typecast)
        _rounds[roundId % HISTORY] = Round(int128(answer), startedAt, uint64(block.timestamp));
        emit NewRound(roundId, msg.sender, startedAt);
        emit AnswerUpdated(answer, roundId, block.timestamp);
    }

    /// @notice The feed's configuration and newest round; zeros before the first.
    function state() external view returns (Feed memory) {
        Head memory head = _head;
        Round memory round = _rounds[head.roundId % HISTORY];
        return Feed({
            facade: address(this),
            config: FeedConfig({
                description: description,
                decimals: decimals,
                deviationBps: deviationBps,
                heartbeat: heartbeat,
                minAnswer: head.minAnswer,
                maxAnswer: head.maxAnswer
            }),
            roundId: head.roundId,
            answer: round.answer,
            startedAt: round.startedAt,
            updatedAt: round.updatedAt
        });
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory round = _round(_roundId);
        return (_roundId, round.answer, round.startedAt, round.updatedAt, _roundId);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        roundId = _head.roundId;
        Round memory round = _round(roundId);
        return (roundId, round.answer, round.startedAt, round.updatedAt, roundId);
    }

    // What Chainlink's feeds answered before AggregatorV3Interface, and still do. Like the newer functions, and
    // unlike Chainlink's, these revert where there is no data: a zero has been taken for a price before.

    function latestAnswer() external view returns (int256) {
        return _round(_head.roundId).answer;
    }

    function latestTimestamp() external view returns (uint256) {
        return _round(_head.roundId).updatedAt;
    }

    /// @notice Number of the newest round, 0 before the first.
    function latestRound() external view returns (uint256) {
        return _head.roundId;
    }

    function getAnswer(uint256 roundId) external view returns (int256) {
        return _round(roundId).answer;
    }

    function getTimestamp(uint256 roundId) external view returns (uint256) {
        return _round(roundId).updatedAt;
    }

    function _round(uint256 roundId) private view returns (Round memory) {
        uint256 latest = _head.roundId;
        require(roundId != 0 && roundId <= latest && latest - roundId < HISTORY, "No data present");
        return _rounds[roundId % HISTORY];
    }
}
