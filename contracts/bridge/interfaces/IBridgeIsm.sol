// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate} from "../../avs/interfaces/IServiceManager.sol";
import {IInterchainSecurityModule} from "./IHyperlane.sol";

/// @notice One frozen table of (key, weight) of the chain of the stake. Times are Unix seconds.
/// @param number As the BridgeService counts epochs.
/// @param validUntil From then on nothing is accepted of it: its stake is slashable for a margin longer.
/// @param rows 104 bytes each: key 96 (x and y without padding), weight 8 (gwei of ETH value).
struct EpochTableData {
    uint64 number;
    uint64 activatesAt;
    uint64 validUntil;
    bytes rows;
}

/// @notice What is known of an imported epoch.
/// @param acceptedUntil Last second at which something of it is accepted.
struct ImportedEpoch {
    uint64 activatesAt;
    uint64 acceptedUntil;
    uint64 totalWeight;
    uint64 revokedWeight;
    uint32 rows;
}

/// @notice A root that operators attested to.
/// @param messageId Leaf `index` of the tree, its newest.
struct Checkpoint {
    bytes32 root;
    uint32 index;
    bytes32 messageId;
}

/// @title IBridgeIsm: believes messages that the operators of a BridgeService on another chain attested to
interface IBridgeIsm is IInterchainSecurityModule {
    event RouteAdded(uint32 indexed origin, bytes32 indexed hook, uint8 level, bytes32 service);
    event RouteReopened(uint32 indexed origin);
    event EpochImported(uint64 indexed epoch, uint64 activatesAt, uint64 validUntil, uint64 totalWeight);
    event EpochRowsRevoked(uint64 indexed epoch, bytes revoked, uint64 revokedWeight);
    event CheckpointRemembered(bytes32 indexed service, uint64 indexed epoch, uint32 index, bytes32 root);
    /// @notice A fast checkpoint turned out not to be what became final.
    event CheckpointCorrected(bytes32 indexed service, uint32 index, bytes32 wrong, bytes32 right);
    event Paused(uint64 indexed pause, uint64 signedWeight);
    event Unpaused(uint64 indexed pause);
    event RecoveryProposed(bytes32 indexed tableHash, uint64 readyAt);
    event RecoveryCancelled(bytes32 indexed tableHash);
    event GatewaysSet(string[] urls);

    /// @notice The offchain lookup of EIP-3668.
    error OffchainLookup(
        address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData
    );

    function stakeChainId() external view returns (uint256);

    function bridgeService() external view returns (address);

    function latestEpoch() external view returns (uint64);

    function epochInfo(uint64 epoch) external view returns (ImportedEpoch memory);

    /// @notice Rows of an epoch that lost their weight.
    function revokedRows(uint64 epoch) external view returns (bytes memory);

    /// @notice The service that messages from `origin` are believed by; 0 for none.
    function serviceOf(uint32 origin) external view returns (bytes32);

    /// @notice Takes the next epoch, on the word of the newest one here.
    function importEpoch(EpochTableData calldata table, Certificate calldata certificate) external;

    /// @notice Takes weight from rows of an epoch, on the word of a live one. What was taken stays taken, and the total
    /// that the quorum is measured by stays too.
    /// @param epoch That the certificate is of.
    /// @param revokedEpoch Whose rows.
    /// @param atBlock Block of the chain of the stake after which they had no weight.
    function revoke(
        uint64 epoch,
        uint64 revokedEpoch,
        uint64 atBlock,
        bytes calldata revoked,
        Certificate calldata certificate
    ) external;

    /// @notice Stops all deliveries, on the word of more than a third of the weight.
    function pause(uint64 epoch, Certificate calldata certificate) external;

    /// @notice Lets them go on, on the word of a quorum.
    function unpause(uint64 epoch, Certificate calldata certificate) external;

    function isPaused() external view returns (bool);

    /// @notice Number of the pause that is on, or of the next one.
    function pauseCount() external view returns (uint64);

    /// @notice Shows that a fast checkpoint that is remembered here is not what became final: all that was remembered of
    /// the route is forgotten, and it is closed.
    function correct(
        uint32 origin,
        uint64 epoch,
        Checkpoint calldata finalized,
        Certificate calldata certificate
    ) external;

    /// @notice Whether checkpoints with this root need no certificate any more.
    function isRemembered(uint32 origin, uint64 epoch, Checkpoint calldata checkpoint)
        external
        view
        returns (bool);

    /// @notice Reverts `OffchainLookup` with where an operator serves the metadata of a message.
    function getOffchainVerifyInfo(bytes calldata message) external view;
}
