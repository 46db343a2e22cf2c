// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreSetup} from "./CoreSetup.sol";

/// @title WithdrawalSetup: a core with ways into the queue of withdrawals and out of it
abstract contract WithdrawalSetup is CoreSetup {
    function _queueParams(IStrategy[] memory list, uint256[] memory depositShares)
        internal
        pure
        returns (IDelegationManager.QueuedWithdrawalParams[] memory params)
    {
        params = new IDelegationManager.QueuedWithdrawalParams[](1);
        params[0] = IDelegationManager.QueuedWithdrawalParams(list, depositShares, address(0));
    }

    /// @return The withdrawal as the core keeps it.
    function _queue(address staker, IStrategy strategy, uint256 depositShares)
        internal
        returns (IDelegationManager.Withdrawal memory)
    {
        vm.prank(staker);
        bytes32 root = delegation.queueWithdrawals(_queueParams(_one(strategy), _wads(depositShares)))[0];
        return delegation.queuedWithdrawals(root);
    }

    function _complete(IDelegationManager.Withdrawal memory withdrawal, bool asTokens) internal {
        IERC20[] memory tokens = _tokens(withdrawal);
        vm.prank(withdrawal.withdrawer);
        delegation.completeQueuedWithdrawal(withdrawal, tokens, asTokens);
    }

    function _tokens(IDelegationManager.Withdrawal memory withdrawal)
        internal
        view
        returns (IERC20[] memory tokens)
    {
        tokens = new IERC20[](withdrawal.strategies.length);
        for (uint256 i = 0; i < tokens.length; i++) {
            tokens[i] = withdrawal.strategies[i].underlyingToken();
        }
    }

    function _root(IDelegationManager.Withdrawal memory withdrawal) internal view returns (bytes32) {
        return delegation.calculateWithdrawalRoot(withdrawal);
    }

    /// @return Shares that a queued withdrawal of one strategy pays out as of now.
    function _queuedShares(IDelegationManager.Withdrawal memory withdrawal) internal view returns (uint256) {
        (, uint256[] memory shares) = delegation.getQueuedWithdrawal(_root(withdrawal));
        return shares[0];
    }

    function _mine(uint256 blocks) internal {
        vm.roll(vm.getBlockNumber() + blocks);
    }

    /// @dev To the first block in which what is queued now can be completed.
    function _passDelay() internal {
        _mine(WITHDRAWAL_DELAY + 1);
    }

    function _takeOut(address staker, IStrategy strategy, uint256 depositShares)
        internal
        returns (uint256 amount)
    {
        IDelegationManager.Withdrawal memory withdrawal = _queue(staker, strategy, depositShares);
        _passDelay();
        uint256 before = strategy.underlyingToken().balanceOf(staker);
        _complete(withdrawal, true);
        return strategy.underlyingToken().balanceOf(staker) - before;
    }
}
