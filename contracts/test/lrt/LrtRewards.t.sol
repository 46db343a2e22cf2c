// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {IDelegationAccount} from "../../lrt/interfaces/IDelegationAccount.sol";
import {PriceSource} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {ILrtVaultErrors} from "../../lrt/interfaces/ILrtVaultErrors.sol";
import {LrtSetup} from "./LrtSetup.sol";
import {FixedFeed} from "./MarketFeed.sol";

/// @notice Rewards of AVSs: claimed by anyone for the vault, vesting as LSTs or for sale.
contract LrtRewardsTest is LrtSetup {
    TestToken internal reward;
    FixedFeed internal price;

    function setUp() public override {
        super.setUp();
        reward = TestToken(vm.deployCode("TestToken.sol", abi.encode("Reward", "RWD")));
        // 0.002 ETH a token, told with 8 decimals.
        price = new FixedFeed(200_000, 8);
        _filled();
    }

    function testRewardsInAnLstVest() public {
        _give(WHALE, address(rewards), 2, 10 ether);
        IRewardsCoordinator.RewardsMerkleClaim memory claim = _root(_account(1), rETH, 4 ether);
        uint256 rate = vault.getRate();
        uint256 idle = _holding(2).idle;
        vm.expectEmit(address(vault));
        emit ILrtVault.RewardsClaimed(operatorList[1]);
        vault.claimRewards(operatorList[1], claim);
        vm.assertEq(_holding(2).idle, idle + 4 ether);
        vm.assertEq(vault.getRate(), rate, "not at once");
        vm.assertApproxEqAbs(vault.totals().unbooked, _ethValue(2, 4 ether), 5);
        vault.sync();
        vm.assertEq(vault.getRate(), rate);
        _pass(VESTING);
        vm.assertGt(vault.getRate(), rate);
        vm.assertGt(lrt.balanceOf(TREASURY), 0);
    }

    /// @dev The loss is booked before the reward comes, or the reward would fill it at once instead of vesting.
    function testARewardDoesNotMakeASlashGood() public {
        _give(WHALE, address(rewards), 2, 10 ether);
        IRewardsCoordinator.RewardsMerkleClaim memory claim = _root(_account(1), rETH, 4 ether);
        _slash(operatorList[0], 2, 0.2e18);
        uint256 rate = vault.getRate();
        vault.claimRewards(operatorList[1], claim);
        vm.assertEq(vault.getRate(), rate);
    }

    function testASoldRewardDoesNotMakeASlashGood() public {
        _sell(100);
        reward.mint(address(vault), 1000 ether);
        uint256 amount = _acquire(2, BOB, 2 ether);
        _slash(operatorList[0], 2, 0.2e18);
        uint256 rate = vault.getRate();
        vm.startPrank(BOB);
        rETH.approve(address(vault), amount);
        vault.buyReward(address(reward), 500 ether, address(rETH), amount);
        vm.stopPrank();
        vm.assertEq(vault.getRate(), rate);
    }

    function testRewardsOfStEthArriveByShares() public {
        _give(WHALE, address(rewards), 0, 10 ether);
        IRewardsCoordinator.RewardsMerkleClaim memory claim = _root(_account(1), stETH, 4 ether);
        uint256 idle = _holding(0).idle;
        uint256 held = stETH.sharesOf(address(vault));
        vault.claimRewards(operatorList[1], claim);
        vm.assertEq(_holding(0).idle - idle, stETH.sharesOf(address(vault)) - held);
        vm.assertApproxEqAbs(_holding(0).idle - idle, stETH.getSharesByPooledEth(4 ether), 1);
    }

    function testRewardsOfAnUnknownOperator() public {
        IRewardsCoordinator.RewardsMerkleClaim memory claim = _root(_account(1), rETH, 4 ether);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownOperator.selector, BOB));
        vault.claimRewards(BOB, claim);
        address account = _account(0);
        vm.expectRevert(
            abi.encodeWithSelector(IDelegationAccount.DelegationAccountOnlyVault.selector, address(this))
        );
        IDelegationAccount(account).claim(rewards, claim);
        // Not this operator's account.
        vm.expectRevert(IRewardsCoordinator.UnauthorizedCaller.selector);
        vault.claimRewards(operatorList[0], claim);
    }

    function testOtherRewardsAreSoldForAnLst() public {
        reward.mint(address(rewards), 1000 ether);
        vault.claimRewards(operatorList[1], _root(_account(1), reward, 1000 ether));
        vm.assertEq(reward.balanceOf(address(vault)), 1000 ether);
        vm.assertEq(vault.totals().unbooked, 0, "in no value before they are sold");
        _sell(100);
        uint256 rate = vault.getRate();
        // 500 tokens at 0.002 ETH less 1 %.
        uint256 needed = uint256(0.99 ether) * 1e18 / _rate(2) + 1;
        _acquire(2, BOB, 2 ether);
        vm.startPrank(BOB);
        rETH.approve(address(vault), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultPrice.selector, needed, needed - 1));
        vault.buyReward(address(reward), 500 ether, address(rETH), needed - 1);
        vm.expectEmit(address(vault));
        emit ILrtVault.RewardSold(address(reward), 500 ether, address(rETH), needed, BOB);
        vm.assertEq(vault.buyReward(address(reward), 500 ether, address(rETH), needed), needed);
        vm.stopPrank();
        vm.assertEq(reward.balanceOf(BOB), 500 ether);
        vm.assertEq(vault.getRate(), rate);
        vm.assertApproxEqAbs(vault.totals().unbooked, 0.99 ether, 5);
    }

    function testASaleRoundsUp() public {
        _sell(500);
        reward.mint(address(vault), 1 ether);
        _acquire(0, BOB, 2 ether);
        vm.startPrank(BOB);
        stETH.approve(address(vault), type(uint256).max);
        vm.assertGe(vault.buyReward(address(reward), 1, address(stETH), 5), 1);
        vm.expectRevert(ILrtVaultErrors.LrtVaultNothingToDo.selector);
        vault.buyReward(address(reward), 0, address(stETH), 5);
        vm.stopPrank();
    }

    function testWhatIsNotForSale() public {
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotReward.selector, address(reward)));
        vault.buyReward(address(reward), 1, address(rETH), 1);
        _sell(100);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultUnknownLst.selector, BOB));
        vault.buyReward(address(reward), 1, BOB, 1);
        price.set(0);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNoPrice.selector, address(reward)));
        vault.buyReward(address(reward), 1, address(rETH), 1);
        price.set(200_000);
        feeds[2].set(9000, 0, false);
        vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultDepegged.selector, address(rETH)));
        vault.buyReward(address(reward), 1, address(rETH), 1);
        vm.prank(PAUSER);
        vault.pause();
        vm.expectRevert(ILrtVaultErrors.LrtVaultPaused.selector);
        vault.buyReward(address(reward), 1, address(rETH), 1);
    }

    function testNeitherLstsNorTheLrtAreSold() public {
        address[2] memory held = [address(rETH), address(lrt)];
        for (uint256 i = 0; i < 2; i++) {
            bytes memory data =
                abi.encodeCall(ILrtVault.setRewardSale, (held[i], PriceSource(address(price), 60, 100)));
            vm.prank(OWNER);
            vault.propose(data);
            _mine(TIMELOCK);
            vm.prank(OWNER);
            vm.expectRevert(abi.encodeWithSelector(ILrtVaultErrors.LrtVaultNotReward.selector, held[i]));
            vault.execute(data);
        }
    }

    function _sell(uint16 discountBps) private {
        _propose(
            OWNER,
            abi.encodeCall(
                ILrtVault.setRewardSale, (address(reward), PriceSource(address(price), 60, discountBps))
            )
        );
    }

    /// @dev Posts a root with one earner and one token, and the claim against it.
    function _root(address earner, IERC20 token, uint256 amount)
        private
        returns (IRewardsCoordinator.RewardsMerkleClaim memory claim)
    {
        bytes32 tokenRoot = keccak256(abi.encodePacked(bytes1(0x01), address(token), amount));
        claim.earnerLeaf = IRewardsCoordinator.EarnerTreeMerkleLeaf(earner, tokenRoot);
        claim.tokenIndices = new uint32[](1);
        claim.tokenTreeProofs = new bytes[](1);
        claim.tokenLeaves = new IRewardsCoordinator.TokenTreeMerkleLeaf[](1);
        claim.tokenLeaves[0] = IRewardsCoordinator.TokenTreeMerkleLeaf(token, amount);
        rewards.submitRoot(
            keccak256(abi.encodePacked(bytes1(0x00), earner, tokenRoot)), uint32(vm.getBlockTimestamp() - 1)
        );
    }
}
