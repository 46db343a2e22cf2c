// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Role} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtState, MAX_FEE_BPS, MAX_OPEN} from "./LrtState.sol";

/// @title LrtGovernance: roles, and proposals that wait
/// @dev Whoever chooses operators could choose one that lets itself be slashed to an address of its own, and whoever sets
/// market feeds could let a depegged LST in. So these changes wait longer than the longest way out takes: holders
/// who do not like what is announced have left before it takes effect.
library LrtGovernance {
    /// @notice See ILrtVault.propose.
    function propose(LrtState storage s, bytes calldata data) external returns (bytes32 id) {
        _checkRole(s, proposer(_selector(data)));
        id = keccak256(data);
        require(readyBlock(s, id) == 0 || _isOver(s, id), ILrtVaultErrors.LrtVaultAlreadyProposed(id));
        s.proposedAt[id] = block.number;
        emit ILrtVault.Proposed(id, msg.sender, data, readyBlock(s, id));
    }

    /// @notice Checks and takes a proposal that is about to be executed.
    function take(LrtState storage s, bytes calldata data) external {
        _checkRole(s, proposer(_selector(data)));
        bytes32 id = keccak256(data);
        uint256 ready = readyBlock(s, id);
        require(ready != 0 && !_isOver(s, id), ILrtVaultErrors.LrtVaultNotProposed(id));
        require(block.number >= ready, ILrtVaultErrors.LrtVaultTooEarly(id, ready));
        delete s.proposedAt[id];
        emit ILrtVault.Executed(id);
    }

    /// @notice See ILrtVault.cancel.
    function cancel(LrtState storage s, bytes calldata data) external {
        if (msg.sender != s.roleHolder[Role.OWNER]) _checkRole(s, proposer(_selector(data)));
        bytes32 id = keccak256(data);
        require(s.proposedAt[id] != 0, ILrtVaultErrors.LrtVaultNotProposed(id));
        delete s.proposedAt[id];
        emit ILrtVault.Cancelled(id);
    }

    /// @notice See ILrtVault.setFee.
    function setFee(LrtState storage s, uint16 feeBps, address treasury) external {
        require(feeBps <= MAX_FEE_BPS, ILrtVaultErrors.LrtVaultLimit(feeBps, MAX_FEE_BPS));
        require(treasury != address(0), ILrtVaultErrors.LrtVaultZeroAddress());
        (s.feeBps, s.treasury) = (feeBps, treasury);
        emit ILrtVault.FeeSet(feeBps, treasury);
    }

    /// @notice See ILrtVault.transferRole.
    function transferRole(LrtState storage s, Role role, address to) external {
        if (msg.sender != s.roleHolder[Role.OWNER]) _checkRole(s, role);
        s.pendingRoleHolder[role] = to;
        emit ILrtVault.RoleTransferStarted(role, to);
    }

    /// @notice See ILrtVault.acceptRole.
    function acceptRole(LrtState storage s, Role role) external {
        require(msg.sender == s.pendingRoleHolder[role], ILrtVaultErrors.LrtVaultOnlyRole(role, msg.sender));
        delete s.pendingRoleHolder[role];
        grant(s, role, msg.sender);
    }

    /// @notice Gives a role to its next holder.
    function grant(LrtState storage s, Role role, address to) public {
        require(to != address(0), ILrtVaultErrors.LrtVaultZeroAddress());
        emit ILrtVault.RoleTransferred(role, s.roleHolder[role], to);
        s.roleHolder[role] = to;
    }

    /// @notice Who may propose a call.
    function proposer(bytes4 selector) internal pure returns (Role) {
        if (selector == ILrtVault.addOperator.selector || selector == ILrtVault.setTargets.selector) {
            return Role.CURATOR;
        }
        require(
            selector == ILrtVault.addLst.selector || selector == ILrtVault.setMarket.selector
                || selector == ILrtVault.raiseCap.selector || selector == ILrtVault.setRewardSale.selector
                || selector == ILrtVault.setFee.selector,
            ILrtVaultErrors.LrtVaultNotProposable(selector)
        );
        return Role.OWNER;
    }

    /// @notice See ILrtVault.readyBlock.
    /// @dev Looked up when it is asked for: if the core's delay has grown since the proposal, the proposal waits longer.
    function readyBlock(LrtState storage s, bytes32 id) internal view returns (uint256) {
        uint256 proposed = s.proposedAt[id];
        if (proposed == 0) return 0;
        uint256 least = longestExit(s) + 1;
        return proposed + (s.timelockBlocks > least ? s.timelockBlocks : least);
    }

    /// @notice Blocks that the way out takes when everybody pushes it along: the core's withdrawal delay, and before it at
    /// most a quarter of that until an account may queue its next withdrawal.
    function longestExit(LrtState storage s) internal view returns (uint256) {
        uint256 delay = s.delegation.minWithdrawalDelayBlocks();
        return delay + delay / MAX_OPEN + 1;
    }

    /// @dev A proposal is good for as many blocks as the time lock has: not forgotten for years and then executed.
    function _isOver(LrtState storage s, bytes32 id) private view returns (bool) {
        return block.number > readyBlock(s, id) + s.timelockBlocks;
    }

    function _checkRole(LrtState storage s, Role role) private view {
        require(msg.sender == s.roleHolder[role], ILrtVaultErrors.LrtVaultOnlyRole(role, msg.sender));
    }

    /// @dev What comes after the selector are arguments, which the choice of a role does not depend on.
    function _selector(bytes calldata data) private pure returns (bytes4) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes4(data);
    }
}
