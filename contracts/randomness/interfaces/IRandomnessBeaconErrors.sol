// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IRandomnessBeaconErrors: why RandomnessBeacon refuses
interface IRandomnessBeaconErrors {
    error PeriodOutOfRange(uint32 period);
    error BlockIntervalOutOfRange(uint32 blockInterval);
    error ReorgMarginOutOfRange(uint32 reorgMargin);

    error OnlyKeyGeneration(address caller);
    error GroupAlreadySet();
    error GroupNotSet();
    error GenesisOutOfRange(uint64 genesis);

    error RoundZero();
    error RoundAlreadyDelivered(uint64 round);
    error RoundSignatureInvalid(uint64 round);

    error RequestGasLimit(uint32 gasLimit, uint32 most);
    error RequestFee(uint256 fee, uint256 most);
    error RequestRoundTooEarly(uint64 round, uint64 earliest);
    error RequestRoundTooLate(uint64 round, uint64 latest);

    /// @notice None of the requests waits for a round that was delivered.
    error NothingToFulfill();
    /// @notice A callback cannot be given the gas that its request says.
    error FulfillOutOfGas(uint256 id, uint256 gasNeeded);
    error NothingToWithdraw();
    error WithdrawalFailed(address recipient);
}
