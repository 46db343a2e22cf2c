// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessBeacon} from "../../randomness/RandomnessBeacon.sol";
import {RandomnessService} from "../../randomness/RandomnessService.sol";
import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";
import {IRandomnessBeaconErrors} from "../../randomness/interfaces/IRandomnessBeaconErrors.sol";
import {Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {BlsSigner} from "../avs/BlsSigner.sol";
import {DealingMaker} from "./DealingMaker.sol";
import {KeyBeacon, KeyService, KeySetup} from "./KeySetup.sol";
import {RoundSigner} from "./RoundSigner.sol";

/// @notice Key generation with the beacon's own service and the beacon: from the first dealing to a round on chain, and what
/// lies cost.
contract KeyToRoundTest is KeySetup {
    uint64 private constant CONVICTION_WAD = 0.2e18;

    RandomnessService private manager;
    RandomnessBeacon private rounds;

    function setUp() public override {
        super.setUp();
        manager.setKeyGeneration(address(keys));
    }

    function _newService() internal override returns (KeyService) {
        manager = RandomnessService(
            vm.deployCode(
                "RandomnessService.sol:RandomnessService",
                abi.encode(_parameters(), allocations, address(this), START + 60, 60, CONVICTION_WAD)
            )
        );
        return KeyService(address(manager));
    }

    function _newBeacon() internal override returns (KeyBeacon) {
        rounds = RandomnessBeacon(
            vm.deployCode("RandomnessBeacon.sol:RandomnessBeacon", abi.encode(manager, 3, 12, 12))
        );
        return KeyBeacon(address(rounds));
    }

    /// Whichever shares reach the threshold, before a resharing and after it, sign the same; fewer do not.
    function testFromDealingsToRounds() public {
        _start(4);
        uint64 session = _run(1, 3, 1 << 3);
        vm.assertEq(rounds.chainHash(), keys.group().chainHash);
        vm.assertEq(rounds.groupHash(), keys.sessionInfo(session).id);
        vm.assertEq(rounds.genesis(), keys.group().genesis);
        vm.warp(rounds.timeOf(1000));
        bytes memory signature = RoundSigner.sign(secretPolynomial[0], 7);
        bytes32 randomness = rounds.deliver(7, signature);
        for (uint256 without; without < 4; ++without) {
            vm.assertEq(_signWithout(without, 4, 7), signature);
        }
        bytes memory ofTwo = RoundSigner.sign(_interpolate(2, 4, 4), 7);
        vm.expectRevert(abi.encodeWithSelector(IRandomnessBeaconErrors.RoundSignatureInvalid.selector, 7));
        rounds.verify(7, ofTwo);

        _join(service, 4, STAKE);
        for (uint256 i; i < 5; ++i) {
            _registerKey(i);
        }
        _buildAndActivate(service);
        _toGapEnd();
        _run(1, 4, 1 << 0);
        for (uint256 without; without < 5; ++without) {
            signature = _signWithout(without, 5, 7);
            vm.assertEq(rounds.verify(7, signature), randomness);
        }
        // Rounds go on, and the switch lies ahead of those whose time has come.
        vm.assertGt(keys.sharingInfo(2).switchRound, rounds.roundAt(uint64(vm.getBlockTimestamp())));
    }

    function testAConvictionCostsStakeAndPlace() public {
        _start(4);
        uint64 session = _open(1, 3);
        Dealing memory bad = _dealing(session, 1);
        bad.sealedShares[0] ^= 0x01;
        _dealAll(session, 1 << 1);
        _post(session, 1, bad);
        _toComplaints(session);
        _complain(session, 1, 0, 0, 0, bad);
        vm.assertTrue(manager.convicted(_account(1), session));
        vm.assertFalse(manager.isOperator(_account(1)));
        vm.assertEq(allocations.getMaxMagnitude(_account(1), strategy), 1e18 - CONVICTION_WAD);
        vm.assertEq(manager.revokedRows(1), hex"02");
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
    }

    /// What KeyGeneration tells of a second dealing is evidence for the service, too.
    function testTwoDealingsAreEvidence() public {
        _start(4);
        uint64 session = _open(1, 3);
        Dealing memory dealing = _dealing(session, 1);
        _post(session, 1, dealing);
        Testimony memory first = _testimony(session, dealing);
        dealing.sealedShares[0] ^= 0x01;
        _post(session, 1, dealing);
        Testimony memory second = _testimony(session, dealing);
        address[] memory operators = new address[](1);
        operators[0] = _account(1);
        manager.slashEquivocation(first, second, operators);
        vm.assertTrue(manager.punished(_account(1), DEAL_SERVICE, 1));
        // Once for the conviction, once for the two payloads.
        vm.assertEq(allocations.getMaxMagnitude(_account(1), strategy), 0.8e18 * 0.9e18 / 1e18);
    }

    /// Who cannot be slashed any more is convicted all the same.
    function testAConvictionNeedsNothingToSlash() public {
        _start(4);
        uint64 session = _open(1, 3);
        Dealing memory bad = _dealing(session, 1);
        bad.sealedShares[0] ^= 0x01;
        _post(session, 1, bad);
        _leave(service, 1);
        _toComplaints(session);
        vm.mockCall(
            address(allocations),
            abi.encodeWithSelector(allocations.isOperatorSlashable.selector),
            abi.encode(false)
        );
        _complain(session, 1, 0, 0, 0, bad);
        vm.clearMockedCalls();
        vm.assertTrue(keys.isConvicted(session, _account(1)));
        vm.assertEq(allocations.getMaxMagnitude(_account(1), strategy), 1e18);
    }

    function _testimony(uint64 session, Dealing memory dealing) private view returns (Testimony memory) {
        bytes32 payload = DealingMaker.payload(keys.sessionInfo(session).id, _account(1), dealing);
        uint64 epoch = keys.sessionInfo(session).epoch;
        return Testimony({
            statement: Statement(DEAL_SERVICE, 4, epoch, session, 0, payload),
            aggregate: false,
            absent: "",
            signature: _signDealing(session, 1, epoch, dealing)
        });
    }

    /// @dev With the shares of the newest sharing's threshold, of `count` but one.
    function _signWithout(uint256 without, uint256 count, uint64 round) private view returns (bytes memory) {
        return RoundSigner.sign(_interpolate(secretPolynomial.length, count, without), round);
    }

    /// @dev What the first `size` of `count` shares without one make.
    function _interpolate(uint256 size, uint256 count, uint256 without) private view returns (uint256 value) {
        uint256[] memory points = new uint256[](size);
        uint256 next;
        for (uint256 i; i < count && next < size; ++i) {
            if (i != without) points[next++] = i + 1;
        }
        for (uint256 i; i < size; ++i) {
            uint256 share = DealingMaker.evaluate(secretPolynomial, points[i]);
            uint256 factor = DealingMaker.lagrange(points, points[i]);
            value = addmod(value, mulmod(factor, share, BlsSigner.ORDER), BlsSigner.ORDER);
        }
    }
}
