// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {PriceFeed} from "./PriceFeed.sol";
import {Feed} from "./interfaces/IPriceFeeds.sol";
import {IPriceFeedsErrors} from "./interfaces/IPriceFeedsErrors.sol";

/// @title PriceFeedFactory: creates the feeds of one PriceFeeds, which creates this in its constructor
/// @dev Keeps the feeds' creation code out of PriceFeeds, and puts each at an address that follows from its index:
/// PriceFeeds computes it, for a tenth of the gas of reading it from storage.
contract PriceFeedFactory is IPriceFeedsErrors {
    /// @notice Bytes of a feed's description.
    uint256 public constant MAX_DESCRIPTION_LENGTH = 64;
    uint8 public constant MAX_DECIMALS = 18;

    address private immutable _priceFeeds;

    constructor() {
        _priceFeeds = msg.sender;
    }

    /// @notice Creates feed `index`.
    function create(uint256 index, string calldata description, uint8 decimals)
        external
        returns (PriceFeed feed)
    {
        require(msg.sender == _priceFeeds, OnlyPriceFeeds(msg.sender));
        uint256 length = bytes(description).length;
        require(
            length != 0 && length <= MAX_DESCRIPTION_LENGTH,
            FeedDescriptionLength(length, MAX_DESCRIPTION_LENGTH)
        );
        require(decimals <= MAX_DECIMALS, FeedDecimals(decimals, MAX_DECIMALS));
        feed = new PriceFeed{salt: bytes32(index)}(_priceFeeds);
        feed.setUp(description, decimals);
    }

    /// @notice Feeds [from, from + count) of the first `total`.
    function feeds(uint256 from, uint256 count, uint256 total) external view returns (Feed[] memory page) {
        if (from > total) from = total;
        if (count > total - from) count = total - from;
        page = new Feed[](count);
        bytes32 codeHash = initCodeHash();
        for (uint256 i; i < count; ++i) {
            page[i] = PriceFeed(Create2.computeAddress(bytes32(from + i), codeHash)).state();
        }
    }

    /// @notice Hash of the feeds' creation code, which is the same for all of them.
    function initCodeHash() public view returns (bytes32) {
        return keccak256(abi.encodePacked(type(PriceFeed).creationCode, abi.encode(_priceFeeds)));
    }
}
