// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {OperatorSet} from "../../core/OperatorSet.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IServiceManager} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Parameters} from "../interfaces/Parameters.sol";
import {StrategyWeight} from "../interfaces/StrategyWeight.sol";
import {Blob} from "./Blob.sol";
import {Bls12381} from "./Bls12381.sol";
import {EpochTable} from "./EpochTable.sol";
import {Epochs} from "./Epochs.sol";
import {Operators} from "./Operators.sol";
import {StrategyWeights} from "./StrategyWeights.sol";
import {WeightLimit} from "./WeightLimit.sol";

/// @title EpochBuilding: anyone builds the next table, in pages that each fit into a transaction
/// @dev A linked library: its external functions run in the ServiceManager's name. Begin, add until all operators are
/// visited, finish. Whoever joins meanwhile is appended and must be visited too; when an operator leaves or loses its
/// weight, or how a strategy counts changes, the building starts again, as it does after `buildWindow`. It cannot be
/// started again otherwise, so that nobody can hold it up.
library EpochBuilding {
    using SafeCast for uint256;

    /// @notice Operators that one page visits at the least, if there are as many: small pages would make
    /// certificates dear, by 2,600 gas for each page with an absentee.
    uint256 internal constant MIN_PAGE = 32;
    /// @notice Tables that keys alone may bring about in the time that one is valid. A new key counts as soon as another
    /// table may be begun; who rotates again and again makes all others pay for this many at the most.
    uint256 internal constant TABLES_FOR_KEYS = 8;

    /// @notice Sets, once, which strategies' stake counts, and how.
    function setStrategies(
        Epochs.State storage self,
        IStrategy[] calldata strategies,
        StrategyWeight[] calldata weights
    ) external {
        StrategyWeights.initialize(self, strategies, weights);
    }

    function setStrategyWeight(Epochs.State storage self, IStrategy strategy, StrategyWeight calldata weight)
        external
    {
        StrategyWeights.set(self, strategy, weight);
    }

    function strategyRate(Epochs.State storage self, IStrategy strategy)
        external
        view
        returns (uint256 worth, uint256 counted)
    {
        return StrategyWeights.rate(self, strategy);
    }

    /// @notice Begins the next table. Rates are those of now for all of its pages.
    function begin(Epochs.State storage self) external {
        Epochs.Building storage building = self.building;
        require(self.strategies.length != 0, Errors.NotInitialized());
        require(!isBuilding(self), Errors.EpochInProgress(building.epoch));
        uint64 latest = self.latest;
        if (latest != 0) {
            uint64 until = _builtAt(self, latest) + self.parameters.minEpochAge;
            require(block.timestamp >= until, Errors.EpochTooYoung(until));
        }
        uint32 stakeBlock = _stakeBlock(self);
        delete self.building;
        building.epoch = (uint256(latest) + 1).toUint32();
        building.stakeBlock = stakeBlock;
        building.beganAt = block.timestamp.toUint40();
        building.version = self.version;
        building.rates = StrategyWeights.rates(self);
        emit IServiceManager.EpochBegun(latest + 1, stakeBlock);
    }

    /// @notice Writes one page of those of the next `count` operators that have weight, and adds it to the sums.
    function add(Epochs.State storage self, Operators.Registry storage registry, uint256 count) external {
        _requireBuilding(self);
        Epochs.Building memory building = self.building;
        uint256 left = registry.list.length - building.visited;
        require(left != 0, Errors.EpochComplete());
        if (count > EpochTable.MAX_ROWS) count = EpochTable.MAX_ROWS;
        require(count >= MIN_PAGE || count >= left, Errors.EpochPageTooSmall(count, MIN_PAGE));

        address[] memory operators = Operators.slice(registry, building.visited, count);
        uint64[] memory weights = _weigh(self, operators, building.rates, building.stakeBlock);
        EpochTable.Draft memory draft = EpochTable.newDraft(operators.length);
        Bls12381.G1 memory sum = _sumOfKeys(building);
        for (uint256 i; i < operators.length; ++i) {
            uint64 weight = weights[i];
            if (weight == 0) continue;
            Bls12381.G1 memory key = Operators.keyOf(registry, operators[i]);
            (uint64 last, bool rotated) = _weighIn(self, operators[i], building.epoch, weight, _tagOf(key));
            if (rotated) building.rotated = true;
            sum = Bls12381.add(sum, key);
            EpochTable.append(draft, operators[i], key, weight);
            building.weight += weight;
            building.kept += last;
            building.moved += _distance(weight, last);
        }
        uint32 visited = building.visited + operators.length.toUint32();
        self.building.visited = visited;
        if (draft.length != 0) _addPage(self.building, building, draft, sum);
        emit IServiceManager.EpochPageAdded(building.epoch, visited);
    }

    /// @notice Finishes the table. Drops it, without an error, if it is empty, or if too little weight moved and no key
    /// was replaced since the last epoch and that one is not near its expiry.
    function finish(Epochs.State storage self, Operators.Registry storage registry) external {
        _requireBuilding(self);
        Epochs.Building memory building = self.building;
        uint256 total = registry.list.length;
        require(building.visited == total, Errors.EpochIncomplete(building.visited, total));
        uint256 moved = building.moved + self.facts[self.latest].rawWeight - building.kept;
        bool moves = _isWorthwhile(self, moved);
        if (building.rows != 0 && (moves || (building.rotated && _mayRotate(self)))) {
            if (!moves) self.rotatedAt = block.timestamp.toUint40();
            _store(self, building);
        } else {
            emit IServiceManager.EpochDiscarded(building.epoch, moved);
        }
        delete self.building;
    }

    /// @notice Whether `begin` and `finish` would succeed, given what the operators weigh now.
    function isDue(Epochs.State storage self, Operators.Registry storage registry)
        external
        view
        returns (bool)
    {
        if (isBuilding(self) || self.strategies.length == 0) return false;
        uint64 latest = self.latest;
        if (latest != 0 && block.timestamp < _builtAt(self, latest) + self.parameters.minEpochAge) {
            return false;
        }
        address[] memory operators = Operators.slice(registry, 0, registry.list.length);
        uint64[] memory weights = _weigh(self, operators, StrategyWeights.rates(self), _stakeBlock(self));
        uint256 sum;
        uint256 moved = self.facts[latest].rawWeight;
        bool rotated;
        for (uint256 i; i < operators.length; ++i) {
            if (weights[i] == 0) continue;
            (uint64 last, uint32 tag) = _rowIn(self.weighings[operators[i]], latest);
            sum += weights[i];
            moved = moved + _distance(weights[i], last) - last;
            if (last != 0 && tag != _tagOf(Operators.keyOf(registry, operators[i]))) rotated = true;
        }
        return sum != 0 && (_isWorthwhile(self, moved) || (rotated && _mayRotate(self)));
    }

    /// @notice Whether a table is being built that can still be finished.
    function isBuilding(Epochs.State storage self) internal view returns (bool) {
        Epochs.Building storage building = self.building;
        return building.epoch != 0 && building.version == self.version
            && block.timestamp <= uint256(building.beganAt) + self.parameters.buildWindow;
    }

    function _requireBuilding(Epochs.State storage self) private view {
        require(self.building.epoch != 0, Errors.EpochNotBegun());
        require(isBuilding(self), Errors.EpochOutdated(self.building.epoch));
    }

    /// @dev The block through which stake must be slashable to count in a table that is begun now.
    function _stakeBlock(Epochs.State storage self) private view returns (uint32) {
        return (block.number + self.slashableBlocks).toUint32();
    }

    /// @dev Weights, in gwei of ETH value, of stake that is slashable through block `stakeBlock`; 0 below the least.
    function _weigh(
        Epochs.State storage self,
        address[] memory operators,
        uint256[] memory rates,
        uint32 stakeBlock
    ) private view returns (uint64[] memory weights) {
        uint256 least = self.parameters.minWeight;
        uint256[][] memory stakes = self.allocationManager
            .getMinimumSlashableStake(
                OperatorSet(address(this), self.parameters.operatorSetId),
                operators,
                self.strategies,
                stakeBlock
            );
        weights = new uint64[](operators.length);
        for (uint256 i; i < operators.length; ++i) {
            uint256 value;
            for (uint256 j; j < rates.length; ++j) {
                value += stakes[i][j] * rates[j] / 1e18;
            }
            if (value / 1 gwei >= least) weights[i] = (value / 1 gwei).toUint64();
        }
    }

    /// @dev Notes what an operator weighs in `epoch`, and by which key. A table that is begun again finds what it noted,
    /// and keeps what was before that.
    /// @return last What it weighed in the epoch before.
    /// @return rotated Whether it was in that one with another key.
    function _weighIn(Epochs.State storage self, address operator, uint32 epoch, uint64 weight, uint32 keyTag)
        private
        returns (uint64 last, bool rotated)
    {
        uint32 lastTag;
        (last, lastTag) = _rowIn(self.weighings[operator], epoch - 1);
        self.weighings[operator] = Epochs.Weighing(epoch, weight, keyTag, epoch - 1, last, lastTag);
        rotated = last != 0 && lastTag != keyTag;
    }

    function _addPage(
        Epochs.Building storage stored,
        Epochs.Building memory building,
        EpochTable.Draft memory draft,
        Bls12381.G1 memory sum
    ) private {
        EpochTable.Page memory page = EpochTable.seal(draft, building.rows);
        stored.pages.push(page);
        stored.rows = page.end;
        stored.weight = building.weight;
        stored.rotated = building.rotated;
        stored.kept = building.kept;
        stored.moved = building.moved;
        // The precompile returned the point, so that its high words have 16 bytes.
        // forge-lint: disable-next-item(unsafe-typecast)
        (stored.keyXHigh, stored.keyYHigh) = (uint128(sum.xHigh), uint128(sum.yHigh));
        (stored.keyXLow, stored.keyYLow) = (sum.xLow, sum.yLow);
    }

    function _store(Epochs.State storage self, Epochs.Building memory building) private {
        EpochTable.Head memory head = EpochTable.Head({
            negatedKey: Bls12381.negate(_sumOfKeys(building)),
            totalWeight: building.weight,
            weightLimit: type(uint64).max,
            rows: building.rows
        });
        Parameters memory parameters = self.parameters;
        if (parameters.maxShareBps != 0) {
            uint64[] memory weights = EpochTable.readWeights(building.pages);
            head.weightLimit = WeightLimit.find(weights, parameters.maxShareBps);
            head.totalWeight = WeightLimit.sumLimited(weights, head.weightLimit);
        }
        uint40 activatesAt = (block.timestamp + parameters.activationDelay).toUint40();
        uint40 validUntil = (uint256(building.beganAt) + parameters.validity).toUint40();
        (uint64 epoch, uint64 latest) = (building.epoch, self.latest);
        self.records[epoch] = Epochs.Record({
            head: Blob.write(EpochTable.encodeHead(head, building.pages)),
            activatesAt: activatesAt,
            endsAt: validUntil,
            revoked: false
        });
        self.facts[epoch] = Epochs.Facts({
            validUntil: validUntil,
            builtAtBlock: block.number.toUint64(),
            rawWeight: building.weight,
            revokedWeight: 0
        });
        if (self.records[latest].endsAt > activatesAt) self.records[latest].endsAt = activatesAt;
        self.latest = epoch;
        emit IServiceManager.EpochBuilt(epoch, activatesAt, validUntil, head.totalWeight, head.rows);
    }

    /// @dev Whether a table may replace the latest: for its age, or because enough weight moved.
    function _isWorthwhile(Epochs.State storage self, uint256 moved) private view returns (bool) {
        uint64 latest = self.latest;
        return block.timestamp + self.parameters.renewBefore >= self.records[latest].endsAt
            || moved * 10_000 >= uint256(self.facts[latest].rawWeight) * self.parameters.changeBps;
    }

    /// @dev Whether a table may replace the latest for keys alone. No rotation ever holds a table up: it waits neither
    /// for this nor for keys when weight moved or its time has come.
    function _mayRotate(Epochs.State storage self) private view returns (bool) {
        return block.timestamp >= uint256(self.rotatedAt) + self.parameters.validity / TABLES_FOR_KEYS;
    }

    function _builtAt(Epochs.State storage self, uint64 epoch) private view returns (uint64) {
        return self.records[epoch].activatesAt - self.parameters.activationDelay;
    }

    function _sumOfKeys(Epochs.Building memory building) private pure returns (Bls12381.G1 memory) {
        return Bls12381.G1(building.keyXHigh, building.keyXLow, building.keyYHigh, building.keyYLow);
    }

    /// @dev What an operator weighed in `epoch`, and by which key; zeros if it was not in it.
    function _rowIn(Epochs.Weighing memory weighing, uint64 epoch) private pure returns (uint64, uint32) {
        if (epoch == 0) return (0, 0);
        if (weighing.epoch == epoch) return (weighing.weight, weighing.keyTag);
        return weighing.previousEpoch == epoch ? (weighing.previousWeight, weighing.previousKeyTag) : (0, 0);
    }

    /// @dev Keys are used once ever. One that was ground to have its predecessor's tag waits for the next usual table.
    function _tagOf(Bls12381.G1 memory key) private pure returns (uint32) {
        // The last bytes alone are wanted.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(key.xLow);
    }

    function _distance(uint64 a, uint64 b) private pure returns (uint64) {
        return a > b ? a - b : b - a;
    }
}
