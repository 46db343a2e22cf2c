// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessBeacon} from "../../randomness/RandomnessBeacon.sol";
import {RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";
import {Test} from "../Vm.sol";
import {RoundSigner} from "./RoundSigner.sol";

/// @notice Stands for the RandomnessService, of which the beacon asks one thing.
contract KeyGenerationRegister {
    address public keyGeneration;

    constructor(address keyGeneration_) {
        keyGeneration = keyGeneration_;
    }
}

/// @title BeaconSetup: a beacon whose group is one secret of the test, three seconds a round
/// @dev Blocks every 12 seconds, undone for 12 more: a request's round lies 9 after that of its block.
abstract contract BeaconSetup is Test {
    uint64 internal constant START = 1_700_000_000;
    uint64 internal constant GENESIS = START + 100;
    uint32 internal constant PERIOD = 3;
    uint32 internal constant BLOCK_INTERVAL = 12;
    uint32 internal constant REORG_MARGIN = 12;
    uint64 internal constant LEAD = 9;
    bytes32 internal constant GROUP_HASH = keccak256("session");
    uint256 internal constant SECRET = uint256(keccak256("group")) >> 2;
    address internal constant NODE = address(0x0de);

    KeyGenerationRegister internal register;
    RandomnessBeacon internal beacon;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1000);
        register = new KeyGenerationRegister(address(this));
        beacon = _newBeacon(PERIOD, BLOCK_INTERVAL, REORG_MARGIN);
        beacon.setGroup(_key(), GROUP_HASH, GENESIS);
        vm.warp(GENESIS + 1000);
    }

    function _newBeacon(uint32 period, uint32 blockInterval, uint32 reorgMargin)
        internal
        returns (RandomnessBeacon)
    {
        return RandomnessBeacon(
            vm.deployCode(
                "RandomnessBeacon.sol:RandomnessBeacon",
                abi.encode(register, period, blockInterval, reorgMargin)
            )
        );
    }

    function _key() internal view returns (bytes memory) {
        return RoundSigner.groupKey(SECRET);
    }

    function _now() internal view returns (uint64) {
        return uint64(vm.getBlockTimestamp());
    }

    function _sign(uint64 round) internal view returns (bytes memory) {
        return RoundSigner.sign(SECRET, round);
    }

    /// @dev Waits for the round and brings it.
    function _deliver(uint64 round) internal returns (bytes32) {
        uint64 time = beacon.timeOf(round);
        if (_now() < time) vm.warp(time);
        bytes memory signature = _sign(round);
        vm.prank(NODE);
        return beacon.deliver(round, signature);
    }

    function _fulfill(RandomnessRequest memory request) internal returns (uint256) {
        RandomnessRequest[] memory page = _one(request);
        vm.prank(NODE);
        return beacon.fulfill(page);
    }

    function _one(RandomnessRequest memory request) internal pure returns (RandomnessRequest[] memory page) {
        page = new RandomnessRequest[](1);
        page[0] = request;
    }
}
