// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {IStETH} from "../../lst/interfaces/IStETH.sol";

/// @title LrtTokens: holding and moving LSTs by units
library LrtTokens {
    using SafeERC20 for IERC20;

    /// @notice Units that an account holds.
    function unitsOf(LstRates.Kind kind, address token, address account) internal view returns (uint256) {
        return
            kind == LstRates.Kind.STETH ? IStETH(token).sharesOf(account) : IERC20(token).balanceOf(account);
    }

    /// @notice Sends units of the caller: of stETH the shares themselves, as by an amount up to 2 wei would stay behind.
    function send(LstRates.Kind kind, address token, address to, uint256 units) internal {
        if (units == 0) return;
        if (kind == LstRates.Kind.STETH) IStETH(token).transferShares(to, units);
        else IERC20(token).safeTransfer(to, units);
    }

    /// @notice The least amount whose transfer moves at least these units.
    function amountFor(LstRates.Kind kind, address token, uint256 units)
        internal
        view
        returns (uint256 amount)
    {
        amount = LstRates.toAmount(kind, token, units);
        // Rounded down twice, this may be a unit short; one wei more is more than a unit's fraction.
        if (LstRates.toUnits(kind, token, amount) < units) amount++;
    }

    /// @notice The least units that are worth at least an amount.
    function unitsFor(LstRates.Kind kind, address token, uint256 amount)
        internal
        view
        returns (uint256 units)
    {
        units = LstRates.toUnits(kind, token, amount);
        if (LstRates.toAmount(kind, token, units) < amount) units++;
    }
}
