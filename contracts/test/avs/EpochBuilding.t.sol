// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Epoch, IServiceManager, Statement} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";
import {StrategyWeight} from "../../avs/interfaces/StrategyWeight.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {AvsSetup, TestAvs} from "./AvsSetup.sol";
import {BlsSigner} from "./BlsSigner.sol";

contract EpochBuildingTest is AvsSetup {
    TestAvs private avs;

    function setUp() public override {
        super.setUp();
        avs = _newTestAvs(_parameters());
        _initialize(avs);
    }

    function testAnEpochFromBeginToEnd() public {
        _joinAll(avs, 0, 4);
        uint256 began = vm.getBlockTimestamp();
        vm.assertTrue(avs.epochDue());
        vm.expectEmit(address(avs));
        // Validity, grace and evidence window come to 4,230 blocks.
        emit IServiceManager.EpochBegun(1, uint64(vm.getBlockNumber()) + 4230);
        avs.beginEpoch();
        _checkProgress(1, 0, 4);
        vm.assertFalse(avs.epochDue());
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochPageAdded(1, 4);
        avs.addToEpoch(4);
        _checkProgress(1, 4, 4);
        _pass(7);
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochBuilt(1, uint64(began) + 17, uint64(began) + 3600, 1e9 + 2e9 + 3e9 + 4e9, 4);
        avs.finishEpoch();
        _checkProgress(0, 0, 0);

        vm.assertEq(avs.latestEpoch(), 1);
        Epoch memory e = avs.epochInfo(1);
        vm.assertEq(e.activatesAt, began + 17);
        vm.assertEq(e.validUntil, began + 3600);
        vm.assertEq(e.totalWeight, 10e9);
        vm.assertEq(e.operators, 4);
        vm.assertEq(e.builtAtBlock, vm.getBlockNumber());
        vm.assertEq(avs.revokedRows(1), hex"00");

        vm.assertEq(avs.epochAt(e.activatesAt - 1), 0);
        vm.assertEq(avs.epochAt(e.activatesAt), 1);
        vm.assertEq(avs.epochAt(e.validUntil - 1), 1);
        vm.assertEq(avs.epochAt(e.validUntil), 0);
        _checkRows(avs, 1, 4);
    }

    function testUnknownEpochs() public {
        vm.assertEq(avs.epochInfo(1).activatesAt, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochUnknown.selector, 1));
        avs.epochRows(1, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochUnknown.selector, 0));
        avs.revokedRows(0);
    }

    /// 250 operators in three pages: every row as registered, and absentees of each page subtracted rightly.
    function testSeveralPages() public {
        uint256 count = 250;
        _joinAll(avs, 0, count);
        avs.beginEpoch();
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochPageTooSmall.selector, 31, 32));
        avs.addToEpoch(31);
        avs.addToEpoch(32);
        // More than 200 are cut down to 200.
        avs.addToEpoch(1000);
        _checkProgress(1, 232, 250);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochIncomplete.selector, 232, 250));
        avs.finishEpoch();
        avs.addToEpoch(18);
        vm.expectRevert(Errors.EpochComplete.selector);
        avs.addToEpoch(32);
        avs.finishEpoch();
        _pass(10);
        _checkRows(avs, 1, count);

        // Rows 3 of the first page, 31 and 32 around its end, 200, and 249, the last.
        bytes memory absent = new bytes(32);
        uint256 sum;
        uint256 weight;
        for (uint256 i; i < count; ++i) {
            if (i == 3 || i == 31 || i == 32 || i == 200 || i == 249) {
                absent[i / 8] |= bytes1(uint8(1 << (i % 8)));
            } else {
                sum = addmod(sum, _secret(i), BlsSigner.ORDER);
                weight += _stake(i) / 1 gwei;
            }
        }
        Statement memory s = Statement(avs.INDEXED(), 1, 1, 5, 0, keccak256("p"));
        Certificate memory c = Certificate(absent, BlsSigner.sign(sum, avs.statementDigest(s)));
        vm.assertEq(avs.verifyCertificate(s, c), weight);

        avs.revoke(_account(249));
        bytes memory revoked = avs.revokedRows(1);
        vm.assertEq(revoked.length, 32);
        vm.assertEq(bytes32(revoked), bytes32(uint256(0x02)));
        vm.assertEq(avs.verifyCertificate(s, c), weight);
    }

    function testOperatorsWithoutWeightAreLeftOut() public {
        _join(avs, 0, 1 ether);
        _join(avs, 1, 0);
        // One wei below the least that counts, and just that.
        _join(avs, 2, 1e15 - 1);
        _join(avs, 3, 1e15);
        uint64 epoch = _build(avs);
        (address[] memory operators,, uint64[] memory weights) = avs.epochRows(epoch, 0, 10);
        vm.assertEq(operators.length, 2);
        vm.assertEq(operators[0], _account(0));
        vm.assertEq(operators[1], _account(3));
        vm.assertEq(weights[1], 1e6);
    }

    /// A page whose operators all have no weight has no blobs, and does not disturb the others.
    function testAPageWithoutRows() public {
        for (uint256 i; i < 32; ++i) {
            _join(avs, i, 0);
        }
        _join(avs, 32, 5 ether);
        avs.beginEpoch();
        avs.addToEpoch(32);
        avs.addToEpoch(1);
        avs.finishEpoch();
        (address[] memory operators,, uint64[] memory weights) = avs.epochRows(1, 0, 10);
        vm.assertEq(operators.length, 1);
        vm.assertEq(operators[0], _account(32));
        vm.assertEq(weights[0], 5e9);
    }

    function testAnEpochWithoutAnybodyIsDiscarded() public {
        _join(avs, 0, 0);
        vm.assertFalse(avs.epochDue());
        avs.beginEpoch();
        avs.addToEpoch(1);
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochDiscarded(1, 0);
        avs.finishEpoch();
        vm.assertEq(avs.latestEpoch(), 0);
        _checkProgress(0, 0, 0);
    }

    function testOrderOfCalls() public {
        TestAvs fresh = _newTestAvs(_parameters());
        vm.assertFalse(fresh.epochDue());
        vm.expectRevert(Errors.NotInitialized.selector);
        fresh.beginEpoch();
        vm.expectRevert(Errors.EpochNotBegun.selector);
        avs.addToEpoch(32);
        vm.expectRevert(Errors.EpochNotBegun.selector);
        avs.finishEpoch();
        _joinAll(avs, 0, 2);
        avs.beginEpoch();
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochInProgress.selector, 1));
        avs.beginEpoch();
    }

    // starting again

    function testASlashStartsTheBuildingAgain() public {
        _joinAll(avs, 0, 3);
        avs.beginEpoch();
        avs.addToEpoch(3);
        avs.revoke(_account(0));
        _checkOutdated();
        vm.assertEq(_build(avs), 1);
        _checkRows(avs, 1, 3);
    }

    function testALeaveStartsTheBuildingAgain() public {
        _joinAll(avs, 0, 3);
        avs.beginEpoch();
        avs.addToEpoch(3);
        _leave(avs, 0);
        _checkOutdated();
        vm.assertEq(_build(avs), 1);
        (address[] memory operators,,) = avs.epochRows(1, 0, 10);
        // The last one took its place.
        vm.assertEq(operators.length, 2);
        vm.assertEq(operators[0], _account(2));
        vm.assertEq(operators[1], _account(1));
    }

    function testARateStartsTheBuildingAgain() public {
        _joinAll(avs, 0, 3);
        avs.beginEpoch();
        avs.addToEpoch(3);
        avs.setStrategyWeight(strategy, _fixed(2e18));
        _checkOutdated();
        _build(avs);
        (,, uint64[] memory weights) = avs.epochRows(1, 0, 10);
        vm.assertEq(weights[2], 2 * 3e9);
    }

    function testASlowBuildingStartsAgain() public {
        _joinAll(avs, 0, 3);
        avs.beginEpoch();
        _pass(300);
        avs.addToEpoch(3);
        _pass(1);
        _checkOutdated();
        _build(avs);
        _checkRows(avs, 1, 3);
    }

    function _checkOutdated() private {
        _checkProgress(0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochOutdated.selector, 1));
        avs.addToEpoch(3);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochOutdated.selector, 1));
        avs.finishEpoch();
    }

    /// Who joins meanwhile is visited too: it neither starts the building again nor is left behind.
    function testWhoJoinsMeanwhileIsAppended() public {
        _joinAll(avs, 0, 3);
        avs.beginEpoch();
        avs.addToEpoch(3);
        _join(avs, 3, _stake(3));
        _checkProgress(1, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochIncomplete.selector, 3, 4));
        avs.finishEpoch();
        avs.addToEpoch(1);
        avs.finishEpoch();
        _checkRows(avs, 1, 4);
    }

    // when a new epoch is due

    function testTooYoung() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _deposit(0, 100 ether);
        _pass(59);
        vm.assertFalse(avs.epochDue());
        vm.expectRevert(abi.encodeWithSelector(Errors.EpochTooYoung.selector, vm.getBlockTimestamp() + 1));
        avs.beginEpoch();
        _pass(1);
        vm.assertTrue(avs.epochDue());
        avs.beginEpoch();
    }

    /// One percent must have moved: dust churns no epochs.
    function testDustChurnsNoEpoch() public {
        _joinAll(avs, 0, 4);
        _build(avs);
        _pass(60);
        vm.assertFalse(avs.epochDue());
        _deposit(0, 0.1 ether - 1 gwei);
        vm.assertFalse(avs.epochDue());
        avs.beginEpoch();
        avs.addToEpoch(4);
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochDiscarded(2, 1e8 - 1);
        avs.finishEpoch();
        vm.assertEq(avs.latestEpoch(), 1);
        // A discarded building holds nobody up.
        _deposit(0, 1 gwei);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
    }

    /// Weight that goes from one operator to another leaves the total as it was, and still counts as moved.
    function testMovedWeightCounts() public {
        _joinAll(avs, 0, 4);
        _build(avs);
        _pass(60);
        // The last operator of 4 ETH leaves, another with 4 ETH comes.
        _leave(avs, 3);
        _join(avs, 50, 4 ether);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
        vm.assertEq(avs.epochInfo(2).totalWeight, avs.epochInfo(1).totalWeight);
        _pass(60);
        vm.assertFalse(avs.epochDue());
    }

    function testLeavingAloneIsAChange() public {
        _joinAll(avs, 0, 4);
        _build(avs);
        _pass(60);
        _leave(avs, 0);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
        vm.assertEq(avs.epochInfo(2).totalWeight, 9e9);
    }

    /// What an abandoned building noted must not hide a change from the next.
    function testAnAbandonedBuildingHidesNoChange() public {
        _joinAll(avs, 0, 4);
        _build(avs);
        _pass(60);
        _deposit(0, 50 ether);
        avs.beginEpoch();
        avs.addToEpoch(4);
        _pass(301);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
    }

    function testAnEpochIsRenewedBeforeItExpires() public {
        _joinAll(avs, 0, 4);
        _build(avs);
        _pass(3600 - 700 - 1);
        vm.assertFalse(avs.epochDue());
        _pass(1);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
        // The old one ends where the new one begins.
        vm.assertEq(avs.epochAt(uint64(vm.getBlockTimestamp()) + 9), 1);
        vm.assertEq(avs.epochAt(uint64(vm.getBlockTimestamp()) + 10), 2);
    }

    function testAfterAnExpiryTheNextEpochLeavesAGap() public {
        _joinAll(avs, 0, 4);
        uint64 began = uint64(vm.getBlockTimestamp());
        _build(avs);
        _pass(5000);
        vm.assertEq(avs.epochAt(uint64(vm.getBlockTimestamp())), 0);
        vm.assertTrue(avs.epochDue());
        _buildAndActivate(avs);
        vm.assertEq(avs.epochAt(uint64(vm.getBlockTimestamp())), 2);
        vm.assertEq(avs.epochAt(began + 3599), 1);
        vm.assertEq(avs.epochAt(began + 3600), 0);
        vm.assertEq(avs.epochAt(began + 4999), 0);
    }

    // keys

    function testAKeyAloneMakesAnEpochDue() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _rotate(1, 50);
        _pass(59);
        vm.assertFalse(avs.epochDue());
        _pass(1);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
        _checkKey(1, 1, 1);
        _checkKey(2, 0, 0);
        _checkKey(2, 1, 50);
        _pass(500);
        vm.assertFalse(avs.epochDue());
    }

    /// Who rotates again and again brings eight tables about in the life of one, and holds up none that has its reasons.
    function testKeysAloneBringAboutFewTables() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _pass(60);
        _rotate(1, 50);
        _build(avs);
        _rotate(1, 51);
        _pass(3600 / 8 - 1);
        vm.assertFalse(avs.epochDue());
        avs.beginEpoch();
        avs.addToEpoch(3);
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochDiscarded(3, 0);
        avs.finishEpoch();
        _deposit(0, 1 ether);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 3);
        _checkKey(3, 1, 51);
        // That one came about by weight: the next by a key may follow as soon as any.
        _rotate(1, 52);
        _pass(60);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 4);
        _checkKey(4, 1, 52);
    }

    function testTheTimeBetweenTablesForKeys() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _pass(60);
        _rotate(0, 50);
        _build(avs);
        _rotate(0, 51);
        _pass(3600 / 8);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 3);
        _checkKey(3, 0, 51);
    }

    /// A rotation does not start the building again. The page that was there has the old key, which the next table mends.
    function testARotationDuringTheBuilding() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _pass(60);
        _deposit(2, 1 ether);
        avs.beginEpoch();
        avs.addToEpoch(3);
        _rotate(1, 50);
        _checkProgress(2, 3, 3);
        avs.finishEpoch();
        _checkKey(2, 1, 1);
        _pass(60);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 3);
        _checkKey(3, 1, 50);
    }

    function testAnAbandonedBuildingHidesNoKey() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _pass(60);
        _rotate(1, 50);
        avs.beginEpoch();
        avs.addToEpoch(3);
        _pass(301);
        vm.assertTrue(avs.epochDue());
        vm.assertEq(_build(avs), 2);
        _checkKey(2, 1, 50);
    }

    /// Whose first key no table had replaced none: dust that joins churns no epoch by another key.
    function testTheKeyOfANewcomerBringsNoTableAbout() public {
        _joinAll(avs, 0, 3);
        _build(avs);
        _pass(60);
        _join(avs, 3, 1e15);
        _rotate(3, 50);
        vm.assertFalse(avs.epochDue());
        avs.beginEpoch();
        avs.addToEpoch(4);
        vm.expectEmit(address(avs));
        emit IServiceManager.EpochDiscarded(2, 1e6);
        avs.finishEpoch();
    }

    // stake

    /// Stake that is on its way out before the evidence could arrive does not count, though it is still there.
    function testPendingDeallocationDoesNotCount() public {
        _joinAll(avs, 0, 2);
        _allocate(avs, 1, 25e16);
        uint64 epoch = _build(avs);
        (,, uint64[] memory weights) = avs.epochRows(epoch, 0, 10);
        // DEALLOCATION_DELAY is 10,000 blocks, the horizon 4,230: for now it still counts in full.
        vm.assertEq(weights[1], 2e9);
        _pass(10_000 - 4230);
        _build(avs);
        (,, weights) = avs.epochRows(2, 0, 10);
        vm.assertEq(weights[1], 2e9);
        _pass(60);
        _build(avs);
        (,, weights) = avs.epochRows(3, 0, 10);
        vm.assertEq(weights[1], 5e8);
    }

    /// Stake in several strategies adds up, each by its own rate.
    function testSeveralStrategies() public {
        StrategyBase other =
            StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(strategyManager, token)));
        IStrategy[] memory both = new IStrategy[](2);
        (both[0], both[1]) = (strategy, other);
        strategyManager.addStrategiesToDepositWhitelist(both);
        TestAvs mixed = _newTestAvs(_parameters());
        StrategyWeight[] memory weighed = new StrategyWeight[](2);
        (weighed[0], weighed[1]) = (_fixed(1e18), _fixed(12e17));
        mixed.initialize("", both, weighed);
        _join(mixed, 0, 3 ether);
        _join(mixed, 1, 3 ether);

        address account = _account(0);
        token.mint(account, 5 ether);
        vm.startPrank(account);
        token.approve(address(strategyManager), 5 ether);
        strategyManager.depositIntoStrategy(other, token, 5 ether);
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](1);
        (IStrategy[] memory one, uint64[] memory half) = (new IStrategy[](1), new uint64[](1));
        (one[0], half[0]) = (other, 5e17);
        params[0] = IAllocationManager.AllocateParams(OperatorSet(address(mixed), 1), one, half);
        allocations.modifyAllocations(account, params);
        vm.stopPrank();

        uint64 epoch = _build(mixed);
        (,, uint64[] memory weights) = mixed.epochRows(epoch, 0, 2);
        vm.assertEq(weights[0], 3e9 + 3e9);
        vm.assertEq(weights[1], 3e9);
    }

    function testRevocationReachesEveryLiveEpoch() public {
        _joinAll(avs, 0, 3);
        uint64 first = _build(avs);
        _deposit(0, 10 ether);
        _pass(60);
        uint64 second = _build(avs);
        // The first is active still, the second will be.
        avs.revoke(_account(0));
        vm.assertEq(avs.revokedRows(first), hex"01");
        vm.assertEq(avs.revokedRows(second), hex"01");
    }

    function testRevocationLeavesEpochsBeyondTheirGraceAlone() public {
        _joinAll(avs, 0, 3);
        uint64 first = _build(avs);
        _deposit(0, 10 ether);
        _pass(60);
        uint64 second = _build(avs);
        _pass(10 + 30 + 1);
        avs.revoke(_account(0));
        vm.assertEq(avs.revokedRows(first), hex"00");
        vm.assertEq(avs.revokedRows(second), hex"01");
    }

    function testFuzzShareLimit(uint256 seed, uint16 share) public {
        share = uint16(bound(share, 1, 10_000));
        Parameters memory p = _parameters();
        p.maxShareBps = share;
        TestAvs capped = _newTestAvs(p);
        _initialize(capped);
        uint256 count = bound(seed, 1, 6);
        for (uint256 i; i < count; ++i) {
            _join(capped, i, 1 gwei * bound(uint256(keccak256(abi.encode(seed, i))), 1e6, 1e12));
        }
        uint64 epoch = _build(capped);
        (,, uint64[] memory weights) = capped.epochRows(epoch, 0, count);
        uint256 total;
        for (uint256 i; i < count; ++i) {
            total += weights[i];
        }
        vm.assertEq(capped.epochInfo(epoch).totalWeight, total);
        for (uint256 i; i < count; ++i) {
            // Where so small a share cannot be, all are equal. Otherwise it holds, but for rounding: the limit is a
            // gwei less than it could be at the most.
            if (count * share < 10_000) vm.assertEq(weights[i], weights[0]);
            else vm.assertLe(uint256(weights[i]) * 10_000, (total + count) * share + 10_000);
        }
        _checkCappedQuorum(capped, epoch, count, total - weights[0]);
    }

    /// @dev Verification counts capped weights too: the first operator is absent.
    function _checkCappedQuorum(TestAvs capped, uint64 epoch, uint256 count, uint256 signed) private {
        _pass(10);
        Statement memory s = Statement(capped.INDEXED(), 1, epoch, 5, 0, keccak256("p"));
        Certificate memory c = _certify(capped, s, count, ((1 << count) - 1) ^ 1);
        if (signed * 10_000 >= uint256(capped.epochInfo(epoch).totalWeight) * 6667) {
            vm.assertEq(capped.verifyCertificate(s, c), signed);
            return;
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                Errors.CertificateBelowQuorum.selector, signed, capped.epochInfo(epoch).totalWeight
            )
        );
        capped.verifyCertificate(s, c);
    }

    function _stake(uint256 i) private pure returns (uint256) {
        return (i + 1) * 1 ether;
    }

    function _joinAll(TestAvs to, uint256 from, uint256 count) private {
        for (uint256 i = from; i < from + count; ++i) {
            _join(to, i, _stake(i));
        }
    }

    /// @dev Gives operator i the key of `_secret(next)`.
    function _rotate(uint256 i, uint256 next) private {
        bytes memory key = BlsSigner.publicKey(_secret(next));
        bytes memory proof = BlsSigner.prove(_secret(next), avs.registrationDigest(_account(i), key));
        vm.prank(_account(i));
        avs.rotateKey(key, proof);
    }

    /// @dev Row `row` of a table has the key of `_secret(expected)`.
    function _checkKey(uint64 epoch, uint256 row, uint256 expected) private view {
        (, bytes[] memory keys,) = avs.epochRows(epoch, row, 1);
        bytes memory key = BlsSigner.publicKey(_secret(expected));
        vm.assertEq(bytes.concat(bytes16(0), _cut(keys[0], 0), bytes16(0), _cut(keys[0], 48)), key);
    }

    function _checkProgress(uint64 epoch, uint32 added, uint32 total) private view {
        (uint64 e, uint32 a, uint32 t) = avs.epochProgress();
        vm.assertEq(e, epoch);
        vm.assertEq(a, added);
        vm.assertEq(t, total);
    }

    function _checkRows(TestAvs of_, uint64 epoch, uint256 count) private view {
        (address[] memory operators, bytes[] memory keys, uint64[] memory weights) =
            of_.epochRows(epoch, 0, count + 10);
        vm.assertEq(operators.length, count);
        for (uint256 i; i < count; ++i) {
            vm.assertEq(operators[i], _account(i));
            vm.assertEq(weights[i], _stake(i) / 1 gwei);
            bytes memory key = of_.keyOf(_account(i));
            vm.assertEq(bytes.concat(bytes16(0), _cut(keys[i], 0), bytes16(0), _cut(keys[i], 48)), key);
        }
        (operators,,) = of_.epochRows(epoch, count - 1, 1);
        vm.assertEq(operators.length, 1);
        vm.assertEq(operators[0], _account(count - 1));
        (operators,,) = of_.epochRows(epoch, count, 1);
        vm.assertEq(operators.length, 0);
    }

    function _cut(bytes memory key, uint256 from) private pure returns (bytes memory half) {
        half = new bytes(48);
        for (uint256 i; i < 48; ++i) {
            half[i] = key[from + i];
        }
    }
}
