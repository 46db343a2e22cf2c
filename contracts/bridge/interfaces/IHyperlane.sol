// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// The interfaces of Hyperlane v3 that are spoken here, with its function signatures:
// https://docs.hyperlane.xyz/docs/reference/developer-tools/libraries/mailbox

/// @notice Judges messages for those who receive them.
interface IInterchainSecurityModule {
    /// @notice 1 routing, 2 aggregation, 4 merkle-root multisig, 5 message-id multisig, 6 null, 7 ccip-read.
    function moduleType() external view returns (uint8);

    /// @notice Whether `message` was dispatched on its origin, as far as `metadata` proves.
    function verify(bytes calldata metadata, bytes calldata message) external returns (bool);
}

/// @notice A recipient that chooses who judges its messages.
interface ISpecifiesInterchainSecurityModule {
    function interchainSecurityModule() external view returns (IInterchainSecurityModule);
}

/// @notice What messages are delivered to.
interface IMessageRecipient {
    /// @param sender An address has 12 zero bytes before it.
    function handle(uint32 origin, bytes32 sender, bytes calldata body) external payable;
}

/// @notice Hears of every message that is dispatched.
interface IPostDispatchHook {
    /// @notice 3 for a tree of messages.
    function hookType() external view returns (uint8);
    function supportsMetadata(bytes calldata metadata) external view returns (bool);
    function postDispatch(bytes calldata metadata, bytes calldata message) external payable;
    function quoteDispatch(bytes calldata metadata, bytes calldata message) external view returns (uint256);
}

/// @notice Where messages of a chain leave and arrive.
interface IMailbox {
    event Dispatch(
        address indexed sender, uint32 indexed destination, bytes32 indexed recipient, bytes message
    );
    event DispatchId(bytes32 indexed messageId);
    event Process(uint32 indexed origin, bytes32 indexed sender, address indexed recipient);
    event ProcessId(bytes32 indexed messageId);
    event DefaultIsmSet(address indexed module);
    event DefaultHookSet(address indexed hook);
    event RequiredHookSet(address indexed hook);

    /// @notice Number of this chain.
    function localDomain() external view returns (uint32);

    /// @notice Of the next message.
    function nonce() external view returns (uint32);

    function latestDispatchedId() external view returns (bytes32);

    function delivered(bytes32 messageId) external view returns (bool);

    /// @notice Block in which a message was delivered; 0 if it was not.
    function processedAt(bytes32 messageId) external view returns (uint48);

    /// @notice Who delivered a message.
    function processor(bytes32 messageId) external view returns (address);

    function defaultIsm() external view returns (IInterchainSecurityModule);

    function defaultHook() external view returns (IPostDispatchHook);

    function requiredHook() external view returns (IPostDispatchHook);

    /// @notice Who judges the messages to `recipient`: whom it names, or the default.
    function recipientIsm(address recipient) external view returns (IInterchainSecurityModule);

    /// @notice Sends a message. @return messageId Its id.
    function dispatch(uint32 destination, bytes32 recipient, bytes calldata body)
        external
        payable
        returns (bytes32 messageId);

    function dispatch(uint32 destination, bytes32 recipient, bytes calldata body, bytes calldata hookMetadata)
        external
        payable
        returns (bytes32 messageId);

    function dispatch(
        uint32 destination,
        bytes32 recipient,
        bytes calldata body,
        bytes calldata hookMetadata,
        IPostDispatchHook hook
    ) external payable returns (bytes32 messageId);

    /// @notice Wei that a message costs.
    function quoteDispatch(uint32 destination, bytes32 recipient, bytes calldata body)
        external
        view
        returns (uint256 fee);

    /// @notice Delivers a message, once.
    function process(bytes calldata metadata, bytes calldata message) external payable;
}

/// @notice The tree of all messages of a mailbox.
interface IMerkleTreeHook is IPostDispatchHook {
    event InsertedIntoTree(bytes32 messageId, uint32 index);

    function mailbox() external view returns (IMailbox);

    /// @notice Number of leaves.
    function count() external view returns (uint32);

    function root() external view returns (bytes32);

    /// @notice The root, and the index of its newest leaf. Reverts while there is none.
    function latestCheckpoint() external view returns (bytes32 root, uint32 index);
}
