// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title BridgeStatements: services and payloads of what operators sign for bridges
/// @dev Slots are indices: of leaves, epochs, blocks, and of pauses.
library BridgeStatements {
    /// @notice How sure a stream's checkpoints are: of finalized blocks, or of blocks that may still be undone.
    uint8 internal constant FINALIZED = 1;
    uint8 internal constant FAST = 2;

    /// @notice Hand-overs of epochs to other chains; the slot is the epoch handed over, signed under the one before it.
    bytes32 internal constant EPOCHS = keccak256("lariat/bridge/epochs");
    /// @notice Rows of an epoch that lost their weight; for the slot see `revocationSlot`.
    bytes32 internal constant REVOCATIONS = keccak256("lariat/bridge/revocations");

    /// @notice Blocks that a revocation's slot has room for.
    uint64 internal constant MAX_BLOCK = 2 ** 48 - 1;

    /// @notice The service of the checkpoints of one tree of messages.
    /// @param domain Of the chain that the tree is on.
    /// @param hook Its contract there.
    function stream(uint32 domain, bytes32 hook, uint8 level) internal pure returns (bytes32) {
        return keccak256(abi.encode("lariat/bridge", domain, hook, level));
    }

    /// @notice The slot is `index`.
    /// @param root Of the tree whose newest leaf has this index.
    /// @param messageId That leaf.
    function checkpoint(bytes32 root, uint32 index, bytes32 messageId) internal pure returns (bytes32) {
        return keccak256(abi.encode(root, index, messageId));
    }

    /// @param rowsHash keccak256 of all rows: key 96 bytes, counted weight 8.
    function epoch(uint64 number, uint64 activatesAt, uint64 validUntil, bytes32 rowsHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(number, activatesAt, validUntil, rowsHash));
    }

    /// @param revoked Bitmap of rows, as `Certificate.absent`.
    function revocation(uint64 number, bytes memory revoked) internal pure returns (bytes32) {
        return keccak256(abi.encode(number, revoked));
    }

    /// @notice One block can take weight from several epochs, and for one slot an operator signs at most one payload: so
    /// the epoch is in the slot. Later blocks have higher slots, as a guard's watermark wants it.
    /// @param atBlock After which the rows had no weight; at most `MAX_BLOCK`.
    /// @param number Of the epoch; live ones differ in their last 16 bits.
    function revocationSlot(uint64 atBlock, uint64 number) internal pure returns (uint64) {
        return (atBlock << 16) | (number & 0xffff);
    }

    /// @notice The service of the pauses of one security module, so that pauses of two are not two payloads for one slot.
    /// The slot counts the module's pauses.
    function pauses(uint256 chainId, address ism) internal pure returns (bytes32) {
        return keccak256(abi.encode("lariat/bridge/pause", chainId, ism));
    }

    /// @notice The service of the ends of these pauses.
    function unpauses(uint256 chainId, address ism) internal pure returns (bytes32) {
        return keccak256(abi.encode("lariat/bridge/unpause", chainId, ism));
    }

    /// @notice Of a module on some chain.
    function module(uint256 chainId, address ism) internal pure returns (bytes32) {
        return keccak256(abi.encode(chainId, ism));
    }
}
