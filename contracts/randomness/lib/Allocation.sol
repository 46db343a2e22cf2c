// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Allocation: what shares of a secret mean in terms of weight
/// @dev Exact, by the knapsack problem's dynamic programme over members and shares. To share by weight only roughly and
/// to check what comes out is the idea of Swiper (Tonkikh and Freitas, "Swiper: a new paradigm for efficient weighted
/// distributed protocols", 2023).
library Allocation {
    /// @param below The most that members with fewer shares than the threshold weigh together.
    /// @param without The most that members weigh without whom the threshold is reached: all others' shares suffice.
    /// @param total Weight of all.
    struct Bounds {
        uint256 below;
        uint256 without;
        uint256 total;
    }

    /// @param threshold From 1 to the sum of the shares.
    function bounds(uint64[] memory weights, uint16[] memory shares, uint256 threshold)
        internal
        pure
        returns (Bounds memory b)
    {
        uint256 sum;
        for (uint256 i; i < weights.length; ++i) {
            b.total += weights[i];
            sum += shares[i];
        }
        uint256[] memory best = heaviest(weights, shares, sum);
        b.below = best[threshold - 1];
        b.without = best[sum - threshold];
    }

    /// @notice Whether more than two thirds of the weight always reach the threshold.
    function isLive(Bounds memory b) internal pure returns (bool) {
        return 3 * b.below <= 2 * b.total;
    }

    /// @notice Whether it always takes more than a third of the weight to reach the threshold.
    function isSafe(Bounds memory b) internal pure returns (bool) {
        return 3 * b.without < 2 * b.total;
    }

    /// @notice For each number of shares from 0 to `most`: the greatest weight of members with so many at the most.
    function heaviest(uint64[] memory weights, uint16[] memory shares, uint256 most)
        internal
        pure
        returns (uint256[] memory best)
    {
        best = new uint256[](most + 1);
        for (uint256 i; i < weights.length; ++i) {
            _consider(best, weights[i], shares[i]);
        }
    }

    /// @dev Downwards, so that no member counts twice. In assembly, because 32 members and 64 shares are 2,048 rounds.
    function _consider(uint256[] memory best, uint256 weight, uint256 shares) private pure {
        assembly ("memory-safe") {
            let back := shl(5, shares)
            let first := add(best, 32)
            // Where there are not so many shares the loop ends before it begins.
            for { let at := add(best, shl(5, mload(best))) } iszero(lt(at, add(first, back))) {
                at := sub(at, 32)
            } {
                let value := add(mload(sub(at, back)), weight)
                if gt(value, mload(at)) { mstore(at, value) }
            }
        }
    }
}
