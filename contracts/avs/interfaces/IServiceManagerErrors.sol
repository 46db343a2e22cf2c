// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IServiceManagerErrors: why a ServiceManager refuses
interface IServiceManagerErrors {
    /// @notice A constructor parameter outside of its range.
    error ParameterOutOfRange(string parameter, uint256 value, uint256 least, uint256 most);

    // set-up
    error AlreadyInitialized();
    error NotInitialized();
    error StrategyWeightsMismatch(uint256 strategies, uint256 weights);
    error TooManyStrategies(uint256 strategies, uint256 most);
    error UnknownStrategy(address strategy);
    error StrategyWeightInvalid(address strategy);
    error AppointeeTargetForbidden(address target);

    // operators
    error OnlyAllocationManager(address caller);
    error WrongAvs(address avs);
    error WrongOperatorSets();
    error TooManyOperators(uint256 most);
    error OperatorAlreadyJoined(address operator);
    error OperatorUnknown(address operator);
    error OperatorKeyInfinite();
    error OperatorKeyUsed(address operator);
    error OperatorPossessionInvalid();
    error OperatorPeerIdLength(uint256 length, uint256 most);
    error OperatorTooManyAddresses(uint256 count, uint256 most);
    error OperatorAddressLength(uint256 index, uint256 length, uint256 most);

    // epochs
    error EpochUnknown(uint64 epoch);
    error EpochTooYoung(uint64 until);
    error EpochInProgress(uint64 epoch);
    error EpochNotBegun();
    error EpochOutdated(uint64 epoch);
    error EpochPageTooSmall(uint256 count, uint256 least);
    error EpochIncomplete(uint256 added, uint256 total);
    error EpochComplete();

    // certificates
    error UnknownService(bytes32 service);
    error CertificateKind(uint8 kind);
    error CertificateSlotOutsideEpoch(uint64 slotTime, uint64 activatesAt, uint64 endsAt);
    error CertificateEpochNotLive(uint64 epoch);
    error CertificateBelowQuorum(uint256 signed, uint256 total);
    error CertificateKeyInfinite();
    error CertificateSignatureInvalid();

    // equivocation
    /// @notice The two statements are not two payloads of one (service, kind, slot, attempt).
    error EquivocationStatementsFit();
    /// @notice Operators are never slashed for statements of this service.
    error EquivocationServiceExempt(bytes32 service);
    error EquivocationTooLate(uint64 epoch, uint256 until);
    /// @notice A side that is one operator's signature needs exactly one operator, and no bitmap.
    error EquivocationNotOneOperator(uint256 operators);
    error EquivocationNotASigner(address operator, uint64 epoch);
    error EquivocationSignatureInvalid(uint64 epoch, bytes32 payload);
    /// @notice All of the operators were punished before, or have nothing left that could be slashed.
    error EquivocationNothingToSlash();
}
