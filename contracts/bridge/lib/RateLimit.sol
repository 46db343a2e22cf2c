// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title RateLimit: a bucket that what passes is taken from, and that fills again with time
/// @dev What a bug elsewhere drains, it drains slowly and visibly.
library RateLimit {
    /// @param capacity Most that the bucket holds.
    /// @param refill That comes back each second.
    /// @param level What it held at `updatedAt`.
    struct Bucket {
        uint128 capacity;
        uint128 refill;
        uint128 level;
        uint64 updatedAt;
    }

    error RateLimited(uint256 amount, uint256 available);

    /// @notice Sets the bucket's size and speed. What it holds stays, up to its new size; a new one begins full.
    function set(Bucket storage self, uint128 capacity, uint128 refill) internal {
        uint256 level = self.updatedAt == 0 ? capacity : available(self);
        self.capacity = capacity;
        self.refill = refill;
        // Not above the capacity.
        // forge-lint: disable-next-line(unsafe-typecast)
        self.level = uint128(level < capacity ? level : capacity);
        self.updatedAt = uint64(block.timestamp);
    }

    /// @notice Takes `amount`. Reverts when there is not as much.
    function take(Bucket storage self, uint256 amount) internal {
        uint256 level = available(self);
        require(amount <= level, RateLimited(amount, level));
        // Not above the capacity.
        // forge-lint: disable-next-line(unsafe-typecast)
        self.level = uint128(level - amount);
        self.updatedAt = uint64(block.timestamp);
    }

    function available(Bucket storage self) internal view returns (uint256) {
        uint256 level = self.level + uint256(self.refill) * (block.timestamp - self.updatedAt);
        return level < self.capacity ? level : self.capacity;
    }
}
