// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {CbETH} from "./CbETH.sol";
import {PoolAccounts} from "./PoolAccounts.sol";
import {UnstakeQueue} from "./UnstakeQueue.sol";
import {Bounds} from "./interfaces/IStakingPool.sol";

/// @title CbEthPool: a pool whose token has the rate that the oracle pushes
/// @dev The oracle reports to the pool what validators earned or lost, and then pushes a rate that the pool's ETH must
/// back. Between the two nothing is minted and nothing finalized.
contract CbEthPool is UnstakeQueue {
    error RateOutOfRange(uint256 rate, uint256 least, uint256 most);
    error RateNotBacked(uint256 owed, uint256 pooledEth);
    error RateOutdated();

    CbETH private immutable _token;
    /// @notice How many reports the last rate takes into account.
    uint32 public pushedReports;
    /// @notice Unix second of the last push, or of the deployment.
    uint64 public pushedAt;

    constructor(
        string memory name_,
        string memory symbol_,
        address owner_,
        address oracle_,
        Bounds memory bounds_
    ) PoolAccounts(owner_, oracle_, bounds_) {
        _token = new CbETH(name_, symbol_);
        pushedAt = reportedAt;
    }

    /// @notice Pushes wei per 1e18 tokens: within the bounds of a report as seen from the last rate, and not more than
    /// the pool has for its supply.
    function updateExchangeRate(uint256 newRate) external onlyOracle {
        uint256 rate = _token.exchangeRate();
        // A rate of the whole loss, rounded down, is always backed after it.
        uint256 least = rate - Math.min(rate - 1, mostLoss(rate) + 1);
        uint256 most = rate + mostGain(rate, block.timestamp - pushedAt);
        require(newRate >= least && newRate <= most, RateOutOfRange(newRate, least, most));
        uint256 owed = Math.mulDiv(_token.totalSupply(), newRate, 1 ether, Math.Rounding.Ceil);
        require(owed <= pooledEth(), RateNotBacked(owed, pooledEth()));
        pushedReports = reportCount;
        pushedAt = uint64(block.timestamp);
        _token.updateExchangeRate(msg.sender, newRate);
    }

    function token() external view returns (address) {
        return address(_token);
    }

    function _mintFor(address account, uint256 eth) internal override returns (uint256 amount) {
        amount = Math.mulDiv(eth, 1 ether, _token.exchangeRate());
        _token.mint(account, amount);
    }

    function _take(address account, uint256 amount) internal override returns (uint256) {
        // OpenZeppelin's transfers revert, and return true else.
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        _token.transferFrom(account, address(this), amount);
        return amount;
    }

    function _burnTaken(uint256 amount) internal override {
        _token.burn(amount);
    }

    function _ethOf(uint256 amount) internal view override returns (uint256) {
        return Math.mulDiv(amount, _token.exchangeRate(), 1 ether);
    }

    /// @dev A rate for each report: two losses could need more of a step than one push may make.
    function _reported(uint256, uint256) internal view override {
        require(pushedReports + 1 == reportCount, RateOutdated());
    }

    function _checkRate() internal view override {
        require(pushedReports == reportCount, RateOutdated());
    }
}
