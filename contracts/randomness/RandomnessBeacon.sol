// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IRandomnessBeacon, RandomnessRequest} from "./interfaces/IRandomnessBeacon.sol";
import {IRandomnessBeaconErrors} from "./interfaces/IRandomnessBeaconErrors.sol";
import {IRandomnessConsumer} from "./interfaces/IRandomnessConsumer.sol";
import {IRandomnessService} from "./interfaces/IRandomnessService.sol";
import {Blob} from "../avs/lib/Blob.sol";
import {Drand} from "./lib/Drand.sol";

/// @title RandomnessBeacon: rounds that the group signed, and requests of contracts for rounds to come
/// @dev Nobody owns it and nothing in it can be changed: a signature is the group's or it is not, and whoever brings one
/// brings the same. A request is kept as the hash of what it is, and given back by whoever fulfills it.
/// It rests on timestamps of blocks that keep up with real time: on a chain whose blocks can be dated back by more than
/// `reorgMargin`, a request could commit to a round that is known.
contract RandomnessBeacon is IRandomnessBeacon, IRandomnessBeaconErrors, ReentrancyGuardTransient {
    /// @inheritdoc IRandomnessBeacon
    /// @dev As Chainlink's coordinator allows on most chains: a round and several callbacks fit into one transaction.
    uint32 public constant MAX_GAS_LIMIT = 2_500_000;
    /// @notice Seconds by which a request's round may lie ahead: a fee that waits longer is a mistake of units.
    uint64 public constant MAX_LEAD = 366 days;
    /// @dev Seconds. Longer periods and margins are mistakes of units, and would let times overflow.
    uint32 private constant MAX_SECONDS = 1 days;
    /// @dev Gas between the check of a callback's gas and the call: instructions, the call's own price, and the access to
    /// the code that an account delegates to (EIP-7702).
    uint256 private constant CALL_MARGIN = 5000;

    /// @notice Knows the contract that may set the group.
    IRandomnessService public immutable service;
    /// @inheritdoc IRandomnessBeacon
    uint32 public immutable period;
    /// @notice Rounds by which a request's lies at least after the one at the block's timestamp: for the block interval,
    /// in which a timestamp grows old, and the margin, in which a block may be undone, and one more.
    uint64 public immutable leadRounds;

    /// @dev Where the blob of the key will be: the key as EIP-2537 has it, 256 bytes, and compressed, 96. It is the first
    /// and only contract that this one creates, so that its address follows from ours: to keep it would cost each
    /// verification 2,000 gas more.
    address private immutable _key;

    /// @inheritdoc IRandomnessBeacon
    uint64 public genesis;
    /// @inheritdoc IRandomnessBeacon
    bytes32 public groupHash;
    uint256 private _lastRequest;

    mapping(uint64 round => bytes32) private _randomness;
    mapping(uint256 id => bytes32 hash) private _waiting;
    mapping(address deliverer => uint256) private _fees;

    /// @param period_ Seconds between rounds.
    /// @param blockInterval Seconds between blocks of the chain.
    /// @param reorgMargin Seconds after which a block is not undone any more, as far as consumers have to care.
    constructor(IRandomnessService service_, uint32 period_, uint32 blockInterval, uint32 reorgMargin) {
        require(period_ != 0 && period_ <= MAX_SECONDS, PeriodOutOfRange(period_));
        require(blockInterval != 0 && blockInterval <= MAX_SECONDS, BlockIntervalOutOfRange(blockInterval));
        require(reorgMargin <= MAX_SECONDS, ReorgMarginOutOfRange(reorgMargin));
        service = service_;
        period = period_;
        // The address of what a contract creates first: RLP of (itself, nonce 1).
        _key = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(this), hex"01")))));
        leadRounds = (uint64(blockInterval) + reorgMargin + period_ - 1) / period_ + 1;
    }

    // group

    /// @inheritdoc IRandomnessBeacon
    function setGroup(bytes calldata groupKey, bytes32 groupHash_, uint64 genesis_) external {
        require(msg.sender == service.keyGeneration(), OnlyKeyGeneration(msg.sender));
        require(genesis == 0, GroupAlreadySet());
        // Times have 40 bits everywhere in Lariat; a past genesis would make rounds due that nobody could sign. And zero,
        // which stands for no group, is past.
        require(genesis_ >= block.timestamp && genesis_ < 1 << 40, GenesisOutOfRange(genesis_));
        bytes memory compressed = Drand.compressKey(groupKey);
        address key = Blob.write(bytes.concat(Drand.padKey(groupKey), compressed));
        assert(key == _key);
        genesis = genesis_;
        groupHash = groupHash_;
        emit GroupSet(
            compressed, groupHash_, genesis_, Drand.chainHash(period, genesis_, compressed, groupHash_)
        );
    }

    /// @inheritdoc IRandomnessBeacon
    function publicKey() public view returns (bytes memory) {
        return genesis == 0 ? bytes("") : Blob.read(_key, 256, 96);
    }

    /// @inheritdoc IRandomnessBeacon
    function chainHash() external view returns (bytes32) {
        return Drand.chainHash(period, _started(), publicKey(), groupHash);
    }

    // rounds

    /// @inheritdoc IRandomnessBeacon
    function deliver(uint64 round, bytes calldata signature) external returns (bytes32) {
        require(_randomness[round] == 0, RoundAlreadyDelivered(round));
        return _deliver(round, signature);
    }

    /// @inheritdoc IRandomnessBeacon
    function verify(uint64 round, bytes calldata signature) external view returns (bytes32) {
        return sha256(_verify(round, signature));
    }

    /// @inheritdoc IRandomnessBeacon
    function randomnessOf(uint64 round) external view returns (bytes32) {
        return _randomness[round];
    }

    /// @inheritdoc IRandomnessBeacon
    function roundAt(uint64 time) external view returns (uint64) {
        return _roundAt(time);
    }

    /// @inheritdoc IRandomnessBeacon
    function timeOf(uint64 round) external view returns (uint64) {
        require(round != 0, RoundZero());
        return _started() + (round - 1) * period;
    }

    // requests

    /// @inheritdoc IRandomnessBeacon
    function request(uint64 round, uint32 gasLimit) external payable returns (uint256 id, uint64 committed) {
        require(gasLimit <= MAX_GAS_LIMIT, RequestGasLimit(gasLimit, MAX_GAS_LIMIT));
        require(msg.value <= type(uint96).max, RequestFee(msg.value, type(uint96).max));
        committed = _commitRound(round);
        id = ++_lastRequest;
        // Checked above.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint96 fee = uint96(msg.value);
        _waiting[id] = _hash(RandomnessRequest(id, msg.sender, committed, gasLimit, fee));
        emit RandomnessRequested(id, msg.sender, committed, gasLimit, fee);
    }

    /// @inheritdoc IRandomnessBeacon
    function earliestRound() public view returns (uint64) {
        return _roundAt(uint64(block.timestamp)) + leadRounds;
    }

    /// @inheritdoc IRandomnessBeacon
    function isPending(RandomnessRequest calldata wanted) external view returns (bool) {
        return _waiting[wanted.id] == _hash(wanted);
    }

    /// @inheritdoc IRandomnessBeacon
    function derive(uint256 id, bytes32 roundRandomness) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), id, roundRandomness));
    }

    /// @inheritdoc IRandomnessBeacon
    function fulfill(RandomnessRequest[] calldata requests) external nonReentrant returns (uint256) {
        return _fulfill(requests);
    }

    /// @inheritdoc IRandomnessBeacon
    function deliverAndFulfill(uint64 round, bytes calldata signature, RandomnessRequest[] calldata requests)
        external
        nonReentrant
        returns (uint256)
    {
        if (_randomness[round] == 0) _deliver(round, signature);
        return _fulfill(requests);
    }

    /// @inheritdoc IRandomnessBeacon
    function feesOf(address deliverer) external view returns (uint256) {
        return _fees[deliverer];
    }

    /// @inheritdoc IRandomnessBeacon
    function withdrawFees(address payable recipient) external nonReentrant {
        uint256 amount = _fees[msg.sender];
        require(amount != 0, NothingToWithdraw());
        _fees[msg.sender] = 0;
        emit FeesWithdrawn(msg.sender, recipient, amount);
        (bool sent,) = recipient.call{value: amount}("");
        require(sent, WithdrawalFailed(recipient));
    }

    /// @dev A round whose time has not come is taken too: that somebody knows it is better seen than hidden, and no
    /// request can commit to it any more.
    function _deliver(uint64 round, bytes calldata signature) private returns (bytes32 randomness) {
        bytes memory compressed = _verify(round, signature);
        randomness = sha256(compressed);
        _randomness[round] = randomness;
        emit RoundDelivered(round, randomness, compressed);
    }

    /// @return compressed The signature as drand has it.
    function _verify(uint64 round, bytes calldata signature) private view returns (bytes memory compressed) {
        require(round != 0, RoundZero());
        // Where no blob is, the key would read as infinity, for which infinity signs everything.
        require(_key.code.length != 0, GroupNotSet());
        require(Drand.verify(Blob.read(_key, 0, 256), round, signature), RoundSignatureInvalid(round));
        return Drand.compressSignature(signature);
    }

    /// @dev The round that a request commits to: the earliest, or a later one that the caller chose.
    function _commitRound(uint64 round) private view returns (uint64) {
        uint64 earliest = earliestRound();
        if (round == 0) round = earliest;
        require(round >= earliest, RequestRoundTooEarly(round, earliest));
        uint64 latest = earliest + MAX_LEAD / period;
        require(round <= latest, RequestRoundTooLate(round, latest));
        // Nobody should know it yet; if somebody showed that he does, nobody can bet on it.
        require(_randomness[round] == 0, RoundAlreadyDelivered(round));
        return round;
    }

    /// @dev A page may meet requests that another one fulfilled before: they are passed over, so that nobody can spoil a
    /// page by fulfilling one of it. A request is forgotten before its callback.
    function _fulfill(RandomnessRequest[] calldata requests) private returns (uint256 fulfilled) {
        uint256 fees;
        for (uint256 i; i < requests.length; ++i) {
            RandomnessRequest calldata wanted = requests[i];
            bytes32 roundRandomness = _randomness[wanted.round];
            if (roundRandomness == 0 || _waiting[wanted.id] != _hash(wanted)) continue;
            delete _waiting[wanted.id];
            ++fulfilled;
            fees += wanted.fee;
            bytes32 randomness = derive(wanted.id, roundRandomness);
            bool success = _call(wanted, randomness);
            emit RandomnessFulfilled(wanted.id, wanted.consumer, randomness, success, msg.sender);
        }
        require(fulfilled != 0, NothingToFulfill());
        if (fees != 0) _fees[msg.sender] += fees;
    }

    /// @dev Calls with the gas that the request says, neither more nor less, and copies nothing of what comes back. If the
    /// gas is not there, all reverts: who fulfills cannot make a callback fail that would not.
    /// @return success Whether there was code, and it ran to its end.
    function _call(RandomnessRequest calldata wanted, bytes32 randomness) private returns (bool success) {
        (address consumer, uint256 gasLimit) = (wanted.consumer, wanted.gasLimit);
        bytes memory data =
            abi.encodeCall(IRandomnessConsumer.receiveRandomness, (wanted.id, wanted.round, randomness));
        if (consumer.code.length == 0) return false;
        // A call is handed at most 63/64 of the gas that is left.
        uint256 needed = gasLimit + gasLimit / 63 + CALL_MARGIN;
        require(gasleft() > needed, FulfillOutOfGas(wanted.id, needed));
        assembly ("memory-safe") {
            success := call(gasLimit, consumer, 0, add(data, 32), mload(data), 0, 0)
        }
    }

    function _roundAt(uint64 time) private view returns (uint64) {
        uint64 start = _started();
        return time < start ? 0 : (time - start) / period + 1;
    }

    function _started() private view returns (uint64 start) {
        start = genesis;
        require(start != 0, GroupNotSet());
    }

    function _hash(RandomnessRequest memory wanted) private pure returns (bytes32) {
        return keccak256(abi.encode(wanted));
    }
}
