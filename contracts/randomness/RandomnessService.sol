// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../core/interfaces/IAllocationManager.sol";
import {ServiceManager} from "../avs/ServiceManager.sol";
import {IRandomnessService} from "./interfaces/IRandomnessService.sol";
import {IRandomnessServiceErrors} from "./interfaces/IRandomnessServiceErrors.sol";
import {Certificate, Statement} from "../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../avs/interfaces/Parameters.sol";
import {Conduct} from "./lib/Conduct.sol";

/// @title RandomnessService: operators, keys and epochs of the randomness beacon, and what misconduct costs
/// @dev Who breaks the rules of a key generation is convicted by KeyGeneration, on proof. Who only stays away loses its
/// place by a certificate of the others, and no stake: absence can be an accident.
contract RandomnessService is ServiceManager, IRandomnessService, IRandomnessServiceErrors {
    /// @inheritdoc IRandomnessService
    bytes32 public constant SERVICE = keccak256("lariat/randomness");
    /// @inheritdoc IRandomnessService
    bytes32 public constant DEAL_SERVICE = keccak256("lariat/randomness/key");

    /// @inheritdoc IRandomnessService
    uint64 public immutable genesis;
    /// @inheritdoc IRandomnessService
    uint32 public immutable windowSeconds;
    /// @inheritdoc IRandomnessService
    uint64 public immutable convictionWad;

    /// @inheritdoc IRandomnessService
    address public keyGeneration;
    Conduct.State private _conduct;

    /// @param genesis_ Unix second at which conduct window 0 ends.
    /// @param windowSeconds_ Of a conduct window.
    /// @param convictionWad_ Part of what an operator allocated that one conviction costs, of 1e18.
    constructor(
        Parameters memory parameters,
        IAllocationManager allocationManager_,
        address owner_,
        uint64 genesis_,
        uint32 windowSeconds_,
        uint64 convictionWad_
    ) ServiceManager(parameters, allocationManager_, owner_) {
        // Zero would make slot 0 an index; times have 40 bits in the epochs.
        _within("genesis", genesis_, 1, (1 << 40) - 1);
        _within("windowSeconds", windowSeconds_, 1, type(uint32).max);
        _within("convictionWad", convictionWad_, 1, 1e18);
        genesis = genesis_;
        windowSeconds = windowSeconds_;
        convictionWad = convictionWad_;
    }

    /// @notice Names the contract that may convict, once and for ever: operators opted in to what it does.
    function setKeyGeneration(address keyGeneration_) external onlyOwner {
        require(keyGeneration == address(0), KeyGenerationAlreadySet(keyGeneration));
        require(keyGeneration_.code.length != 0, KeyGenerationWithoutCode(keyGeneration_));
        keyGeneration = keyGeneration_;
        emit KeyGenerationSet(keyGeneration_);
    }

    /// @inheritdoc IRandomnessService
    function convict(address operator, uint64 session, uint64 epoch, uint8 reason) external {
        require(msg.sender == keyGeneration, OnlyKeyGeneration(msg.sender));
        Conduct.Conviction memory conviction = Conduct.Conviction(operator, session, epoch, reason);
        Conduct.convict(_conduct, _epochs, _operators, conviction, convictionWad);
    }

    /// @inheritdoc IRandomnessService
    function convicted(address operator, uint64 session) external view returns (bool) {
        return _conduct.convicted[operator][session];
    }

    /// @inheritdoc IRandomnessService
    function reportConduct(
        uint64 epoch,
        uint64 window,
        uint16 attempt,
        Certificate calldata certificate,
        address[] calldata operators
    ) external {
        bytes32 payload = Conduct.payload(operators, window);
        uint64 endsAt = slotTime(SERVICE, window);
        require(endsAt <= block.timestamp, ConductWindowOpen(endsAt, block.timestamp));
        _verifyCertificate(Statement(SERVICE, KIND_CERTIFY, epoch, window, attempt, payload), certificate);
        Conduct.report(_conduct, _epochs, _operators, epoch, window, operators);
    }

    /// @inheritdoc IRandomnessService
    function conductReported(uint64 window) external view returns (bool) {
        return _conduct.reported[window];
    }

    /// @inheritdoc IRandomnessService
    function isOperator(address operator) external view returns (bool) {
        return _operators.operators[operator].position != 0;
    }

    /// @dev Windows are time slots; sessions of key generation are indices.
    function slotTime(bytes32 service, uint64 slot) public view override returns (uint64) {
        if (service == DEAL_SERVICE) return 0;
        require(service == SERVICE, UnknownService(service));
        // 136 years of seconds: no time overflows.
        require(slot <= type(uint32).max, ConductWindowOutOfRange(slot));
        return genesis + slot * windowSeconds;
    }

    function _within(string memory parameter, uint256 value, uint256 least, uint256 most) private pure {
        require(value >= least && value <= most, ParameterOutOfRange(parameter, value, least, most));
    }
}
