// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {Lst, PriceSource} from "../interfaces/ILrtTypes.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../interfaces/ILrtVaultErrors.sol";
import {LrtFactory} from "./LrtFactory.sol";
import {
    BPS,
    LrtState,
    LstBook,
    MAX_DEPEG_BPS,
    MAX_DISCOUNT_BPS,
    MAX_LSTS,
    MAX_OPERATORS,
    OperatorBook
} from "./LrtState.sol";
import {LrtPrices} from "./LrtPrices.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title LrtOperators: which operators and which LSTs the vault has
library LrtOperators {
    using SafeCast for uint256;

    /// @notice See ILrtVault.addOperator.
    function addOperator(
        LrtState storage s,
        address operator,
        IDelegationManager.SignatureWithExpiry calldata approval,
        bytes32 salt
    ) external {
        require(
            s.operators.length < MAX_OPERATORS,
            ILrtVaultErrors.LrtVaultLimit(MAX_OPERATORS + 1, MAX_OPERATORS)
        );
        require(s.operatorPlace[operator] == 0, ILrtVaultErrors.LrtVaultKnownOperator(operator));
        OperatorBook storage seat = s.operators.push();
        s.operatorPlace[operator] = s.operators.length;
        seat.operator = operator;
        seat.account = LrtFactory.newAccount(s.delegation, operator);
        seat.account.delegate(approval, salt);
        emit ILrtVault.OperatorAdded(operator, address(seat.account));
    }

    /// @notice See ILrtVault.setTargets.
    function setTargets(LrtState storage s, address[] calldata operators, uint16[] calldata targetsBps)
        external
    {
        require(
            operators.length == targetsBps.length,
            ILrtVaultErrors.LrtVaultLengths(operators.length, targetsBps.length)
        );
        for (uint256 k = 0; k < s.operators.length; k++) {
            s.operators[k].targetBps = 0;
        }
        for (uint256 i = 0; i < operators.length; i++) {
            OperatorBook storage seat = s.operators[place(s, operators[i])];
            require(!seat.leaving, ILrtVaultErrors.LrtVaultUnknownOperator(operators[i]));
            seat.targetBps = targetsBps[i];
        }
        uint256 sum = 0;
        for (uint256 k = 0; k < s.operators.length; k++) {
            sum += s.operators[k].targetBps;
            emit ILrtVault.TargetSet(s.operators[k].operator, s.operators[k].targetBps);
        }
        require(sum <= BPS, ILrtVaultErrors.LrtVaultLimit(sum, BPS));
    }

    /// @notice See ILrtVault.removeOperator.
    function removeOperator(LrtState storage s, address operator) external {
        OperatorBook storage seat = s.operators[place(s, operator)];
        (seat.targetBps, seat.leaving) = (0, true);
        // The operator may have ended the delegation itself.
        if (s.delegation.isDelegated(address(seat.account))) seat.account.undelegate();
        emit ILrtVault.OperatorRemoved(operator, address(seat.account));
    }

    /// @notice See ILrtVault.retire.
    /// @dev An account with anything in the core is never dropped: its value would leave the rate.
    function retire(LrtState storage s, address operator) external {
        uint256 gap = place(s, operator);
        OperatorBook storage seat = s.operators[gap];
        address account = address(seat.account);
        (IStrategy[] memory strategies,) = s.delegation.getDepositedShares(account);
        require(
            strategies.length == 0 && s.delegation.getQueuedWithdrawalRoots(account).length == 0
                && !s.delegation.isDelegated(account),
            ILrtVaultErrors.LrtVaultAccountInUse(account)
        );
        OperatorBook storage last = s.operators[s.operators.length - 1];
        if (last.operator != operator) {
            s.operatorPlace[last.operator] = gap + 1;
            s.operators[gap] = last;
        }
        s.operators.pop();
        delete s.operatorPlace[operator];
        emit ILrtVault.OperatorRetired(operator, account);
    }

    /// @notice See ILrtVault.addLst.
    function addLst(LrtState storage s, Lst calldata lst) external {
        require(s.lsts.length < MAX_LSTS, ILrtVaultErrors.LrtVaultLimit(MAX_LSTS + 1, MAX_LSTS));
        address token = lst.token;
        require(s.lstPlace[token] == 0, ILrtVaultErrors.LrtVaultKnownLst(token));
        require(
            address(lst.strategy.underlyingToken()) == token,
            ILrtVaultErrors.LrtVaultStrategy(address(lst.strategy), token)
        );
        LstBook storage book = s.lsts.push();
        book.config = lst;
        book.config.entry = LrtFactory.newEntry(token, lst.kind);
        book.bookedRate = LstRates.unitRate(lst.kind, token).toUint128();
        s.lstPlace[token] = s.lsts.length;
        s.entryPlace[book.config.entry] = s.lsts.length;
        s.token.setEntry(token, book.config.entry);
        emit ILrtVault.LstAdded(token, address(lst.strategy), book.config.entry);
        setMarket(s, token, lst.market);
        emit ILrtVault.CapSet(token, lst.cap);
    }

    /// @notice See ILrtVault.setMarket.
    function setMarket(LrtState storage s, address token, PriceSource calldata market) public {
        _checkSource(token, market, MAX_DEPEG_BPS);
        s.lsts[lstPlace(s, token)].config.market = market;
        emit ILrtVault.MarketSet(token, market);
    }

    /// @notice See ILrtVault.raiseCap and lowerCap.
    function setCap(LrtState storage s, address token, uint128 cap) external {
        s.lsts[lstPlace(s, token)].config.cap = cap;
        emit ILrtVault.CapSet(token, cap);
    }

    /// @notice See ILrtVault.setRewardSale.
    function setRewardSale(LrtState storage s, address reward, PriceSource calldata price) external {
        require(
            s.lstPlace[reward] == 0 && reward != address(s.token), ILrtVaultErrors.LrtVaultNotReward(reward)
        );
        if (price.feed != address(0)) _checkSource(reward, price, MAX_DISCOUNT_BPS);
        s.rewardSales[reward] = price;
        emit ILrtVault.RewardSaleSet(reward, price);
    }

    /// @notice Where an operator is in the list.
    function place(LrtState storage s, address operator) internal view returns (uint256) {
        uint256 after_ = s.operatorPlace[operator];
        require(after_ != 0, ILrtVaultErrors.LrtVaultUnknownOperator(operator));
        return after_ - 1;
    }

    /// @notice Where an LST is in the list.
    function lstPlace(LrtState storage s, address token) internal view returns (uint256) {
        uint256 after_ = s.lstPlace[token];
        require(after_ != 0, ILrtVaultErrors.LrtVaultUnknownLst(token));
        return after_ - 1;
    }

    function _checkSource(address token, PriceSource calldata source, uint256 mostBps) private view {
        require(source.bps <= mostBps, ILrtVaultErrors.LrtVaultLimit(source.bps, mostBps));
        // One that gives no price now was named wrongly, or tells nothing to anyone.
        require(LrtPrices.read(source) != 0, ILrtVaultErrors.LrtVaultNoPrice(token));
    }
}
