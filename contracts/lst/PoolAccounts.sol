// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {IValidatorsPool, Validators} from "./Validators.sol";
import {Bounds, IStakingPool} from "./interfaces/IStakingPool.sol";

/// @title PoolAccounts: the ETH of a staking pool, and the oracle's reports on it
/// @dev All is counted in variables, never by the contract's balance: ETH that is forced in belongs to nobody.
abstract contract PoolAccounts is IStakingPool, IValidatorsPool, Ownable2Step, ReentrancyGuardTransient {
    using SafeCast for uint256;

    uint256 private constant WHOLE = 10_000;
    uint256 private constant YEAR = 365 days;

    Validators public immutable validators;
    /// @notice Who reports.
    address public oracle;
    /// @inheritdoc IStakingPool
    uint32 public reportCount;
    /// @notice Unix second of the last report, or of the deployment.
    uint64 public reportedAt;
    Bounds private _bounds;
    /// @inheritdoc IStakingPool
    uint256 public bufferedEth;
    /// @inheritdoc IStakingPool
    uint256 public stakedEth;
    /// @inheritdoc IStakingPool
    uint256 public reservedEth;
    /// @inheritdoc IStakingPool
    uint256 public queuedEth;

    /// @param owner_ Names the oracle and sets the bounds; on a devnet it also penalizes the validators.
    constructor(address owner_, address oracle_, Bounds memory bounds_) Ownable(owner_) {
        validators = new Validators(owner_);
        reportedAt = block.timestamp.toUint64();
        _setOracle(oracle_);
        _setBounds(bounds_);
    }

    modifier onlyOracle() {
        _checkOracle();
        _;
    }

    function setOracle(address newOracle) external onlyOwner {
        _setOracle(newOracle);
    }

    /// @notice A loss above the bounds cannot be reported before the owner has looked at it and widened them; nothing
    /// that was requested since the last report leaves the pool meanwhile.
    function setBounds(Bounds calldata newBounds) external onlyOwner {
        _setBounds(newBounds);
    }

    function bounds() external view returns (Bounds memory) {
        return _bounds;
    }

    /// @inheritdoc IStakingPool
    function report(uint256 index, int256 change) external onlyOracle {
        require(index == uint256(reportCount) + 1, ReportOutOfTurn(index, uint256(reportCount) + 1));
        uint256 until = uint256(reportedAt) + _bounds.minInterval;
        require(block.timestamp >= until, ReportTooSoon(until));
        uint256 before = pooledEth();
        uint256 elapsed = block.timestamp - reportedAt;
        if (change >= 0) {
            uint256 gain = SignedMath.abs(change);
            uint256 most = mostGain(before, elapsed);
            require(gain <= most, ReportGainTooLarge(gain, most));
            stakedEth += gain;
        } else {
            uint256 loss = SignedMath.abs(change);
            // What is here cannot be lost by validators.
            uint256 most = Math.min(mostLoss(before), stakedEth);
            require(loss <= most, ReportLossTooLarge(loss, most));
            stakedEth -= loss;
        }
        ++reportCount;
        reportedAt = block.timestamp.toUint64();
        emit Reported(index, change, pooledEth());
        _reported(before, elapsed);
    }

    /// @inheritdoc IStakingPool
    function stakeBuffered() external nonReentrant {
        require(bufferedEth > queuedEth, NothingToStake());
        uint256 eth = bufferedEth - queuedEth;
        bufferedEth -= eth;
        stakedEth += eth;
        emit StakedWithValidators(eth);
        _send(address(validators), eth);
    }

    /// @inheritdoc IStakingPool
    function unstakeForQueue() external nonReentrant {
        uint256 lack = queuedEth > bufferedEth ? queuedEth - bufferedEth : 0;
        uint256 eth = Math.min(lack, Math.min(stakedEth, address(validators).balance));
        require(eth != 0, NothingToUnstake());
        stakedEth -= eth;
        bufferedEth += eth;
        emit UnstakedFromValidators(eth);
        validators.withdraw(eth);
    }

    /// @inheritdoc IValidatorsPool
    function receiveFromValidators() external payable {
        require(msg.sender == address(validators), OnlyValidators(msg.sender));
    }

    /// @inheritdoc IStakingPool
    function pooledEth() public view returns (uint256) {
        return bufferedEth + stakedEth;
    }

    /// @notice Most that `eth` may gain in so many seconds.
    function mostGain(uint256 eth, uint256 elapsed) public view returns (uint256) {
        return Math.mulDiv(eth, uint256(_bounds.annualGainBps) * elapsed, WHOLE * YEAR);
    }

    /// @notice Most that `eth` may lose in one report.
    function mostLoss(uint256 eth) public view returns (uint256) {
        return Math.mulDiv(eth, _bounds.lossBps, WHOLE);
    }

    /// @dev What else a report does.
    /// @param before Wei pooled before it.
    /// @param elapsed Seconds since the one before it.
    function _reported(uint256 before, uint256 elapsed) internal virtual {}

    /// @dev Hands on all gas, so that any contract can take its ETH: callers are guarded against coming back.
    function _send(address recipient, uint256 eth) internal {
        (bool sent,) = recipient.call{value: eth}("");
        require(sent, PaymentFailed(recipient, eth));
    }

    function _checkOracle() internal view {
        require(msg.sender == oracle, OnlyOracle(msg.sender));
    }

    function _setOracle(address newOracle) private {
        require(newOracle != address(0), OracleZero());
        oracle = newOracle;
        emit OracleSet(newOracle);
    }

    function _setBounds(Bounds memory newBounds) private {
        require(newBounds.lossBps <= WHOLE, BoundsOutOfRange(newBounds.lossBps, WHOLE));
        _bounds = newBounds;
        emit BoundsSet(newBounds);
    }
}
