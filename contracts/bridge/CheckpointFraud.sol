// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Testimony} from "../avs/interfaces/IServiceManager.sol";
import {Checkpoint} from "./interfaces/IBridgeIsm.sol";
import {IBridgeService} from "./interfaces/IBridgeService.sol";
import {ICheckpointFraud, LeafProof} from "./interfaces/ICheckpointFraud.sol";
import {IMerkleTreeHook} from "./interfaces/IHyperlane.sol";
import {BridgeStatements} from "./lib/BridgeStatements.sol";
import {MerkleTree} from "./lib/MerkleTree.sol";

/// @title CheckpointFraud: judges signed checkpoints of a tree on this chain, as its tree is
/// @dev An honest operator signs the root of a finalized block. The chain that this contract is on has that block, and the
/// tree only grows: index and leaf are there, and their root is what they lead to. Nothing signed so can be judged false,
/// in whatever way blocks that are not final are undone.
contract CheckpointFraud is ICheckpointFraud {
    IMerkleTreeHook public immutable hook;
    /// @notice Where those found guilty are slashed; it has to name this contract the stream's judge.
    IBridgeService public immutable bridgeService;
    /// @notice The service of the stream's finalized checkpoints.
    bytes32 public immutable service;

    /// @inheritdoc ICheckpointFraud
    mapping(uint32 index => bytes32) public rootOf;

    constructor(IMerkleTreeHook hook_, IBridgeService bridgeService_) {
        hook = hook_;
        bridgeService = bridgeService_;
        bytes32 name = bytes32(uint256(uint160(address(hook_))));
        service = BridgeStatements.stream(hook_.mailbox().localDomain(), name, BridgeStatements.FINALIZED);
    }

    /// @inheritdoc ICheckpointFraud
    function storeLatestCheckpoint() external returns (uint32 index) {
        bytes32 root;
        (root, index) = hook.latestCheckpoint();
        rootOf[index] = root;
        emit CheckpointStored(index, root);
    }

    /// @inheritdoc ICheckpointFraud
    function requireBeyond(Checkpoint calldata signed) public view {
        uint32 count = hook.count();
        require(signed.index >= count, CheckpointNotBeyond(signed.index, count));
    }

    /// @inheritdoc ICheckpointFraud
    /// @dev When the leaf came it was the newest: what lies left of its way is as it is in every later tree, and what lies
    /// right was empty. So its proof in a later tree gives the root of then.
    function requireFalse(Checkpoint calldata signed, LeafProof calldata proof) public view {
        bytes32 known = rootOf[proof.index];
        require(known != 0, CheckpointUnknown(proof.index));
        require(proof.index >= signed.index, CheckpointBeforeSigned(proof.index, signed.index));
        bytes32 root = MerkleTree.branchRoot(proof.leaf, signed.index, proof.siblings);
        require(root == known, LeafNotInTree(root, known));
        bytes32 then = MerkleTree.newestRoot(proof.leaf, signed.index, proof.siblings);
        require(then != signed.root || proof.leaf != signed.messageId, CheckpointTrue(signed.index));
    }

    /// @inheritdoc ICheckpointFraud
    function slashBeyond(
        Testimony calldata testimony,
        Checkpoint calldata signed,
        address[] calldata operators
    ) external {
        _requireSigned(testimony, signed);
        requireBeyond(signed);
        bridgeService.slashFraud(testimony, operators);
    }

    /// @inheritdoc ICheckpointFraud
    function slashFalse(
        Testimony calldata testimony,
        Checkpoint calldata signed,
        LeafProof calldata proof,
        address[] calldata operators
    ) external {
        _requireSigned(testimony, signed);
        requireFalse(signed, proof);
        bridgeService.slashFraud(testimony, operators);
    }

    /// @dev That the statement is of this checkpoint. Who signed it is for the BridgeService to see.
    function _requireSigned(Testimony calldata testimony, Checkpoint calldata signed) private view {
        require(testimony.statement.service == service, StatementOfOtherStream(testimony.statement.service));
        require(
            testimony.statement.slot == signed.index, SlotNotIndex(testimony.statement.slot, signed.index)
        );
        bytes32 payload = BridgeStatements.checkpoint(signed.root, signed.index, signed.messageId);
        require(
            testimony.statement.payload == payload,
            CheckpointNotThatSigned(testimony.statement.payload, payload)
        );
    }
}
