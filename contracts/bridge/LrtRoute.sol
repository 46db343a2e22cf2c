// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {
    IInterchainSecurityModule,
    IMailbox,
    IMessageRecipient,
    ISpecifiesInterchainSecurityModule
} from "./interfaces/IHyperlane.sol";
import {ILrtRoute} from "./interfaces/ILrtRoute.sol";
import {Message} from "./lib/Message.sol";
import {RateLimit} from "./lib/RateLimit.sol";

/// @title LrtRoute: what both ends of an LRT's way between chains share
/// @dev Other ends are named once and for ever, and so is who judges messages: the owner sets limits, and nothing else.
abstract contract LrtRoute is ILrtRoute, Ownable2Step {
    using RateLimit for RateLimit.Bucket;

    /// @dev Recipient and amount.
    uint256 internal constant TRANSFER_SIZE = 64;

    /// @inheritdoc ILrtRoute
    IMailbox public immutable mailbox;
    /// @inheritdoc ISpecifiesInterchainSecurityModule
    IInterchainSecurityModule public immutable interchainSecurityModule;

    /// @inheritdoc ILrtRoute
    mapping(uint32 domain => bytes32) public routers;
    mapping(uint32 domain => RateLimit.Bucket) private _outbound;
    mapping(uint32 domain => RateLimit.Bucket) private _inbound;

    constructor(IMailbox mailbox_, IInterchainSecurityModule module, address owner_) Ownable(owner_) {
        mailbox = mailbox_;
        interchainSecurityModule = module;
    }

    // set-up

    /// @notice Names the other end on a domain, and how much may pass each way.
    /// @param capacity Most that may pass at once, each way.
    /// @param refill That may pass each second after it.
    function enrollRouter(uint32 domain, bytes32 router, uint128 capacity, uint128 refill)
        external
        onlyOwner
    {
        require(router != 0, RouterUnknown(domain, router));
        require(routers[domain] == 0, RouterKnown(domain));
        routers[domain] = router;
        emit RouterEnrolled(domain, router);
        setLimits(domain, capacity, refill);
    }

    /// @notice Sets how much may pass to and from a domain. Zero stops it.
    function setLimits(uint32 domain, uint128 capacity, uint128 refill) public onlyOwner {
        require(routers[domain] != 0, RouterUnknown(domain, 0));
        // A bucket that is full again within a second is none.
        require(refill <= capacity, LimitTooFast(capacity, refill));
        _outbound[domain].set(capacity, refill);
        _inbound[domain].set(capacity, refill);
        emit LimitsSet(domain, capacity, refill);
    }

    /// @inheritdoc ILrtRoute
    function available(uint32 domain) external view returns (uint256 outbound, uint256 inbound) {
        return (_outbound[domain].available(), _inbound[domain].available());
    }

    // transfers

    /// @inheritdoc ILrtRoute
    function transferRemote(uint32 destination, bytes32 recipient, uint256 amount)
        external
        payable
        returns (bytes32 messageId)
    {
        require(amount != 0, AmountZero());
        require(recipient != 0, RecipientZero());
        bytes32 router = routers[destination];
        require(router != 0, RouterUnknown(destination, router));
        _outbound[destination].take(amount);
        _collect(destination, msg.sender, amount);
        emit SentTransferRemote(destination, recipient, amount);
        bytes memory body = abi.encodePacked(recipient, amount, _news());
        return mailbox.dispatch{value: msg.value}(destination, router, body);
    }

    /// @inheritdoc IMessageRecipient
    /// @dev What the limit holds back reverts: the message stays undelivered, and can be delivered later.
    function handle(uint32 origin, bytes32 sender, bytes calldata body) external payable {
        require(msg.sender == address(mailbox), OnlyMailbox(msg.sender));
        require(sender != 0 && routers[origin] == sender, RouterUnknown(origin, sender));
        require(body.length >= TRANSFER_SIZE, BodyLength(body.length));
        bytes32 recipient = bytes32(body[:32]);
        uint256 amount = uint256(bytes32(body[32:TRANSFER_SIZE]));
        _hear(body[TRANSFER_SIZE:]);
        // News alone has nobody to give anything to.
        if (amount == 0) return;
        _inbound[origin].take(amount);
        emit ReceivedTransferRemote(origin, recipient, amount);
        _give(origin, Message.toAddress(recipient), amount);
    }

    /// @dev Takes tokens from their owner.
    function _collect(uint32 destination, address from, uint256 amount) internal virtual;

    /// @dev Gives tokens that came from `origin`.
    function _give(uint32 origin, address to, uint256 amount) internal virtual;

    /// @dev What goes with every transfer.
    function _news() internal view virtual returns (bytes memory);

    /// @dev What came with a transfer.
    function _hear(bytes calldata news) internal virtual;
}
