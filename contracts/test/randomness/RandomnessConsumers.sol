// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessConsumer} from "../../randomness/RandomnessConsumer.sol";
import {IRandomnessBeacon, RandomnessRequest} from "../../randomness/interfaces/IRandomnessBeacon.sol";

/// @notice Asks, and remembers what it was told.
contract Recorder is RandomnessConsumer {
    uint256 public calls;
    uint256 public lastId;
    uint64 public lastRound;
    bytes32 public lastRandomness;
    uint256 public lastGas;

    constructor(IRandomnessBeacon beacon) RandomnessConsumer(beacon) {}

    receive() external payable {}

    function ask(uint32 gasLimit, uint256 fee) external returns (RandomnessRequest memory asked) {
        (uint256 id, uint64 round) = _requestRandomness(gasLimit, fee);
        return RandomnessRequest(id, address(this), round, gasLimit, uint96(fee));
    }

    function askFor(uint64 round, uint32 gasLimit) external returns (RandomnessRequest memory asked) {
        (uint256 id, uint64 committed) = randomnessBeacon.request(round, gasLimit);
        return RandomnessRequest(id, address(this), committed, gasLimit, 0);
    }

    function _receiveRandomness(uint256 id, uint64 round, bytes32 randomness) internal virtual override {
        lastGas = gasleft();
        ++calls;
        (lastId, lastRound, lastRandomness) = (id, round, randomness);
    }
}

/// @notice Does with its callback what it can to harm the beacon.
contract Hostile is Recorder {
    enum Mode {
        REVERT,
        RETURN_BOMB,
        REVERT_BOMB,
        BURN,
        INVALID,
        FULFILL_AGAIN,
        FULFILL_OTHER,
        WITHDRAW,
        ASK_AGAIN,
        DELIVER
    }

    Mode public mode;
    bytes public attack;

    constructor(IRandomnessBeacon beacon) Recorder(beacon) {}

    function set(Mode mode_, bytes memory attack_) external {
        (mode, attack) = (mode_, attack_);
    }

    function _receiveRandomness(uint256 id, uint64 round, bytes32 randomness) internal override {
        super._receiveRandomness(id, round, randomness);
        require(mode != Mode.REVERT, "no");
        if (mode == Mode.RETURN_BOMB || mode == Mode.REVERT_BOMB) _bomb(mode == Mode.REVERT_BOMB);
        if (mode == Mode.BURN) while (true) ++calls;
        if (mode == Mode.INVALID) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        // What fails in the beacon fails here, and is undone.
        (bool done,) = address(randomnessBeacon).call(attack);
        require(done, "refused");
    }

    /// @dev 100,000 bytes cost 29,000 gas to make, and would cost as much again to copy.
    function _bomb(bool failing) private pure {
        assembly ("memory-safe") {
            if failing { revert(0, 100000) }
            return(0, 100000)
        }
    }
}
