// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";

/// @notice A tree of messages that operators attest to.
/// @param domain Of its chain.
/// @param hook Its contract there; an address has 12 zero bytes before it.
struct Stream {
    uint32 domain;
    bytes32 hook;
}

/// @title IBridgeService: the AVS whose operators attest to messages between chains
interface IBridgeService {
    event ModuleAdded(uint256 indexed chainId, address indexed ism);
    event JudgeSet(uint32 indexed domain, bytes32 indexed hook, address judge);
    /// @notice An operator signed a checkpoint that is false, and lost stake.
    /// @param strategies Those of the AVS, ascending.
    /// @param shares What it in fact lost, in shares of each.
    event FraudSlashed(
        address indexed operator,
        bytes32 indexed service,
        uint64 indexed epoch,
        uint64 slot,
        IStrategy[] strategies,
        uint256[] shares
    );
    event StreamAdded(uint32 indexed domain, bytes32 indexed hook, bytes32 finalized, bytes32 fast);

    /// @notice Adds a tree of messages, for ever: operators attest to it, finalized and fast. Only the owner.
    function addStream(uint32 domain, bytes32 hook) external;

    /// @notice Adds a security module on some chain, for ever: operators may vote to pause it. Only the owner.
    function addModule(uint256 chainId, address ism) external;

    function moduleCount() external view returns (uint256);

    function streamCount() external view returns (uint256);

    function streamAt(uint256 position) external view returns (Stream memory);

    /// @notice The services of a tree's checkpoints. Whether it was added is for `slotTime` to say.
    function servicesOf(uint32 domain, bytes32 hook) external pure returns (bytes32 finalized, bytes32 fast);

    /// @notice Names the contract that knows the tree and judges what is signed of it, once and for ever: operators opted
    /// in to what it does. Only the owner. A stream without one is slashable for equivocation only.
    function setJudge(uint32 domain, bytes32 hook, address judge) external;

    /// @notice Who judges the finalized checkpoints of a tree.
    function judgeOf(bytes32 service) external view returns (address);

    /// @notice Slashes operators who all signed a statement that its stream's judge found to be false. Only the judge.
    /// Once per operator, service and epoch, together with what equivocation costs.
    function slashFraud(Testimony calldata testimony, address[] calldata operators) external;
}
