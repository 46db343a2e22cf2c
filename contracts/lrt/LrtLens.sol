// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {OperatorSet} from "../core/OperatorSet.sol";
import {IAllocationManager} from "../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../core/interfaces/IStrategy.sol";
import {LstRates} from "../lst/LstRates.sol";
import {ILrtLens} from "./interfaces/ILrtLens.sol";
import {Lst, OperatorInfo} from "./interfaces/ILrtTypes.sol";
import {ILrtVault} from "./interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "./interfaces/ILrtVaultErrors.sol";

/// @title LrtLens: what people and programs ask about a vault, beyond what the vault needs to know itself
contract LrtLens is ILrtLens {
    uint256 private constant ONE = 1e18;
    /// @dev What `redistributing` makes room for; an operator in more sets is cut off there.
    uint256 private constant MAX_SETS = 256;

    /// @inheritdoc ILrtLens
    function completable(ILrtVault vault, address operator) external view returns (bytes32[] memory roots) {
        IDelegationManager delegation = vault.delegation();
        (IDelegationManager.Withdrawal[] memory withdrawals,) =
            delegation.getQueuedWithdrawals(_accountOf(vault, operator));
        uint256 delay = delegation.minWithdrawalDelayBlocks();
        uint256 count = 0;
        roots = new bytes32[](withdrawals.length);
        for (uint256 i = 0; i < withdrawals.length; i++) {
            if (block.number <= withdrawals[i].startBlock + delay) continue;
            roots[count++] = delegation.calculateWithdrawalRoot(withdrawals[i]);
        }
        // Ends the list after `count`, at most its length.
        assembly ("memory-safe") {
            mstore(roots, count)
        }
    }

    /// @inheritdoc ILrtLens
    function redistributing(ILrtVault vault) external view returns (Redistribution[] memory found) {
        OperatorInfo[] memory operators = vault.operators();
        IAllocationManager allocations = vault.delegation().allocationManager();
        Lst[] memory lsts = vault.lsts();
        found = new Redistribution[](MAX_SETS);
        uint256 count = 0;
        for (uint256 k = 0; k < operators.length; k++) {
            OperatorSet[] memory sets = allocations.getAllocatedSets(operators[k].operator);
            for (uint256 i = 0; i < sets.length && count < MAX_SETS; i++) {
                if (!allocations.isRedistributingOperatorSet(sets[i])) continue;
                found[count++] = Redistribution({
                    operator: operators[k].operator,
                    avs: sets[i].avs,
                    operatorSetId: sets[i].id,
                    recipient: allocations.getRedistributionRecipient(sets[i]),
                    magnitude: _greatest(allocations, operators[k].operator, sets[i], lsts)
                });
            }
        }
        // Ends the list after `count`, at most its length.
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    /// @inheritdoc ILrtLens
    function stakeByOperator(ILrtVault vault)
        external
        view
        returns (address[] memory operators, uint256[] memory values)
    {
        OperatorInfo[] memory infos = vault.operators();
        operators = new address[](infos.length);
        values = new uint256[](infos.length);
        for (uint256 k = 0; k < infos.length; k++) {
            operators[k] = infos[k].operator;
            values[k] = _valueAt(vault, infos[k].account);
        }
    }

    /// @inheritdoc ILrtLens
    function backingRatio(ILrtVault vault) external view returns (uint256) {
        uint256 claims = vault.valueOfShares(IERC20(vault.token()).totalSupply());
        return claims == 0 ? ONE : Math.mulDiv(vault.totalValue(), ONE, claims);
    }

    function _accountOf(ILrtVault vault, address operator) private view returns (address) {
        OperatorInfo[] memory infos = vault.operators();
        for (uint256 k = 0; k < infos.length; k++) {
            if (infos[k].operator == operator) return infos[k].account;
        }
        revert ILrtVaultErrors.LrtVaultUnknownOperator(operator);
    }

    /// @dev Greatest magnitude, current or pending, that the operator gives to the set in a strategy of the vault.
    function _greatest(
        IAllocationManager allocations,
        address operator,
        OperatorSet memory set,
        Lst[] memory lsts
    ) private view returns (uint64 greatest) {
        for (uint256 i = 0; i < lsts.length; i++) {
            IAllocationManager.Allocation memory allocation =
                allocations.getAllocation(operator, set, lsts[i].strategy);
            uint64 magnitude = allocation.currentMagnitude;
            if (allocation.pendingDiff > 0) magnitude += uint64(uint128(allocation.pendingDiff));
            if (magnitude > greatest) greatest = magnitude;
        }
    }

    /// @dev Value that an account has in the core, staked and queued, in wei of ETH.
    function _valueAt(ILrtVault vault, address account) private view returns (uint256 value) {
        IDelegationManager delegation = vault.delegation();
        Lst[] memory lsts = vault.lsts();
        IStrategy[] memory strategies = new IStrategy[](lsts.length);
        for (uint256 i = 0; i < lsts.length; i++) {
            strategies[i] = lsts[i].strategy;
        }
        (uint256[] memory shares,) = delegation.getWithdrawableShares(account, strategies);
        (IDelegationManager.Withdrawal[] memory withdrawals, uint256[][] memory queued) =
            delegation.getQueuedWithdrawals(account);
        for (uint256 i = 0; i < lsts.length; i++) {
            for (uint256 w = 0; w < withdrawals.length; w++) {
                for (uint256 j = 0; j < queued[w].length; j++) {
                    if (address(withdrawals[w].strategies[j]) == address(strategies[i])) {
                        shares[i] += queued[w][j];
                    }
                }
            }
            uint256 amount = strategies[i].sharesToUnderlyingView(shares[i]);
            value += LstRates.ethValue(lsts[i].kind, lsts[i].token, amount);
        }
    }
}
