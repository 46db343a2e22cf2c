// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDelegationManager} from "../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../core/interfaces/IRewardsCoordinator.sol";
import {
    Claimable,
    ExitRequest,
    Holding,
    Lst,
    OperatorInfo,
    PriceSource,
    Role,
    Totals
} from "./interfaces/ILrtTypes.sol";
import {ILrtVault} from "./interfaces/ILrtVault.sol";
import {LrtBooks} from "./lib/LrtBooks.sol";
import {LrtDeposits} from "./lib/LrtDeposits.sol";
import {LrtGovernance} from "./lib/LrtGovernance.sol";
import {LrtOperators} from "./lib/LrtOperators.sol";
import {LrtPrices} from "./lib/LrtPrices.sol";
import {Live, LrtState, LstBook, OperatorBook} from "./lib/LrtState.sol";

/// @title LrtViews: what there is to read in the vault
abstract contract LrtViews is ILrtVault {
    LrtState internal s;

    /// @inheritdoc ILrtVault
    function totals() external view returns (Totals memory) {
        return LrtBooks.totals(s);
    }

    /// @inheritdoc ILrtVault
    function sharesForValue(uint256 value) external view returns (uint256) {
        return LrtBooks.toShares(LrtBooks.read(s), value);
    }

    /// @inheritdoc ILrtVault
    function costOfShares(uint256 shares) external view returns (uint256) {
        return LrtBooks.toValue(LrtBooks.read(s), shares, Math.Rounding.Ceil);
    }

    /// @inheritdoc ILrtVault
    function valueOfShares(uint256 shares) external view returns (uint256) {
        return LrtBooks.toValue(LrtBooks.read(s), shares, Math.Rounding.Floor);
    }

    /// @inheritdoc ILrtVault
    function depositRoom(address token_) external view returns (uint256) {
        uint256 place = LrtOperators.lstPlace(s, token_);
        if (s.paused || !s.isOpen || depegged(token_)) return 0;
        Live memory live = LrtBooks.read(s);
        return LrtDeposits.hasPrice(live) ? LrtDeposits.room(s.lsts[place].config, live, place) : 0;
    }

    /// @inheritdoc ILrtVault
    function depegged(address token_) public view returns (bool) {
        return LrtPrices.depegged(s.lsts[LrtOperators.lstPlace(s, token_)].config);
    }

    /// @inheritdoc ILrtVault
    function token() external view returns (address) {
        return address(s.token);
    }

    /// @inheritdoc ILrtVault
    function lsts() external view returns (Lst[] memory list) {
        list = new Lst[](s.lsts.length);
        for (uint256 i = 0; i < list.length; i++) {
            list[i] = s.lsts[i].config;
        }
    }

    /// @inheritdoc ILrtVault
    function lstOf(address token_) external view returns (Lst memory) {
        return s.lsts[LrtOperators.lstPlace(s, token_)].config;
    }

    /// @inheritdoc ILrtVault
    function holding(address token_) external view returns (Holding memory) {
        uint256 place = LrtOperators.lstPlace(s, token_);
        LstBook storage book = s.lsts[place];
        Live memory live = LrtBooks.read(s);
        return Holding(book.idle, book.reserved, live.staked[place], live.queued[place], live.rates[place]);
    }

    /// @inheritdoc ILrtVault
    function operators() external view returns (OperatorInfo[] memory list) {
        list = new OperatorInfo[](s.operators.length);
        for (uint256 k = 0; k < list.length; k++) {
            OperatorBook storage seat = s.operators[k];
            address account = address(seat.account);
            list[k] = OperatorInfo({
                operator: seat.operator,
                account: account,
                targetBps: seat.targetBps,
                delegated: s.delegation.delegatedTo(account) == seat.operator,
                openWithdrawals: s.delegation.getQueuedWithdrawalRoots(account).length
            });
        }
    }

    /// @inheritdoc ILrtVault
    function queueTail() external view returns (uint256) {
        return s.queueTail;
    }

    /// @inheritdoc ILrtVault
    function queueHead() external view returns (uint256) {
        return s.queueHead;
    }

    /// @inheritdoc ILrtVault
    function exitRequest(uint256 index) external view returns (ExitRequest memory) {
        return s.requests[index];
    }

    /// @inheritdoc ILrtVault
    function pendingShares() external view returns (uint256) {
        return s.pendingShares;
    }

    /// @inheritdoc ILrtVault
    function pendingOf(address entry, address controller) external view returns (uint256) {
        return s.pendingOf[entry][controller];
    }

    /// @inheritdoc ILrtVault
    function claimableOf(address token_, address controller) external view returns (Claimable memory) {
        return s.claimable[token_][controller];
    }

    /// @inheritdoc ILrtVault
    function isOperator(address controller, address operator) external view returns (bool) {
        return s.isOperator[controller][operator];
    }

    /// @inheritdoc ILrtVault
    function rewardSale(address reward) external view returns (PriceSource memory) {
        return s.rewardSales[reward];
    }

    /// @inheritdoc ILrtVault
    function delegation() external view returns (IDelegationManager) {
        return s.delegation;
    }

    /// @inheritdoc ILrtVault
    function rewardsCoordinator() external view returns (IRewardsCoordinator) {
        return s.rewards;
    }

    /// @inheritdoc ILrtVault
    function feeBps() external view returns (uint16) {
        return s.feeBps;
    }

    /// @inheritdoc ILrtVault
    function treasury() external view returns (address) {
        return s.treasury;
    }

    /// @inheritdoc ILrtVault
    function isOpen() external view returns (bool) {
        return s.isOpen;
    }

    /// @inheritdoc ILrtVault
    function paused() external view returns (bool) {
        return s.paused;
    }

    /// @inheritdoc ILrtVault
    function roleHolder(Role role) external view returns (address) {
        return s.roleHolder[role];
    }

    /// @inheritdoc ILrtVault
    function pendingRoleHolder(Role role) external view returns (address) {
        return s.pendingRoleHolder[role];
    }

    /// @inheritdoc ILrtVault
    function timelockBlocks() external view returns (uint32) {
        return s.timelockBlocks;
    }

    /// @inheritdoc ILrtVault
    function readyBlock(bytes32 id) external view returns (uint256) {
        return LrtGovernance.readyBlock(s, id);
    }

    /// @inheritdoc ILrtVault
    function vestingSeconds() external view returns (uint32) {
        return s.vestingSeconds;
    }
}
