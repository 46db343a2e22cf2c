// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {KeyGeneration} from "../../randomness/KeyGeneration.sol";
import {ServiceManager} from "../../avs/ServiceManager.sol";
import {
    Dealing,
    FoldInput,
    IKeyGeneration,
    KeyTiming,
    Session,
    Sharing
} from "../../randomness/interfaces/IKeyGeneration.sol";
import {Statement} from "../../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";
import {Epochs} from "../../avs/lib/Epochs.sol";
import {Operators} from "../../avs/lib/Operators.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {Vm} from "../Vm.sol";
import {AvsSetup} from "../avs/AvsSetup.sol";
import {BlsSigner} from "../avs/BlsSigner.sol";
import {DealingMaker} from "./DealingMaker.sol";

/// @notice A ServiceManager that remembers who was convicted, and throws them out.
contract KeyService is ServiceManager {
    struct Conviction {
        address operator;
        uint64 session;
        uint64 epoch;
        uint8 reason;
    }

    Conviction[] public convictions;

    constructor(Parameters memory parameters_, IAllocationManager allocationManager_, address owner_)
        ServiceManager(parameters_, allocationManager_, owner_)
    {}

    function slotTime(bytes32, uint64) public pure override returns (uint64) {
        return 0;
    }

    function convict(address operator, uint64 session, uint64 epoch, uint8 reason) external {
        convictions.push(Conviction(operator, session, epoch, reason));
        Epochs.revoke(_epochs, operator);
        Operators.eject(_operators, allocationManager, operatorSetId, operator);
    }

    function convictionCount() external view returns (uint256) {
        return convictions.length;
    }

    /// @notice Takes an operator's weight for something that has nothing to do with keys.
    function revoke(address operator) external {
        Epochs.revoke(_epochs, operator);
    }
}

/// @notice A beacon that remembers its group.
contract KeyBeacon {
    uint32 public constant period = 3;
    bytes public groupKey;
    bytes32 public groupHash;
    uint64 public genesis;

    function setGroup(bytes calldata groupKey_, bytes32 groupHash_, uint64 genesis_) external {
        require(genesis == 0, "KeyBeacon: set");
        (groupKey, groupHash, genesis) = (groupKey_, groupHash_, genesis_);
    }

    function chainHash() external view returns (bytes32) {
        return keccak256(abi.encode(groupKey, groupHash, genesis));
    }
}

/// @title KeySetup: operators with encryption keys, and sessions of theirs
/// @dev Operators are numbered as in AvsSetup. All secrets follow from a few numbers, so that a dealing can be made
/// again, and the test knows the secret behind the group key.
abstract contract KeySetup is AvsSetup {
    uint256 internal constant STAKE = 10 ether;
    uint32 internal constant DEAL_BLOCKS = 10;
    uint32 internal constant COMPLAINT_BLOCKS = 10;
    uint32 internal constant FOLD_BLOCKS = 20;
    uint32 internal constant GAP_BLOCKS = 30;
    bytes32 internal constant DEAL_SERVICE = keccak256("lariat/randomness/key");

    KeyService internal service;
    KeyBeacon internal beacon;
    KeyGeneration internal keys;

    /// @dev How many encryption keys an operator has registered.
    mapping(uint256 i => uint256) internal generations;
    /// @dev By hash of the encryption key.
    mapping(bytes32 keyHash => uint256) internal encryptionSecrets;
    /// @dev Coefficients of the newest sharing's polynomial.
    uint256[] internal secretPolynomial;

    struct Member {
        uint256 operator;
        bytes key;
        uint64 weight;
        uint16 shares;
        uint256 first;
    }

    function setUp() public virtual override {
        super.setUp();
        service = _newService();
        _initialize(service);
        beacon = _newBeacon();
        keys = _newKeyGeneration(_timing());
    }

    function _newService() internal virtual returns (KeyService) {
        return KeyService(
            vm.deployCode("KeySetup.sol:KeyService", abi.encode(_parameters(), allocations, address(this)))
        );
    }

    function _newBeacon() internal virtual returns (KeyBeacon) {
        return new KeyBeacon();
    }

    function _newKeyGeneration(KeyTiming memory timing) internal returns (KeyGeneration) {
        return KeyGeneration(vm.deployCode("KeyGeneration.sol", abi.encode(service, beacon, timing)));
    }

    function _timing() internal pure returns (KeyTiming memory) {
        return KeyTiming({
            dealBlocks: DEAL_BLOCKS,
            complaintBlocks: COMPLAINT_BLOCKS,
            foldBlocks: FOLD_BLOCKS,
            gapBlocks: GAP_BLOCKS,
            startDelay: 20,
            switchDelay: 10
        });
    }

    // operators

    /// @dev Operators 0 to count − 1, of equal stake, with keys, in an active epoch.
    function _start(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            _join(service, i, STAKE);
            _registerKey(i);
        }
        _buildAndActivate(service);
    }

    /// @dev Registers the next encryption key of operator i.
    function _registerKey(uint256 i) internal {
        uint256 secret = uint256(keccak256(abi.encode("encryption", i, generations[i]++))) % BlsSigner.ORDER;
        (bytes memory key, uint256 c, uint256 z) =
            DealingMaker.proveEncryptionKey(address(keys), _account(i), secret);
        encryptionSecrets[keccak256(key)] = secret;
        vm.prank(_account(i));
        keys.registerEncryptionKey(key, c, z);
    }

    function _number(address account) internal pure returns (uint256) {
        return uint256(uint160(account)) - uint160(_account(0));
    }

    // sessions

    /// @dev Opens with all that are eligible, each with the same number of shares.
    function _open(uint16 each, uint16 threshold) internal returns (uint64 session) {
        (, uint32[] memory rows) = keys.eligibleRows();
        uint16[] memory shares = new uint16[](rows.length);
        for (uint256 i; i < shares.length; ++i) {
            shares[i] = each;
        }
        return _openWith(rows, shares, threshold);
    }

    /// @dev By the operator of the first row.
    function _openWith(uint32[] memory rows, uint16[] memory shares, uint16 threshold)
        internal
        returns (uint64 session)
    {
        (address[] memory operators,,) =
            service.epochRows(service.epochAt(uint64(vm.getBlockTimestamp())), rows[0], 1);
        session = keys.latestSession() + 1;
        vm.prank(operators[0]);
        keys.open(rows, shares, threshold);
    }

    function _members(uint64 session) internal view returns (Member[] memory list) {
        bytes memory table = keys.membersOf(session);
        list = new Member[](table.length / 126);
        uint256 first;
        for (uint256 i; i < list.length; ++i) {
            Member memory member = list[i];
            member.operator = _number(address(uint160(_word(table, i * 126 + 20) & type(uint160).max)));
            member.key = _slice(table, i * 126 + 20, 96);
            member.weight = uint64(_word(table, i * 126 + 124));
            member.shares = uint16(_word(table, i * 126 + 126));
            member.first = first;
            first += member.shares;
        }
    }

    /// @dev Those that owe dealings in a session.
    function _dealers(uint64 session) internal view returns (Member[] memory) {
        uint64 from = keys.sessionInfo(session).fromSharing;
        return _members(from == 0 ? session : keys.sharingInfo(from).session);
    }

    function _dealerOf(uint64 session, uint256 operator) internal view returns (Member memory) {
        Member[] memory list = _dealers(session);
        for (uint256 i; i < list.length; ++i) {
            if (list[i].operator == operator) return list[i];
        }
        revert("KeySetup: no dealer");
    }

    /// @dev Dealer's polynomials: of random constants, or of its old shares.
    function _coefficients(uint64 session, uint256 dealer) internal view returns (uint256[][] memory list) {
        Session memory info = keys.sessionInfo(session);
        Member memory member = _dealerOf(session, dealer);
        bool fresh = info.fromSharing == 0;
        list = new uint256[][](fresh ? 1 : member.shares);
        for (uint256 p; p < list.length; ++p) {
            list[p] = new uint256[](info.threshold);
            for (uint256 k; k < info.threshold; ++k) {
                list[p][k] =
                    uint256(keccak256(abi.encode("coefficient", session, dealer, p, k))) % BlsSigner.ORDER;
            }
            if (!fresh) list[p][0] = DealingMaker.evaluate(secretPolynomial, member.first + p + 1);
        }
    }

    function _plan(uint64 session, uint256 dealer) internal view returns (DealingMaker.Plan memory plan) {
        Session memory info = keys.sessionInfo(session);
        plan.sessionId = info.id;
        plan.dealer = _account(dealer);
        plan.ephemeral = uint256(keccak256(abi.encode("ephemeral", session, dealer))) % BlsSigner.ORDER;
        plan.coefficients = _coefficients(session, dealer);
        plan.first = info.fromSharing == 0 ? _place(session, dealer) : _dealerOf(session, dealer).first;
        plan.recipients = new bytes[](info.shares);
        Member[] memory members = _members(session);
        for (uint256 i; i < members.length; ++i) {
            for (uint256 j; j < members[i].shares; ++j) {
                plan.recipients[members[i].first + j] = members[i].key;
            }
        }
    }

    function _dealing(uint64 session, uint256 dealer) internal view returns (Dealing memory) {
        return this.dealingOf(session, dealer);
    }

    /// @dev A call of its own, which leaves no memory behind.
    function dealingOf(uint64 session, uint256 dealer) external view returns (Dealing memory) {
        return DealingMaker.make(_plan(session, dealer));
    }

    function _place(uint64 session, uint256 dealer) internal view returns (uint256 place) {
        Member[] memory list = _dealers(session);
        while (list[place].operator != dealer) ++place;
    }

    function _signDealing(uint64 session, uint256 dealer, uint64 epoch, Dealing memory dealing)
        internal
        view
        returns (bytes memory)
    {
        bytes32 payload = DealingMaker.payload(keys.sessionInfo(session).id, _account(dealer), dealing);
        Statement memory statement = Statement(DEAL_SERVICE, 4, epoch, session, 0, payload);
        return BlsSigner.sign(_secret(dealer), service.statementDigest(statement));
    }

    function _oldPolynomial(uint64 session) internal view returns (bytes memory) {
        return keys.sessionInfo(session).fromSharing == 0 ? bytes("") : DealingMaker.commit(secretPolynomial);
    }

    function _post(uint64 session, uint256 dealer, Dealing memory dealing) internal {
        _postIn(session, dealer, keys.sessionInfo(session).epoch, dealing);
    }

    function _postIn(uint64 session, uint256 dealer, uint64 epoch, Dealing memory dealing) internal {
        bytes memory signature = _signDealing(session, dealer, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        keys.deal(session, _account(dealer), epoch, dealing, signature, old);
    }

    /// @dev Honest dealings of all dealers but those whose bit is in `silent`, by operator number.
    function _dealAll(uint64 session, uint256 silent) internal {
        Member[] memory list = _dealers(session);
        for (uint256 i; i < list.length; ++i) {
            uint256 dealer = list[i].operator;
            if (silent >> dealer & 1 == 0) _post(session, dealer, _dealing(session, dealer));
        }
    }

    /// @dev Shows `recipient`'s share of a dealer's polynomial.
    function _complain(
        uint64 session,
        uint256 dealer,
        uint16 polynomial,
        uint16 shareIndex,
        uint256 recipient,
        Dealing memory dealing
    ) internal {
        (bytes memory shared, uint256 c, uint256 z) =
            _complaint(session, dealer, recipient, polynomial, shareIndex, dealing.ephemeral);
        keys.complainShare(session, _account(dealer), polynomial, shareIndex, dealing, shared, c, z);
    }

    function _complaint(
        uint64 session,
        uint256 dealer,
        uint256 recipient,
        uint16 polynomial,
        uint16 shareIndex,
        bytes memory ephemeral
    ) internal view returns (bytes memory shared, uint256 c, uint256 z) {
        bytes memory about = abi.encodePacked(
            keys.sessionInfo(session).id, _account(dealer), _account(recipient), polynomial, shareIndex
        );
        uint256 secret = encryptionSecrets[keccak256(_memberKey(session, recipient))];
        return DealingMaker.complain(about, secret, ephemeral);
    }

    function _memberKey(uint64 session, uint256 operator) internal view returns (bytes memory) {
        Member[] memory list = _members(session);
        uint256 i;
        while (list[i].operator != operator) ++i;
        return list[i].key;
    }

    // phases

    function _toComplaints(uint64 session) internal {
        _toBlock(keys.sessionInfo(session).dealEnd + 1);
    }

    function _toFolding(uint64 session) internal {
        _toBlock(keys.sessionInfo(session).complaintEnd + 1);
    }

    function _toGapEnd() internal {
        (, uint256 fromBlock) = keys.dueReason();
        _toBlock(fromBlock);
    }

    /// @dev A second a block.
    function _toBlock(uint256 number) internal {
        if (number > vm.getBlockNumber()) _pass(number - vm.getBlockNumber());
    }

    // folding

    /// @dev The dealers whose dealings make the sum, ascending; of a resharing also the points that count.
    function _counting(uint64 session)
        internal
        view
        returns (uint256[] memory operators, uint256[] memory points)
    {
        Session memory info = keys.sessionInfo(session);
        Member[] memory list = _dealers(session);
        uint256 most = info.fromSharing == 0 ? 0 : keys.sharingInfo(info.fromSharing).threshold;
        operators = new uint256[](list.length);
        points = new uint256[](most);
        uint256 count;
        uint256 length;
        for (uint256 i; i < list.length; ++i) {
            if ((info.dealt & ~info.convicted) >> i & 1 == 0) continue;
            if (most != 0 && (length == most || list[i].shares == 0)) continue;
            operators[count++] = list[i].operator;
            for (uint256 j; j < list[i].shares && length < most; ++j) {
                points[length++] = list[i].first + j + 1;
            }
        }
        assembly ("memory-safe") {
            mstore(operators, count)
        }
    }

    function _inputs(uint64 session, uint256[] memory operators) internal view returns (FoldInput[] memory) {
        return this.inputsOf(session, operators);
    }

    /// @dev A call of its own, which leaves no memory behind.
    function inputsOf(uint64 session, uint256[] memory operators)
        external
        view
        returns (FoldInput[] memory inputs)
    {
        inputs = new FoldInput[](operators.length);
        for (uint256 i; i < inputs.length; ++i) {
            Dealing memory dealing = _dealing(session, operators[i]);
            inputs[i] = FoldInput(_account(operators[i]), dealing.commitments, DealingMaker.restHash(dealing));
        }
    }

    /// @dev The secret polynomial that comes of a session's honest dealings.
    function _sum(uint64 session) internal view returns (uint256[] memory) {
        return this.sumOf(session);
    }

    /// @dev A call of its own, which leaves no memory behind.
    function sumOf(uint64 session) external view returns (uint256[] memory polynomial) {
        (uint256[] memory operators, uint256[] memory points) = _counting(session);
        polynomial = new uint256[](keys.sessionInfo(session).threshold);
        uint256 next;
        for (uint256 i; i < operators.length; ++i) {
            uint256[][] memory list = _coefficients(session, operators[i]);
            for (uint256 p; p < list.length; ++p) {
                if (points.length != 0 && next == points.length) break;
                uint256 factor = points.length == 0 ? 1 : DealingMaker.lagrange(points, points[next++]);
                for (uint256 k; k < polynomial.length; ++k) {
                    polynomial[k] =
                        addmod(polynomial[k], mulmod(list[p][k], factor, BlsSigner.ORDER), BlsSigner.ORDER);
                }
            }
        }
    }

    /// @dev Folds honest dealings in one go, and keeps the secret.
    function _fold(uint64 session) internal {
        (uint256[] memory operators,) = _counting(session);
        uint256[] memory polynomial = _sum(session);
        keys.fold(session, _inputs(session, operators), "");
        secretPolynomial = polynomial;
    }

    /// @dev A session of those eligible, in which all are honest but for the silent ones.
    function _run(uint16 each, uint16 threshold, uint256 silent) internal returns (uint64 session) {
        session = _open(each, threshold);
        _dealAll(session, silent);
        _toFolding(session);
        _fold(session);
    }

    /// @dev The newest sharing is that of the secret that the test knows.
    function _checkSharing(uint64 session) internal view {
        Sharing memory sharing = keys.sharingInfo(keys.latestSharing());
        vm.assertEq(sharing.session, session);
        vm.assertEq(sharing.polynomialHash, keccak256(DealingMaker.commit(secretPolynomial)));
        vm.assertEq(sharing.threshold, secretPolynomial.length);
        vm.assertEq(keys.group().key, DealingMaker.multiplyG2(DealingMaker.G2, secretPolynomial[0]));
        vm.assertEq(keys.sessionInfo(session).state, 2);
    }

    // events

    /// @dev The last event of its kind.
    function _find(Vm.Log[] memory logs, bytes32 topic) internal pure returns (Vm.Log memory found) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) found = logs[i];
        }
        vm.assertTrue(found.topics.length != 0, "no such event");
    }

    /// @dev The sum that the last `Folded` told.
    function _runningOf(Vm.Log[] memory logs) internal pure returns (bytes memory running) {
        (, running) = abi.decode(_find(logs, IKeyGeneration.Folded.selector).data, (uint16, bytes));
    }

    function _word(bytes memory data, uint256 end) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(data, end))
        }
    }

    function _slice(bytes memory data, uint256 offset, uint256 size)
        internal
        pure
        returns (bytes memory part)
    {
        part = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(data, 32), offset), size)
        }
    }
}
