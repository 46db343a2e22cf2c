// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {StrategyManager} from "../../core/StrategyManager.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IStrategyManager} from "../../core/interfaces/IStrategyManager.sol";
import {CoreSetup} from "./CoreSetup.sol";

/// @notice A token that calls back into the strategy manager while it is transferred.
contract ReentrantToken is TestToken("Reentrant", "RE") {
    StrategyManager private _manager;
    IStrategy private _strategy;

    function aim(StrategyManager manager, IStrategy strategy) external {
        (_manager, _strategy) = (manager, strategy);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (address(_manager) != address(0)) _manager.depositIntoStrategy(_strategy, this, amount);
        return super.transferFrom(from, to, amount);
    }
}

contract StrategiesTest is CoreSetup {
    uint256 private constant STAKER_KEY = 0x57a;

    function testADepositBecomesShares() public {
        token.mint(ALICE, 5 ether);
        vm.startPrank(ALICE);
        token.approve(address(strategies), 5 ether);
        vm.expectEmit(address(strategies));
        emit IStrategyManager.Deposit(ALICE, first, 5 ether);
        vm.assertEq(strategies.depositIntoStrategy(first, token, 5 ether), 5 ether);
        vm.stopPrank();

        vm.assertEq(token.balanceOf(address(first)), 5 ether);
        vm.assertEq(strategies.stakerDepositShares(ALICE, first), 5 ether);
        vm.assertEq(first.totalShares(), 5 ether);
        vm.assertEq(first.shares(ALICE), 5 ether);
        vm.assertEq(first.userUnderlyingView(ALICE), 5 ether);
        vm.assertEq(first.userUnderlying(ALICE), 5 ether);
        vm.assertEq(first.sharesToUnderlying(1 ether), 1 ether);
        vm.assertEq(first.underlyingToShares(1 ether), 1 ether);
    }

    function testTheStakersStrategiesAreListedOnce() public {
        _deposit(ALICE, second, 1 ether);
        _deposit(ALICE, first, 2 ether);
        _deposit(ALICE, second, 3 ether);
        (IStrategy[] memory list, uint256[] memory shares) = strategies.getDeposits(ALICE);
        vm.assertEq(list.length, 2);
        vm.assertEq(strategies.stakerStrategyListLength(ALICE), 2);
        vm.assertEq(address(strategies.getStakerStrategyList(ALICE)[0]), address(second));
        vm.assertEq(shares[0], 4 ether);
        vm.assertEq(shares[1], 2 ether);
    }

    function testAStrategyLeavesTheListOfItsStaker() public {
        StrategyBase[4] memory all = [first, second, _newStrategy(), _newStrategy()];
        for (uint256 i = 0; i < 4; i++) {
            strategies.addStrategiesToDepositWhitelist(_one(all[i]));
            _deposit(ALICE, all[i], 1 ether);
        }
        vm.startPrank(address(delegation));
        vm.assertEq(strategies.removeDepositShares(ALICE, all[1], 0.4 ether), 0.6 ether);
        vm.assertEq(strategies.stakerStrategyListLength(ALICE), 4);
        strategies.removeDepositShares(ALICE, all[1], 0.6 ether);
        strategies.removeDepositShares(ALICE, all[2], 1 ether);
        IStrategy[] memory list = strategies.getStakerStrategyList(ALICE);
        vm.assertEq(list.length, 2);
        vm.assertEq(address(list[0]), address(all[0]));
        vm.assertEq(address(list[1]), address(all[3]));
    }

    function testAStrategyExplainsItself() public view {
        vm.assertGt(bytes(first.explanation()).length, 0);
        vm.assertEq(address(first.strategyManager()), address(strategies));
        vm.assertEq(address(strategies.allocationManager()), address(allocations));
    }

    function testAGainRaisesTheRateAndNobodysShares() public {
        _deposit(ALICE, first, 10 ether);
        token.mint(address(first), 10 ether);
        vm.assertApproxEqAbs(first.sharesToUnderlyingView(1 ether), 2 ether, 1e4);
        // Bob comes after the gain: he has no part in it.
        vm.assertApproxEqAbs(_deposit(BOB, first, 10 ether), 5 ether, 1e4);
        vm.assertApproxEqAbs(first.userUnderlyingView(BOB), 10 ether, 1e4);
    }

    function testADonationCannotRobTheNextDeposit() public {
        // The classic attack: one share, then a donation that makes the victim's shares round to nothing.
        _deposit(ALICE, first, 1);
        token.mint(address(first), 1000 ether);
        _deposit(BOB, first, 10 ether);
        vm.assertGt(first.userUnderlyingView(BOB), 9 ether);
        vm.assertLt(first.userUnderlyingView(ALICE), 2 ether, "the donation went to the virtual shares");
    }

    function testADepositThatWouldBeWorthNothingIsRefused() public {
        token.mint(address(first), 1000 ether);
        token.mint(ALICE, 1);
        vm.startPrank(ALICE);
        token.approve(address(strategies), 1);
        vm.expectRevert(IStrategy.NewSharesZero.selector);
        strategies.depositIntoStrategy(first, token, 1);
    }

    function testOnlyListedStrategiesTakeDeposits() public {
        strategies.removeStrategiesFromDepositWhitelist(_one(first));
        vm.expectRevert(IStrategyManager.StrategyNotWhitelisted.selector);
        strategies.depositIntoStrategy(first, token, 1);
        strategies.addStrategiesToDepositWhitelist(_one(first));
        _deposit(ALICE, first, 1 ether);
    }

    function testOnlyTheWhitelisterLists() public {
        vm.startPrank(BOB);
        vm.expectRevert(IStrategyManager.OnlyStrategyWhitelister.selector);
        strategies.addStrategiesToDepositWhitelist(_one(first));
        vm.expectRevert(IStrategyManager.OnlyStrategyWhitelister.selector);
        strategies.removeStrategiesFromDepositWhitelist(_one(first));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB));
        strategies.setStrategyWhitelister(BOB);
        vm.stopPrank();

        vm.expectEmit(address(strategies));
        emit IStrategyManager.StrategyWhitelisterChanged(address(this), BOB);
        strategies.setStrategyWhitelister(BOB);
        vm.prank(BOB);
        strategies.removeStrategiesFromDepositWhitelist(_one(first));
        vm.assertFalse(strategies.strategyIsWhitelistedForDeposit(first));
    }

    function testAStrategyTakesItsTokenFromTheManagerOnly() public {
        vm.expectRevert(IStrategy.OnlyStrategyManager.selector);
        first.deposit(token, 1);
        TestToken other = _newToken();
        other.mint(ALICE, 1);
        vm.startPrank(ALICE);
        other.approve(address(strategies), 1);
        vm.expectRevert(IStrategy.OnlyUnderlyingToken.selector);
        strategies.depositIntoStrategy(first, other, 1);
    }

    function testSharesStayWithinTheirLimit() public {
        _deposit(ALICE, first, 1e38 - 1);
        token.mint(BOB, 1);
        vm.startPrank(BOB);
        token.approve(address(strategies), 1);
        vm.expectRevert(IStrategy.TotalSharesExceedsMax.selector);
        strategies.depositIntoStrategy(first, token, 1);
    }

    function testAStakerHasAtMost32Strategies() public {
        StrategyBase strategy;
        for (uint256 i = 0; i < 33; i++) {
            strategy = _newStrategy();
            strategies.addStrategiesToDepositWhitelist(_one(strategy));
            if (i < 32) _deposit(ALICE, strategy, 1 ether);
        }
        token.mint(ALICE, 1 ether);
        vm.startPrank(ALICE);
        token.approve(address(strategies), 1 ether);
        vm.expectRevert(IStrategyManager.MaxStrategiesExceeded.selector);
        strategies.depositIntoStrategy(strategy, token, 1 ether);
    }

    function testATokensCallbackIsKeptOut() public {
        ReentrantToken evil = new ReentrantToken();
        token = evil;
        StrategyBase strategy = _newStrategy();
        strategies.addStrategiesToDepositWhitelist(_one(strategy));
        evil.aim(strategies, strategy);
        evil.mint(ALICE, 2 ether);
        vm.startPrank(ALICE);
        evil.approve(address(strategies), 2 ether);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        strategies.depositIntoStrategy(strategy, IERC20(address(evil)), 1 ether);
    }

    function testOnlyTheDelegationManagerMovesShares() public {
        vm.expectRevert(IStrategyManager.OnlyDelegationManager.selector);
        strategies.increaseBurnOrRedistributableShares(_set(1), 1, first, 1);
        vm.expectRevert(IStrategyManager.OnlyDelegationManager.selector);
        strategies.removeDepositShares(ALICE, first, 1);
        vm.expectRevert(IStrategyManager.OnlyDelegationManager.selector);
        strategies.addShares(ALICE, first, 1);
        vm.expectRevert(IStrategyManager.OnlyDelegationManager.selector);
        strategies.withdrawSharesAsTokens(ALICE, first, token, 1);
        vm.startPrank(address(delegation));
        vm.expectRevert(IStrategyManager.StakerAddressZero.selector);
        strategies.addShares(address(0), first, 1);
        vm.expectRevert(IStrategyManager.SharesAmountZero.selector);
        strategies.addShares(ALICE, first, 0);
    }

    function testOnlyTheStrategyManagerMovesAStrategysTokens() public {
        vm.expectRevert(IStrategy.OnlyStrategyManager.selector);
        first.withdraw(ALICE, token, 1);
        vm.expectRevert(IStrategy.OnlyStrategyManager.selector);
        first.beforeAddShares(ALICE, 1);
        vm.expectRevert(IStrategy.OnlyStrategyManager.selector);
        first.beforeRemoveShares(ALICE, 1);
        _deposit(ALICE, first, 5);
        vm.startPrank(address(strategies));
        vm.expectRevert(IStrategy.WithdrawalAmountExceedsTotalDeposits.selector);
        first.withdraw(ALICE, token, 6);
        vm.expectRevert(IStrategy.OnlyUnderlyingToken.selector);
        first.withdraw(ALICE, IERC20(address(1)), 1);
    }

    function testAWithdrawalKeepsTheRate() public {
        _deposit(ALICE, first, 10 ether);
        _deposit(BOB, first, 10 ether);
        token.mint(address(first), 10 ether);
        uint256 rate = first.sharesToUnderlyingView(1e18);
        vm.expectEmit(address(first));
        emit IStrategy.ExchangeRateEmitted(rate);
        vm.prank(address(strategies));
        vm.assertEq(first.withdraw(CAROL, token, 4 ether), token.balanceOf(CAROL));
        vm.assertApproxEqAbs(token.balanceOf(CAROL), 6 ether, 1e3);
        vm.assertEq(first.totalShares(), 16 ether);
    }

    function _sign(uint256 amount, uint256 nonce, uint256 expiry) private view returns (bytes memory) {
        bytes32 digest = strategies.calculateStrategyDepositDigestHash(
            vm.addr(STAKER_KEY), first, token, amount, nonce, expiry
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(STAKER_KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function testASignedDepositIsTheSigners() public {
        address staker = vm.addr(STAKER_KEY);
        token.mint(BOB, 10 ether);
        uint256 expiry = vm.getBlockTimestamp() + 60;
        vm.startPrank(BOB);
        token.approve(address(strategies), 10 ether);
        bytes memory signature = _sign(5 ether, 0, expiry);
        vm.expectRevert(IStrategyManager.InvalidSignature.selector);
        strategies.depositIntoStrategyWithSignature(first, token, 4 ether, staker, expiry, signature);
        vm.assertEq(
            strategies.depositIntoStrategyWithSignature(first, token, 5 ether, staker, expiry, signature),
            5 ether
        );
        vm.assertEq(strategies.stakerDepositShares(staker, first), 5 ether);
        vm.assertEq(strategies.nonces(staker), 1);
        vm.assertEq(address(strategies.stakerStrategyList(staker, 0)), address(first));
        vm.expectRevert(IStrategyManager.InvalidSignature.selector);
        strategies.depositIntoStrategyWithSignature(first, token, 5 ether, staker, expiry, signature);
        signature = _sign(5 ether, 1, expiry);
        vm.warp(expiry + 1);
        vm.expectRevert(IStrategyManager.SignatureExpired.selector);
        strategies.depositIntoStrategyWithSignature(first, token, 5 ether, staker, expiry, signature);
        vm.warp(expiry);
        strategies.depositIntoStrategyWithSignature(first, token, 5 ether, staker, expiry, signature);
    }

    function testTheDepositDigestIsEigenLayers() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("EigenLayer"),
                keccak256("1"),
                block.chainid,
                address(strategies)
            )
        );
        vm.assertEq(strategies.domainSeparator(), domain);
        bytes32 deposit = keccak256(
            abi.encode(
                keccak256(
                    "Deposit(address staker,address strategy,address token,uint256 amount,uint256 nonce,uint256 expiry)"
                ),
                ALICE,
                first,
                token,
                uint256(1),
                uint256(2),
                uint256(3)
            )
        );
        vm.assertEq(
            strategies.calculateStrategyDepositDigestHash(ALICE, first, token, 1, 2, 3),
            keccak256(abi.encodePacked(hex"1901", domain, deposit))
        );
    }

    function testFuzzDepositAndGainNeverOvervalueShares(uint256 a, uint256 gain, uint256 b) public {
        a = bound(a, 1e3, 1e27);
        gain = bound(gain, 0, 1e27);
        b = bound(b, 1e15, 1e27);
        _deposit(ALICE, first, a);
        token.mint(address(first), gain);
        vm.assume(first.underlyingToSharesView(b) > 0);
        uint256 rate = first.sharesToUnderlyingView(1e18);
        _deposit(BOB, first, b);
        vm.assertGe(first.sharesToUnderlyingView(1e18), rate, "a deposit lowered the rate");
        vm.assertLe(first.userUnderlyingView(BOB), b, "a deposit was worth more than it brought");
        vm.assertLe(
            first.userUnderlyingView(ALICE) + first.userUnderlyingView(BOB), token.balanceOf(address(first))
        );
    }
}
