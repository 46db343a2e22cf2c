// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {PoolAccounts} from "./PoolAccounts.sol";
import {IStakingPool, UnstakeRequest} from "./interfaces/IStakingPool.sol";

/// @title UnstakeQueue: deposits of a pool, and the first-come-first-served way out
/// @dev Units that wait in the queue still bear losses. Nobody gets out between a loss and its report: a request is
/// finalized only after a report that is younger than it.
abstract contract UnstakeQueue is PoolAccounts {
    using SafeCast for uint256;

    /// @notice Least worth of a request in wei: what rounding takes is at most a millionth of it.
    uint256 public constant MIN_REQUEST = 1e6;
    /// @notice Most worth of a request in wei, so that a single one cannot keep the queue waiting for long.
    uint256 public constant MAX_REQUEST = 1000 ether;
    /// @notice Requests that one transaction finalizes or claims at the most, about 4M gas.
    uint256 public constant MAX_BATCH = 100;

    UnstakeRequest[] private _requests;
    /// @inheritdoc IStakingPool
    uint256 public finalizedCount;

    /// @inheritdoc IStakingPool
    function deposit() external payable returns (uint256 units) {
        return _deposit();
    }

    /// @inheritdoc IStakingPool
    function requestUnstake(uint256 amount, address owner) external nonReentrant returns (uint256 id) {
        require(owner != address(0), RequestOwnerZero());
        uint256 units = _take(msg.sender, amount);
        uint256 eth = _ethOf(units);
        require(eth >= MIN_REQUEST && eth <= MAX_REQUEST, RequestOutOfRange(eth, MIN_REQUEST, MAX_REQUEST));
        id = _requests.length;
        _requests.push(UnstakeRequest(owner, reportCount, false, units.toUint128(), eth.toUint128()));
        queuedEth += eth;
        emit UnstakeRequested(id, owner, units, eth);
    }

    /// @inheritdoc IStakingPool
    function finalize(uint256 maxRequests) external nonReentrant returns (uint256 finalized) {
        require(maxRequests <= MAX_BATCH, BatchTooLarge(maxRequests, MAX_BATCH));
        _checkRate();
        uint256 first = finalizedCount;
        uint256 most = Math.min(maxRequests, _requests.length - first);
        while (finalized < most && _finalize(first + finalized)) ++finalized;
        finalizedCount = first + finalized;
    }

    /// @inheritdoc IStakingPool
    function claim(uint256[] calldata ids, address recipient) external nonReentrant {
        require(ids.length <= MAX_BATCH, BatchTooLarge(ids.length, MAX_BATCH));
        uint256 sum;
        for (uint256 i; i < ids.length; ++i) {
            uint256 id = ids[i];
            require(id < _requests.length, RequestUnknown(id));
            UnstakeRequest storage request = _requests[id];
            require(request.owner == msg.sender, OnlyRequestOwner(id, request.owner));
            require(id < finalizedCount, RequestNotFinalized(id));
            require(!request.claimed, RequestClaimed(id));
            request.claimed = true;
            sum += request.eth;
            emit UnstakeClaimed(id, recipient, request.eth);
        }
        reservedEth -= sum;
        _send(recipient, sum);
    }

    /// @inheritdoc IStakingPool
    function requestCount() external view returns (uint256) {
        return _requests.length;
    }

    /// @inheritdoc IStakingPool
    function requestOf(uint256 id) external view returns (UnstakeRequest memory) {
        require(id < _requests.length, RequestUnknown(id));
        return _requests[id];
    }

    function _deposit() internal nonReentrant returns (uint256 units) {
        _checkRate();
        units = _mintFor(msg.sender, msg.value);
        require(units != 0, DepositTooSmall(msg.value));
        bufferedEth += msg.value;
        emit Deposited(msg.sender, msg.value, units);
    }

    /// @dev Mints the units that `eth` is worth before it is pooled, rounded down.
    function _mintFor(address account, uint256 eth) internal virtual returns (uint256 units);

    /// @dev Takes `amount` of the token from `account` into the pool's keeping; returns the units of it.
    function _take(address account, uint256 amount) internal virtual returns (uint256 units);

    /// @dev Burns units that the pool keeps.
    function _burnTaken(uint256 units) internal virtual;

    /// @dev Wei that units are worth, rounded down.
    function _ethOf(uint256 units) internal view virtual returns (uint256);

    /// @dev Reverts while the rate is known to be wrong.
    function _checkRate() internal view virtual {}

    /// @return Whether the request, the queue's head, could be finalized.
    function _finalize(uint256 id) private returns (bool) {
        UnstakeRequest storage request = _requests[id];
        if (request.reports == reportCount) return false;
        (uint256 units, uint256 most) = (request.units, request.eth);
        uint256 eth = Math.min(most, _ethOf(units));
        if (eth > bufferedEth) return false;
        _burnTaken(units);
        queuedEth -= most;
        bufferedEth -= eth;
        reservedEth += eth;
        request.eth = eth.toUint128();
        emit UnstakeFinalized(id, eth);
        return true;
    }
}
