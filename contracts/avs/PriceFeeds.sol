// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {IAllocationManager} from "../core/interfaces/IAllocationManager.sol";
import {PriceFeed} from "./PriceFeed.sol";
import {PriceFeedFactory} from "./PriceFeedFactory.sol";
import {ServiceManager} from "./ServiceManager.sol";
import {Feed, FeedConfig, IPriceFeeds} from "./interfaces/IPriceFeeds.sol";
import {IPriceFeedsErrors} from "./interfaces/IPriceFeedsErrors.sol";
import {Certificate, Statement} from "./interfaces/IServiceManager.sol";
import {Parameters} from "./interfaces/Parameters.sol";
import {Multiproof} from "./lib/Multiproof.sol";

/// @title PriceFeeds: prices that a quorum of operators certified, each behind a feed address of its own
/// @dev A round is one slot: a Merkle root over the answers of all feeds, as @openzeppelin/merkle-tree's
/// StandardMerkleTree builds it. Whoever brings the round's certificate updates the feeds it chooses.
contract PriceFeeds is ServiceManager, IPriceFeeds, IPriceFeedsErrors {
    /// @inheritdoc IPriceFeeds
    bytes32 public constant SERVICE = keccak256("lariat/prices");

    /// @notice Seconds by which a slot may lie ahead of the block's time: operators' clocks against the chain's.
    uint256 public constant MAX_SLOT_LEAD = 5;
    /// @notice Feeds of one contract: a round's report, with an answer for each, stays within a few messages.
    uint256 public constant MAX_FEEDS = 1024;

    event FeedConfigured(
        uint256 indexed feedIndex, uint16 deviationBps, uint32 heartbeat, int192 minAnswer, int192 maxAnswer
    );

    /// @inheritdoc IPriceFeeds
    uint64 public immutable genesis;
    /// @inheritdoc IPriceFeeds
    uint32 public immutable interval;
    PriceFeedFactory private immutable _factory;
    bytes32 private immutable _initCodeHash;

    /// @inheritdoc IPriceFeeds
    uint64 public latestSlot;
    uint16 private _feedCount;

    /// @param genesis_ Unix second of slot 0.
    /// @param interval_ Seconds between slots.
    constructor(
        Parameters memory parameters,
        IAllocationManager allocationManager_,
        address owner_,
        uint64 genesis_,
        uint32 interval_
    ) ServiceManager(parameters, allocationManager_, owner_) {
        // Zero would make slot 0 an index; times have 40 bits in the epochs.
        require(genesis_ != 0 && genesis_ < 1 << 40, GenesisOutOfRange(genesis_));
        require(interval_ != 0, IntervalZero());
        genesis = genesis_;
        interval = interval_;
        _factory = new PriceFeedFactory();
        _initCodeHash = _factory.initCodeHash();
    }

    /// @notice Adds a feed after the last one. There is no removing: indices are part of what operators sign.
    function addFeed(FeedConfig calldata config) external onlyOwner returns (uint256 feedIndex) {
        feedIndex = _feedCount;
        require(feedIndex < MAX_FEEDS, TooManyFeeds(MAX_FEEDS));
        // Not above MAX_FEEDS.
        // forge-lint: disable-next-line(unsafe-typecast)
        _feedCount = uint16(feedIndex + 1);
        PriceFeed feed = _factory.create(feedIndex, config.description, config.decimals);
        emit FeedAdded(feedIndex, address(feed), config.description);
        configureFeed(feedIndex, config.deviationBps, config.heartbeat, config.minAnswer, config.maxAnswer);
    }

    /// @notice Changes when a feed is published, and the bounds of its answers.
    function configureFeed(
        uint256 feedIndex,
        uint16 deviationBps,
        uint32 heartbeat,
        int192 minAnswer,
        int192 maxAnswer
    ) public onlyOwner {
        require(feedIndex < _feedCount, UnknownFeed(feedIndex));
        _feed(feedIndex).configure(deviationBps, heartbeat, minAnswer, maxAnswer);
        emit FeedConfigured(feedIndex, deviationBps, heartbeat, minAnswer, maxAnswer);
    }

    /// @inheritdoc IPriceFeeds
    /// @dev The flags are copied to memory, as coverage compiles without the optimizer, and then the stack is short.
    function update(
        uint64 epoch,
        uint64 slot,
        uint16 attempt,
        Certificate calldata certificate,
        uint16[] calldata feedIndices,
        int192[] calldata answers,
        bytes32[] calldata proof,
        bool[] memory proofFlags
    ) public {
        bytes32 root = _root(feedIndices, answers, proof, proofFlags);
        _verifyCertificate(Statement(SERVICE, KIND_CERTIFY, epoch, slot, attempt, root), certificate);
        _transmit(slot, feedIndices, answers);
        emit ReportAccepted(slot, epoch, attempt, root, feedIndices.length);
    }

    /// @inheritdoc IPriceFeeds
    function feedCount() external view returns (uint256) {
        return _feedCount;
    }

    /// @inheritdoc IPriceFeeds
    function feeds(uint256 from, uint256 count) external view returns (Feed[] memory) {
        bytes memory question = abi.encodeCall(_factory.feeds, (from, count, _feedCount));
        address factory = address(_factory);
        // Answers with the factory's answer as it is: decoding and encoding it again would take a tenth of the size
        // that a contract may have.
        assembly ("memory-safe") {
            let done := staticcall(gas(), factory, add(question, 32), mload(question), 0, 0)
            let answer := mload(0x40)
            returndatacopy(answer, 0, returndatasize())
            if iszero(done) { revert(answer, returndatasize()) }
            return(answer, returndatasize())
        }
    }

    /// @notice The address of a feed, whether it was added yet or not.
    function feedAddress(uint256 feedIndex) external view returns (address) {
        return address(_feed(feedIndex));
    }

    function slotTime(bytes32 service, uint64 slot) public view override returns (uint64) {
        require(service == SERVICE, UnknownService(service));
        // Feeds keep slots in 32 bits: 136 years of seconds.
        require(slot <= type(uint32).max, SlotOutOfRange(slot));
        return genesis + slot * interval;
    }

    function _transmit(uint64 slot, uint16[] calldata feedIndices, int192[] calldata answers) private {
        uint64 startedAt = slotTime(SERVICE, slot);
        require(startedAt <= block.timestamp + MAX_SLOT_LEAD, SlotInFuture(startedAt, block.timestamp));
        uint256 unknown = _transmitAll(slot, startedAt, feedIndices, answers);
        if (unknown != feedIndices.length) revert UnknownFeed(feedIndices[unknown]);
        if (slot > latestSlot) latestSlot = slot;
    }

    /// @dev Hands each feed its answer. In assembly, as this is half of what an update can save: one buffer for all
    /// calls, and the feeds' addresses computed in place, as `_feed` does.
    /// @return i The first place that names an unknown feed, or the number of feeds.
    function _transmitAll(
        uint64 slot,
        uint64 startedAt,
        uint16[] calldata feedIndices,
        int192[] calldata answers
    ) private returns (uint256 i) {
        uint256 count = _feedCount;
        (address factory, bytes32 codeHash) = (address(_factory), _initCodeHash);
        bytes4 selector = PriceFeed.transmit.selector;
        assembly ("memory-safe") {
            // CREATE2's preimage: 0xff, factory, salt, hash of the code.
            let preimage := mload(0x40)
            mstore(preimage, or(shl(248, 0xff), shl(88, factory)))
            mstore(add(preimage, 53), codeHash)
            let question := add(preimage, 96)
            mstore(question, selector)
            mstore(add(question, 36), slot)
            mstore(add(question, 68), startedAt)
            for {} lt(i, feedIndices.length) { i := add(i, 1) } {
                let index := calldataload(add(feedIndices.offset, shl(5, i)))
                if iszero(lt(index, count)) { break }
                mstore(add(preimage, 21), index)
                // The feed checks that the answer fits its type.
                mstore(add(question, 4), calldataload(add(answers.offset, shl(5, i))))
                let feed := and(keccak256(preimage, 85), 0xffffffffffffffffffffffffffffffffffffffff)
                if iszero(call(gas(), feed, 0, question, 100, 0, 0)) {
                    returndatacopy(preimage, 0, returndatasize())
                    revert(preimage, returndatasize())
                }
            }
        }
    }

    /// @dev The root of the report that holds these answers.
    function _root(
        uint16[] calldata feedIndices,
        int192[] calldata answers,
        bytes32[] calldata proof,
        bool[] memory proofFlags
    ) private pure returns (bytes32) {
        // Without leaves the proof alone would be the root, and prove nothing.
        require(feedIndices.length != 0, UpdateEmpty());
        require(
            feedIndices.length == answers.length, UpdateLengthMismatch(feedIndices.length, answers.length)
        );
        return Multiproof.root(feedIndices, answers, proof, proofFlags);
    }

    function _feed(uint256 index) private view returns (PriceFeed) {
        return PriceFeed(Create2.computeAddress(bytes32(index), _initCodeHash, address(_factory)));
    }
}
