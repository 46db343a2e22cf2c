// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IKeyGenerationErrors: why key generation refuses
interface IKeyGenerationErrors {
    /// @notice A constructor parameter outside of its range.
    error TimingOutOfRange(string parameter, uint256 value, uint256 least, uint256 most);

    // points and proofs
    error PointsLength(uint256 length, uint256 expected);
    error PointInfinite();
    error ScalarTooLarge(uint256 scalar);

    // encryption keys
    error EncryptionKeyUsed(bytes publicKey);
    error EncryptionKeyProofInvalid();
    error NotAnOperator(address caller);

    // opening
    error SessionUnderWay(uint64 session);
    error SessionTooSoon(uint256 fromBlock);
    error SessionNotDue();
    error NoEpoch();
    error MembersMismatch(uint256 rows, uint256 shares);
    error MembersOutOfRange(uint256 members, uint256 most);
    error RowsUnordered(uint256 index);
    error RowIneligible(uint32 row);
    /// @notice An eligible operator was left out that should be a member.
    error RowLeftOut(uint32 row);
    /// @notice A member was absent in the last session that failed, and there are enough without it.
    error RowAbsent(uint32 row);
    error WeightTooSmall(uint256 weight, uint256 total);
    error MemberSharesTooMany(uint16 shares, uint256 most);
    error SharesOutOfRange(uint256 shares, uint256 most);
    error ThresholdOutOfRange(uint16 threshold, uint256 shares);
    /// @notice Some set of more than two thirds of the weight would not reach the threshold.
    error AllocationNotLive(uint256 weight, uint256 total);
    /// @notice Some set of at most a third of the weight would reach the threshold.
    error AllocationNotSafe(uint256 weight, uint256 total);

    // sessions
    error SessionUnknown(uint64 session);
    error SessionOver(uint64 session);
    /// @notice It is not the time for this: `from` and `until` are the first and the last block.
    error SessionPhase(uint256 from, uint256 until);
    /// @notice Enough have dealt, and there is time left to fold.
    error SessionAlive(uint64 session);

    // dealing
    error DealerUnknown(address dealer);
    error AlreadyConvicted(address operator);
    error DealerEpoch(address dealer, uint64 epoch);
    error DealEvidenceTooLate(uint64 epoch, uint256 until);
    error DealSignatureInvalid();
    error AlreadyDealt(address dealer);
    error DealingLength(uint256 length, uint256 expected);
    error DealingPolynomialUnknown();
    error DealingConstantWrong();
    error EphemeralProofInvalid();
    error ConstantProofInvalid(uint256 polynomial);

    // complaints
    error DealingUnknown(address dealer);
    error ComplaintIndex(uint256 index, uint256 count);
    error ComplaintProofInvalid();
    error CommitmentValid();

    // folding
    error FoldOrder(address dealer);
    error FoldTooFew(uint256 shares, uint256 least);
    error FoldRunning();
    error FoldEmpty();
    error GroupKeyInfinite();
    error GroupKeyChanged();
}
