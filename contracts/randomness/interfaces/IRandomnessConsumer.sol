// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IRandomnessConsumer: a contract that RandomnessBeacon calls back
interface IRandomnessConsumer {
    /// @notice Takes what a request gave. Must be refused from anyone but the beacon. Called once: if it reverts or needs
    /// more gas than the request said, it is not called again.
    /// @param id Of the request.
    /// @param round Whose randomness this follows from.
    /// @param randomness Of this request alone.
    function receiveRandomness(uint256 id, uint64 round, bytes32 randomness) external;
}
