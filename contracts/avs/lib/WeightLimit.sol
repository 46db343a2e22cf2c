// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title WeightLimit: the cap on one operator's share of a table's weight
library WeightLimit {
    uint256 private constant WHOLE = 10_000;

    /// @notice The largest `limit` such that no min(weight, limit) is more than `shareBps` of the sum of all of them.
    /// @dev With k weights above the limit and S the sum of the others: limit = share * (k * limit + S). Each pass
    /// solves that for the k of the last one; the limit falls and k rises until they agree, in at most
    /// 10,000 / shareBps passes. Where there are too few operators for such a share, all count like the least.
    /// @param shareBps Basis points, from 1 to 10,000.
    function find(uint64[] memory weights, uint256 shareBps) internal pure returns (uint64 limit) {
        uint256 above;
        uint256 rest = _sum(weights);
        while (above < weights.length && above * shareBps < WHOLE) {
            // Never above the sum of all weights, which a table keeps in 64 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            limit = uint64(rest * shareBps / (WHOLE - above * shareBps));
            uint256 last = above;
            (above, rest) = _split(weights, limit);
            if (above == last) return limit;
        }
        return _least(weights);
    }

    /// @notice The sum of all min(weight, limit).
    function sumLimited(uint64[] memory weights, uint64 limit) internal pure returns (uint64 total) {
        for (uint256 i; i < weights.length; ++i) {
            total += weights[i] < limit ? weights[i] : limit;
        }
    }

    function _split(uint64[] memory weights, uint64 limit)
        private
        pure
        returns (uint256 above, uint256 rest)
    {
        for (uint256 i; i < weights.length; ++i) {
            if (weights[i] > limit) ++above;
            else rest += weights[i];
        }
    }

    function _sum(uint64[] memory weights) private pure returns (uint256 total) {
        for (uint256 i; i < weights.length; ++i) {
            total += weights[i];
        }
    }

    function _least(uint64[] memory weights) private pure returns (uint64 least) {
        least = type(uint64).max;
        for (uint256 i; i < weights.length; ++i) {
            if (weights[i] < least) least = weights[i];
        }
    }
}
