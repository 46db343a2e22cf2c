// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IServiceManager} from "../../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";

/// @title IKeyService: what key generation needs of the ServiceManager of the beacon's operators
interface IKeyService is IServiceManager {
    function allocationManager() external view returns (IAllocationManager);
    function parameters() external view returns (Parameters memory);

    /// @notice Punishes an operator for what it did in a session, once per operator and session: takes its weight,
    /// throws it out, slashes it. Only key generation calls it, and it must not revert because there is nothing left
    /// to take: a dealer's conviction would fail with it.
    /// @param epoch In whose table the operator is.
    /// @param reason As in `IKeyGeneration.Convicted`.
    function convict(address operator, uint64 session, uint64 epoch, uint8 reason) external;
}

/// @title IKeyBeacon: what key generation needs of the beacon
interface IKeyBeacon {
    /// @notice Seconds between rounds.
    function period() external view returns (uint32);
    /// @notice drand's hash of the chain.
    function chainHash() external view returns (bytes32);

    /// @notice Tells the group's key (G2, 192 bytes), the id of the session that generated it, and the Unix second of
    /// round 1, once.
    function setGroup(bytes calldata groupKey, bytes32 groupHash, uint64 genesis) external;
}
