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

    /// @notice As Chainlink's feeds emit them.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    /// @notice The only contract that writes here.
    address public immutable priceFeeds;

    address private immutable _factory;

    /// @dev All that an update has to know and change, from the top: number of the newest round 32 bits, its slot 32,
    /// least answer 96, greatest answer 96.
    uint256 private _head;
    /// @dev Round i at i % HISTORY, from the top: answer 128 bits, startedAt 64, updatedAt 64.
    uint256[HISTORY] private _rounds;

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
        uint256 bounds = uint256(uint96(int96(minAnswer))) << 96 | uint96(int96(maxAnswer));
        _head = (_head >> 192 << 192) | bounds;
    }

    /// @notice Takes the certified answer of PriceFeeds' round `slot`.
    /// @param slot Below 2^32.
    /// @param startedAt Unix second of the slot.
    /// @dev Casts take fields out of the packed head.
    // forge-lint: disable-next-item(unsafe-typecast)
    function transmit(int192 answer, uint64 slot, uint64 startedAt) external onlyPriceFeeds {
        uint256 head = _head;
        uint256 roundId = head >> 224;
        uint64 latestSlot = uint32(head >> 192);
        require(slot > latestSlot || roundId == 0, RoundNotNewer(slot, latestSlot));
        (int192 least, int192 most) = (int96(uint96(head >> 96)), int96(uint96(head)));
        require(answer >= least && answer <= most, AnswerOutOfBounds(answer, least, most));
        // 2^32 rounds of a second each take 136 years; times have less than 64 bits, the answer less than 96.
        unchecked {
            ++roundId;
            _head = roundId << 224 | uint256(slot) << 192 | uint192(head);
            _rounds[roundId % HISTORY] =
                uint256(int256(answer)) << 128 | uint256(startedAt) << 64 | block.timestamp;
        }
        emit NewRound(roundId, msg.sender, startedAt);
        emit AnswerUpdated(answer, roundId, block.timestamp);
    }

    /// @notice The feed's configuration and newest round; zeros before the first.
    function state() external view returns (Feed memory) {
        uint256 head = _head;
        uint256 roundId = head >> 224;
        (int256 answer, uint256 startedAt, uint256 updatedAt) = _unpack(_rounds[roundId % HISTORY]);
        // Narrower again what was widened from just these types.
        // forge-lint: disable-next-item(unsafe-typecast)
        return Feed({
            facade: address(this),
            config: FeedConfig({
                description: description,
                decimals: decimals,
                deviationBps: deviationBps,
                heartbeat: heartbeat,
                minAnswer: int96(uint96(head >> 96)),
                maxAnswer: int96(uint96(head))
            }),
            roundId: uint32(roundId),
            answer: int192(answer),
            startedAt: uint64(startedAt),
            updatedAt: uint64(updatedAt)
        });
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        (answer, startedAt, updatedAt) = _round(_roundId);
        return (_roundId, answer, startedAt, updatedAt, _roundId);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        roundId = uint80(latestRound());
        (answer, startedAt, updatedAt) = _round(roundId);
        return (roundId, answer, startedAt, updatedAt, roundId);
    }

    // What Chainlink's feeds answered before AggregatorV3Interface, and still do. Like the newer functions, and
    // unlike Chainlink's, these revert where there is no data: a zero has been taken for a price before.

    function latestAnswer() external view returns (int256 answer) {
        (answer,,) = _round(latestRound());
    }

    function latestTimestamp() external view returns (uint256 updatedAt) {
        (,, updatedAt) = _round(latestRound());
    }

    /// @notice Number of the newest round, 0 before the first.
    function latestRound() public view returns (uint256) {
        return _head >> 224;
    }

    function getAnswer(uint256 roundId) external view returns (int256 answer) {
        (answer,,) = _round(roundId);
    }

    function getTimestamp(uint256 roundId) external view returns (uint256 updatedAt) {
        (,, updatedAt) = _round(roundId);
    }

    function _round(uint256 roundId)
        private
        view
        returns (int256 answer, uint256 startedAt, uint256 updatedAt)
    {
        uint256 latest = latestRound();
        require(roundId != 0 && roundId <= latest && latest - roundId < HISTORY, "No data present");
        return _unpack(_rounds[roundId % HISTORY]);
    }

    /// @dev Casts take fields out of the packed round.
    // forge-lint: disable-next-item(unsafe-typecast)
    function _unpack(uint256 round)
        private
        pure
        returns (int256 answer, uint256 startedAt, uint256 updatedAt)
    {
        return (int256(round) >> 128, uint64(round >> 64), uint64(round));
    }
}
