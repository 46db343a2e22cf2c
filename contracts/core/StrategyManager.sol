// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EnumerableMap} from "@openzeppelin/contracts/utils/structs/EnumerableMap.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Deposits} from "./Deposits.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {BURN_ADDRESS} from "./SlashingMath.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title StrategyManager: deposits of stakers, and what becomes of the shares that slashes took
contract StrategyManager is Deposits {
    using EnumerableMap for EnumerableMap.AddressToUintMap;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using EnumerableSet for EnumerableSet.UintSet;
    using OperatorSets for OperatorSet;

    /// @inheritdoc IStrategyManager
    address public constant DEFAULT_BURN_ADDRESS = BURN_ADDRESS;

    /// @dev operator set key → slash number → strategy → shares that wait to be burned or redistributed
    mapping(bytes32 => mapping(uint256 => EnumerableMap.AddressToUintMap)) private _slashed;
    EnumerableSet.Bytes32Set private _pendingSets;
    mapping(bytes32 setKey => EnumerableSet.UintSet) private _pendingSlashes;

    /// @param owner Account that names the whitelister; it is the first whitelister itself.
    constructor(IDelegationManager delegation_, address owner) Deposits(delegation_, owner) {}

    /// @inheritdoc IStrategyManager
    function increaseBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint256 addedSharesToBurn
    ) external onlyDelegationManager nonReentrant {
        bytes32 setKey = operatorSet.key();
        require(_slashed[setKey][slashId].set(address(strategy), addedSharesToBurn), StrategyAlreadyInSlash());
        _pendingSets.add(setKey);
        _pendingSlashes[setKey].add(slashId);
        emit BurnOrRedistributableSharesIncreased(operatorSet, slashId, strategy, addedSharesToBurn);
    }

    /// @inheritdoc IStrategyManager
    function clearBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId)
        external
        nonReentrant
        returns (uint256[] memory amounts)
    {
        address[] memory strategies = _slashed[operatorSet.key()][slashId].keys();
        amounts = new uint256[](strategies.length);
        for (uint256 i = 0; i < amounts.length; i++) {
            amounts[i] = _clear(operatorSet, slashId, IStrategy(strategies[i]));
        }
    }

    /// @inheritdoc IStrategyManager
    function clearBurnOrRedistributableSharesByStrategy(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy
    ) external nonReentrant returns (uint256) {
        return _clear(operatorSet, slashId, strategy);
    }

    /// @inheritdoc IStrategyManager
    function getBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares)
    {
        EnumerableMap.AddressToUintMap storage taken = _slashed[operatorSet.key()][slashId];
        strategies = new IStrategy[](taken.length());
        shares = new uint256[](taken.length());
        for (uint256 i = 0; i < shares.length; i++) {
            (address strategy, uint256 amount) = taken.at(i);
            (strategies[i], shares[i]) = (IStrategy(strategy), amount);
        }
    }

    /// @inheritdoc IStrategyManager
    function getBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy
    ) external view returns (uint256 shares) {
        (, shares) = _slashed[operatorSet.key()][slashId].tryGet(address(strategy));
    }

    /// @inheritdoc IStrategyManager
    function getBurnOrRedistributableCount(OperatorSet calldata operatorSet, uint256 slashId)
        external
        view
        returns (uint256)
    {
        return _slashed[operatorSet.key()][slashId].length();
    }

    /// @inheritdoc IStrategyManager
    function getPendingOperatorSets() external view returns (OperatorSet[] memory sets) {
        sets = new OperatorSet[](_pendingSets.length());
        for (uint256 i = 0; i < sets.length; i++) {
            sets[i] = OperatorSets.fromKey(_pendingSets.at(i));
        }
    }

    /// @inheritdoc IStrategyManager
    function getPendingSlashIds(OperatorSet calldata operatorSet) external view returns (uint256[] memory) {
        return _pendingSlashes[operatorSet.key()].values();
    }

    /// @dev State first, tokens last: a token's callback finds nothing left to clear.
    function _clear(OperatorSet calldata operatorSet, uint256 slashId, IStrategy strategy)
        private
        returns (uint256 amount)
    {
        bytes32 setKey = operatorSet.key();
        EnumerableMap.AddressToUintMap storage taken = _slashed[setKey][slashId];
        (, uint256 shares) = taken.tryGet(address(strategy));
        taken.remove(address(strategy));
        if (taken.length() == 0) {
            _pendingSlashes[setKey].remove(slashId);
            if (_pendingSlashes[setKey].length() == 0) _pendingSets.remove(setKey);
        }
        if (shares == 0) return 0;
        address recipient = allocationManager().getRedistributionRecipient(operatorSet);
        amount = strategy.withdraw(recipient, strategy.underlyingToken(), shares);
        emit BurnOrRedistributableSharesDecreased(operatorSet, slashId, strategy, shares);
    }
}
