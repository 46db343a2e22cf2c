// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IDelegationManager} from "./interfaces/IDelegationManager.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title Deposits: which strategies take deposits, and who owns which shares of them
abstract contract Deposits is IStrategyManager, Ownable, ReentrancyGuardTransient, EIP712 {
    using SafeERC20 for IERC20;

    bytes32 public constant DEPOSIT_TYPEHASH = keccak256(
        "Deposit(address staker,address strategy,address token,uint256 amount,uint256 nonce,uint256 expiry)"
    );
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
    /// @inheritdoc IStrategyManager
    mapping(address staker => IStrategy[]) public stakerStrategyList;
    /// @inheritdoc IStrategyManager
    mapping(address signer => uint256) public nonces;

    modifier onlyWhitelister() {
        _checkWhitelister();
        _;
    }

    modifier onlyDelegationManager() {
        _checkDelegationManager();
        _;
    }

    constructor(IDelegationManager delegation_, address owner) Ownable(owner) EIP712("EigenLayer", "1") {
        delegation = delegation_;
        _setWhitelister(owner);
    }

    /// @inheritdoc IStrategyManager
    function depositIntoStrategy(IStrategy strategy, IERC20 token, uint256 amount)
        external
        nonReentrant
        returns (uint256 depositShares)
    {
        return _deposit(msg.sender, strategy, token, amount);
    }

    /// @inheritdoc IStrategyManager
    function depositIntoStrategyWithSignature(
        IStrategy strategy,
        IERC20 token,
        uint256 amount,
        address staker,
        uint256 expiry,
        bytes memory signature
    ) external nonReentrant returns (uint256 depositShares) {
        require(expiry >= block.timestamp, SignatureExpired());
        bytes32 digest =
            calculateStrategyDepositDigestHash(staker, strategy, token, amount, nonces[staker], expiry);
        require(SignatureChecker.isValidSignatureNow(staker, digest, signature), InvalidSignature());
        nonces[staker]++;
        return _deposit(staker, strategy, token, amount);
    }

    /// @inheritdoc IStrategyManager
    function removeDepositShares(address staker, IStrategy strategy, uint256 depositSharesToRemove)
        external
        onlyDelegationManager
        nonReentrant
        returns (uint256 left)
    {
        require(depositSharesToRemove != 0, SharesAmountZero());
        left = stakerDepositShares[staker][strategy];
        require(depositSharesToRemove <= left, SharesAmountTooHigh());
        strategy.beforeRemoveShares(staker, depositSharesToRemove);
        left -= depositSharesToRemove;
        stakerDepositShares[staker][strategy] = left;
        if (left == 0) _removeFromList(stakerStrategyList[staker], strategy);
    }

    /// @inheritdoc IStrategyManager
    function addShares(address staker, IStrategy strategy, uint256 shares)
        external
        onlyDelegationManager
        nonReentrant
        returns (uint256, uint256)
    {
        return (_addShares(staker, strategy, shares), shares);
    }

    /// @inheritdoc IStrategyManager
    function withdrawSharesAsTokens(address staker, IStrategy strategy, IERC20 token, uint256 shares)
        external
        onlyDelegationManager
        nonReentrant
    {
        strategy.withdraw(staker, token, shares);
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
    function getDeposits(address staker)
        external
        view
        returns (IStrategy[] memory strategies, uint256[] memory shares)
    {
        strategies = stakerStrategyList[staker];
        shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < shares.length; i++) {
            shares[i] = stakerDepositShares[staker][strategies[i]];
        }
    }

    /// @inheritdoc IStrategyManager
    function getStakerStrategyList(address staker) external view returns (IStrategy[] memory) {
        return stakerStrategyList[staker];
    }

    /// @inheritdoc IStrategyManager
    function stakerStrategyListLength(address staker) external view returns (uint256) {
        return stakerStrategyList[staker].length;
    }

    /// @inheritdoc IStrategyManager
    function allocationManager() public view returns (IAllocationManager) {
        return delegation.allocationManager();
    }

    /// @inheritdoc IStrategyManager
    function calculateStrategyDepositDigestHash(
        address staker,
        IStrategy strategy,
        IERC20 token,
        uint256 amount,
        uint256 nonce,
        uint256 expiry
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(DEPOSIT_TYPEHASH, staker, strategy, token, amount, nonce, expiry))
        );
    }

    /// @inheritdoc IStrategyManager
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev Tokens move first, because the strategy must see them; the guard keeps a token's callback out.
    function _deposit(address staker, IStrategy strategy, IERC20 token, uint256 amount)
        private
        returns (uint256 depositShares)
    {
        require(strategyIsWhitelistedForDeposit[strategy], StrategyNotWhitelisted());
        token.safeTransferFrom(msg.sender, address(strategy), amount);
        depositShares = strategy.deposit(token, amount);
        uint256 before = _addShares(staker, strategy, depositShares);
        delegation.increaseDelegatedShares(staker, strategy, before, depositShares);
    }

    /// @return before Shares that the staker had in the strategy.
    function _addShares(address staker, IStrategy strategy, uint256 shares) private returns (uint256 before) {
        require(staker != address(0), StakerAddressZero());
        require(shares != 0, SharesAmountZero());
        strategy.beforeAddShares(staker, shares);
        before = stakerDepositShares[staker][strategy];
        if (before == 0) {
            require(stakerStrategyList[staker].length < MAX_STRATEGIES_PER_STAKER, MaxStrategiesExceeded());
            stakerStrategyList[staker].push(strategy);
        }
        stakerDepositShares[staker][strategy] = before + shares;
        emit Deposit(staker, strategy, shares);
    }

    /// @dev A strategy of which a staker has shares is in its list, once.
    function _removeFromList(IStrategy[] storage list, IStrategy strategy) private {
        uint256 last = list.length - 1;
        for (uint256 i = 0; i < last; i++) {
            if (address(list[i]) == address(strategy)) {
                list[i] = list[last];
                break;
            }
        }
        list.pop();
    }

    function _setWhitelister(address newWhitelister) private {
        emit StrategyWhitelisterChanged(strategyWhitelister, newWhitelister);
        strategyWhitelister = newWhitelister;
    }

    function _checkWhitelister() private view {
        require(msg.sender == strategyWhitelister, OnlyStrategyWhitelister());
    }

    function _checkDelegationManager() private view {
        require(msg.sender == address(delegation), OnlyDelegationManager());
    }
}
