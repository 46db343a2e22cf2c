// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../OperatorSet.sol";
import {IAVSRegistrar} from "./IAVSRegistrar.sol";
import {IDelegationManager} from "./IDelegationManager.sol";
import {IStrategy} from "./IStrategy.sol";

/// @title IAllocationManager: operator sets, and how much of an operator's stake each can slash
/// @dev Signatures as in EigenLayer v1.12. Magnitudes are parts of 1e18 of an operator's stake in one strategy.
interface IAllocationManager {
    /// @param pendingDiff Change that takes effect at block `effectBlock`; both are 0 if none is pending.
    struct Allocation {
        uint64 currentMagnitude;
        int128 pendingDiff;
        uint32 effectBlock;
    }

    /// @param operatorSet The set that shall be able to slash `newMagnitudes[i]` of the stake in `strategies[i]`.
    struct AllocateParams {
        OperatorSet operatorSet;
        IStrategy[] strategies;
        uint64[] newMagnitudes;
    }

    /// @param data Handed on to the AVS's registrar.
    struct RegisterParams {
        address avs;
        uint32[] operatorSetIds;
        bytes data;
    }

    struct DeregisterParams {
        address operator;
        address avs;
        uint32[] operatorSetIds;
    }

    /// @dev The older form, in which the AVS itself is the slasher.
    struct CreateSetParams {
        uint32 operatorSetId;
        IStrategy[] strategies;
    }

    /// @param slasher The only account that may slash the set's operators.
    struct CreateSetParamsV2 {
        uint32 operatorSetId;
        IStrategy[] strategies;
        address slasher;
    }

    /// @param strategies Strategies to slash, ascending by address.
    /// @param wadsToSlash For each the part in (0, 1e18] of what is allocated to the set.
    struct SlashingParams {
        address operator;
        uint32 operatorSetId;
        IStrategy[] strategies;
        uint256[] wadsToSlash;
        string description;
    }

    error InvalidWadToSlash();
    error InputArrayLengthMismatch();
    error InputAddressZero();
    error InvalidAVSRegistrar();
    error InvalidCaller();
    error InvalidOperator();
    error NonexistentAVSMetadata();
    error UninitializedAllocationDelay();
    error OperatorNotSlashable();
    error AlreadyMemberOfSet();
    error NotMemberOfSet();
    error InvalidOperatorSet();
    error StrategiesMustBeInAscendingOrder();
    error StrategyAlreadyInOperatorSet();
    error StrategyNotInOperatorSet();
    error SameMagnitude();
    error ModificationAlreadyPending();
    error InsufficientMagnitude();
    error InvalidRedistributionRecipient();

    event AllocationDelaySet(address operator, uint32 delay, uint32 effectBlock);
    event SlasherUpdated(OperatorSet operatorSet, address slasher, uint32 effectBlock);
    event AllocationUpdated(
        address operator, OperatorSet operatorSet, IStrategy strategy, uint64 magnitude, uint32 effectBlock
    );
    event EncumberedMagnitudeUpdated(address operator, IStrategy strategy, uint64 encumberedMagnitude);
    event MaxMagnitudeUpdated(address operator, IStrategy strategy, uint64 maxMagnitude);

    /// @param wadSlashed Per strategy the part of all of the operator's stake that was slashed, times 1e18.
    event OperatorSlashed(
        address operator,
        OperatorSet operatorSet,
        IStrategy[] strategies,
        uint256[] wadSlashed,
        string description
    );
    event AVSRegistrarSet(address avs, IAVSRegistrar registrar);
    event AVSMetadataURIUpdated(address indexed avs, string metadataURI);
    event OperatorSetCreated(OperatorSet operatorSet);
    event RedistributionAddressSet(OperatorSet operatorSet, address redistributionRecipient);
    event OperatorAddedToOperatorSet(address indexed operator, OperatorSet operatorSet);
    event OperatorRemovedFromOperatorSet(address indexed operator, OperatorSet operatorSet);
    event StrategyAddedToOperatorSet(OperatorSet operatorSet, IStrategy strategy);
    event StrategyRemovedFromOperatorSet(OperatorSet operatorSet, IStrategy strategy);

    // the AVS's side; callers act for `avs`

    /// @notice Announces the AVS. Comes before its first operator set.
    function updateAVSMetadataURI(address avs, string calldata metadataURI) external;

    /// @notice Sets the contract that is asked when operators join or leave. It must have code and support `avs`.
    function setAVSRegistrar(address avs, IAVSRegistrar registrar) external;

    function createOperatorSets(address avs, CreateSetParams[] calldata params) external;
    function createOperatorSets(address avs, CreateSetParamsV2[] calldata params) external;

    /// @notice Creates sets whose slashed stake goes to `redistributionRecipients[i]`, forever, instead of being burned.
    function createRedistributingOperatorSets(
        address avs,
        CreateSetParams[] calldata params,
        address[] calldata redistributionRecipients
    ) external;
    function createRedistributingOperatorSets(
        address avs,
        CreateSetParamsV2[] calldata params,
        address[] calldata redistributionRecipients
    ) external;
    function addStrategiesToOperatorSet(address avs, uint32 operatorSetId, IStrategy[] calldata strategies)
        external;
    function removeStrategiesFromOperatorSet(
        address avs,
        uint32 operatorSetId,
        IStrategy[] calldata strategies
    ) external;

    /// @notice Replaces the set's slasher after SLASHER_CONFIGURATION_DELAY blocks.
    function updateSlasher(OperatorSet calldata operatorSet, address slasher) external;

    /// @notice Slashes a member, or one that left less than DEALLOCATION_DELAY blocks ago. Only the set's slasher.
    /// Strategies of which nothing is allocated to the set are passed over: `shares` is zero there.
    /// @return slashId Number of this slash within the set, from 1.
    /// @return shares Shares taken, per strategy.
    function slashOperator(address avs, SlashingParams calldata params)
        external
        returns (uint256 slashId, uint256[] memory shares);

    // the operator's side; callers act for `operator`

    /// @notice Sets how much of the operator's stake each set can slash. More takes effect after the operator's
    /// allocation delay; less after DEALLOCATION_DELAY, or at once where it was not slashable.
    function modifyAllocations(address operator, AllocateParams[] calldata params) external;

    /// @notice Frees the magnitude of deallocations that have matured, oldest first. Anyone may call.
    function clearDeallocationQueue(
        address operator,
        IStrategy[] calldata strategies,
        uint16[] calldata numToClear
    ) external;

    function registerForOperatorSets(address operator, RegisterParams calldata params) external;

    /// @notice Takes an operator out of sets, called for the operator or for the AVS. It stays slashable through
    /// block + DEALLOCATION_DELAY, inclusive.
    function deregisterFromOperatorSets(DeregisterParams calldata params) external;

    /// @notice Sets the operator's allocation delay in blocks, after ALLOCATION_CONFIGURATION_DELAY.
    function setAllocationDelay(address operator, uint32 delay) external;

    // reading

    function delegation() external view returns (IDelegationManager);

    /// @notice Blocks for which deallocated magnitude, or an operator that left, stays slashable.
    function DEALLOCATION_DELAY() external view returns (uint32);

    /// @notice Blocks until a new allocation delay takes effect.
    function ALLOCATION_CONFIGURATION_DELAY() external view returns (uint32);

    /// @notice Blocks until a new slasher takes effect.
    function SLASHER_CONFIGURATION_DELAY() external view returns (uint32);

    function getAVSRegistrar(address avs) external view returns (IAVSRegistrar);
    function getOperatorSetCount(address avs) external view returns (uint256);
    function isOperatorSet(OperatorSet memory operatorSet) external view returns (bool);
    function getMembers(OperatorSet memory operatorSet) external view returns (address[] memory);
    function getMemberCount(OperatorSet memory operatorSet) external view returns (uint256);
    function getStrategiesInOperatorSet(OperatorSet memory operatorSet)
        external
        view
        returns (IStrategy[] memory);
    function getSlasher(OperatorSet memory operatorSet) external view returns (address);
    function getPendingSlasher(OperatorSet memory operatorSet)
        external
        view
        returns (address pendingSlasher, uint32 effectBlock);
    function getSlashCount(OperatorSet memory operatorSet) external view returns (uint256);

    /// @notice Where slashed stake of the set goes: the burn address, or the recipient of a redistributing set.
    function getRedistributionRecipient(OperatorSet memory operatorSet) external view returns (address);
    function isRedistributingOperatorSet(OperatorSet memory operatorSet) external view returns (bool);

    /// @notice Whether a redistributing set can slash the operator now.
    function isOperatorRedistributable(address operator) external view returns (bool);
    function getRegisteredSets(address operator) external view returns (OperatorSet[] memory);
    function isMemberOfOperatorSet(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (bool);

    /// @notice Whether the set can slash the operator now: a member, or one that left a short time ago.
    function isOperatorSlashable(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (bool);

    function getAllocationDelay(address operator) external view returns (bool isSet, uint32 delay);
    function getAllocatedSets(address operator) external view returns (OperatorSet[] memory);
    function getAllocatedStrategies(address operator, OperatorSet memory operatorSet)
        external
        view
        returns (IStrategy[] memory);

    /// @notice The allocation as of this block, with a matured change already applied.
    function getAllocation(address operator, OperatorSet memory operatorSet, IStrategy strategy)
        external
        view
        returns (Allocation memory);
    function getAllocations(address[] memory operators, OperatorSet memory operatorSet, IStrategy strategy)
        external
        view
        returns (Allocation[] memory);

    /// @notice All sets of the operator with what `strategy` gives to each.
    function getStrategyAllocations(address operator, IStrategy strategy)
        external
        view
        returns (OperatorSet[] memory, Allocation[] memory);

    /// @notice Magnitude that is allocated, pending changes counted as the larger of before and after.
    function getEncumberedMagnitude(address operator, IStrategy strategy) external view returns (uint64);

    /// @notice Magnitude that can still be allocated.
    function getAllocatableMagnitude(address operator, IStrategy strategy) external view returns (uint64);

    /// @notice 1e18 less all that was slashed.
    function getMaxMagnitude(address operator, IStrategy strategy) external view returns (uint64);
    function getMaxMagnitudes(address operator, IStrategy[] calldata strategies)
        external
        view
        returns (uint64[] memory);

    function getMaxMagnitudes(address[] calldata operators, IStrategy strategy)
        external
        view
        returns (uint64[] memory);

    /// @notice Maximum magnitudes at the end of a block that is over, or as of now for this one.
    function getMaxMagnitudesAtBlock(address operator, IStrategy[] calldata strategies, uint32 blockNumber)
        external
        view
        returns (uint64[] memory);

    /// @notice Least stake, in shares, that the set can slash at any block from now to `futureBlock`. Zero for an
    /// operator that is not slashable now. `futureBlock` should be ahead, by less than DEALLOCATION_DELAY.
    /// @return slashableStake One row per operator, in the order of `strategies`.
    function getMinimumSlashableStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        IStrategy[] memory strategies,
        uint32 futureBlock
    ) external view returns (uint256[][] memory slashableStake);

    /// @notice Stake, in shares, that is allocated to the set now, whether or not the operators are slashable.
    function getAllocatedStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        IStrategy[] memory strategies
    ) external view returns (uint256[][] memory);
}
