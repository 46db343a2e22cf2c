// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What one dealer posts. Points are affine without padding: 96 bytes in G1, 192 in G2 (x.c0, x.c1, y.c0, y.c1).
/// P is the number of its polynomials, t the session's threshold, m its number of shares.
/// @param commitments P * t points of G2: of each polynomial the coefficients times the generator, constant first.
/// @param ephemeral R, one point of G1, whose secret the shares are sealed with.
/// @param sealedShares P * m words: of each polynomial its value at j + 1 for each share index j, XORed with the mask.
/// @param proofs Of knowledge, (c, z) of 32 bytes each: of R's secret, then of each polynomial's constant.
struct Dealing {
    bytes commitments;
    bytes ephemeral;
    bytes sealedShares;
    bytes proofs;
}

/// @notice One dealer's part of a page of `fold`.
/// @param restHash keccak256(abi.encodePacked(ephemeral, sealedShares, proofs)) of its dealing.
struct FoldInput {
    address dealer;
    bytes commitments;
    bytes32 restHash;
}

/// @notice How long things take. Nodes act on final blocks only: each phase must be longer than finality lags.
/// @param dealBlocks Blocks for dealing.
/// @param complaintBlocks Blocks for complaints, after that.
/// @param foldBlocks Blocks for folding, after that.
/// @param gapBlocks Blocks from a session that succeeded to the next one: in it members register their next keys.
/// @param startDelay Seconds from the end of the key generation to round 1.
/// @param switchDelay Seconds from the end of a resharing to the first round of the new sharing, at the least.
struct KeyTiming {
    uint32 dealBlocks;
    uint32 complaintBlocks;
    uint32 foldBlocks;
    uint32 gapBlocks;
    uint32 startDelay;
    uint32 switchDelay;
}

/// @notice One run of key generation or resharing.
/// @param id What all proofs of the session are bound to; 0 for a session that never was.
/// @param state 1 under way (also if its time is over and nobody told), 2 finished, 3 failed.
/// @param epoch Whose table the members and their weights come from.
/// @param attempt How many sessions failed before it since the last that succeeded.
/// @param fromSharing The sharing that is dealt anew; 0 for a new key.
/// @param dealEnd Last block for dealing, `complaintEnd` for complaints, `finishEnd` for folding.
/// @param dealt Bit i: dealer i has dealt. Dealers are members of the session (a new key) or of the old sharing.
/// @param convicted Bit i: dealer i was convicted.
/// @param folded Dealers up to which the sum has got.
struct Session {
    bytes32 id;
    uint8 state;
    uint64 epoch;
    uint32 attempt;
    uint64 fromSharing;
    uint16 threshold;
    uint16 shares;
    uint64 dealEnd;
    uint64 complaintEnd;
    uint64 finishEnd;
    uint64 dealt;
    uint64 convicted;
    uint16 folded;
    Achieved achieved;
}

/// @notice What an allocation of shares achieves, in the weight units of the epoch's table.
/// @param reaching Every set of members with at least this weight reaches the threshold (L).
/// @param failing No set of members with at most this weight does (S).
/// @param total Weight of all members (W).
struct Achieved {
    uint64 reaching;
    uint64 failing;
    uint64 total;
}

/// @notice One split of the group's secret.
/// @param session The session that made it.
/// @param switchRound First round signed with it.
/// @param hash keccak256(abi.encode(number, membersHash, polynomialHash, threshold)).
struct Sharing {
    uint64 session;
    uint64 switchRound;
    uint16 threshold;
    uint16 shares;
    bytes32 membersHash;
    bytes32 polynomialHash;
    bytes32 hash;
}

/// @notice The group, which stays when members change. All zero before there is one.
/// @param key G2, 192 bytes.
/// @param genesis Unix second of round 1.
/// @param period Seconds between rounds.
/// @param chainHash drand's name of the chain.
/// @param groupHash Id of the session that generated the key.
struct Group {
    bytes key;
    uint64 genesis;
    uint32 period;
    bytes32 chainHash;
    bytes32 groupHash;
}

/// @title IKeyGeneration: the bulletin board of distributed key generation and of resharing
/// @dev A member table is, for each member in the order of the epoch's rows: operator 20 | encryption key 96 | weight 8
/// | shares 2. Members own consecutive share indices in this order; share index j is the value at j + 1.
interface IKeyGeneration {
    event EncryptionKeyRegistered(address indexed operator, bytes publicKey);
    /// @param dealEnd Last block for dealing, `complaintEnd` for complaints, `finishEnd` for folding.
    /// @param members The member table.
    event SessionOpened(
        uint64 indexed session,
        bytes32 id,
        uint64 epoch,
        uint32 attempt,
        uint64 fromSharing,
        uint16 threshold,
        uint64 dealEnd,
        uint64 complaintEnd,
        uint64 finishEnd,
        bytes members
    );
    event Dealt(
        uint64 indexed session,
        address indexed dealer,
        uint64 epoch,
        bytes32 payload,
        bytes commitments,
        bytes ephemeral,
        bytes sealedShares,
        bytes proofs,
        bytes signature
    );
    /// @notice A dealer signed a second payload. With the first one it is evidence for `slashEquivocation`.
    event DealtTwice(
        uint64 indexed session, address indexed dealer, uint64 epoch, bytes32 payload, bytes signature
    );
    /// @param reason 1 wrong share, 2 wrong commitment, 3 false complaint, 4 two dealings.
    event Convicted(uint64 indexed session, address indexed operator, uint8 reason);
    /// @notice Dealers up to `folded` are in the sum.
    /// @param running The sum of commitments so far: `threshold` points of G2.
    event Folded(uint64 indexed session, uint16 folded, bytes running);
    /// @param absent Who owed a dealing and did not deal.
    event SessionFailed(uint64 indexed session, address[] absent);
    /// @param reaching, failing, total As in `Achieved`.
    /// @param polynomial The sharing's public polynomial, `threshold` points of G2, the group key first.
    /// @param absent Who owed a dealing and did not deal.
    event SharingStarted(
        uint64 indexed sharing,
        uint64 indexed session,
        uint64 switchRound,
        uint16 threshold,
        uint16 shares,
        uint64 reaching,
        uint64 failing,
        uint64 total,
        bytes polynomial,
        address[] absent
    );

    /// @notice Registers the key that shares for the caller, an operator of the set, will be sealed with, in place of
    /// any earlier one. It serves one session that succeeds, and nobody may have registered it before.
    /// @param publicKey G1, 96 bytes.
    /// @param c Challenge and `z` response of the proof that the caller knows the secret.
    function registerEncryptionKey(bytes calldata publicKey, uint256 c, uint256 z) external;

    /// @notice Opens a session, if one is due.
    /// @param rows Of the table of the epoch active now, ascending: all that are eligible, or 32 that no other outweighs.
    /// @param shares For each of them, at most 8; together at most 64.
    /// @param threshold Above half of the shares.
    function open(uint32[] calldata rows, uint16[] calldata shares, uint16 threshold) external;

    /// @notice Posts a dealing, which the dealer signed. The first one counts; another payload convicts the dealer.
    /// @param epoch Whose key signed: the session's; of a dealer that is not in it, the last one that has it.
    /// @param signature Of the dealer's `deal` statement, 256 bytes.
    /// @param oldPolynomial The old sharing's public polynomial; empty for a new key.
    function deal(
        uint64 session,
        address dealer,
        uint64 epoch,
        Dealing calldata dealing,
        bytes calldata signature,
        bytes calldata oldPolynomial
    ) external;

    /// @notice Shows that a share does not lie on its polynomial, and convicts the dealer; if it does, convicts the
    /// recipient, as only it can have made the proof.
    /// @param polynomial Which of the dealer's.
    /// @param dealing As it was posted.
    /// @param sharedPoint R times the recipient's secret, G1, 96 bytes.
    /// @param c Challenge and `z` response of the proof that it is that. The challenge hashes session id, dealer,
    /// recipient, `polynomial`, `shareIndex`, the recipient's key, R, the shared point, and the proof's two nonces.
    function complainShare(
        uint64 session,
        address dealer,
        uint16 polynomial,
        uint16 shareIndex,
        Dealing calldata dealing,
        bytes calldata sharedPoint,
        uint256 c,
        uint256 z
    ) external;

    /// @notice Shows that a commitment is no point of the group or infinity, and convicts the dealer.
    /// @param coefficient Which of the polynomial's, from 0.
    function complainCommitment(
        uint64 session,
        address dealer,
        uint16 polynomial,
        uint16 coefficient,
        Dealing calldata dealing
    ) external;

    /// @notice Adds the next dealers' commitments to the sum; with the last one the session finishes.
    /// @param inputs The next dealers that count, in their order.
    /// @param running The sum so far, as `Folded` told it; empty at first and after a conviction.
    function fold(uint64 session, FoldInput[] calldata inputs, bytes calldata running) external;

    /// @notice Ends a session that too few have dealt in, or whose time is over.
    function fail(uint64 session) external;

    function timing() external view returns (KeyTiming memory);
    function group() external view returns (Group memory);
    /// @notice Number of the newest session, 0 if none.
    function latestSession() external view returns (uint64);
    /// @notice Number of the newest sharing, 0 if none.
    function latestSharing() external view returns (uint64);
    function sessionInfo(uint64 session) external view returns (Session memory);
    function sharingInfo(uint64 sharing) external view returns (Sharing memory);
    /// @notice Member table of a session.
    function membersOf(uint64 session) external view returns (bytes memory);
    /// @notice Payload of a dealer's dealing in a session, and the epoch that it was signed in; 0 if it has not dealt.
    function dealingOf(uint64 session, address dealer) external view returns (bytes32 payload, uint64 epoch);
    /// @notice Whether an operator was convicted in a session.
    function isConvicted(uint64 session, address operator) external view returns (bool);
    /// @notice Who owed a dealing in a session and has not dealt.
    function absentIn(uint64 session) external view returns (address[] memory);
    /// @notice The newest encryption key of an operator, empty if none, and whether it can serve a session.
    function encryptionKeyOf(address operator) external view returns (bytes memory publicKey, bool usable);
    /// @notice Which rows of the epoch active now may be opened with. Reverts if none is active.
    /// @return epoch The epoch active now.
    /// @return rows Eligible rows, ascending: without those who were absent in the last session that failed, if the
    /// others hold enough.
    function eligibleRows() external view returns (uint64 epoch, uint32[] memory rows);
    /// @notice Why a session is due, for calls from outside. Reverts if no epoch is active.
    /// @return reason 0 none is, 1 there is no group, 2 the members changed, 3 the weights changed.
    /// @return fromBlock The first block in which one can be opened.
    function dueReason() external view returns (uint8 reason, uint256 fromBlock);
}
