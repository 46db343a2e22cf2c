// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDelegationManager} from "../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../core/interfaces/IRewardsCoordinator.sol";
import {IStrategy} from "../core/interfaces/IStrategy.sol";
import {IStrategyManager} from "../core/interfaces/IStrategyManager.sol";
import {LstRates} from "../lst/LstRates.sol";
import {IDelegationAccount} from "./interfaces/IDelegationAccount.sol";
import {LrtTokens} from "./lib/LrtTokens.sol";

/// @title DelegationAccount: the staker that stands for the vault at one operator
/// @dev It answers no EIP-1271 signature, so nobody can deposit or delegate in its name: what it has in the core is what
/// the vault put there. What anybody sends here goes along with the next movement, and vests as a gain.
contract DelegationAccount is IDelegationAccount {
    using SafeERC20 for IERC20;

    /// @inheritdoc IDelegationAccount
    address public immutable vault;
    /// @inheritdoc IDelegationAccount
    address public immutable operator;

    IDelegationManager private immutable _delegation;
    IStrategyManager private immutable _strategies;

    modifier onlyVault() {
        _checkVault();
        _;
    }

    /// @dev The creator is the vault.
    constructor(IDelegationManager delegation, address operator_) {
        vault = msg.sender;
        operator = operator_;
        _delegation = delegation;
        _strategies = delegation.strategyManager();
    }

    /// @inheritdoc IDelegationAccount
    function delegate(IDelegationManager.SignatureWithExpiry calldata approval, bytes32 salt)
        external
        onlyVault
    {
        _delegation.delegateTo(operator, approval, salt);
    }

    /// @inheritdoc IDelegationAccount
    function stake(IStrategy strategy, IERC20 token) external onlyVault {
        uint256 amount = token.balanceOf(address(this));
        token.forceApprove(address(_strategies), amount);
        _strategies.depositIntoStrategy(strategy, token, amount);
    }

    /// @inheritdoc IDelegationAccount
    function queue(IStrategy[] calldata strategies, uint256[] calldata depositShares)
        external
        onlyVault
        returns (bytes32 root)
    {
        IDelegationManager.QueuedWithdrawalParams[] memory params =
            new IDelegationManager.QueuedWithdrawalParams[](1);
        params[0] = IDelegationManager.QueuedWithdrawalParams(strategies, depositShares, address(this));
        return _delegation.queueWithdrawals(params)[0];
    }

    /// @inheritdoc IDelegationAccount
    function undelegate() external onlyVault {
        _delegation.undelegate(address(this));
    }

    /// @inheritdoc IDelegationAccount
    function complete(
        IDelegationManager.Withdrawal calldata withdrawal,
        IERC20[] calldata tokens,
        LstRates.Kind[] calldata kinds
    ) external onlyVault {
        _delegation.completeQueuedWithdrawal(withdrawal, tokens, true);
        for (uint256 i = 0; i < tokens.length; i++) {
            address token = address(tokens[i]);
            LrtTokens.send(kinds[i], token, vault, LrtTokens.unitsOf(kinds[i], token, address(this)));
        }
    }

    /// @inheritdoc IDelegationAccount
    function claim(IRewardsCoordinator rewards, IRewardsCoordinator.RewardsMerkleClaim calldata rewardsClaim)
        external
        onlyVault
    {
        rewards.processClaim(rewardsClaim, vault);
    }

    function _checkVault() private view {
        require(msg.sender == vault, DelegationAccountOnlyVault(msg.sender));
    }
}
