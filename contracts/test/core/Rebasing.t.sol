// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {RebasingToken} from "./RebasingToken.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

/// @notice A strategy over a token whose balances move by themselves.
contract RebasingTest is WithdrawalSetup {
    /// @dev Units that the offsets of a strategy may keep or owe at most, and the roundings of the token.
    uint256 private constant DUST = 1e3 + 50;

    RebasingToken private _token;
    StrategyBase private _strategy;

    function setUp() public override {
        super.setUp();
        _token = new RebasingToken();
        _strategy = StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(strategies, address(_token))));
        strategies.addStrategiesToDepositWhitelist(_one(_strategy));
        // Somebody who never deposits, so that a part is worth more than a unit and roundings show.
        _token.mint(CAROL, 100 ether);
        _token.rebase(123 ether + 7);
    }

    function _put(address staker, uint256 amount) private returns (uint256 shares) {
        _token.mint(staker, amount + 2);
        vm.startPrank(staker);
        _token.approve(address(strategies), amount);
        shares = strategies.depositIntoStrategy(_strategy, IERC20(address(_token)), amount);
        vm.stopPrank();
    }

    function _rebaseBy(uint256 percent) private {
        _token.rebase(_token.totalSupply() * percent / 100);
    }

    function testTheFirstDepositMayBringAUnitLess() public {
        uint256 shares = _put(ALICE, 10 ether + 1);
        uint256 there = _token.balanceOf(address(_strategy));
        vm.assertEq(there, 10 ether, "the token rounds");
        // The missing unit is taken from the virtual balance, so a share is worth less; all of them are not.
        vm.assertEq(shares, (10 ether + 1) * 1000 / uint256(999));
        vm.assertApproxEqAbs(_takeOut(ALICE, _strategy, shares), there, 2);
    }

    function testGainsAndLossesAreSharedAndAllCanLeave() public {
        _put(ALICE, 10 ether);
        _rebaseBy(150);
        _put(BOB, 10 ether);
        _rebaseBy(50);
        vm.assertApproxEqAbs(_strategy.userUnderlyingView(ALICE), 7.5 ether, DUST);
        vm.assertApproxEqAbs(_strategy.userUnderlyingView(BOB), 5 ether, DUST);
        vm.assertApproxEqAbs(_takeOut(ALICE, _strategy, _strategy.shares(ALICE)), 7.5 ether, DUST);
        vm.assertApproxEqAbs(_takeOut(BOB, _strategy, _strategy.shares(BOB)), 5 ether, DUST);
        vm.assertEq(_strategy.totalShares(), 0);
    }

    function testTheLastOneLeavesAfterALoss() public {
        // Two virtual units of value for one of balance: the formula owes up to 1,000 units more than there are.
        uint256 shares = _put(ALICE, 10 ether);
        _rebaseBy(50);
        uint256 there = _token.balanceOf(address(_strategy));
        vm.assertGt(_strategy.sharesToUnderlyingView(shares), there);
        vm.assertApproxEqAbs(_takeOut(ALICE, _strategy, shares), there, 2);
    }

    function testARebaseWhileQueuedIsTheStakers() public {
        _register(ALICE, 0);
        _put(ALICE, 10 ether);
        _put(BOB, 10 ether);
        _delegate(BOB, ALICE);
        uint256 shares = _strategy.shares(BOB);
        vm.prank(BOB);
        bytes32 root = delegation.queueWithdrawals(_queueParams(_one(_strategy), _wads(shares)))[0];
        _rebaseBy(110);
        _passDelay();
        _complete(delegation.queuedWithdrawals(root), true);
        vm.assertApproxEqAbs(_token.balanceOf(BOB), 11 ether, DUST);
        vm.assertApproxEqAbs(_strategy.userUnderlyingView(ALICE), 11 ether, DUST);
    }

    /// @notice However the token moves, nobody is paid out of another's part, and everybody can leave.
    function testFuzzNobodyIsPaidFromAnothersPart(uint256 a, uint256 b, uint256 up, uint256 down, bool order)
        public
    {
        a = bound(a, 1e6, 1e24);
        b = bound(b, 1e6, 1e24);
        up = bound(up, 100, 300);
        down = bound(down, 10, 100);
        _put(ALICE, a);
        _rebaseBy(up);
        _put(BOB, b);
        _rebaseBy(down);
        uint256 fairA = a * up / 100 * down / 100;
        uint256 fairB = b * down / 100;
        (address one, address two) = order ? (ALICE, BOB) : (BOB, ALICE);
        uint256 gotOne = _takeOut(one, _strategy, _strategy.shares(one));
        uint256 gotTwo = _takeOut(two, _strategy, _strategy.shares(two));
        (uint256 fairOne, uint256 fairTwo) = order ? (fairA, fairB) : (fairB, fairA);
        // A share of a strategy with few shares is dear: its rounding is worth up to up/100 units.
        vm.assertApproxEqAbs(gotOne, fairOne, DUST * 4, "first");
        vm.assertApproxEqAbs(gotTwo, fairTwo, DUST * 4, "second");
    }
}
