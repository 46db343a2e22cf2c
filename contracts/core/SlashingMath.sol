// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev One, in fixed point with 18 decimals: the full magnitude of an operator, a factor that changes nothing.
uint64 constant WAD = 1e18;

/// @dev Where slashed tokens go unless the set redistributes them. EigenLayer's; nobody has its key.
address constant BURN_ADDRESS = 0x00000000000000000000000000000000000E16E4;

/// @title SlashingMath: shares before and after slashes
/// @dev A staker's withdrawable shares are deposit shares × scaling factor × slashing factor. The slashing factor is
/// the operator's maximum magnitude in the strategy. The scaling factor is the staker's own: it takes back what
/// was slashed before the staker, or a later deposit of it, came. EigenLayer's formulas and roundings.
library SlashingMath {
    /// @notice So little is left of the staker's shares that a deposit on top cannot be accounted for with 18 digits.
    error InvalidDepositScalingFactor();

    function mulWad(uint256 x, uint256 y) internal pure returns (uint256) {
        return Math.mulDiv(x, y, WAD);
    }

    function divWad(uint256 x, uint256 y) internal pure returns (uint256) {
        return Math.mulDiv(x, WAD, y);
    }

    /// @notice Part `wad` of a magnitude, rounded up so that many small slashes do not round to nothing.
    function slashedPart(uint64 magnitude, uint256 wad) internal pure returns (uint64) {
        // wad ≤ 1e18, so the result is at most `magnitude`.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(Math.mulDiv(magnitude, wad, WAD, Math.Rounding.Ceil));
    }

    /// @notice Shares that an operator loses as its maximum magnitude falls from `previous` (not 0) to `next`. What
    /// is left is rounded up.
    function slashedShares(uint256 shares, uint64 previous, uint64 next) internal pure returns (uint256) {
        return shares - Math.mulDiv(shares, next, previous, Math.Rounding.Ceil);
    }

    /// @notice Shares as the queue keeps them: without the slashing factor, which is applied as they leave.
    function scaled(uint256 depositShares, uint256 scalingFactor) internal pure returns (uint256) {
        return mulWad(depositShares, scalingFactor);
    }

    /// @notice Deposit shares of which `shares` are withdrawable, rounded down. `slashingFactor` is not 0.
    function toDepositShares(uint256 shares, uint256 scalingFactor, uint256 slashingFactor)
        internal
        pure
        returns (uint256)
    {
        return divWad(divWad(shares, scalingFactor), slashingFactor);
    }

    function withdrawable(uint256 depositShares, uint256 scalingFactor, uint256 slashingFactor)
        internal
        pure
        returns (uint256)
    {
        return mulWad(mulWad(depositShares, scalingFactor), slashingFactor);
    }

    /// @notice The scaling factor after `addedShares` were deposited, or delegated for the first time
    /// (`depositShares` 0), so that exactly they are withdrawable on top of what was. `slashingFactor` is not 0.
    function nextScalingFactor(
        uint256 scalingFactor,
        uint256 depositShares,
        uint256 addedShares,
        uint256 slashingFactor
    ) internal pure returns (uint256 factor) {
        if (depositShares == 0) return divWad(scalingFactor, slashingFactor);
        uint256 worth = withdrawable(depositShares, scalingFactor, slashingFactor) + addedShares;
        factor = divWad(divWad(worth, depositShares + addedShares), slashingFactor);
        // 0 stands for WAD where factors are kept: it would give back all that was slashed.
        require(factor != 0, InvalidDepositScalingFactor());
    }
}
