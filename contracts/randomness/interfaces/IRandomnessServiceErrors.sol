// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IRandomnessServiceErrors: why RandomnessService refuses
interface IRandomnessServiceErrors {
    error KeyGenerationAlreadySet(address keyGeneration);
    error KeyGenerationWithoutCode(address keyGeneration);
    error OnlyKeyGeneration(address caller);

    error ConductNobody();
    error ConductTooMany(uint256 operators, uint256 most);
    error ConductNotAscending(uint256 index);
    error ConductWindowOpen(uint64 endsAt, uint256 blockTime);
    error ConductWindowOutOfRange(uint64 window);
    error ConductAlreadyReported(uint64 window);
}
