// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMailbox, IMessageRecipient, ISpecifiesInterchainSecurityModule} from "./IHyperlane.sol";

/// @title ILrtRoute: one end of the way of an LRT between chains
/// @dev Messages begin as those of Hyperlane's warp routes: recipient 32 bytes, amount 32. From the LRT's own chain its rate
/// follows: rate 32 bytes, Unix second 8.
interface ILrtRoute is IMessageRecipient, ISpecifiesInterchainSecurityModule {
    error AmountZero();
    error RecipientZero();
    error OnlyMailbox(address caller);
    error RouterKnown(uint32 domain);
    error RouterUnknown(uint32 domain, bytes32 router);
    error BodyLength(uint256 length);
    error LimitTooFast(uint128 capacity, uint128 refill);

    event RouterEnrolled(uint32 indexed domain, bytes32 router);
    event LimitsSet(uint32 indexed domain, uint128 capacity, uint128 refill);
    /// @notice As Hyperlane's warp routes tell it.
    event SentTransferRemote(uint32 indexed destination, bytes32 indexed recipient, uint256 amount);
    event ReceivedTransferRemote(uint32 indexed origin, bytes32 indexed recipient, uint256 amount);

    function mailbox() external view returns (IMailbox);

    /// @notice The other end on a domain.
    function routers(uint32 domain) external view returns (bytes32);

    /// @notice What may still be sent to a domain, and arrive from it, now.
    function available(uint32 domain) external view returns (uint256 outbound, uint256 inbound);

    /// @notice Sends tokens of the caller's. What the mailbox asks for is to be paid with it.
    function transferRemote(uint32 destination, bytes32 recipient, uint256 amount)
        external
        payable
        returns (bytes32 messageId);
}
