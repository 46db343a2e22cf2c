// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {Checkpoint} from "./IBridgeIsm.sol";

/// @notice Leads from the leaf at a signed index to a root that the tree had.
/// @param index Of the kept checkpoint.
/// @param leaf At the signed checkpoint's index.
/// @param siblings 32 words, from below, in the tree of the kept checkpoint.
struct LeafProof {
    uint32 index;
    bytes32 leaf;
    bytes siblings;
}

/// @title ICheckpointFraud: keeps checkpoints of a tree of messages, and judges what is signed of it
interface ICheckpointFraud {
    /// @notice Nobody kept the root of this index.
    error CheckpointUnknown(uint32 index);
    error CheckpointBeforeSigned(uint32 index, uint32 signed);
    error LeafNotInTree(bytes32 root, bytes32 expected);
    error CheckpointTrue(uint32 index);
    error CheckpointNotBeyond(uint32 index, uint32 count);
    error CheckpointNotThatSigned(bytes32 payload, bytes32 expected);
    error StatementOfOtherStream(bytes32 service);
    error SlotNotIndex(uint64 slot, uint32 index);

    event CheckpointStored(uint32 indexed index, bytes32 root);

    /// @notice Keeps the root that the tree has now. Anybody may.
    function storeLatestCheckpoint() external returns (uint32 index);

    /// @notice The root that was kept for an index; 0 for none.
    function rootOf(uint32 index) external view returns (bytes32);

    /// @notice Reverts unless the tree has no such leaf yet: finality is past what anybody may sign.
    function requireBeyond(Checkpoint calldata signed) external view;

    /// @notice Reverts unless the tree, when it had the signed index, had another root, or has another leaf there.
    function requireFalse(Checkpoint calldata signed, LeafProof calldata proof) external view;

    /// @notice Slashes who signed a checkpoint beyond the tree.
    function slashBeyond(
        Testimony calldata testimony,
        Checkpoint calldata signed,
        address[] calldata operators
    ) external;

    /// @notice Slashes who signed a checkpoint that is false.
    function slashFalse(
        Testimony calldata testimony,
        Checkpoint calldata signed,
        LeafProof calldata proof,
        address[] calldata operators
    ) external;
}
