// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {
    IInterchainSecurityModule,
    IMailbox,
    IMessageRecipient,
    IPostDispatchHook,
    ISpecifiesInterchainSecurityModule
} from "./interfaces/IHyperlane.sol";
import {IMailboxErrors} from "./interfaces/IMailboxErrors.sol";
import {Message} from "./lib/Message.sol";

/// @title Mailbox: a small mailbox for devnets, with the messages, functions and events of Hyperlane's
/// @dev What is built against it runs against the real one: `interop/` has that checked.
contract Mailbox is IMailbox, IMailboxErrors, Ownable2Step {
    struct Delivery {
        address processor;
        uint48 blockNumber;
    }

    /// @notice Of the message format.
    uint8 public constant VERSION = Message.VERSION;

    /// @inheritdoc IMailbox
    uint32 public immutable localDomain;
    /// @notice Block from which on there can be messages.
    uint256 public immutable deployedBlock;

    /// @inheritdoc IMailbox
    uint32 public nonce;
    /// @inheritdoc IMailbox
    bytes32 public latestDispatchedId;
    /// @inheritdoc IMailbox
    IInterchainSecurityModule public defaultIsm;
    /// @inheritdoc IMailbox
    IPostDispatchHook public defaultHook;
    /// @inheritdoc IMailbox
    IPostDispatchHook public requiredHook;
    mapping(bytes32 messageId => Delivery) private _deliveries;

    /// @param localDomain_ Number of this chain, as other chains name it.
    constructor(uint32 localDomain_, address owner_) Ownable(owner_) {
        localDomain = localDomain_;
        deployedBlock = block.number;
    }

    // set-up

    /// @notice Who judges messages to recipients that name nobody.
    function setDefaultIsm(IInterchainSecurityModule module) external onlyOwner {
        require(address(module).code.length != 0, ModuleWithoutCode(address(module)));
        defaultIsm = module;
        emit DefaultIsmSet(address(module));
    }

    /// @notice Who hears of messages whose sender names nobody.
    function setDefaultHook(IPostDispatchHook hook) external onlyOwner {
        _checkHook(hook);
        defaultHook = hook;
        emit DefaultHookSet(address(hook));
    }

    /// @notice Who hears of all messages.
    function setRequiredHook(IPostDispatchHook hook) external onlyOwner {
        _checkHook(hook);
        requiredHook = hook;
        emit RequiredHookSet(address(hook));
    }

    // messages that leave

    /// @inheritdoc IMailbox
    function dispatch(uint32 destination, bytes32 recipient, bytes calldata body)
        external
        payable
        returns (bytes32)
    {
        return _dispatch(destination, recipient, body, msg.data[:0], defaultHook);
    }

    /// @inheritdoc IMailbox
    function dispatch(uint32 destination, bytes32 recipient, bytes calldata body, bytes calldata hookMetadata)
        external
        payable
        returns (bytes32)
    {
        return _dispatch(destination, recipient, body, hookMetadata, defaultHook);
    }

    /// @inheritdoc IMailbox
    function dispatch(
        uint32 destination,
        bytes32 recipient,
        bytes calldata body,
        bytes calldata hookMetadata,
        IPostDispatchHook hook
    ) external payable returns (bytes32) {
        return _dispatch(destination, recipient, body, hookMetadata, hook);
    }

    /// @inheritdoc IMailbox
    function quoteDispatch(uint32 destination, bytes32 recipient, bytes calldata body)
        external
        view
        returns (uint256)
    {
        bytes memory message = Message.encode(nonce, localDomain, msg.sender, destination, recipient, body);
        return requiredHook.quoteDispatch("", message) + defaultHook.quoteDispatch("", message);
    }

    // messages that arrive

    /// @inheritdoc IMailbox
    /// @dev A message counts as delivered before anybody is called, and nothing is kept when one of them reverts.
    function process(bytes calldata metadata, bytes calldata message) external payable {
        Message.check(message);
        uint32 destination = Message.destination(message);
        require(destination == localDomain, MessageForOtherDomain(destination));
        bytes32 messageId = Message.id(message);
        require(!delivered(messageId), MessageAlreadyDelivered(messageId));
        // Blocks of 48 bits last for ages.
        // forge-lint: disable-next-line(unsafe-typecast)
        _deliveries[messageId] = Delivery(msg.sender, uint48(block.number));

        uint32 origin = Message.origin(message);
        bytes32 sender = Message.sender(message);
        address recipient = Message.toAddress(Message.recipient(message));
        emit Process(origin, sender, recipient);
        emit ProcessId(messageId);
        require(recipientIsm(recipient).verify(metadata, message), MessageNotVerified(messageId));
        IMessageRecipient(recipient).handle{value: msg.value}(origin, sender, Message.body(message));
    }

    /// @inheritdoc IMailbox
    function delivered(bytes32 messageId) public view returns (bool) {
        return _deliveries[messageId].blockNumber != 0;
    }

    /// @inheritdoc IMailbox
    function processedAt(bytes32 messageId) external view returns (uint48) {
        return _deliveries[messageId].blockNumber;
    }

    /// @inheritdoc IMailbox
    function processor(bytes32 messageId) external view returns (address) {
        return _deliveries[messageId].processor;
    }

    /// @inheritdoc IMailbox
    function recipientIsm(address recipient) public view returns (IInterchainSecurityModule) {
        (bool ok, bytes memory result) = recipient.staticcall(
            abi.encodeCall(ISpecifiesInterchainSecurityModule.interchainSecurityModule, ())
        );
        if (ok && result.length == 32) {
            uint256 word = abi.decode(result, (uint256));
            // Nothing is cut off.
            // forge-lint: disable-next-line(unsafe-typecast)
            if (word != 0 && word >> 160 == 0) return IInterchainSecurityModule(address(uint160(word)));
        }
        return defaultIsm;
    }

    function _dispatch(
        uint32 destination,
        bytes32 recipient,
        bytes calldata body,
        bytes calldata hookMetadata,
        IPostDispatchHook hook
    ) private returns (bytes32 messageId) {
        bytes memory message = Message.encode(nonce, localDomain, msg.sender, destination, recipient, body);
        messageId = Message.id(message);
        latestDispatchedId = messageId;
        ++nonce;
        emit Dispatch(msg.sender, destination, recipient, message);
        emit DispatchId(messageId);

        IPostDispatchHook required = requiredHook;
        uint256 fee = required.quoteDispatch(hookMetadata, message);
        require(msg.value >= fee, HookFeeUnpaid(msg.value, fee));
        required.postDispatch{value: fee}(hookMetadata, message);
        hook.postDispatch{value: msg.value - fee}(hookMetadata, message);
    }

    function _checkHook(IPostDispatchHook hook) private view {
        require(address(hook).code.length != 0, HookWithoutCode(address(hook)));
    }
}
