// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EnumerableMap} from "@openzeppelin/contracts/utils/structs/EnumerableMap.sol";
import {OperatorSet, OperatorSets} from "./OperatorSet.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title StrategyManager: deposits of stakers
contract StrategyManager is IStrategyManager, Ownable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using EnumerableMap for EnumerableMap.AddressToUintMap;
    using OperatorSets for OperatorSet;

    /// @dev A delegation walks a staker's whole list in one transaction.
    uint256 private constant MAX_STRATEGIES_PER_STAKER = 32;

    /// @inheritdoc IStrategyManager
    IDelegationManager public immutable delegation;
    /// @inheritdoc IStrategyManager
    address public strategyWhitelister;
    /// @inheritdoc IStrategyManager
    mapping(IStrategy => bool) public strategyIsWhitelistedForDeposit;
    /// @inheritdoc IStrategyManager
    mapping(address staker => mapping(IStrategy => uint256)) public stakerDepositShares;

    mapping(address staker => IStrategy[]) private _strategiesOf;
    /// @dev operator set key → slash number → strategy → shares that wait to be burned
    mapping(bytes32 => mapping(uint256 => EnumerableMap.AddressToUintMap)) private _slashed;

    modifier onlyWhitelister() {
        _checkWhitelister();
        _;
    }

    /// @param owner Account that names the whitelister; it is the first whitelister itself.
    constructor(IDelegationManager delegation_, address owner) Ownable(owner) {
        delegation = delegation_;
        _setWhitelister(owner);
    }

    /// @inheritdoc IStrategyManager
    /// @dev Tokens move first, because the strategy must see them; the guard keeps a token's callback out.
    function depositIntoStrategy(IStrategy strategy, IERC20 token, uint256 amount)
        external
        nonReentrant
        returns (uint256 depositShares)
    {
        require(strategyIsWhitelistedForDeposit[strategy], StrategyNotWhitelisted());
        token.safeTransferFrom(msg.sender, address(strategy), amount);
        depositShares = strategy.deposit(token, amount);
        uint256 before = _addShares(msg.sender, strategy, depositShares);
        delegation.increaseDelegatedShares(msg.sender, strategy, before, depositShares);
    }

    /// @inheritdoc IStrategyManager
    function increaseBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        IStrategy strategy,
        uint256 addedSharesToBurn
    ) external {
        require(msg.sender == address(delegation), OnlyDelegationManager());
        require(
            _slashed[operatorSet.key()][slashId].set(address(strategy), addedSharesToBurn),
            StrategyAlreadyInSlash()
        );
        emit BurnOrRedistributableSharesIncreased(operatorSet, slashId, strategy, addedSharesToBurn);
    }

    /// @inheritdoc IStrategyManager
    function setStrategyWhitelister(address newStrategyWhitelister) external onlyOwner {
        _setWhitelister(newStrategyWhitelister);
    }

    /// @inheritdoc IStrategyManager
    function addStrategiesToDepositWhitelist(IStrategy[] calldata strategiesToWhitelist)
        external
        onlyWhitelister
    {
        for (uint256 i = 0; i < strategiesToWhitelist.length; i++) {
            IStrategy strategy = strategiesToWhitelist[i];
            if (strategyIsWhitelistedForDeposit[strategy]) continue;
            strategyIsWhitelistedForDeposit[strategy] = true;
            emit StrategyAddedToDepositWhitelist(strategy);
        }
    }

    /// @inheritdoc IStrategyManager
    function removeStrategiesFromDepositWhitelist(IStrategy[] calldata strategiesToRemoveFromWhitelist)
        external
        onlyWhitelister
    {
        for (uint256 i = 0; i < strategiesToRemoveFromWhitelist.length; i++) {
            IStrategy strategy = strategiesToRemoveFromWhitelist[i];
            if (!strategyIsWhitelistedForDeposit[strategy]) continue;
            strategyIsWhitelistedForDeposit[strategy] = false;
            emit StrategyRemovedFromDepositWhitelist(strategy);
        }
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
    function getDeposits(address staker)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares)
    {
        strategies = _strategiesOf[staker];
        shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < shares.length; i++) {
            shares[i] = stakerDepositShares[staker][strategies[i]];
        }
    }

    /// @inheritdoc IStrategyManager
    function getStakerStrategyList(address staker) external view returns (IStrategy[] memory) {
        return _strategiesOf[staker];
    }

    /// @inheritdoc IStrategyManager
    function stakerStrategyListLength(address staker) external view returns (uint256) {
        return _strategiesOf[staker].length;
    }

    /// @return before Shares that the staker had in the strategy.
    function _addShares(address staker, IStrategy strategy, uint256 shares) private returns (uint256 before) {
        require(staker != address(0), StakerAddressZero());
        require(shares != 0, SharesAmountZero());
        before = stakerDepositShares[staker][strategy];
        if (before == 0) {
            require(_strategiesOf[staker].length < MAX_STRATEGIES_PER_STAKER, MaxStrategiesExceeded());
            _strategiesOf[staker].push(strategy);
        }
        stakerDepositShares[staker][strategy] = before + shares;
        emit Deposit(staker, strategy, shares);
    }

    function _setWhitelister(address newWhitelister) private {
        emit StrategyWhitelisterChanged(strategyWhitelister, newWhitelister);
        strategyWhitelister = newWhitelister;
    }

    function _checkWhitelister() private view {
        require(msg.sender == strategyWhitelister, OnlyStrategyWhitelister());
    }
}
