// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {StrategyBase} from "../../core/StrategyBase.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreSetup} from "../core/CoreSetup.sol";

/// @notice A token whose balances the test moves up and down, as a rebasing one's are moved.
contract ShakyToken is TestToken {
    constructor() TestToken("Rebasing Ether", "rebETH") {}

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }
}

/// @title CoreActors: three operators, four stakers, two strategies and three operator sets, the third redistributing
abstract contract CoreActors is CoreSetup {
    uint256 internal constant OPERATORS = 3;
    uint256 internal constant STAKERS = 4;
    /// @dev Operators stake too.
    uint256 internal constant ACCOUNTS = STAKERS + OPERATORS;
    uint256 internal constant STRATEGIES = 2;
    uint32 internal constant SETS = 3;
    uint256 internal constant FIRST_STAKE = 10 ether;
    address internal constant RECIPIENT = address(0x4ec1);

    function setUp() public virtual override {
        super.setUp();
        IAllocationManager.CreateSetParamsV2[] memory params = new IAllocationManager.CreateSetParamsV2[](1);
        params[0] = IAllocationManager.CreateSetParamsV2(3, _both(), SLASHER);
        vm.prank(address(avs));
        allocations.createRedistributingOperatorSets(address(avs), params, _one(RECIPIENT));
        for (uint256 i; i < OPERATORS; ++i) {
            _register(_operator(i), uint32(i));
        }
        for (uint256 i; i < ACCOUNTS; ++i) {
            for (uint256 j; j < STRATEGIES; ++j) {
                _deposit(_account(i), _strategy(j), FIRST_STAKE);
            }
        }
        for (uint256 i; i < STAKERS - 1; ++i) {
            _delegate(_account(i), _operator(i));
        }
        for (uint256 i; i < OPERATORS; ++i) {
            _join(_operator(i), 1);
            _join(_operator(i), uint32(2 + i % 2));
            _allocate(_operator(i), 1, first, 0.4e18);
            _allocate(_operator(i), 1, second, 0.4e18);
        }
        vm.roll(vm.getBlockNumber() + OPERATORS);
    }

    function _newToken() internal override returns (TestToken) {
        return new ShakyToken();
    }

    function _operator(uint256 i) internal pure returns (address) {
        return address(uint160(0x09e0 + i % OPERATORS));
    }

    function _account(uint256 i) internal pure returns (address) {
        i %= ACCOUNTS;
        return i < STAKERS ? address(uint160(0x57a0 + i)) : _operator(i - STAKERS);
    }

    function _strategy(uint256 i) internal view returns (StrategyBase) {
        return i % STRATEGIES == 0 ? first : second;
    }

    function _setId(uint256 seed) internal pure returns (uint32) {
        return uint32(1 + seed % SETS);
    }
}
