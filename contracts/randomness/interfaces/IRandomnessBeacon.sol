// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A request for randomness, as `RandomnessRequested` tells it and `fulfill` wants it back.
/// @param id From 1.
/// @param consumer Who asked, and is called back.
/// @param round Whose signature decides.
/// @param gasLimit Gas of the callback.
/// @param fee Wei for whoever fulfills it.
struct RandomnessRequest {
    uint256 id;
    address consumer;
    uint64 round;
    uint32 gasLimit;
    uint96 fee;
}

/// @title IRandomnessBeacon: rounds in the format of drand's quicknet (bls-unchained-g1-rfc9380), and requests for them
/// @dev Round n is at genesis + (n - 1) * period. Its signature is the group's, unique, of sha256(n as uint64); its
/// randomness is the sha256 of the compressed signature.
interface IRandomnessBeacon {
    event GroupSet(bytes publicKey, bytes32 groupHash, uint64 genesis, bytes32 chainHash);
    /// @param signature Compressed, as drand's clients read it.
    event RoundDelivered(uint64 indexed round, bytes32 randomness, bytes signature);
    event RandomnessRequested(
        uint256 indexed id, address indexed consumer, uint64 indexed round, uint32 gasLimit, uint96 fee
    );
    /// @param success Whether the callback ran to its end. It is not repeated.
    event RandomnessFulfilled(
        uint256 indexed id, address indexed consumer, bytes32 randomness, bool success, address deliverer
    );
    event FeesWithdrawn(address indexed deliverer, address indexed recipient, uint256 amount);

    /// @notice Sets the group, once. Only the KeyGeneration that the service knows.
    /// @param groupKey 192 bytes: x.c0, x.c1, y.c0, y.c1.
    /// @param groupHash Id of the session that generated the key.
    /// @param genesis_ Unix second of round 1; not in the past.
    function setGroup(bytes calldata groupKey, bytes32 groupHash, uint64 genesis_) external;

    /// @notice Seconds between rounds.
    function period() external view returns (uint32);
    /// @notice Unix second of round 1; 0 while there is no group.
    function genesis() external view returns (uint64);
    /// @notice What drand's group file would hash to: the id of the session that generated the key.
    function groupHash() external view returns (bytes32);
    /// @notice The group's public key, compressed (96 bytes); empty while there is no group.
    function publicKey() external view returns (bytes memory);
    /// @notice drand's hash of the chain.
    function chainHash() external view returns (bytes32);

    /// @notice Verifies a round's signature and keeps its randomness. Anyone may bring it, in any order.
    /// @param signature 96 bytes: x, y. Not compressed: finding y would cost more than the bytes.
    function deliver(uint64 round, bytes calldata signature) external returns (bytes32 randomness);
    /// @notice Verifies a round's signature and returns its randomness, without keeping it.
    function verify(uint64 round, bytes calldata signature) external view returns (bytes32 randomness);
    /// @notice A round's randomness; zero if it was not delivered.
    function randomnessOf(uint64 round) external view returns (bytes32);
    /// @notice The last round whose time has come at Unix second `time`; 0 before the first.
    function roundAt(uint64 time) external view returns (uint64);
    /// @notice Unix second of a round.
    function timeOf(uint64 round) external view returns (uint64);

    /// @notice Asks for the randomness of a round to come. It cannot be taken back, and what it gives cannot be changed.
    /// The fee is what the call pays. Consumers are called as `IRandomnessConsumer`.
    /// @param round Not before `earliestRound()`; 0 for just that.
    /// @param gasLimit Of the callback.
    function request(uint64 round, uint32 gasLimit) external payable returns (uint256 id, uint64 committed);
    /// @notice Most gas of one callback.
    function MAX_GAS_LIMIT() external view returns (uint32);
    /// @notice The first round that a request in this block may commit to.
    function earliestRound() external view returns (uint64);
    /// @notice Whether exactly this request was made and waits.
    function isPending(RandomnessRequest calldata wanted) external view returns (bool);
    /// @notice What a request with this id gets out of a round's randomness.
    function derive(uint256 id, bytes32 roundRandomness) external view returns (bytes32);

    /// @notice Calls back requests whose rounds were delivered, and credits their fees to the caller. Passes over requests
    /// that do not wait (any more); reverts if none does.
    function fulfill(RandomnessRequest[] calldata requests) external returns (uint256 fulfilled);
    /// @notice `deliver`, unless the round is there, then `fulfill`.
    function deliverAndFulfill(uint64 round, bytes calldata signature, RandomnessRequest[] calldata requests)
        external
        returns (uint256 fulfilled);
    /// @notice Fees that a deliverer earned and has not withdrawn.
    function feesOf(address deliverer) external view returns (uint256);
    function withdrawFees(address payable recipient) external;
}
