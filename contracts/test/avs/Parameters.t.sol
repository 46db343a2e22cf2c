// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {IServiceManager} from "../../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";
import {RateSource, StrategyWeight} from "../../avs/interfaces/StrategyWeight.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";

contract ParametersTest is AvsSetup {
    function testGoodParameters() public {
        Parameters memory p = _parameters();
        p.maxShareBps = 2500;
        TestAvs avs = _newTestAvs(p);
        vm.assertEq(abi.encode(avs.parameters()), abi.encode(p));
        vm.assertEq(avs.operatorSetId(), 1);
        vm.assertEq(avs.quorumBps(), 6667);
        vm.assertEq(avs.graceSeconds(), 30);
        vm.assertEq(address(avs.allocationManager()), address(allocations));
        vm.assertEq(avs.owner(), address(this));
    }

    /// Two quorums must share more than a third.
    function testFuzzQuorum(uint16 bps) public {
        Parameters memory p = _parameters();
        p.quorumBps = bps;
        if (bps > 6666 && bps <= 10_000) _newTestAvs(p);
        else _refused(p, "quorumBps", bps, 6667, 10_000);
    }

    function testShares() public {
        Parameters memory p = _parameters();
        p.maxShareBps = 10_001;
        _refused(p, "maxShareBps", 10_001, 0, 10_000);
        p = _parameters();
        p.changeBps = 0;
        _refused(p, "changeBps", 0, 1, 10_000);
        p = _parameters();
        p.minWeight = 0;
        _refused(p, "minWeight", 0, 1, type(uint64).max);
    }

    function testPenalty() public {
        Parameters memory p = _parameters();
        p.equivocationWad = 0;
        _refused(p, "equivocationWad", 0, 1, 1e18);
        p.equivocationWad = 1e18 + 1;
        _refused(p, "equivocationWad", 1e18 + 1, 1, 1e18);
    }

    function testTimes() public {
        Parameters memory p = _parameters();
        p.activationDelay = 0;
        _refused(p, "activationDelay", 0, 1, type(uint32).max);
        p = _parameters();
        p.buildWindow = 0;
        _refused(p, "buildWindow", 0, 1, type(uint32).max);
        p = _parameters();
        p.secondsPerBlock = 0;
        _refused(p, "secondsPerBlock", 0, 1, type(uint32).max);
        p = _parameters();
        p.minEpochAge = 9;
        _refused(p, "minEpochAge", 9, 10, type(uint32).max);
        p = _parameters();
        p.grace = 61;
        _refused(p, "grace", 61, 0, 60);
        p = _parameters();
        p.validity = 969;
        _refused(p, "validity", 969, 970, type(uint32).max);
        p = _parameters();
        p.renewBefore = 609;
        _refused(p, "renewBefore", 609, 610, 3600);
        p.renewBefore = 3601;
        _refused(p, "renewBefore", 3601, 610, 3600);
    }

    /// All of an epoch's life, with grace and evidence, must fit into the core's deallocation delay.
    function testSlashability() public {
        Parameters memory p = _parameters();
        p.evidenceWindow = 10_000 - 3630;
        _newTestAvs(p);
        p.evidenceWindow += 1;
        _refused(p, "validity + grace + evidenceWindow, in blocks", 10_001, 1, 10_000);
        // Blocks that take longer are fewer; a part of one counts as one.
        p.secondsPerBlock = 2;
        _newTestAvs(p);
        p.evidenceWindow = 20_001 - 3630;
        _refused(p, "validity + grace + evidenceWindow, in blocks", 10_001, 1, 10_000);
    }

    function testInitialize() public {
        TestAvs avs = _newTestAvs(_parameters());
        (IStrategy[] memory strategies, StrategyWeight[] memory weights) = (_strategies(), _weights(1e18));
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", _account(0)));
        vm.prank(_account(0));
        avs.initialize("", strategies, weights);
        vm.expectRevert(abi.encodeWithSelector(Errors.StrategyWeightsMismatch.selector, 1, 0));
        avs.initialize("", strategies, new StrategyWeight[](0));
        vm.expectRevert(abi.encodeWithSelector(Errors.StrategyWeightsMismatch.selector, 0, 0));
        avs.initialize("", new IStrategy[](0), new StrategyWeight[](0));
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyStrategies.selector, 17, 16));
        avs.initialize("", new IStrategy[](17), new StrategyWeight[](17));
        vm.expectEmit(address(avs));
        emit IServiceManager.StrategyWeightSet(address(strategy), RateSource.FIXED, 1e18, 10_000);
        avs.initialize("", strategies, weights);
        vm.assertEq(address(avs.strategies()[0]), address(strategy));
        vm.assertEq(abi.encode(avs.strategyWeight(strategy)), abi.encode(weights[0]));
        vm.expectRevert(Errors.AlreadyInitialized.selector);
        avs.initialize("", strategies, weights);
    }

    function _refused(Parameters memory p, string memory name, uint256 value, uint256 least, uint256 most)
        private
    {
        try new TestAvs(p, allocations, address(this)) {
            vm.assertTrue(false, name);
        } catch (bytes memory reason) {
            vm.assertEq(
                reason, abi.encodeWithSelector(Errors.ParameterOutOfRange.selector, name, value, least, most)
            );
        }
    }
}
