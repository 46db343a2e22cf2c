// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {IDelegationAccount} from "../interfaces/IDelegationAccount.sol";
import {ILrtToken} from "../interfaces/ILrtToken.sol";
import {Claimable, ExitRequest, Lst, PriceSource, Role} from "../interfaces/ILrtTypes.sol";

/// @dev One, in fixed point with 18 decimals.
uint256 constant ONE = 1e18;
/// @dev Basis points in the whole.
uint256 constant BPS = 10_000;

/// @dev Virtual shares, and virtual wei of ETH behind them. They make the first deposit's price 1 and take whatever is
/// given away to an empty vault: to move one holder's wei by rounding, an attacker must lose about 1e12 times as much
/// as its victim. No larger, because after a loss the virtual value is a claim that nothing backs, and because
/// gains leak to the virtual shares: 1e12 wei is a millionth of an ETH.
uint256 constant VIRTUAL = 1e12;

/// @dev Bounds of what is read for one rate: with all at their bounds `getRate` and `deposit` stay under a third of
/// Osaka's 16,777,216 gas a transaction (docs/liquid-restaking.md has the figures).
uint256 constant MAX_LSTS = 4;
uint256 constant MAX_OPERATORS = 8;
/// @dev Withdrawals that `unstake` keeps open for an account. An operator's `undelegate` can add one for each LST.
uint256 constant MAX_OPEN = 4;

/// @dev Least shares of an exit that is not a holder's last, and of a part of one; least units that are moved to or from
/// the core, but for the exit queue. So that nobody fills the queue or the core with dust.
uint256 constant LEAST = 1e15;

/// @dev Most of the gains that the treasury gets.
uint256 constant MAX_FEE_BPS = 1000;
/// @dev Most that an LST's market may be below its own rate before deposits stop.
uint256 constant MAX_DEPEG_BPS = 1000;
/// @dev Most discount at which reward tokens are sold.
uint256 constant MAX_DISCOUNT_BPS = 500;
/// @dev What an operator may be over its target, in basis points of it, before stake is taken from it.
uint256 constant BAND_BPS = 500;
/// @dev An operator slashed below this part of its magnitude gets no more stake: the core's factors lose precision.
uint64 constant LEAST_MAGNITUDE = 1e16;

/// @dev An LST with its books. All amounts are units.
struct LstBook {
    Lst config;
    /// Counted in and out by what a transfer brought or took, so that tokens sent here by anyone change nothing.
    uint128 idle;
    uint128 reserved;
    /// Units and rate up to which gains are booked. What is above counts nothing until a sync has locked it.
    uint128 bookedUnits;
    uint128 bookedRate;
}

/// @dev An operator and the account there.
struct OperatorBook {
    address operator;
    uint16 targetBps;
    bool leaving;
    uint64 lastQueued;
    IDelegationAccount account;
}

/// @dev All that the vault stores.
struct LrtState {
    ILrtToken token;
    IDelegationManager delegation;
    IRewardsCoordinator rewards;
    uint32 vestingSeconds;
    uint32 timelockBlocks;
    uint16 feeBps;
    bool isOpen;
    bool paused;
    address treasury;
    LstBook[] lsts;
    /// Place in `lsts`, plus 1.
    mapping(address token => uint256) lstPlace;
    mapping(address entry => uint256) entryPlace;
    OperatorBook[] operators;
    /// Place in `operators`, plus 1.
    mapping(address operator => uint256) operatorPlace;
    /// Gains that vest in a straight line from `lockedFrom` to `lockedUntil`; wei of ETH at `lockedFrom`.
    uint128 locked;
    uint64 lockedFrom;
    uint64 lockedUntil;
    /// Losses that gains have not made good yet: no fee on those gains. Wei of ETH.
    uint256 lossCarried;
    mapping(uint256 index => ExitRequest) requests;
    uint256 queueHead;
    uint256 queueTail;
    uint256 pendingShares;
    mapping(address entry => mapping(address controller => uint256)) pendingOf;
    mapping(address token => mapping(address controller => Claimable)) claimable;
    mapping(address controller => mapping(address operator => bool)) isOperator;
    mapping(address reward => PriceSource) rewardSales;
    mapping(Role => address) roleHolder;
    mapping(Role => address) pendingRoleHolder;
    /// Block of a proposal, by the hash of its data.
    mapping(bytes32 id => uint256) proposedAt;
}

/// @dev What the vault has at this moment, in the order of its LSTs.
struct Live {
    /// idle + staked + queued.
    uint256[] units;
    uint256[] staked;
    uint256[] queued;
    uint256[] rates;
    /// See Totals. `value` is P, `supply` S: both as a sync now leaves them.
    uint256 counted;
    uint256 locked;
    uint256 value;
    uint256 supply;
}
