// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OperatorSet} from "../OperatorSet.sol";
import {IStrategy} from "./IStrategy.sol";

/// @title IRewardsCoordinator: rewards of AVSs, in by submission and out by Merkle claim
/// @dev Signatures as in EigenLayer v1.12. AVSs pay in; whoever computes the distribution off chain posts its root;
/// earners claim what is cumulatively theirs. Times are unix seconds, parts are basis points.
interface IRewardsCoordinator {
    struct StrategyAndMultiplier {
        IStrategy strategy;
        uint96 multiplier;
    }

    struct OperatorReward {
        address operator;
        uint256 amount;
    }

    /// @param strategiesAndMultipliers Stake that counts, ascending by strategy.
    /// @param operatorRewards What each operator and its stakers get, ascending by operator.
    /// @param startTimestamp Start of the period, a multiple of CALCULATION_INTERVAL_SECONDS, as is `duration`. The
    /// period must be over.
    struct OperatorDirectedRewardsSubmission {
        StrategyAndMultiplier[] strategiesAndMultipliers;
        IERC20 token;
        OperatorReward[] operatorRewards;
        uint32 startTimestamp;
        uint32 duration;
        string description;
    }

    /// @param root Root over the leaves keccak256(0x00 ‖ earner ‖ earnerTokenRoot).
    /// @param rewardsCalculationEndTimestamp Earnings up to this time are in it.
    /// @param activatedAt Claims are taken from this time on, unless it was disabled before.
    struct DistributionRoot {
        bytes32 root;
        uint32 rewardsCalculationEndTimestamp;
        uint32 activatedAt;
        bool disabled;
    }

    /// @param earnerTokenRoot Root over the earner's leaves keccak256(0x01 ‖ token ‖ cumulativeEarnings).
    struct EarnerTreeMerkleLeaf {
        address earner;
        bytes32 earnerTokenRoot;
    }

    /// @param cumulativeEarnings All that the earner ever earned of the token, what it claimed already included.
    struct TokenTreeMerkleLeaf {
        IERC20 token;
        uint256 cumulativeEarnings;
    }

    /// @param earnerTreeProof Siblings from the leaf up, 32 bytes each; bit i of the index says whether level i's node
    /// is the right one. Likewise `tokenTreeProofs`.
    struct RewardsMerkleClaim {
        uint32 rootIndex;
        uint32 earnerIndex;
        bytes earnerTreeProof;
        EarnerTreeMerkleLeaf earnerLeaf;
        uint32[] tokenIndices;
        bytes[] tokenTreeProofs;
        TokenTreeMerkleLeaf[] tokenLeaves;
    }

    // who may
    error UnauthorizedCaller();
    error InvalidEarner();

    // what is said
    error InvalidAddressZero();
    error InvalidRoot();
    error InvalidRootIndex();
    error InputArrayLengthZero();
    error InputArrayLengthMismatch();
    error NewRootMustBeForNewCalculatedPeriod();
    error RewardsEndTimestampNotElapsed();
    error InvalidOperatorSet();

    // submissions and splits
    error AmountIsZero();
    error AmountExceedsMax();
    error SplitExceedsMax();
    error PreviousSplitPending();
    error DurationExceedsMax();
    error DurationIsZero();
    error InvalidDurationRemainder();
    error InvalidGenesisRewardsTimestampRemainder();
    error InvalidCalculationIntervalSecondsRemainder();
    error InvalidStartTimestampRemainder();
    error StartTimestampTooFarInPast();
    error StrategyNotWhitelisted();
    error StrategiesNotInAscendingOrder();
    error OperatorsNotInAscendingOrder();
    error SubmissionNotRetroactive();

    // claims
    error InvalidClaimProof();
    error InvalidTokenLeafIndex();
    error InvalidEarnerLeafIndex();
    error EarningsNotGreaterThanClaimed();
    error RootDisabled();
    error RootNotActivated();
    error RootAlreadyActivated();

    event OperatorDirectedAVSRewardsSubmissionCreated(
        address indexed caller,
        address indexed avs,
        bytes32 indexed operatorDirectedRewardsSubmissionHash,
        uint256 submissionNonce,
        OperatorDirectedRewardsSubmission operatorDirectedRewardsSubmission
    );
    event OperatorDirectedOperatorSetRewardsSubmissionCreated(
        address indexed caller,
        bytes32 indexed operatorDirectedRewardsSubmissionHash,
        OperatorSet operatorSet,
        uint256 submissionNonce,
        OperatorDirectedRewardsSubmission operatorDirectedRewardsSubmission
    );
    event RewardsUpdaterSet(address indexed oldRewardsUpdater, address indexed newRewardsUpdater);
    event ActivationDelaySet(uint32 oldActivationDelay, uint32 newActivationDelay);
    event DefaultOperatorSplitBipsSet(uint16 oldDefaultOperatorSplitBips, uint16 newDefaultOperatorSplitBips);
    event OperatorAVSSplitBipsSet(
        address indexed caller,
        address indexed operator,
        address indexed avs,
        uint32 activatedAt,
        uint16 oldOperatorAVSSplitBips,
        uint16 newOperatorAVSSplitBips
    );
    event OperatorSetSplitBipsSet(
        address indexed caller,
        address indexed operator,
        OperatorSet operatorSet,
        uint32 activatedAt,
        uint16 oldOperatorSetSplitBips,
        uint16 newOperatorSetSplitBips
    );
    event ClaimerForSet(address indexed earner, address indexed oldClaimer, address indexed claimer);
    event DistributionRootSubmitted(
        uint32 indexed rootIndex,
        bytes32 indexed root,
        uint32 indexed rewardsCalculationEndTimestamp,
        uint32 activatedAt
    );
    event DistributionRootDisabled(uint32 indexed rootIndex);
    event RewardsClaimed(
        bytes32 root,
        address indexed earner,
        address indexed claimer,
        address indexed recipient,
        IERC20 token,
        uint256 claimedAmount
    );

    // the AVS's side; callers act for the AVS and pay

    /// @notice Pays rewards for a period that is over, to operators by name. The caller must have approved the sum.
    function createOperatorDirectedAVSRewardsSubmission(
        address avs,
        OperatorDirectedRewardsSubmission[] calldata operatorDirectedRewardsSubmissions
    ) external;

    /// @notice The same for the operators of one set.
    function createOperatorDirectedOperatorSetRewardsSubmission(
        OperatorSet calldata operatorSet,
        OperatorDirectedRewardsSubmission[] calldata operatorDirectedRewardsSubmissions
    ) external;

    // whoever computes the distribution

    /// @notice Posts the root of the earnings up to a time that has passed. Only the rewards updater.
    function submitRoot(bytes32 root, uint32 rewardsCalculationEndTimestamp) external;

    /// @notice Takes a root back before it is active. Only the rewards updater.
    function disableRoot(uint32 rootIndex) external;

    // earners

    /// @notice Pays what the claim proves and was not paid before. Only the earner, or its claimer if it has one.
    /// Reverts if any of its tokens has nothing new.
    function processClaim(RewardsMerkleClaim calldata claim, address recipient) external;
    function processClaims(RewardsMerkleClaim[] calldata claims, address recipient) external;

    /// @notice Lets `claimer` claim in place of the caller; zero takes it back.
    function setClaimerFor(address claimer) external;

    /// @notice The same for an operator or an AVS, by whoever may act for it.
    function setClaimerFor(address earner, address claimer) external;

    /// @notice Sets the operator's part of its stakers' rewards from `avs`, in force after the activation delay.
    function setOperatorAVSSplit(address operator, address avs, uint16 split) external;

    /// @notice The same for one operator set.
    function setOperatorSetSplit(address operator, OperatorSet calldata operatorSet, uint16 split) external;

    // the owner

    function setActivationDelay(uint32 activationDelay) external;
    function setDefaultOperatorSplit(uint16 split) external;
    function setRewardsUpdater(address rewardsUpdater) external;

    // reading

    function rewardsUpdater() external view returns (address);
    function activationDelay() external view returns (uint32);
    function currRewardsCalculationEndTimestamp() external view returns (uint32);
    function defaultOperatorSplitBips() external view returns (uint16);
    function claimerFor(address earner) external view returns (address);
    function cumulativeClaimed(address earner, IERC20 token) external view returns (uint256);
    function submissionNonce(address avs) external view returns (uint256);
    function isOperatorDirectedAVSRewardsSubmissionHash(address avs, bytes32 hash)
        external
        view
        returns (bool);
    function isOperatorDirectedOperatorSetRewardsSubmissionHash(address avs, bytes32 hash)
        external
        view
        returns (bool);
    function getOperatorAVSSplit(address operator, address avs) external view returns (uint16);
    function getOperatorSetSplit(address operator, OperatorSet calldata operatorSet)
        external
        view
        returns (uint16);
    function calculateEarnerLeafHash(EarnerTreeMerkleLeaf calldata leaf) external pure returns (bytes32);
    function calculateTokenLeafHash(TokenTreeMerkleLeaf calldata leaf) external pure returns (bytes32);

    /// @notice True if the claim's root is active and its proofs hold; reverts otherwise. Does not look at what was
    /// claimed before, nor at who asks.
    function checkClaim(RewardsMerkleClaim calldata claim) external view returns (bool);
    function getDistributionRootsLength() external view returns (uint256);
    function getDistributionRootAtIndex(uint256 index) external view returns (DistributionRoot memory);

    /// @notice The newest root, active or not.
    function getCurrentDistributionRoot() external view returns (DistributionRoot memory);

    /// @notice The newest root that can be claimed against; zeros if there is none.
    function getCurrentClaimableDistributionRoot() external view returns (DistributionRoot memory);

    /// @notice Index of the newest root that equals `rootHash`.
    function getRootIndexFromHash(bytes32 rootHash) external view returns (uint32);

    function CALCULATION_INTERVAL_SECONDS() external view returns (uint32);

    /// @notice Longest period of one submission.
    function MAX_REWARDS_DURATION() external view returns (uint32);

    /// @notice How long ago a submission's period may have started.
    function MAX_RETROACTIVE_LENGTH() external view returns (uint32);

    /// @notice How far ahead the period of a submission that is not directed may start; none of those exist here.
    function MAX_FUTURE_LENGTH() external view returns (uint32);

    /// @notice No period may start before this time.
    function GENESIS_REWARDS_TIMESTAMP() external view returns (uint32);
}
