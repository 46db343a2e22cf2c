// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {RateSource, StrategyWeight} from "./StrategyWeight.sol";

/// @notice What operators of one AVS sign. `kind`: 1 certify, 2 observe, 3 propose, 4 deal.
/// For one (service, kind, slot, attempt) an operator signs at most one payload.
struct Statement {
    bytes32 service;
    uint8 kind;
    uint64 epoch;
    uint64 slot;
    uint16 attempt;
    bytes32 payload;
}

/// @notice Proof that a quorum of an epoch signed a statement.
/// @param absent Bitmap of table rows that did not sign: row i is bit (i % 8) of byte i / 8. Trailing zero
/// bytes may be left out, so that a full house is the empty string. Bits beyond the table must be zero.
/// @param signature Sum of the partial signatures, an EIP-2537 G2 point (256 bytes).
struct Certificate {
    bytes absent;
    bytes signature;
}

/// @notice One side of an equivocation: a statement that was validly signed, by one operator or by several.
/// @param aggregate Whether `signature` is a sum, as in a certificate, of all operators of the statement's epoch but
/// those in `absent`. Otherwise it is one operator's own, and `absent` is empty.
/// @param absent As `Certificate.absent`.
/// @param signature An EIP-2537 G2 point (256 bytes).
struct Testimony {
    Statement statement;
    bool aggregate;
    bytes absent;
    bytes signature;
}

/// @notice One frozen table of (operator, key, weight). Times are Unix seconds, weights are gwei of ETH value.
struct Epoch {
    uint64 activatesAt;
    uint64 validUntil;
    uint64 totalWeight;
    uint32 operators;
    uint64 builtAtBlock;
}

/// @notice What an operator hands over through `AllocationManager.registerForOperatorSets(…).data`, ABI-encoded.
/// @param publicKey BLS12-381 G1 point, EIP-2537 form (128 bytes).
/// @param proofOfPossession G2 point (256 bytes): signature of `registrationDigest(operator, publicKey)` under
/// the ciphersuite's BLS_POP_ tag.
/// @param peerId libp2p peer id, as the bytes of its multihash.
/// @param addresses multiaddrs in text form, at most 8 of at most 128 bytes each.
struct Registration {
    bytes publicKey;
    bytes proofOfPossession;
    bytes peerId;
    string[] addresses;
}

/// @title IServiceManager: operators, keys, epochs and certificates of one AVS
interface IServiceManager {
    event OperatorKeyRegistered(address indexed operator, bytes publicKey);
    event OperatorPeerUpdated(address indexed operator, bytes peerId, string[] addresses);
    event OperatorJoined(address indexed operator);
    event OperatorLeft(address indexed operator);
    event EpochBegun(uint64 indexed epoch, uint64 stakeBlock);
    event EpochPageAdded(uint64 indexed epoch, uint32 operators);
    event EpochBuilt(
        uint64 indexed epoch, uint64 activatesAt, uint64 validUntil, uint64 totalWeight, uint32 operators
    );
    /// @notice A finished building was dropped: no operator had weight, or too little weight had moved and no key that
    /// may bring a table about was replaced.
    event EpochDiscarded(uint64 indexed epoch, uint256 movedWeight);
    event WeightRevoked(uint64 indexed epoch, address indexed operator, uint64 weight);
    /// @notice An operator signed two payloads for one (service, kind, slot, attempt) and lost stake.
    /// @param epoch Of the first of the two statements.
    /// @param strategies Those of the AVS, ascending.
    /// @param shares What the operator in fact lost, in shares of each strategy.
    event EquivocationSlashed(
        address indexed operator,
        bytes32 indexed service,
        uint64 indexed epoch,
        uint8 kind,
        uint64 slot,
        uint16 attempt,
        IStrategy[] strategies,
        uint256[] shares
    );
    event StrategyWeightSet(address indexed strategy, RateSource source, uint256 rate, uint256 multiplierBps);

    /// @notice EIP-712 digest of a statement under this contract's domain ("Lariat", "1").
    function statementDigest(Statement calldata statement) external view returns (bytes32);

    /// @notice EIP-712 digest that a proof of possession signs:
    /// `BlsKeyRegistration(address operator,bytes publicKey)`.
    function registrationDigest(address operator, bytes calldata publicKey) external view returns (bytes32);

    /// @notice Reverts unless `certificate` proves a quorum for `statement`, which must be of kind certify and
    /// whose slot must lie in its epoch. Returns the weight that signed.
    function verifyCertificate(Statement calldata statement, Certificate calldata certificate)
        external
        view
        returns (uint64 signedWeight);

    /// @notice Lets `appointee` call `selector` on the core's `target` in this AVS's name, by the core's
    /// PermissionController: above all `createOperatorDirectedAVSRewardsSubmission` on the RewardsCoordinator, which
    /// takes the tokens from who calls it. Only the owner. Never on the AllocationManager: who slashes, and who joins,
    /// is for this contract alone.
    function setAppointee(address appointee, address target, bytes4 selector) external;

    /// @notice Takes the right back, at once. Only the owner.
    function removeAppointee(address appointee, address target, bytes4 selector) external;

    /// @notice Strategies whose stake makes up the weights.
    function strategies() external view returns (IStrategy[] memory);

    /// @notice How stake in a strategy counts; all zero for one that does not.
    function strategyWeight(IStrategy strategy) external view returns (StrategyWeight memory);

    /// @notice Of 1e18 shares of a strategy now, in wei: `worth` by the token's own rate or the owner's, and what they
    /// are `counted` for, with the multiplier.
    function strategyRate(IStrategy strategy) external view returns (uint256 worth, uint256 counted);

    function operatorSetId() external view returns (uint32);
    function quorumBps() external view returns (uint16);
    function graceSeconds() external view returns (uint64);

    /// @notice Unix seconds of a time slot; reverts `UnknownService` for a service this contract does not have,
    /// returns 0 for a service whose slots are indices.
    function slotTime(bytes32 service, uint64 slot) external view returns (uint64);

    // epochs
    /// @notice Number of the newest finished epoch, 0 if none.
    function latestEpoch() external view returns (uint64);
    function epochInfo(uint64 epoch) external view returns (Epoch memory);
    /// @notice The epoch active at Unix second `time`; 0 if none.
    function epochAt(uint64 time) external view returns (uint64);
    /// @notice Rows [from, from + count) of a finished epoch; keys as EIP-2537 points without their padding
    /// (96 bytes, x then y).
    function epochRows(uint64 epoch, uint256 from, uint256 count)
        external
        view
        returns (address[] memory operators, bytes[] memory publicKeys, uint64[] memory weights);
    /// @notice Bitmap (as `Certificate.absent`) of rows whose weight was revoked.
    function revokedRows(uint64 epoch) external view returns (bytes memory);

    function beginEpoch() external;
    /// @notice Adds up to `count` further operators to the table being built: from 32 to 200, fewer only if fewer are
    /// left. 100 need about half of what a transaction may have.
    function addToEpoch(uint256 count) external;
    /// @notice Finishes the table, or drops it (`EpochDiscarded`) if it is empty or not worth replacing the last one.
    function finishEpoch() external;
    /// @notice Whether `beginEpoch` would be worth it now: set or stake changed above the threshold, or an operator has
    /// another key than in the newest epoch (eight times in the validity of one, at the most), or the newest is close to
    /// its expiry, and the newest is old enough.
    function epochDue() external view returns (bool);
    /// @notice State of the table being built: its number (0 if none), operators added, operators in the set.
    function epochProgress() external view returns (uint64 epoch, uint32 added, uint32 total);

    // equivocation
    /// @notice Slashes operators that signed two payloads for one (service, kind, slot, attempt), and takes their weight
    /// out of all live epochs: once per operator, service and epoch. Anyone may call it. Keys come from the tables of
    /// the epochs that the two statements name, which may differ. Reverts if nobody loses anything.
    /// @param operators Those to be slashed, each of whom must have signed on both sides; one if a side is one
    /// operator's own signature. Who was punished before is passed over.
    function slashEquivocation(
        Testimony calldata first,
        Testimony calldata second,
        address[] calldata operators
    ) external;
    /// @notice Part of what an operator allocated to the AVS that one equivocation costs, of 1e18.
    function equivocationWad() external view returns (uint64);
    /// @notice Whether an operator was slashed for equivocation in a service with a statement of that epoch.
    function punished(address operator, bytes32 service, uint64 epoch) external view returns (bool);

    // operators
    function operatorCount() external view returns (uint256);
    function operatorsPage(uint256 from, uint256 count) external view returns (address[] memory);
    function keyOf(address operator) external view returns (bytes memory publicKey);
    function peerOf(address operator) external view returns (bytes memory peerId, string[] memory addresses);
    /// @notice Replaces the caller's peer id and addresses.
    function setPeer(bytes calldata peerId, string[] calldata addresses) external;
    /// @notice Replaces the BLS key of the caller, who is in the set. Epochs built before keep the old one, so that it
    /// signs until the next epoch activates. `proofOfPossession` signs `registrationDigest(caller, publicKey)`.
    function rotateKey(bytes calldata publicKey, bytes calldata proofOfPossession) external;
}
