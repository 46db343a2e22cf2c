// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What BridgeService refuses
interface IBridgeServiceErrors {
    error StreamKnown(uint32 domain, bytes32 hook);
    error StreamHookMissing(uint32 domain);
    error StreamSlotOutOfRange(uint64 slot);
    error TooManyStreams(uint256 most);
    error ModuleKnown(uint256 chainId, address ism);
    error TooManyModules(uint256 most);
    error StreamUnknown(uint32 domain, bytes32 hook);
    error JudgeAlreadySet(address judge);
    error JudgeWithoutCode(address judge);
    error OnlyJudge(address caller);
    error FraudKind(uint8 kind);
    error FraudNothingToSlash();
}
