// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRandomnessBeacon} from "./interfaces/IRandomnessBeacon.sol";
import {IRandomnessConsumer} from "./interfaces/IRandomnessConsumer.sol";

/// @title RandomnessConsumer: base of contracts that ask RandomnessBeacon for randomness
/// @dev Fix everything that the randomness decides before the request, or in its transaction. What is only written after
/// the round's time can be chosen to suit it. Anyone may fulfill a request, at any moment after its round, also from within
/// a call that this contract makes: a callback behind a lock that is held then would fail, and is not repeated.
abstract contract RandomnessConsumer is IRandomnessConsumer {
    error OnlyRandomnessBeacon(address caller);

    IRandomnessBeacon public immutable randomnessBeacon;

    constructor(IRandomnessBeacon randomnessBeacon_) {
        randomnessBeacon = randomnessBeacon_;
    }

    /// @inheritdoc IRandomnessConsumer
    function receiveRandomness(uint256 id, uint64 round, bytes32 randomness) external {
        require(msg.sender == address(randomnessBeacon), OnlyRandomnessBeacon(msg.sender));
        _receiveRandomness(id, round, randomness);
    }

    /// @dev Asks for the earliest round that the beacon allows. `fee` wei of this contract go to whoever fulfills it.
    function _requestRandomness(uint32 gasLimit, uint256 fee) internal returns (uint256 id, uint64 round) {
        return randomnessBeacon.request{value: fee}(0, gasLimit);
    }

    /// @dev What to do with the randomness. Must not revert, and not need more gas than the request said: it is not called
    /// again.
    function _receiveRandomness(uint256 id, uint64 round, bytes32 randomness) internal virtual;
}
