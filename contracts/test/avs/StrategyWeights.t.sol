// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManager} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {RateSource, StrategyWeight} from "../../avs/interfaces/StrategyWeight.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CbEthPool} from "../../lst/CbEthPool.sol";
import {REthPool} from "../../lst/REthPool.sol";
import {StETH} from "../../lst/StETH.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {WstETH} from "../../lst/WstETH.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bounds} from "../../lst/interfaces/IStakingPool.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";

/// @notice A function of forge's test machine that only this test uses.
interface VmCool {
    /// @dev Makes the account and its storage cost what they cost a transaction that has not touched them yet.
    function cool(address account) external;
}

/// @notice An AVS whose stake is an AVS's own token at a fixed rate, and the four liquid staking tokens at their own.
contract StrategyWeightsTest is AvsSetup {
    uint256 private constant STAKE = 10 ether;

    TestAvs private avs;
    UnstakeQueue[3] private pools;
    WstETH private wstETH;
    /// @dev The second token, then stETH, wstETH, rETH, cbETH: in the order of `RateSource`.
    IStrategy[] private all;

    function setUp() public override {
        super.setUp();
        pools[0] = StETH(_deployPool("StETH.sol"));
        pools[1] = REthPool(_deployPool("REthPool.sol"));
        pools[2] = CbEthPool(_deployPool("CbEthPool.sol"));
        wstETH = WstETH(vm.deployCode("WstETH.sol", abi.encode("Wrapped", "wstETH", pools[0])));
        vm.deal(address(this), 1e6 ether);
        for (uint256 i; i < 3; ++i) {
            pools[i].deposit{value: 10_000 ether}();
        }
        all.push(strategy);
        address[4] memory tokens = [address(pools[0]), address(wstETH), pools[1].token(), pools[2].token()];
        for (uint256 i; i < 4; ++i) {
            all.push(StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(strategyManager, tokens[i]))));
        }
        strategyManager.addStrategiesToDepositWhitelist(all);
        avs = _newTestAvs(_parameters());
        avs.initialize("", all, _all());
    }

    function testEachCountsByItsOwnRate() public {
        for (uint256 i; i < 5; ++i) {
            (uint256 worth, uint256 counted) = avs.strategyRate(all[i]);
            vm.assertEq(worth, i == 0 ? 0.5 ether : 1 ether);
            vm.assertEq(counted, worth);
        }
        _joinWithAll(0);
        _reportAll(1 ether);
        for (uint256 i = 1; i < 5; ++i) {
            (uint256 worth,) = avs.strategyRate(all[i]);
            vm.assertApproxEqAbs(worth, 1.0001 ether, 10);
        }
        // 5 ETH for the token, and of the others 10 each with what they gained.
        vm.assertApproxEqAbs(_weigh(0), 5e9 + 4 * 10.001e9, 5);
    }

    function testALossIsInTheNextTable() public {
        _joinWithAll(0);
        vm.assertApproxEqAbs(_weigh(0), 45e9, 5);
        for (uint256 i; i < 3; ++i) {
            pools[i].stakeBuffered();
        }
        _reportAll(-1000 ether);
        // A tenth of all liquid staking tokens' worth, rebased or by rate.
        vm.assertApproxEqAbs(_weigh(0), 5e9 + 36e9, 5);
    }

    function testAMultiplierWeighsATokenUpOrDown() public {
        _joinWithAll(0);
        vm.expectEmit(address(avs));
        emit IServiceManager.StrategyWeightSet(address(all[3]), RateSource.RETH, 0, 5000);
        avs.setStrategyWeight(all[3], StrategyWeight(RateSource.RETH, 5000, 0));
        avs.setStrategyWeight(all[0], StrategyWeight(RateSource.FIXED, 20_000, 0.5 ether));
        avs.setStrategyWeight(all[1], StrategyWeight(RateSource.STETH, 0, 0));
        (uint256 worth, uint256 counted) = avs.strategyRate(all[0]);
        vm.assertEq(worth, 0.5 ether);
        vm.assertEq(counted, 1 ether);
        vm.assertApproxEqAbs(_weigh(0), 10e9 + 0 + 10e9 + 5e9 + 10e9, 5);
    }

    /// Pages of one table use the rates at its beginning, or who is on a later page would count for more.
    function testATableHasTheRatesOfItsBeginning() public {
        for (uint256 i; i < 33; ++i) {
            _joinWithAll(i);
        }
        avs.beginEpoch();
        avs.addToEpoch(32);
        _pass(1 days / 400);
        uint256 index = uint256(pools[1].reportCount()) + 1;
        vm.warp(vm.getBlockTimestamp() + 1);
        pools[1].report(index, 0.01 ether);
        avs.addToEpoch(32);
        avs.finishEpoch();
        (,, uint64[] memory weights) = avs.epochRows(1, 0, 33);
        vm.assertEq(weights[32], weights[31]);
    }

    function testAMistakenSourceIsRefused() public {
        // cbETH does not answer as rETH does.
        vm.expectRevert();
        avs.setStrategyWeight(all[4], StrategyWeight(RateSource.RETH, 10_000, 0));
        bytes memory invalid = abi.encodeWithSelector(Errors.StrategyWeightInvalid.selector, all[4]);
        vm.expectRevert(invalid);
        avs.setStrategyWeight(all[4], StrategyWeight(RateSource.CBETH, 10_000, 1));
        vm.expectRevert(invalid);
        avs.setStrategyWeight(all[4], StrategyWeight(RateSource.FIXED, 10_000, 0));
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownStrategy.selector, address(1)));
        avs.setStrategyWeight(IStrategy(address(1)), _fixed(1));
        vm.prank(_account(0));
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", _account(0)));
        avs.setStrategyWeight(strategy, _fixed(1));
    }

    /// The page that nodes add where there are five strategies (`pageSize` of src/chain/keeper.ts), all of them used.
    function testGasOfAPage() public {
        for (uint256 i; i < 83; ++i) {
            _joinWithAll(i);
        }
        _cool();
        uint256 gas = gasleft();
        avs.beginEpoch();
        gas -= gasleft();
        vm.assertLt(gas, 1_000_000);
        _cool();
        gas = gasleft();
        avs.addToEpoch(83);
        gas -= gasleft();
        vm.assertLt(gas, 11_900_000, "a page and its transaction's base take at most 12M");
    }

    /// @dev As in a transaction of its own, which has read nothing yet.
    function _cool() private {
        VmCool machine = VmCool(address(vm));
        machine.cool(address(avs));
        machine.cool(address(allocations));
        machine.cool(address(delegation));
        machine.cool(address(strategyManager));
        for (uint256 i; i < 5; ++i) {
            machine.cool(address(all[i]));
            machine.cool(address(all[i].underlyingToken()));
        }
    }

    function _all() private pure returns (StrategyWeight[] memory weights) {
        weights = new StrategyWeight[](5);
        weights[0] = _fixed(0.5 ether);
        for (uint8 i = 1; i < 5; ++i) {
            weights[i] = StrategyWeight(RateSource(i), 10_000, 0);
        }
    }

    function _deployPool(string memory artifact) private returns (address) {
        Bounds memory bounds = Bounds(10_000, 1000, 1);
        return vm.deployCode(artifact, abi.encode("Staked", "LST", address(this), address(this), bounds));
    }

    function _reportAll(int256 change) private {
        _pass(1 days);
        for (uint256 i; i < 3; ++i) {
            pools[i].report(uint256(pools[i].reportCount()) + 1, change);
        }
        CbEthPool cb = CbEthPool(address(pools[2]));
        cb.updateExchangeRate(cb.pooledEth() * 1 ether / IERC20(cb.token()).totalSupply());
    }

    /// @dev Operator i joins with ten of each token.
    function _joinWithAll(uint256 i) private {
        _join(avs, i, STAKE);
        address account = _account(i);
        StETH(address(pools[0])).transfer(account, 3 * STAKE);
        IERC20(pools[1].token()).transfer(account, STAKE);
        IERC20(pools[2].token()).transfer(account, STAKE);
        vm.startPrank(account);
        StETH(address(pools[0])).approve(address(wstETH), type(uint256).max);
        wstETH.wrap(2 * STAKE);
        uint64[] memory magnitudes = new uint64[](4);
        IStrategy[] memory lsts = new IStrategy[](4);
        for (uint256 j; j < 4; ++j) {
            (lsts[j], magnitudes[j]) = (all[j + 1], 1e18);
            IERC20 lst = all[j + 1].underlyingToken();
            lst.approve(address(strategyManager), STAKE);
            strategyManager.depositIntoStrategy(all[j + 1], lst, STAKE - (j == 0 ? 10 : 0));
        }
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](1);
        params[0] = IAllocationManager.AllocateParams(OperatorSet(address(avs), 1), lsts, magnitudes);
        allocations.modifyAllocations(account, params);
        vm.stopPrank();
    }

    function _weigh(uint256 i) private returns (uint256) {
        if (avs.latestEpoch() != 0) _pass(60);
        uint64 epoch = _build(avs);
        (,, uint64[] memory weights) = avs.epochRows(epoch, i, 1);
        return weights[0];
    }
}
