// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {IServiceManager} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {RateSource, StrategyWeight} from "../interfaces/StrategyWeight.sol";
import {Epochs} from "./Epochs.sol";

/// @title StrategyWeights: what stake in each strategy of an AVS counts for
library StrategyWeights {
    /// @notice Strategies whose stake counts: reading them all for a page has to fit into a transaction.
    uint256 internal constant MAX_STRATEGIES = 16;
    uint256 private constant ONE = 1e18;
    uint256 private constant WHOLE = 10_000;

    function initialize(
        Epochs.State storage self,
        IStrategy[] calldata strategies,
        StrategyWeight[] calldata weights
    ) internal {
        uint256 count = strategies.length;
        require(self.strategies.length == 0, Errors.AlreadyInitialized());
        require(count != 0 && count == weights.length, Errors.StrategyWeightsMismatch(count, weights.length));
        require(count <= MAX_STRATEGIES, Errors.TooManyStrategies(count, MAX_STRATEGIES));
        for (uint256 i; i < count; ++i) {
            self.strategies.push(strategies[i]);
            _set(self, strategies[i], weights[i]);
        }
    }

    function set(Epochs.State storage self, IStrategy strategy, StrategyWeight calldata weight) internal {
        bool known;
        for (uint256 i; i < self.strategies.length; ++i) {
            if (address(self.strategies[i]) == address(strategy)) known = true;
        }
        require(known, Errors.UnknownStrategy(address(strategy)));
        _set(self, strategy, weight);
    }

    /// @notice Wei of ETH that 1e18 shares of each strategy count for now, times its multiplier.
    function rates(Epochs.State storage self) internal view returns (uint256[] memory list) {
        list = new uint256[](self.strategies.length);
        for (uint256 i; i < list.length; ++i) {
            (, list[i]) = rate(self, self.strategies[i]);
        }
    }

    /// @notice Of 1e18 shares, in wei, rounded down.
    /// @return worth What they are worth: their tokens by the strategy, and those by the token's own rate.
    /// @return counted What they count for: the worth times the multiplier.
    function rate(Epochs.State storage self, IStrategy strategy)
        internal
        view
        returns (uint256 worth, uint256 counted)
    {
        StrategyWeight memory weight = self.strategyWeights[strategy];
        worth = _worth(strategy, weight);
        counted = worth * weight.multiplierBps / WHOLE;
    }

    function _set(Epochs.State storage self, IStrategy strategy, StrategyWeight calldata weight) private {
        // A token that does not answer as its kind does, or that says that it is worth nothing, is a mistake.
        require(
            _worth(strategy, weight) != 0 && (weight.source == RateSource.FIXED || weight.rate == 0),
            Errors.StrategyWeightInvalid(address(strategy))
        );
        self.strategyWeights[strategy] = weight;
        // What a table that is being built has weighed so far no longer holds.
        ++self.version;
        emit IServiceManager.StrategyWeightSet(
            address(strategy), weight.source, weight.rate, weight.multiplierBps
        );
    }

    function _worth(IStrategy strategy, StrategyWeight memory weight) private view returns (uint256) {
        if (weight.source == RateSource.FIXED) return weight.rate;
        // The sources follow FIXED in the order of the kinds.
        LstRates.Kind kind = LstRates.Kind(uint8(weight.source) - 1);
        uint256 tokens = strategy.sharesToUnderlyingView(ONE);
        return LstRates.ethValue(kind, address(strategy.underlyingToken()), tokens);
    }
}
