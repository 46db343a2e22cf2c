// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IVRFCoordinatorV2Plus, VRFV2PlusClient} from "../../randomness/interfaces/IVRFCoordinatorV2Plus.sol";

/// @notice Behaves as a contract on Chainlink's VRFConsumerBaseV2Plus: it takes words from its coordinator only, by the
/// function whose selector that base has.
contract VrfConsumer {
    error OnlyCoordinatorCanFulfill(address have, address want);

    IVRFCoordinatorV2Plus public immutable coordinator;
    uint256 public calls;
    uint256 public lastId;
    uint256 public lastGas;
    uint256[] private _words;
    bytes private _attack;
    bool private _failing;

    constructor(IVRFCoordinatorV2Plus coordinator_) {
        coordinator = coordinator_;
    }

    function set(bool failing, bytes memory attack) external {
        (_failing, _attack) = (failing, attack);
    }

    function ask(VRFV2PlusClient.RandomWordsRequest calldata request) external returns (uint256) {
        return coordinator.requestRandomWords(request);
    }

    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external {
        uint256 gas = gasleft();
        require(
            msg.sender == address(coordinator), OnlyCoordinatorCanFulfill(msg.sender, address(coordinator))
        );
        require(!_failing, "failing");
        if (_attack.length != 0) {
            (bool done,) = address(coordinator).call(_attack);
            require(done, "refused");
        }
        (lastId, lastGas) = (requestId, gas);
        ++calls;
        // Some only use what they asked for, and a long array would not fit into the gas of these tests.
        if (randomWords.length <= 4) _words = randomWords;
    }

    function words() external view returns (uint256[] memory) {
        return _words;
    }
}
