// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";

/// @notice OWNER sets parameters, CURATOR operators and targets, PAUSER stops what comes in.
enum Role {
    OWNER,
    CURATOR,
    PAUSER
}

/// @notice A price of a token in ETH, as an AggregatorV3 tells it, and how old it may be.
/// @param heartbeat Seconds after which an answer of this very feed is stale.
/// @param bps Of an LST: deposits stop when the market is more than this below the LST's own rate. Of a reward
/// token: the discount at which it is sold.
struct PriceSource {
    address feed;
    uint32 heartbeat;
    uint16 bps;
}

/// @notice An LST that the vault takes. Never removed; a cap of 0 ends its deposits.
/// @param entry Its ERC-7575 entry.
/// @param cap Most that the vault takes of it, in wei of ETH by the LST's own rate.
struct Lst {
    address token;
    LstRates.Kind kind;
    IStrategy strategy;
    address entry;
    PriceSource market;
    uint128 cap;
}

/// @notice What the vault has of an LST, in units: shares of stETH, amounts of the others.
/// @param idle In the vault, owned by all holders.
/// @param reserved In the vault, promised to those whose exits are fulfilled; in no rate.
/// @param staked Withdrawable from the core at the operators, slashes applied.
/// @param queued In withdrawals that the core holds for the vault, slashes applied.
/// @param rate Wei of ETH that 1e18 units are worth, by the LST's own rate.
struct Holding {
    uint256 idle;
    uint256 reserved;
    uint256 staked;
    uint256 queued;
    uint256 rate;
}

/// @notice An operator and the vault's account there.
/// @param targetBps Part of all stake that should be there, in basis points.
/// @param delegated Whether the core still has the account delegated to it: an operator can end that.
/// @param openWithdrawals Of the account, in the core.
struct OperatorInfo {
    address operator;
    address account;
    uint16 targetBps;
    bool delegated;
    uint256 openWithdrawals;
}

/// @notice An exit that waits, or the rest of one that is fulfilled in part.
/// @param lst Number of the entry that it was made at.
/// @param requestBlock Block of the request.
/// @param shares That wait.
/// @param value Wei of ETH that they were worth when requested: the most that they are paid.
struct ExitRequest {
    address controller;
    uint8 lst;
    uint64 requestBlock;
    uint128 shares;
    uint128 value;
}

/// @notice What a controller can claim of one LST.
/// @param shares The part of its fulfilled shares that this LST pays for.
/// @param units Reserved for them.
struct Claimable {
    uint128 shares;
    uint128 units;
}

/// @notice Value of everything, in wei of ETH.
/// @param counted All units, each by the lower of its rate now and at the last sync; of units that came without being
/// booked, none.
/// @param locked Gains of that which have not vested yet.
/// @param unbooked Gains since the last sync: in no rate before a sync locks them.
/// @param supply Shares of the LRT, those of waiting exits included.
struct Totals {
    uint256 counted;
    uint256 locked;
    uint256 unbooked;
    uint256 supply;
}
