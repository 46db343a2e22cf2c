// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMailbox, IMerkleTreeHook, IPostDispatchHook} from "./interfaces/IHyperlane.sol";
import {IMailboxErrors} from "./interfaces/IMailboxErrors.sol";
import {MerkleTree} from "./lib/MerkleTree.sol";
import {Message} from "./lib/Message.sol";

/// @title MerkleTreeHook: the tree of all messages of a mailbox, as Hyperlane's
contract MerkleTreeHook is IMerkleTreeHook, IMailboxErrors {
    /// @inheritdoc IPostDispatchHook
    uint8 public constant hookType = 3;

    /// @inheritdoc IMerkleTreeHook
    IMailbox public immutable mailbox;
    MerkleTree.Tree private _tree;

    constructor(IMailbox mailbox_) {
        mailbox = mailbox_;
    }

    /// @inheritdoc IPostDispatchHook
    /// @dev Anybody may call it: what is not the mailbox's latest message is refused.
    function postDispatch(bytes calldata, bytes calldata message) external payable {
        require(msg.value == 0, HookTakesNoValue(msg.value));
        bytes32 messageId = Message.id(message);
        require(mailbox.latestDispatchedId() == messageId, MessageNotDispatched(messageId));
        emit InsertedIntoTree(messageId, MerkleTree.insert(_tree, messageId));
    }

    /// @inheritdoc IPostDispatchHook
    function quoteDispatch(bytes calldata, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IPostDispatchHook
    function supportsMetadata(bytes calldata) external pure returns (bool) {
        return true;
    }

    /// @inheritdoc IMerkleTreeHook
    function count() external view returns (uint32) {
        // At most MerkleTree.MAX_LEAVES.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(_tree.count);
    }

    /// @inheritdoc IMerkleTreeHook
    function root() external view returns (bytes32) {
        return MerkleTree.root(_tree);
    }

    /// @notice The kept branch, and the number of leaves.
    function tree() external view returns (MerkleTree.Tree memory) {
        return _tree;
    }

    /// @inheritdoc IMerkleTreeHook
    function latestCheckpoint() external view returns (bytes32, uint32) {
        uint256 leaves = _tree.count;
        require(leaves != 0, TreeEmpty());
        // At most MerkleTree.MAX_LEAVES - 1.
        // forge-lint: disable-next-line(unsafe-typecast)
        return (MerkleTree.root(_tree), uint32(leaves - 1));
    }
}
