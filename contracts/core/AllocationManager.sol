// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allocations} from "./Allocations.sol";
import {Magnitudes} from "./Magnitudes.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {OperatorSetRegistry} from "./OperatorSetRegistry.sol";
import {SlashingMath, WAD} from "./SlashingMath.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title AllocationManager: operator sets, allocations to them, slashes, and the stake they secure
contract AllocationManager is Allocations {
    using Magnitudes for Magnitudes.Book;
    using OperatorSets for OperatorSet;

    mapping(bytes32 setKey => uint256) private _slashCounts;

    /// @param deallocationDelay Blocks (EigenLayer's mainnet: 100,800), and so is `configurationDelay` (126,000).
    constructor(
        IDelegationManager delegation_,
        IPermissionController controller,
        uint32 deallocationDelay,
        uint32 configurationDelay
    ) OperatorSetRegistry(delegation_, controller, deallocationDelay, configurationDelay) {}

    /// @inheritdoc IAllocationManager
    function slashOperator(address avs, SlashingParams calldata params)
        external
        returns (uint256 slashId, uint256[] memory shares)
    {
        OperatorSet memory operatorSet = OperatorSet(avs, params.operatorSetId);
        require(params.strategies.length == params.wadsToSlash.length, InputArrayLengthMismatch());
        require(isOperatorSet(operatorSet), InvalidOperatorSet());
        require(isOperatorSlashable(params.operator, operatorSet), OperatorNotSlashable());
        require(msg.sender == getSlasher(operatorSet), InvalidCaller());

        slashId = ++_slashCounts[operatorSet.key()];
        shares = new uint256[](params.strategies.length);
        uint256[] memory wadSlashed = new uint256[](params.strategies.length);
        for (uint256 i = 0; i < params.strategies.length; i++) {
            require(
                i == 0 || address(params.strategies[i]) > address(params.strategies[i - 1]),
                StrategiesMustBeInAscendingOrder()
            );
            (wadSlashed[i], shares[i]) =
                _slash(params.operator, operatorSet, slashId, params.strategies[i], params.wadsToSlash[i]);
        }
        emit OperatorSlashed(params.operator, operatorSet, params.strategies, wadSlashed, params.description);
    }

    /// @inheritdoc IAllocationManager
    function getSlashCount(OperatorSet memory operatorSet) external view returns (uint256) {
        return _slashCounts[operatorSet.key()];
    }

    /// @inheritdoc IAllocationManager
    function getMinimumSlashableStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        IStrategy[] memory strategies,
        uint32 futureBlock
    ) external view returns (uint256[][] memory slashableStake) {
        slashableStake = new uint256[][](operators.length);
        for (uint256 i = 0; i < operators.length; i++) {
            slashableStake[i] = isOperatorSlashable(operators[i], operatorSet)
                ? _allocatedStake(operators[i], operatorSet, strategies, futureBlock)
                : new uint256[](strategies.length);
        }
    }

    /// @inheritdoc IAllocationManager
    function getAllocatedStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        IStrategy[] memory strategies
    ) external view returns (uint256[][] memory stake) {
        stake = new uint256[][](operators.length);
        for (uint256 i = 0; i < operators.length; i++) {
            stake[i] = _allocatedStake(operators[i], operatorSet, strategies, _blockNumber());
        }
    }

    /// @return wadSlashed Part of all of the operator's stake in the strategy, times 1e18.
    function _slash(
        address operator,
        OperatorSet memory operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint256 wad
    ) private returns (uint256 wadSlashed, uint256 shares) {
        require(wad != 0 && wad <= WAD, InvalidWadToSlash());
        require(_isStrategyOf(operatorSet.key(), strategy), StrategyNotInOperatorSet());
        (uint64 before, uint64 left) = _book.slash(operator, operatorSet, strategy, wad);
        if (left == before) return (0, 0);
        wadSlashed = SlashingMath.divWad(before - left, before);
        shares = delegation.slashOperatorShares(operator, operatorSet, slashId, strategy, before, left);
    }

    /// @dev Least stake of one operator that is allocated to the set from now to `futureBlock`: a pending allocation
    /// does not count yet, a deallocation counts if it takes effect by then.
    function _allocatedStake(
        address operator,
        OperatorSet memory operatorSet,
        IStrategy[] memory strategies,
        uint32 futureBlock
    ) private view returns (uint256[] memory stake) {
        stake = delegation.getOperatorShares(operator, strategies);
        for (uint256 j = 0; j < strategies.length; j++) {
            uint64 max = getMaxMagnitude(operator, strategies[j]);
            Allocation memory allocation = getAllocation(operator, operatorSet, strategies[j]);
            uint64 magnitude = allocation.currentMagnitude;
            if (allocation.pendingDiff < 0 && allocation.effectBlock <= futureBlock) {
                magnitude = Magnitudes.add(magnitude, allocation.pendingDiff);
            }
            stake[j] = max == 0 ? 0 : SlashingMath.mulWad(stake[j], SlashingMath.divWad(magnitude, max));
        }
    }
}
