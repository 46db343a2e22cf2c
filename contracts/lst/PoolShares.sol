// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStakingPool} from "./interfaces/IStakingPool.sol";

/// @title PoolShares: units as parts of a pool's ETH
library PoolShares {
    /// @notice Units of the first deposit that belong to nobody. As long as they are there, no sequence of deposits and
    /// withdrawals can make a unit worth so much that what rounding keeps from others matters: each can move the rate
    /// by at most a part in as many.
    uint256 internal constant DEAD_UNITS = 1e12;
    address internal constant DEAD = address(0xdEaD);

    /// @notice Units that `eth` wei are worth, rounded down; as many as wei while there are none.
    function toUnits(uint256 eth, uint256 supply, uint256 pooled) internal pure returns (uint256) {
        if (supply == 0) return eth;
        require(pooled != 0, IStakingPool.PoolEmpty());
        return Math.mulDiv(eth, supply, pooled);
    }

    /// @notice Wei that units are worth, rounded down; as many as units while there are none.
    function toEth(uint256 units, uint256 supply, uint256 pooled) internal pure returns (uint256) {
        return supply == 0 ? units : Math.mulDiv(units, pooled, supply);
    }
}
