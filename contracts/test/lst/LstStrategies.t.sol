// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {LstSetup} from "./LstSetup.sol";

/// @notice A strategy takes each token, and reports of rewards and penalties break neither its accounting nor the way
/// out. The test stands where the strategy manager stands.
contract LstStrategiesTest is LstSetup {
    /// @dev What the strategy's virtual shares may keep of a hundred-thousandth of an ether's dust, in wei.
    uint256 private constant DUST = 1e4;

    StrategyBase[4] private _strategies;
    mapping(uint256 kind => mapping(address => uint256)) private _shares;

    function setUp() public override {
        super.setUp();
        for (uint256 kind; kind < 4; ++kind) {
            _strategies[kind] =
                StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(address(this), _token(kind))));
        }
    }

    function testTheFirstDepositOfARebasingTokenMayBringLessThanItsAmount() public {
        _deposit(stETH, ALICE, 100 ether);
        // Such that an amount's shares round down, and the strategy gets a wei less.
        _report(stETH, 0.1 ether);
        vm.prank(ALICE);
        stETH.transfer(address(_strategies[0]), 10 ether);
        vm.assertLt(stETH.balanceOf(address(_strategies[0])), 10 ether);
        uint256 shares = _strategies[0].deposit(stETH, 10 ether);
        vm.assertApproxEqAbs(_strategies[0].sharesToUnderlyingView(shares), 10 ether, DUST);
    }

    function testAllCanLeaveAfterAGain() public {
        for (uint256 kind; kind < 4; ++kind) {
            _stake(kind, ALICE, 100 ether);
            _stake(kind, BOB, 50 ether);
            uint256 rate = _rate(kind);
            _report(_pool(kind), 0.1 ether);
            vm.assertGt(_rate(kind), rate);
            _leave(kind, ALICE, 100 ether, _rate(kind));
            _leave(kind, BOB, 50 ether, _rate(kind));
            if (kind == 0) setUp();
        }
    }

    function testAllCanLeaveAfterALoss() public {
        for (uint256 kind; kind < 4; ++kind) {
            _stake(kind, ALICE, 100 ether);
            _stake(kind, BOB, 50 ether);
            _pool(kind).stakeBuffered();
            _report(_pool(kind), -15 ether);
            _leave(kind, BOB, 50 ether, _rate(kind));
            _leave(kind, ALICE, 100 ether, _rate(kind));
            if (kind == 0) setUp();
        }
    }

    function testOfLateComersNobodyGetsPastGains() public {
        for (uint256 kind; kind < 4; ++kind) {
            _stake(kind, ALICE, 100 ether);
            _report(_pool(kind), 0.1 ether);
            _stake(kind, BOB, 50 ether);
            vm.assertLe(_worth(kind, BOB), 50 ether);
            vm.assertApproxEqAbs(_worth(kind, BOB), 50 ether, DUST);
            vm.assertApproxEqAbs(_worth(kind, ALICE), 100.1 ether, 2e12);
            if (kind == 0) setUp();
        }
    }

    function testFuzzSharesAreNeverWorthMoreThanTheTokensThere(
        uint256 kind,
        uint256 a,
        uint256 b,
        uint256 change,
        uint256 part
    ) public {
        kind = bound(kind, 0, 3);
        UnstakeQueue pool = _pool(kind);
        _deposit(pool, address(this), 10_000 ether);
        pool.stakeBuffered();
        _stake(kind, ALICE, bound(a, 1e9, 1000 ether));
        change = bound(change, 0, 1000 ether + 25 ether);
        if (change > 1000 ether) _report(pool, int256(change - 1000 ether));
        else _report(pool, -int256(change));
        _stake(kind, BOB, bound(b, 1e9, 1000 ether));
        _checkBacking(kind);
        StrategyBase strategy = _strategies[kind];
        uint256 leaving = bound(part, 0, _shares[kind][ALICE]);
        _shares[kind][ALICE] -= leaving;
        uint256 bobs = strategy.sharesToUnderlyingView(_shares[kind][BOB]);
        strategy.withdraw(ALICE, _token(kind), leaving);
        _checkBacking(kind);
        vm.assertGe(
            strategy.sharesToUnderlyingView(_shares[kind][BOB]) + 2, bobs, "who left took of who stayed"
        );
    }

    function _checkBacking(uint256 kind) private view {
        StrategyBase strategy = _strategies[kind];
        // The virtual shares may owe up to their own thousand units more after a loss.
        vm.assertLe(
            strategy.sharesToUnderlyingView(_shares[kind][ALICE])
                + strategy.sharesToUnderlyingView(_shares[kind][BOB]),
            _token(kind).balanceOf(address(strategy)) + 1e3
        );
    }

    function _stake(uint256 kind, address account, uint256 eth) private {
        uint256 amount = _acquire(kind, account, eth);
        IERC20 token = _token(kind);
        vm.prank(account);
        token.transfer(address(_strategies[kind]), amount);
        _shares[kind][account] += _strategies[kind].deposit(token, amount);
    }

    /// @dev All of an account's shares come out as what `eth` became at `rate`, but for dust.
    function _leave(uint256 kind, address account, uint256 eth, uint256 rate) private {
        uint256 before = _token(kind).balanceOf(account);
        _strategies[kind].withdraw(account, _token(kind), _shares[kind][account]);
        uint256 got = _token(kind).balanceOf(account) - before;
        uint256 worth = LstRates.ethValue(LstRates.Kind(kind), address(_token(kind)), got);
        vm.assertApproxEqAbs(worth, eth * rate / 1 ether, 2e12);
    }

    function _worth(uint256 kind, address account) private view returns (uint256) {
        uint256 amount = _strategies[kind].sharesToUnderlyingView(_shares[kind][account]);
        return LstRates.ethValue(LstRates.Kind(kind), address(_token(kind)), amount);
    }
}
