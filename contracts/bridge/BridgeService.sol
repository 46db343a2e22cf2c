// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../core/interfaces/IAllocationManager.sol";
import {ServiceManager} from "../avs/ServiceManager.sol";
import {IServiceManager, Testimony} from "../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../avs/interfaces/Parameters.sol";
import {Digests} from "../avs/lib/Digests.sol";
import {IBridgeService, Stream} from "./interfaces/IBridgeService.sol";
import {IBridgeServiceErrors} from "./interfaces/IBridgeServiceErrors.sol";
import {BridgeStatements} from "./lib/BridgeStatements.sol";
import {FraudSlashing} from "./lib/FraudSlashing.sol";

/// @title BridgeService: operators, keys and epochs of those who attest to messages between chains
/// @dev It lies on the chain of the stake. Certificates are checked on other chains, by `BridgeIsm`; here it is what its
/// operators can be slashed by. What follows from finalized blocks alone is slashable, fast checkpoints are not: a chain
/// that undoes a block would convict the honest.
contract BridgeService is ServiceManager, IBridgeService, IBridgeServiceErrors {
    /// @notice Trees that may be attested to.
    uint256 public constant MAX_STREAMS = 256;
    /// @notice Security modules whose pauses may be voted on.
    uint256 public constant MAX_MODULES = 256;
    uint8 private constant _OTHER = 3;

    /// @inheritdoc IBridgeService
    uint256 public moduleCount;
    Stream[] private _streams;
    /// @dev FINALIZED or FAST of a stream's service, `_OTHER` of the rest, 0 of what is none of ours.
    mapping(bytes32 service => uint8) private _levels;

    /// @inheritdoc IBridgeService
    mapping(bytes32 service => address) public judgeOf;

    constructor(Parameters memory parameters, IAllocationManager allocationManager_, address owner_)
        ServiceManager(parameters, allocationManager_, owner_)
    {
        _levels[BridgeStatements.EPOCHS] = _OTHER;
        _levels[BridgeStatements.REVOCATIONS] = _OTHER;
    }

    /// @inheritdoc IBridgeService
    function addStream(uint32 domain, bytes32 hook) external onlyOwner {
        require(hook != 0, StreamHookMissing(domain));
        require(_streams.length < MAX_STREAMS, TooManyStreams(MAX_STREAMS));
        (bytes32 finalized, bytes32 fast) = servicesOf(domain, hook);
        require(_levels[finalized] == 0, StreamKnown(domain, hook));
        _streams.push(Stream(domain, hook));
        _levels[finalized] = BridgeStatements.FINALIZED;
        _levels[fast] = BridgeStatements.FAST;
        emit StreamAdded(domain, hook, finalized, fast);
    }

    /// @inheritdoc IBridgeService
    function addModule(uint256 chainId, address ism) external onlyOwner {
        require(moduleCount < MAX_MODULES, TooManyModules(MAX_MODULES));
        bytes32 pauses = BridgeStatements.pauses(chainId, ism);
        require(_levels[pauses] == 0, ModuleKnown(chainId, ism));
        ++moduleCount;
        _levels[pauses] = _OTHER;
        _levels[BridgeStatements.unpauses(chainId, ism)] = _OTHER;
        emit ModuleAdded(chainId, ism);
    }

    /// @inheritdoc IBridgeService
    function setJudge(uint32 domain, bytes32 hook, address judge) external onlyOwner {
        (bytes32 finalized,) = servicesOf(domain, hook);
        require(_levels[finalized] != 0, StreamUnknown(domain, hook));
        require(judgeOf[finalized] == address(0), JudgeAlreadySet(judgeOf[finalized]));
        require(judge.code.length != 0, JudgeWithoutCode(judge));
        judgeOf[finalized] = judge;
        emit JudgeSet(domain, hook, judge);
    }

    /// @inheritdoc IBridgeService
    function slashFraud(Testimony calldata testimony, address[] calldata operators) external {
        require(msg.sender == judgeOf[testimony.statement.service], OnlyJudge(msg.sender));
        require(testimony.statement.kind == KIND_CERTIFY, FraudKind(testimony.statement.kind));
        FraudSlashing.slash(_epochs, Digests.domain(address(this)), testimony, operators);
    }

    /// @inheritdoc IBridgeService
    function streamCount() external view returns (uint256) {
        return _streams.length;
    }

    /// @inheritdoc IBridgeService
    function streamAt(uint256 position) external view returns (Stream memory) {
        return _streams[position];
    }

    /// @inheritdoc IBridgeService
    function servicesOf(uint32 domain, bytes32 hook) public pure returns (bytes32 finalized, bytes32 fast) {
        finalized = BridgeStatements.stream(domain, hook, BridgeStatements.FINALIZED);
        fast = BridgeStatements.stream(domain, hook, BridgeStatements.FAST);
    }

    /// @inheritdoc IServiceManager
    /// @dev All slots are indices. Those of a stream are of a tree's leaves, which are counted in 32 bits.
    function slotTime(bytes32 service, uint64 slot) public view override(ServiceManager) returns (uint64) {
        uint8 level = _levels[service];
        require(level != 0, UnknownService(service));
        require(level == _OTHER || slot < type(uint32).max, StreamSlotOutOfRange(slot));
        return 0;
    }

    function _isSlashable(bytes32 service) internal view override returns (bool) {
        return _levels[service] != BridgeStatements.FAST;
    }
}
