// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {OperatorSet} from "./OperatorSet.sol";
import {Permissioned} from "./Permissioned.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";
import {IRewardsCoordinator} from "./interfaces/IRewardsCoordinator.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title RewardsSubmissions: what AVSs pay in, for periods that are over
abstract contract RewardsSubmissions is IRewardsCoordinator, Permissioned, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @param calculationInterval Seconds; periods start at and last for multiples of it. Whole days.
    /// @param maxDuration Seconds, of one submission's period.
    /// @param maxRetroactiveLength Seconds that a period may have begun ago.
    /// @param maxFutureLength Seconds; only told to whoever asks, as all submissions here are for the past.
    /// @param genesisTimestamp Unix second, a multiple of the interval, before which no period starts.
    struct Limits {
        uint32 calculationInterval;
        uint32 maxDuration;
        uint32 maxRetroactiveLength;
        uint32 maxFutureLength;
        uint32 genesisTimestamp;
    }

    struct Core {
        IDelegationManager delegationManager;
        IStrategyManager strategyManager;
        IAllocationManager allocationManager;
        IPermissionController permissionController;
    }

    /// @dev Computing distributions off chain takes one snapshot a day, so that no shorter interval has a meaning.
    uint32 private constant SNAPSHOT_CADENCE = 1 days;

    /// @dev The computation off chain has 38 decimal digits.
    uint256 private constant MAX_REWARDS_AMOUNT = 1e38 - 1;

    /// @notice Stands for ether staked natively, which no strategy holds.
    IStrategy public constant beaconChainETHStrategy = IStrategy(0xbeaC0eeEeeeeEEeEeEEEEeeEEeEeeeEeeEEBEaC0);

    IDelegationManager public immutable delegationManager;
    IStrategyManager public immutable strategyManager;
    IAllocationManager public immutable allocationManager;
    /// @inheritdoc IRewardsCoordinator
    uint32 public immutable CALCULATION_INTERVAL_SECONDS;
    /// @inheritdoc IRewardsCoordinator
    uint32 public immutable MAX_REWARDS_DURATION;
    /// @inheritdoc IRewardsCoordinator
    uint32 public immutable MAX_RETROACTIVE_LENGTH;
    /// @inheritdoc IRewardsCoordinator
    uint32 public immutable MAX_FUTURE_LENGTH;
    /// @inheritdoc IRewardsCoordinator
    uint32 public immutable GENESIS_REWARDS_TIMESTAMP;

    /// @inheritdoc IRewardsCoordinator
    mapping(address avs => uint256) public submissionNonce;
    /// @inheritdoc IRewardsCoordinator
    mapping(address avs => mapping(bytes32 hash => bool)) public isOperatorDirectedAVSRewardsSubmissionHash;
    /// @inheritdoc IRewardsCoordinator
    mapping(address avs => mapping(bytes32 hash => bool)) public
        isOperatorDirectedOperatorSetRewardsSubmissionHash;

    constructor(Core memory core, Limits memory limits) Permissioned(core.permissionController) {
        require(
            limits.genesisTimestamp % limits.calculationInterval == 0,
            InvalidGenesisRewardsTimestampRemainder()
        );
        require(
            limits.calculationInterval % SNAPSHOT_CADENCE == 0, InvalidCalculationIntervalSecondsRemainder()
        );
        delegationManager = core.delegationManager;
        strategyManager = core.strategyManager;
        allocationManager = core.allocationManager;
        CALCULATION_INTERVAL_SECONDS = limits.calculationInterval;
        MAX_REWARDS_DURATION = limits.maxDuration;
        MAX_RETROACTIVE_LENGTH = limits.maxRetroactiveLength;
        MAX_FUTURE_LENGTH = limits.maxFutureLength;
        GENESIS_REWARDS_TIMESTAMP = limits.genesisTimestamp;
    }

    /// @inheritdoc IRewardsCoordinator
    function createOperatorDirectedAVSRewardsSubmission(
        address avs,
        OperatorDirectedRewardsSubmission[] calldata submissions
    ) external onlyFor(avs) nonReentrant {
        for (uint256 i = 0; i < submissions.length; i++) {
            (bytes32 hash, uint256 nonce) = _accept(avs, submissions[i]);
            isOperatorDirectedAVSRewardsSubmissionHash[avs][hash] = true;
            emit OperatorDirectedAVSRewardsSubmissionCreated(msg.sender, avs, hash, nonce, submissions[i]);
        }
    }

    /// @inheritdoc IRewardsCoordinator
    function createOperatorDirectedOperatorSetRewardsSubmission(
        OperatorSet calldata operatorSet,
        OperatorDirectedRewardsSubmission[] calldata submissions
    ) external onlyFor(operatorSet.avs) nonReentrant {
        require(allocationManager.isOperatorSet(operatorSet), InvalidOperatorSet());
        for (uint256 i = 0; i < submissions.length; i++) {
            (bytes32 hash, uint256 nonce) = _accept(operatorSet.avs, submissions[i]);
            isOperatorDirectedOperatorSetRewardsSubmissionHash[operatorSet.avs][hash] = true;
            emit OperatorDirectedOperatorSetRewardsSubmissionCreated(
                msg.sender, hash, operatorSet, nonce, submissions[i]
            );
        }
    }

    /// @dev Checks, counts and takes in one submission.
    /// @return hash keccak256(abi.encode(avs, nonce, submission)).
    function _accept(address avs, OperatorDirectedRewardsSubmission calldata submission)
        private
        returns (bytes32 hash, uint256 nonce)
    {
        _checkPeriod(
            submission.startTimestamp, submission.duration, submission.strategiesAndMultipliers.length
        );
        _checkStrategies(submission.strategiesAndMultipliers);
        uint256 total = _checkRewards(submission);
        nonce = submissionNonce[avs]++;
        hash = keccak256(abi.encode(avs, nonce, submission));
        submission.token.safeTransferFrom(msg.sender, address(this), total);
    }

    function _checkPeriod(uint32 start, uint32 duration, uint256 strategies) private view {
        require(strategies != 0, InputArrayLengthZero());
        require(duration <= MAX_REWARDS_DURATION, DurationExceedsMax());
        require(duration % CALCULATION_INTERVAL_SECONDS == 0, InvalidDurationRemainder());
        require(duration != 0, DurationIsZero());
        require(start % CALCULATION_INTERVAL_SECONDS == 0, InvalidStartTimestampRemainder());
        require(
            start >= block.timestamp - MAX_RETROACTIVE_LENGTH && start >= GENESIS_REWARDS_TIMESTAMP,
            StartTimestampTooFarInPast()
        );
    }

    function _checkStrategies(StrategyAndMultiplier[] calldata list) private view {
        address previous = address(0);
        for (uint256 i = 0; i < list.length; i++) {
            IStrategy strategy = list[i].strategy;
            require(
                strategyManager.strategyIsWhitelistedForDeposit(strategy)
                    || address(strategy) == address(beaconChainETHStrategy),
                StrategyNotWhitelisted()
            );
            require(previous < address(strategy), StrategiesNotInAscendingOrder());
            previous = address(strategy);
        }
    }

    /// @return total What the caller pays, in the token's units.
    function _checkRewards(OperatorDirectedRewardsSubmission calldata submission)
        private
        view
        returns (uint256 total)
    {
        OperatorReward[] calldata rewards = submission.operatorRewards;
        require(rewards.length != 0, InputArrayLengthZero());
        require(submission.startTimestamp + submission.duration < block.timestamp, SubmissionNotRetroactive());
        address previous = address(0);
        for (uint256 i = 0; i < rewards.length; i++) {
            require(rewards[i].operator != address(0), InvalidAddressZero());
            require(previous < rewards[i].operator, OperatorsNotInAscendingOrder());
            require(rewards[i].amount != 0, AmountIsZero());
            total += rewards[i].amount;
            previous = rewards[i].operator;
        }
        require(total <= MAX_REWARDS_AMOUNT, AmountExceedsMax());
    }
}
