// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What BridgeIsm refuses
interface IBridgeIsmErrors {
    error QuorumOutOfRange(uint16 quorumBps);
    error RecoveryDelayOutOfRange(uint64 delay);
    error GraceOutOfRange(uint64 grace);
    error RouteKnown(uint32 origin);
    error RouteUnknown(uint32 origin);
    error RouteLevel(uint8 level);
    /// @notice A fast checkpoint of it was corrected.
    error RouteClosed(uint32 origin);
    error RouteNotClosed(uint32 origin);
    error ModulePaused(uint64 pause);
    error ModuleNotPaused();
    error MetadataLength(uint256 length);
    error MetadataVersion(uint8 version);
    error LeafBeyondCheckpoint(uint32 leaf, uint32 index);
    error ProofInvalid(bytes32 root, bytes32 expected);
    error CheckpointNotRemembered(bytes32 root);
    error CheckpointNotContradicted(uint32 index);
    error EpochNotNext(uint64 epoch, uint64 expected);
    error EpochNotLive(uint64 epoch);
    error EpochTimes(uint64 activatesAt, uint64 validUntil);
    error EpochRowsLength(uint256 length);
    error EpochRowWithoutWeight(uint256 row);
    error EpochWeightOverflow();
    error EpochAlreadyImported(uint64 epoch);
    error RevocationBlock(uint64 atBlock);
    error RevocationEmpty(uint64 epoch);
    error SignedTooLittle(uint256 signed, uint256 total);
    error AggregateKeyInfinite();
    error SignatureInvalid();
    error RecoveryNotNeeded(uint64 acceptedUntil);
    error RecoveryNotProposed(bytes32 tableHash);
    error RecoveryNotReady(uint64 readyAt);
}
