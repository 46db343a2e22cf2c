// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a report may say at most.
/// @param annualGainBps Rewards of a whole year, in basis points of the pool's ETH; a report may bring the part of it
/// that the time since the last report is of a year.
/// @param lossBps Penalties of one report, in basis points of the pool's ETH.
/// @param minInterval Seconds between two reports.
struct Bounds {
    uint32 annualGainBps;
    uint32 lossBps;
    uint32 minInterval;
}

/// @notice A place in the unstaking queue.
/// @param owner Who may claim.
/// @param reports How many reports there had been when it was made: it is finalized after a later one.
/// @param claimed Whether it was paid.
/// @param units What it gives back: shares of a rebasing token, else an amount.
/// @param eth Wei that it is worth at most, by the rate when it was made; once it is finalized, what it pays.
struct UnstakeRequest {
    address owner;
    uint32 reports;
    bool claimed;
    uint128 units;
    uint128 eth;
}

/// @title IStakingPool: ETH in, a liquid staking token out, and back through a queue
interface IStakingPool {
    // deposits
    error DepositTooSmall(uint256 eth);
    error PoolEmpty();

    // reports
    error OnlyOracle(address caller);
    error ReportOutOfTurn(uint256 index, uint256 expected);
    error ReportTooSoon(uint256 until);
    error ReportGainTooLarge(uint256 gain, uint256 most);
    error ReportLossTooLarge(uint256 loss, uint256 most);
    error BoundsOutOfRange(uint256 lossBps, uint256 most);
    error OracleZero();

    // validators
    error OnlyValidators(address caller);
    error NothingToStake();
    error NothingToUnstake();

    // unstaking
    error RequestOutOfRange(uint256 eth, uint256 least, uint256 most);
    error RequestOwnerZero();
    error RequestUnknown(uint256 id);
    error RequestNotFinalized(uint256 id);
    error RequestClaimed(uint256 id);
    error OnlyRequestOwner(uint256 id, address owner);
    error BatchTooLarge(uint256 count, uint256 most);
    error PaymentFailed(address recipient, uint256 eth);

    event Deposited(address indexed account, uint256 eth, uint256 units);
    /// @param change Rewards less penalties since the last report, in wei.
    event Reported(uint256 indexed index, int256 change, uint256 pooledEth);
    event BoundsSet(Bounds bounds);
    event OracleSet(address indexed oracle);
    event StakedWithValidators(uint256 eth);
    event UnstakedFromValidators(uint256 eth);
    event UnstakeRequested(uint256 indexed id, address indexed owner, uint256 units, uint256 eth);
    event UnstakeFinalized(uint256 indexed id, uint256 eth);
    event UnstakeClaimed(uint256 indexed id, address indexed recipient, uint256 eth);

    /// @notice Stakes the ETH sent along; returns the units minted to the caller: shares of a rebasing token, else an
    /// amount. Rounded down.
    function deposit() external payable returns (uint256 units);

    /// @notice Gives back `amount` of the token for a place in the queue, which `owner` may claim. The amount needs an
    /// allowance if the pool is not itself the token.
    function requestUnstake(uint256 amount, address owner) external returns (uint256 id);

    /// @notice Sets ETH aside for up to `maxRequests` requests from the queue's head; anyone may call. Each pays the
    /// lower of its worth when it was made and now. Stops at one that no report came after, or that ETH here does not
    /// cover.
    function finalize(uint256 maxRequests) external returns (uint256 finalized);

    /// @notice Pays finalized requests of the caller.
    function claim(uint256[] calldata ids, address recipient) external;

    /// @notice The oracle's report of what validators earned or lost since the last one.
    /// @param index One more than that of the last report, so that none counts twice.
    function report(uint256 index, int256 change) external;

    /// @notice Sends the validators all ETH here that the queue does not need; anyone may call.
    function stakeBuffered() external;

    /// @notice Takes back from the validators what the queue lacks; anyone may call.
    function unstakeForQueue() external;

    /// @notice The liquid staking token; the pool itself if it rebases.
    function token() external view returns (address);

    /// @notice Wei that all units together stand for: here and with validators, without what is set aside for claims.
    function pooledEth() external view returns (uint256);

    /// @notice Wei here that is neither staked nor set aside.
    function bufferedEth() external view returns (uint256);

    /// @notice Wei with validators, by the reports.
    function stakedEth() external view returns (uint256);

    /// @notice Wei set aside for finalized requests.
    function reservedEth() external view returns (uint256);

    /// @notice Wei that the requests in the queue are worth at most.
    function queuedEth() external view returns (uint256);

    function reportCount() external view returns (uint32);
    function requestCount() external view returns (uint256);

    /// @notice Requests below this number are finalized.
    function finalizedCount() external view returns (uint256);
    function requestOf(uint256 id) external view returns (UnstakeRequest memory);
}
