// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Epochs} from "./Epochs.sol";

/// @title Slashing: takes a part of what an operator allocated to the AVS, in all of its strategies
library Slashing {
    function isSlashable(Epochs.State storage self, address operator) internal view returns (bool) {
        OperatorSet memory set = OperatorSet(address(this), self.parameters.operatorSetId);
        return self.allocationManager.isOperatorSlashable(operator, set);
    }

    /// @dev A set to which the operator allocated nothing is slashed without an error and without effect: what counts
    /// is what the core says that it took.
    /// @param wad The part, of 1e18.
    /// @return any Whether the operator lost anything.
    /// @return strategies Those of the AVS, ascending.
    /// @return shares What it lost, in shares of each.
    function take(Epochs.State storage self, address operator, uint256 wad, string memory description)
        internal
        returns (bool any, IStrategy[] memory strategies, uint256[] memory shares)
    {
        IAllocationManager.SlashingParams memory params;
        params.operator = operator;
        params.operatorSetId = self.parameters.operatorSetId;
        params.strategies = strategies = _ascending(self.strategies);
        params.wadsToSlash = new uint256[](strategies.length);
        for (uint256 i; i < strategies.length; ++i) {
            params.wadsToSlash[i] = wad;
        }
        params.description = description;
        (, shares) = self.allocationManager.slashOperator(address(this), params);
        for (uint256 i; i < shares.length; ++i) {
            if (shares[i] != 0) any = true;
        }
    }

    /// @dev The strategies in the order in which the core takes them; at most 16.
    function _ascending(IStrategy[] memory list) private pure returns (IStrategy[] memory) {
        for (uint256 i = 1; i < list.length; ++i) {
            IStrategy moved = list[i];
            uint256 j = i;
            for (; j > 0 && address(list[j - 1]) > address(moved); --j) {
                list[j] = list[j - 1];
            }
            list[j] = moved;
        }
        return list;
    }
}
