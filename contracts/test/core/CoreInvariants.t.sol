// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {OperatorSet} from "../../core/OperatorSet.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {CoreSetup} from "./CoreSetup.sol";

/// @title CoreInvariants: what holds after any sequence of calls by three operators and three stakers
/// @dev The test is its own handler: forge calls the functions named in `targetSelectors` with random arguments. A call
/// that the core refuses reverts and counts for nothing (`fail_on_revert` is off).
contract CoreInvariants is CoreSetup {
    address[3] private _operators = [ALICE, BOB, CAROL];
    address[3] private _stakers = [address(0x57a1), address(0x57a2), address(0x57a3)];
    mapping(uint32 id => mapping(address operator => bool)) private _joined;
    uint256 private _slashes;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < _operators.length; i++) {
            _register(_operators[i], uint32(i));
            _deposit(_operators[i], first, 10 ether);
        }
    }

    function targetContracts() external view returns (address[] memory) {
        return _one(address(this));
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = this.doDeposit.selector;
        selectors[1] = this.doDelegate.selector;
        selectors[2] = this.doJoin.selector;
        selectors[3] = this.doLeave.selector;
        selectors[4] = this.doAllocate.selector;
        selectors[5] = this.doSlash.selector;
        selectors[6] = this.doMine.selector;
        selectors[7] = this.doClear.selector;
        targets[0] = FuzzSelector(address(this), selectors);
    }

    function doDeposit(uint256 staker, bool operator, bool other, uint256 amount) external {
        address account = operator ? _operators[staker % 3] : _stakers[staker % 3];
        _deposit(account, _strategy(other), bound(amount, 1, 100 ether));
    }

    function doDelegate(uint256 staker, uint256 operator) external {
        _delegate(_stakers[staker % 3], _operators[operator % 3]);
    }

    function doJoin(uint256 operator, uint256 id) external {
        _join(_operators[operator % 3], _id(id));
        _joined[_id(id)][_operators[operator % 3]] = true;
    }

    function doLeave(uint256 operator, uint256 id) external {
        _leave(_operators[operator % 3], _id(id));
        _joined[_id(id)][_operators[operator % 3]] = false;
    }

    function doAllocate(uint256 operator, uint256 id, bool other, uint256 magnitude) external {
        _allocate(_operators[operator % 3], _id(id), _strategy(other), uint64(bound(magnitude, 0, 1e18)));
    }

    function doSlash(uint256 operator, uint256 id, bool other, uint256 wad) external {
        _slash(_operators[operator % 3], _id(id), _strategy(other), bound(wad, 1, 1e18));
        _slashes++;
    }

    function doMine(uint256 blocks) external {
        vm.roll(vm.getBlockNumber() + bound(blocks, 1, DEALLOCATION_DELAY));
    }

    function doClear(uint256 operator, bool other, uint256 count) external {
        uint16[] memory counts = new uint16[](1);
        counts[0] = uint16(bound(count, 0, 3));
        allocations.clearDeallocationQueue(_operators[operator % 3], _one(_strategy(other)), counts);
    }

    /// @dev One function, because forge runs a whole campaign for each. A call with all of its checks takes 4 ms.
    /// forge-config: default.invariant.runs = 24
    function invariant_theCoreAddsUp() external view {
        _noStakeIsPromisedTwice();
        _sharesAddUp();
        _operatorsHoldWhatTheirStakersCanTakeOut();
        _membersAreThoseWhoJoined();
    }

    function _noStakeIsPromisedTwice() private view {
        for (uint256 i = 0; i < _operators.length; i++) {
            for (uint256 j = 0; j < 2; j++) {
                StrategyBase strategy = _strategy(j == 1);
                uint256 sum;
                for (uint32 id = 1; id <= 2; id++) {
                    IAllocationManager.Allocation memory allocation =
                        allocations.getAllocation(_operators[i], _set(id), strategy);
                    sum += allocation.currentMagnitude;
                    if (allocation.pendingDiff > 0) sum += uint128(allocation.pendingDiff);
                }
                vm.assertEq(
                    uint256(allocations.getEncumberedMagnitude(_operators[i], strategy)), sum, "encumbered"
                );
                vm.assertLe(
                    sum, allocations.getMaxMagnitude(_operators[i], strategy), "promised more than there is"
                );
            }
        }
    }

    function _sharesAddUp() private view {
        for (uint256 j = 0; j < 2; j++) {
            StrategyBase strategy = _strategy(j == 1);
            uint256 deposits;
            for (uint256 i = 0; i < 3; i++) {
                deposits += strategies.stakerDepositShares(_operators[i], strategy);
                deposits += strategies.stakerDepositShares(_stakers[i], strategy);
            }
            vm.assertEq(
                strategy.totalShares(), deposits, "a strategy accounts for other shares than its stakers hold"
            );
            vm.assertLe(strategy.sharesToUnderlyingView(deposits), token.balanceOf(address(strategy)));
        }
    }

    function _operatorsHoldWhatTheirStakersCanTakeOut() private view {
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = 0; j < 2; j++) {
                StrategyBase strategy = _strategy(j == 1);
                address operator = _operators[i];
                uint256 sum = _withdrawable(operator, strategy);
                for (uint256 k = 0; k < 3; k++) {
                    if (delegation.delegatedTo(_stakers[k]) == operator) {
                        sum += _withdrawable(_stakers[k], strategy);
                    }
                }
                uint256 shares = delegation.operatorShares(operator, strategy);
                // Scaling factors carry 18 digits, so a slash to a tiny rest leaves few of them.
                uint256 digits = uint256(allocations.getMaxMagnitude(operator, strategy)) + 1;
                uint256 slack = 10 * (_slashes + 1) + (shares * 1e3 * (_slashes + 1)) / digits;
                vm.assertApproxEqAbs(shares, sum, slack, "operator and stakers disagree");
            }
        }
    }

    function _membersAreThoseWhoJoined() private view {
        for (uint32 id = 1; id <= 2; id++) {
            address[] memory members = allocations.getMembers(_set(id));
            vm.assertEq(members.length, allocations.getMemberCount(_set(id)));
            uint256 expected;
            for (uint256 i = 0; i < 3; i++) {
                bool joined = _joined[id][_operators[i]];
                if (joined) expected++;
                vm.assertEq(allocations.isMemberOfOperatorSet(_operators[i], _set(id)), joined);
                vm.assertEq(_isIn(allocations.getRegisteredSets(_operators[i]), id), joined);
            }
            vm.assertEq(members.length, expected, "members");
        }
    }

    function _isIn(OperatorSet[] memory sets, uint32 id) private view returns (bool found) {
        for (uint256 i = 0; i < sets.length; i++) {
            if (sets[i].avs == address(avs) && sets[i].id == id) found = true;
        }
    }

    function _strategy(bool other) private view returns (StrategyBase) {
        return other ? second : first;
    }

    function _id(uint256 seed) private pure returns (uint32) {
        return uint32(1 + (seed % 2));
    }
}
