// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A tree of messages that operators attest to.
/// @param domain Of its chain.
/// @param hook Its contract there; an address has 12 zero bytes before it.
struct Stream {
    uint32 domain;
    bytes32 hook;
}

/// @title IBridgeService: the AVS whose operators attest to messages between chains
interface IBridgeService {
    event StreamAdded(uint32 indexed domain, bytes32 indexed hook, bytes32 finalized, bytes32 fast);

    /// @notice Adds a tree of messages, for ever: operators attest to it, finalized and fast. Only the owner.
    function addStream(uint32 domain, bytes32 hook) external;

    function streamCount() external view returns (uint256);

    function streamAt(uint256 position) external view returns (Stream memory);

    /// @notice The services of a tree's checkpoints. Whether it was added is for `slotTime` to say.
    function servicesOf(uint32 domain, bytes32 hook) external pure returns (bytes32 finalized, bytes32 fast);
}
