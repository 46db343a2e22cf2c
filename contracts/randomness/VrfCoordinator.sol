// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {VrfSubscriptions} from "./VrfSubscriptions.sol";
import {IRandomnessBeacon} from "./interfaces/IRandomnessBeacon.sol";
import {IRandomnessConsumer} from "./interfaces/IRandomnessConsumer.sol";
import {
    IVRFConsumerV2Plus,
    IVRFCoordinatorV2Plus,
    VRFV2PlusClient
} from "./interfaces/IVRFCoordinatorV2Plus.sol";

/// @title VrfCoordinator: RandomnessBeacon for contracts that were written for Chainlink VRF v2.5
/// @dev A consumer is given this address as its coordinator, and changes nothing else. What differs: `keyHash` is the
/// price that the subscription offers, in wei a unit of gas; a request is paid for when it is made, for all of the gas
/// that it may need; nothing is paid in LINK, whatever `extraArgs` says; and a callback may ask again.
contract VrfCoordinator is VrfSubscriptions, IRandomnessConsumer {
    error OnlyRandomnessBeacon(address caller);
    /// @notice No price: above 2^24 - 1 times the unit.
    error KeyHashNoPrice(bytes32 keyHash, uint256 most);

    /// @notice Blocks between request and round, at the most and at the least; as Chainlink's.
    uint16 public constant MAX_REQUEST_CONFIRMATIONS = 200;
    uint16 public constant MIN_REQUEST_CONFIRMATIONS = 0;
    /// @notice Words of one request; as Chainlink's.
    uint32 public constant MAX_NUM_WORDS = 500;
    /// @notice Wei in which prices are counted, rounded up: a thousandth of a gwei, up to 16,777 gwei.
    uint256 public constant PRICE_UNIT = 1e6;
    /// @notice Gas that a request pays beside its callback: one delivery of its round, and the fulfillment.
    uint256 public constant FULFILLMENT_GAS = 250_000;

    /// @dev Gas of this contract's own work in a callback, for one word and for each: measured, with a quarter more.
    uint256 private constant OWN_GAS = 40_000;
    uint256 private constant WORD_GAS = 400;
    /// @dev Gas between the check of a consumer's gas and the call, as in RandomnessBeacon.
    uint256 private constant CALL_MARGIN = 5000;

    /// @dev One storage slot.
    struct Request {
        address consumer;
        uint32 subId;
        uint24 gasLimit;
        uint16 numWords;
        uint24 price;
    }

    IRandomnessBeacon public immutable randomnessBeacon;
    /// @notice Most gas of one callback: what the beacon allows, less our own work.
    uint32 public immutable maxGasLimit;
    /// @notice Seconds that a confirmation stands for.
    uint32 public immutable blockInterval;

    mapping(uint256 requestId => Request) private _requests;

    /// @param blockInterval_ Seconds between blocks of the chain.
    constructor(IRandomnessBeacon randomnessBeacon_, uint32 blockInterval_) {
        randomnessBeacon = randomnessBeacon_;
        blockInterval = blockInterval_;
        uint256 most = randomnessBeacon_.MAX_GAS_LIMIT() - _ownGas(MAX_NUM_WORDS);
        // Less than the beacon's limit, which has 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        maxGasLimit = uint32(most - most / 64);
    }

    /// @inheritdoc IVRFCoordinatorV2Plus
    function requestRandomWords(VRFV2PlusClient.RandomWordsRequest calldata req)
        external
        returns (uint256 requestId)
    {
        _check(req);
        uint24 price = _price(req.keyHash);
        uint96 payment = _payment(price, req.callbackGasLimit);
        _charge(req.subId, payment);
        uint64 round;
        (requestId, round) = randomnessBeacon.request{value: payment}(
            _round(req.requestConfirmations), _beaconGas(req.callbackGasLimit, req.numWords)
        );
        // The limits of all of them are checked above; ids of subscriptions have 32 bits.
        // forge-lint: disable-next-item(unsafe-typecast)
        _requests[requestId] =
            Request(msg.sender, uint32(req.subId), uint24(req.callbackGasLimit), uint16(req.numWords), price);
        _announce(req, requestId, round);
    }

    /// @inheritdoc IRandomnessConsumer
    /// @dev Whatever the consumer does, this comes to its end: the beacon handed over the gas for it.
    function receiveRandomness(uint256 id, uint64, bytes32 randomness) external {
        require(msg.sender == address(randomnessBeacon), OnlyRandomnessBeacon(msg.sender));
        Request memory request = _requests[id];
        delete _requests[id];
        Subscription storage subscription = _subscriptions[request.subId];
        --subscription.pending;
        ++subscription.reqCount;
        bool success = _deliver(id, request, randomness);
        uint96 payment = _payment(request.price, request.gasLimit);
        emit RandomWordsFulfilled(id, uint256(randomness), request.subId, payment, true, success, false);
    }

    /// @notice What a request pays, in wei.
    function paymentOf(bytes32 keyHash, uint32 callbackGasLimit) external view returns (uint96) {
        return _payment(_price(keyHash), callbackGasLimit);
    }

    function _check(VRFV2PlusClient.RandomWordsRequest calldata req) private view {
        _known(req.subId);
        require(_isConsumer(req.subId, msg.sender), InvalidConsumer(req.subId, msg.sender));
        require(
            req.requestConfirmations <= MAX_REQUEST_CONFIRMATIONS,
            InvalidRequestConfirmations(
                req.requestConfirmations, MIN_REQUEST_CONFIRMATIONS, MAX_REQUEST_CONFIRMATIONS
            )
        );
        require(req.callbackGasLimit <= maxGasLimit, GasLimitTooBig(req.callbackGasLimit, maxGasLimit));
        require(req.numWords <= MAX_NUM_WORDS, NumWordsTooBig(req.numWords, MAX_NUM_WORDS));
        require(
            req.extraArgs.length == 0 || bytes4(req.extraArgs) == VRFV2PlusClient.EXTRA_ARGS_V1_TAG,
            InvalidExtraArgsTag()
        );
    }

    function _charge(uint256 subId, uint96 payment) private {
        Subscription storage subscription = _subscriptions[subId];
        require(subscription.balance >= payment, InsufficientBalance());
        subscription.balance -= payment;
        ++subscription.pending;
    }

    function _announce(VRFV2PlusClient.RandomWordsRequest calldata req, uint256 requestId, uint64 round)
        private
    {
        emit RandomWordsRequested(
            req.keyHash,
            requestId,
            round,
            req.subId,
            req.requestConfirmations,
            req.callbackGasLimit,
            req.numWords,
            req.extraArgs,
            msg.sender
        );
    }

    function _deliver(uint256 id, Request memory request, bytes32 randomness) private returns (bool success) {
        bytes memory data = abi.encodeCall(
            IVRFConsumerV2Plus.rawFulfillRandomWords, (id, _words(randomness, request.numWords))
        );
        (address consumer, uint256 gasLimit) = (request.consumer, request.gasLimit);
        if (consumer.code.length == 0) return false;
        // The beacon handed over enough; nothing else may call this.
        assert(gasleft() > gasLimit + gasLimit / 63 + CALL_MARGIN);
        assembly ("memory-safe") {
            success := call(gasLimit, consumer, 0, add(data, 32), mload(data), 0, 0)
        }
    }

    /// @dev The round that `confirmations` blocks lead to, and never one that the beacon does not take.
    function _round(uint16 confirmations) private view returns (uint64) {
        uint64 time = uint64(block.timestamp) + uint64(confirmations) * blockInterval;
        uint64 wanted = randomnessBeacon.roundAt(time) + 1;
        uint64 earliest = randomnessBeacon.earliestRound();
        return wanted > earliest ? wanted : earliest;
    }

    /// @dev In units, rounded up. Without a price: twice the block's base fee, and at least one unit.
    function _price(bytes32 keyHash) private view returns (uint24) {
        uint256 units = uint256(keyHash) / PRICE_UNIT;
        if (uint256(keyHash) % PRICE_UNIT != 0) ++units;
        if (keyHash == 0) units = 2 * block.basefee / PRICE_UNIT + 1;
        require(units <= type(uint24).max, KeyHashNoPrice(keyHash, type(uint24).max * PRICE_UNIT));
        // Checked above.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint24(units);
    }

    /// @dev Gas to ask of the beacon, so that the consumer gets what it asked for.
    function _beaconGas(uint32 gasLimit, uint32 numWords) private pure returns (uint32) {
        // Checked against `maxGasLimit` and MAX_NUM_WORDS: not above the beacon's limit.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(uint256(gasLimit) + uint256(gasLimit) / 63 + _ownGas(numWords));
    }

    function _payment(uint24 price, uint32 gasLimit) private pure returns (uint96) {
        // 24, 20 and 33 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint96(uint256(price) * PRICE_UNIT * (FULFILLMENT_GAS + gasLimit));
    }

    function _words(bytes32 randomness, uint256 count) private pure returns (uint256[] memory words) {
        words = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            words[i] = uint256(keccak256(abi.encode(randomness, i)));
        }
    }

    function _ownGas(uint256 numWords) private pure returns (uint256) {
        return OWN_GAS + numWords * WORD_GAS;
    }
}
