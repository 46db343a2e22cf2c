// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICbETH} from "./interfaces/ICbETH.sol";
import {IRETH} from "./interfaces/IRETH.sol";
import {IStETH} from "./interfaces/IStETH.sol";
import {IWstETH} from "./interfaces/IWstETH.sol";

/// @title LstRates: what liquid staking tokens are worth in ETH by their own rates
/// @dev Asks the tokens themselves, by the read functions that the real ones have, and never a market or a price feed.
/// *Amounts* are what `balanceOf` counts; *units* are what no report changes: shares of stETH, and amounts of the
/// others. All results are rounded down.
library LstRates {
    /// @dev STETH: balances rebase, an amount of it is an amount of ETH. The others have a rate.
    enum Kind {
        STETH,
        WSTETH,
        RETH,
        CBETH
    }

    /// @dev Units and amounts of ETH are counted in wei, 18 decimals; a rate is for this many units.
    uint256 internal constant ONE = 1e18;

    /// @notice Wei of ETH that 1e18 units are worth, rounded down.
    function unitRate(Kind kind, address token) internal view returns (uint256) {
        if (kind == Kind.STETH) return IStETH(token).getPooledEthByShares(ONE);
        if (kind == Kind.WSTETH) return IWstETH(token).stEthPerToken();
        if (kind == Kind.RETH) return IRETH(token).getExchangeRate();
        return ICbETH(token).exchangeRate();
    }

    /// @notice Units that an amount is worth, rounded down.
    function toUnits(Kind kind, address token, uint256 amount) internal view returns (uint256) {
        return kind == Kind.STETH ? IStETH(token).getSharesByPooledEth(amount) : amount;
    }

    /// @notice The amount that units are worth now, rounded down.
    function toAmount(Kind kind, address token, uint256 units) internal view returns (uint256) {
        return kind == Kind.STETH ? IStETH(token).getPooledEthByShares(units) : units;
    }

    /// @notice Wei of ETH that an amount is worth, rounded down: of stETH the amount itself.
    function ethValue(Kind kind, address token, uint256 amount) internal view returns (uint256) {
        if (kind == Kind.STETH) return amount;
        if (kind == Kind.WSTETH) return IWstETH(token).getStETHByWstETH(amount);
        if (kind == Kind.RETH) return IRETH(token).getEthValue(amount);
        return Math.mulDiv(amount, ICbETH(token).exchangeRate(), ONE);
    }
}
