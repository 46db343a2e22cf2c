// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessBeacon} from "../../randomness/RandomnessBeacon.sol";
import {RandomnessService} from "../../randomness/RandomnessService.sol";
import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";
import {RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {BlsSigner} from "../avs/BlsSigner.sol";
import {DealingMaker} from "./DealingMaker.sol";
import {KeyBeacon, KeyService, KeySetup} from "./KeySetup.sol";
import {Recorder} from "./RandomnessConsumers.sol";
import {RoundSigner} from "./RoundSigner.sol";

/// @notice The three contracts together: a key is generated, a liar loses stake and place, rounds that any five of its
/// shares sign are delivered, a contract is called back, and all goes on under the same key when members change.
contract RandomnessStackTest is KeySetup {
    uint16 private constant EACH = 2;
    uint16 private constant THRESHOLD = 5;
    uint64 private constant WAD = 0.2e18;

    RandomnessService private randomness;
    RandomnessBeacon private rounds;

    /// In the order of a deployment, with nothing foreseen and nothing circular.
    function setUp() public override {
        super.setUp();
        randomness = RandomnessService(
            vm.deployCode(
                "RandomnessService.sol:RandomnessService",
                abi.encode(_parameters(), allocations, address(this), START, uint32(60), WAD)
            )
        );
        rounds = RandomnessBeacon(
            vm.deployCode(
                "RandomnessBeacon.sol:RandomnessBeacon",
                abi.encode(randomness, uint32(3), uint32(1), uint32(2))
            )
        );
        (service, beacon) = (KeyService(address(randomness)), KeyBeacon(address(rounds)));
        keys = _newKeyGeneration(_timing());
        _initialize(randomness);
        randomness.setKeyGeneration(address(keys));
    }

    function testFromOperatorsToRandomness() public {
        _start(4);
        _run(EACH, THRESHOLD, 0);
        _checkGroup();
        _checkRounds();
    }

    function testALiarLosesStakeAndPlaceAndTheKeyComesAbout() public {
        _start(4);
        uint64 session = _open(EACH, THRESHOLD);
        _dealAll(session, 0);
        // A second dealing of operator 3.
        Dealing memory other = _dealing(session, 3);
        other.sealedShares[0] ^= 0x01;
        uint256 before = delegation.operatorShares(_account(3), strategy);
        _post(session, 3, other);
        vm.assertTrue(randomness.convicted(_account(3), session));
        vm.assertTrue(keys.isConvicted(session, _account(3)));
        vm.assertFalse(randomness.isOperator(_account(3)));
        vm.assertEq(delegation.operatorShares(_account(3), strategy), before - before / 5);
        _toFolding(session);
        _fold(session);
        _checkGroup();
        _checkRounds();
    }

    /// Four become five: the key, the chain hash and what was delivered stay, and the new shares sign on.
    function testAResharingGoesOnUnderTheSameKey() public {
        _start(4);
        _run(EACH, THRESHOLD, 0);
        bytes memory key = rounds.publicKey();
        bytes32 hash = rounds.chainHash();
        _checkRounds();

        _join(randomness, 4, STAKE);
        for (uint256 i; i < 5; ++i) {
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(randomness);
        _toGapEnd();
        uint64 session = _run(EACH, 6, 0);
        _checkSharing(session);
        vm.assertEq(keys.latestSharing(), 2);
        vm.assertEq(secretPolynomial.length, 6);
        vm.assertEq(rounds.publicKey(), key);
        vm.assertEq(rounds.chainHash(), hash);
        _checkRounds();
    }

    /// The beacon has the key that KeyGeneration says, and both call the chain the same.
    function _checkGroup() private view {
        vm.assertEq(rounds.genesis(), keys.group().genesis);
        vm.assertEq(rounds.groupHash(), keys.group().groupHash);
        vm.assertEq(rounds.groupHash(), keys.sessionInfo(keys.latestSession()).id);
        vm.assertEq(rounds.chainHash(), keys.group().chainHash);
        vm.assertEq(rounds.publicKey().length, 96);
    }

    /// A contract asks, and as many shares as the threshold sign the round: any of them give the same.
    function _checkRounds() private {
        Recorder consumer = new Recorder(rounds);
        RandomnessRequest[] memory page = new RandomnessRequest[](1);
        page[0] = consumer.ask(200_000, 0);
        uint64 round = page[0].round;
        _pass(rounds.timeOf(round) - vm.getBlockTimestamp());
        bytes memory signature = _combine(round, 0);
        vm.assertEq(_combine(round, 2), signature);
        vm.assertEq(signature, RoundSigner.sign(secretPolynomial[0], round));
        vm.assertEq(rounds.deliverAndFulfill(round, signature, page), 1);
        vm.assertEq(consumer.lastRandomness(), rounds.derive(page[0].id, rounds.randomnessOf(round)));
    }

    /// @dev The signature of the round, by as many shares as the threshold from share `first` on.
    function _combine(uint64 round, uint256 first) private view returns (bytes memory) {
        uint256 count = secretPolynomial.length;
        uint256[] memory points = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            points[i] = first + i + 1;
        }
        bytes[] memory partials = new bytes[](count);
        uint256[] memory factors = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 share = DealingMaker.evaluate(secretPolynomial, points[i]);
            partials[i] = RoundSigner.sign(share % BlsSigner.ORDER, round);
            factors[i] = DealingMaker.lagrange(points, points[i]);
        }
        return RoundSigner.combine(partials, factors);
    }
}
