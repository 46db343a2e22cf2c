// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate} from "./IServiceManager.sol";

/// @notice How one feed is published. `heartbeat` in seconds, `deviationBps` in basis points of the last answer.
struct FeedConfig {
    string description;
    uint8 decimals;
    uint16 deviationBps;
    uint32 heartbeat;
    int192 minAnswer;
    int192 maxAnswer;
}

/// @notice A feed's configuration with its index, facade and state.
struct Feed {
    address facade;
    FeedConfig config;
    uint32 roundId;
    int192 answer;
    uint64 startedAt;
    uint64 updatedAt;
}

/// @title IPriceFeeds: prices that a quorum of operators certified
/// @dev The certified payload of round `slot` is the root of an @openzeppelin/merkle-tree StandardMerkleTree over
/// (uint256 feedIndex, int256 answer). Round `slot` is observed at genesis + slot * interval.
interface IPriceFeeds {
    event FeedAdded(uint256 indexed feedIndex, address indexed facade, string description);
    event ReportAccepted(
        uint64 indexed slot, uint64 indexed epoch, uint16 attempt, bytes32 root, uint256 feeds
    );

    /// @notice The service id: keccak256("lariat/prices").
    function SERVICE() external view returns (bytes32);
    /// @notice Unix second of slot 0.
    function genesis() external view returns (uint64);
    /// @notice Seconds between slots.
    function interval() external view returns (uint32);

    /// @notice Updates the given feeds from a certified round. Per feed, rounds only go forward.
    /// @param feedIndices Indices and `answers` the new answers, in the order that the multiproof wants.
    function update(
        uint64 epoch,
        uint64 slot,
        uint16 attempt,
        Certificate calldata certificate,
        uint16[] calldata feedIndices,
        int192[] calldata answers,
        bytes32[] calldata proof,
        bool[] calldata proofFlags
    ) external;

    function feedCount() external view returns (uint256);
    function feeds(uint256 from, uint256 count) external view returns (Feed[] memory);
    /// @notice The newest slot that updated any feed.
    function latestSlot() external view returns (uint64);
}
