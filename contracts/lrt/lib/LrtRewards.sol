// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {Lst, PriceSource} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtOperators} from "./LrtOperators.sol";
import {LrtPrices} from "./LrtPrices.sol";
import {BPS, LrtState, ONE} from "./LrtState.sol";
import {LrtTokens} from "./LrtTokens.sol";

/// @title LrtRewards: what AVSs pay
/// @dev LSTs that arrive become idle but not booked: the next sync finds them as a gain, takes the fee and lets the rest
/// vest. Other tokens are in no value until somebody buys them for an LST.
library LrtRewards {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @notice See ILrtVault.claimRewards.
    function claim(
        LrtState storage s,
        address operator,
        IRewardsCoordinator.RewardsMerkleClaim calldata rewardsClaim
    ) external {
        uint256 place = LrtOperators.place(s, operator);
        uint256 n = s.lsts.length;
        uint256[] memory before = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            before[i] = _units(s, i);
        }
        s.operators[place].account.claim(s.rewards, rewardsClaim);
        for (uint256 i = 0; i < n; i++) {
            s.lsts[i].idle += (_units(s, i) - before[i]).toUint128();
        }
        emit ILrtVault.RewardsClaimed(operator);
    }

    /// @notice See ILrtVault.buyReward.
    function buy(LrtState storage s, address reward, uint256 amount, address token, uint256 most)
        external
        returns (uint256 cost)
    {
        require(!s.paused, ILrtVaultErrors.LrtVaultPaused());
        PriceSource memory sale = s.rewardSales[reward];
        // An LST that was added since belongs to the holders, and the LRT here to those who wait to leave.
        require(
            sale.feed != address(0) && s.lstPlace[reward] == 0 && reward != address(s.token),
            ILrtVaultErrors.LrtVaultNotReward(reward)
        );
        uint256 place = LrtOperators.lstPlace(s, token);
        Lst memory lst = s.lsts[place].config;
        // What pays must be worth its own rate, as for a deposit.
        require(!LrtPrices.depegged(lst), ILrtVaultErrors.LrtVaultDepegged(token));
        cost = LrtTokens.amountFor(lst.kind, token, _price(sale, reward, amount, lst));
        require(cost != 0, ILrtVaultErrors.LrtVaultNothingToDo());
        require(cost <= most, ILrtVaultErrors.LrtVaultPrice(cost, most));

        uint256 before = _units(s, place);
        IERC20(token).safeTransferFrom(msg.sender, address(this), cost);
        uint256 units = _units(s, place) - before;
        s.lsts[place].idle += units.toUint128();
        IERC20(reward).safeTransfer(msg.sender, amount);
        emit ILrtVault.RewardSold(reward, amount, token, units, msg.sender);
    }

    /// @dev Units of the LST for an amount of the reward, every step rounded up.
    function _price(PriceSource memory sale, address reward, uint256 amount, Lst memory lst)
        private
        view
        returns (uint256)
    {
        uint256 price = LrtPrices.read(sale);
        require(price != 0, ILrtVaultErrors.LrtVaultNoPrice(reward));
        uint256 one = 10 ** IERC20Metadata(reward).decimals();
        uint256 value = Math.mulDiv(amount, price, one, Math.Rounding.Ceil);
        value = Math.mulDiv(value, BPS - sale.bps, BPS, Math.Rounding.Ceil);
        return Math.mulDiv(value, ONE, LstRates.unitRate(lst.kind, lst.token), Math.Rounding.Ceil);
    }

    function _units(LrtState storage s, uint256 place) private view returns (uint256) {
        Lst storage lst = s.lsts[place].config;
        return LrtTokens.unitsOf(lst.kind, lst.token, address(this));
    }
}
