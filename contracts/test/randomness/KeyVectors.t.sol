// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";
import {ChaumPedersen} from "../../randomness/lib/ChaumPedersen.sol";
import {Dealings} from "../../randomness/lib/Dealings.sol";
import {DealingProofs} from "../../randomness/lib/DealingProofs.sol";
import {Drand} from "../../randomness/lib/Drand.sol";
import {Members} from "../../randomness/lib/Members.sol";
import {Msm} from "../../randomness/lib/Msm.sol";
import {Points} from "../../randomness/lib/Points.sol";
import {Scalars} from "../../randomness/lib/Scalars.sol";
import {Schnorr} from "../../randomness/lib/Schnorr.sol";
import {Test} from "../Vm.sol";

/// @notice What nodes make is what the contract takes: the vectors of test/vectors/dkg.json, which TypeScript made.
contract KeyVectorsTest is Test {
    string private json;

    function setUp() public {
        json = vm.readFile("test/vectors/dkg.json");
    }

    function testSessions() public view {
        bytes32 oldSharing;
        for (uint256 s; s < 3; ++s) {
            string memory entry = _at(".sessions", s);
            bytes memory table = _bytes(entry, ".table");
            vm.assertEq(keccak256(table), _word(entry, ".membersHash"));
            _checkMembers(entry, table);
            vm.assertEq(_word(entry, ".oldSharing"), oldSharing);
            vm.assertEq(_sessionId(entry), _word(entry, ".id"));
            oldSharing = keccak256(
                abi.encode(
                    uint64(_uint(entry, ".sharing")),
                    keccak256(table),
                    keccak256(_bytes(entry, ".polynomial")),
                    uint16(_uint(entry, ".threshold"))
                )
            );
            vm.assertEq(_word(entry, ".sharingHash"), oldSharing);
        }
    }

    function _checkMembers(string memory entry, bytes memory table) private view {
        for (uint256 i; i < Members.count(table); ++i) {
            string memory member = string.concat(entry, _at(".members", i));
            address operator = Members.operatorAt(table, i);
            vm.assertEq(abi.encodePacked(operator), _bytes(member, ".operator"));
            bytes memory key = Members.keyAt(table, i);
            vm.assertEq(key, _bytes(member, ".encryptionKey"));
            vm.assertEq(Members.weightAt(table, i), _uint(member, ".weight"));
            vm.assertEq(Members.sharesAt(table, i), _uint(member, ".shares"));
            uint256 c = uint256(_word(member, ".registration.c"));
            bytes memory nonce = Schnorr.nonceG1(key, c, uint256(_word(member, ".registration.z")));
            bytes memory head = abi.encodePacked(
                "lariat/dkg/encryption-key", _uint("", ".chainId"), _bytes("", ".keyGeneration"), operator
            );
            vm.assertEq(c, Scalars.challenge(bytes.concat(head, key, nonce)));
        }
    }

    function _sessionId(string memory entry) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                "lariat/dkg/session/1",
                _uint("", ".chainId"),
                address(bytes20(_bytes("", ".keyGeneration"))),
                _uint(entry, ".session"),
                _uint(entry, ".epoch"),
                _uint(entry, ".attempt"),
                _word(entry, ".oldSharing"),
                _word(entry, ".membersHash"),
                _uint(entry, ".shares"),
                _uint(entry, ".threshold")
            )
        );
    }

    function testDealings() public view {
        for (uint256 s; s < 3; ++s) {
            string memory entry = _at(".sessions", s);
            // Of the third one dealer is a leaver, and one is silent.
            for (uint256 i; i < (s == 2 ? 2 : 4); ++i) {
                _checkDealing(entry, s, string.concat(entry, _at(".dealings", i)));
            }
        }
    }

    function _checkDealing(string memory entry, uint256 session, string memory where) private view {
        Dealing memory dealing = _dealing(where);
        DealingProofs.Context memory context;
        context.sessionId = _word(entry, ".id");
        context.dealer = address(bytes20(_bytes(where, ".dealer")));
        context.threshold = _uint(entry, ".threshold");
        context.shares = _uint(entry, ".shares");
        context.first = _uint(where, ".dealerIndices[0]");
        context.polynomials = dealing.commitments.length / (192 * context.threshold);
        vm.assertEq(Dealings.restHash(dealing), _word(where, ".restHash"));
        context.payload = Dealings.payloadOf(context.sessionId, context.dealer, dealing);
        vm.assertEq(context.payload, _word(where, ".payload"));
        DealingProofs.check(context, dealing);
        if (session == 0) return;
        DealingProofs.checkAgainst(context, dealing, _bytes(_at(".sessions", session - 1), ".polynomial"));
    }

    /// Which polynomials count in a resharing, how many times, and what they come to.
    function testSumsOfResharings() public view {
        for (uint256 s = 1; s < 3; ++s) {
            string memory entry = _at(".sessions", s);
            uint256[] memory points = new uint256[](3);
            for (uint256 i; i < 3; ++i) {
                points[i] = _uint(string.concat(entry, _at(".counted", i)), ".dealerIndex") + 1;
            }
            uint256 threshold = _uint(entry, ".threshold");
            Msm.Terms memory terms = Msm.create(3);
            for (uint256 i; i < 3; ++i) {
                string memory counted = string.concat(entry, _at(".counted", i));
                uint256 factor = Scalars.lagrangeAtZero(points, points[i]);
                vm.assertEq(bytes32(factor), _word(counted, ".factor"));
                bytes memory commitments =
                    _bytes(_dealingOf(entry, _bytes(counted, ".dealer")), ".commitments");
                uint256 first = _uint(counted, ".polynomial") * threshold;
                Msm.add(terms, commitments, (first + 1) * 192, factor);
            }
            // The second coefficient, for all of them.
            bytes memory sum = Msm.result(terms);
            vm.assertEq(sum, Points.slice(_bytes(entry, ".polynomial"), 192, 192));
        }
    }

    function _dealingOf(string memory entry, bytes memory dealer) private view returns (string memory) {
        for (uint256 i;; ++i) {
            string memory where = string.concat(entry, _at(".dealings", i));
            if (keccak256(_bytes(where, ".dealer")) == keccak256(dealer)) return where;
        }
        revert("KeyVectors: no dealer");
    }

    function testComplaints() public view {
        bytes memory table = _bytes(".sessions[0]", ".table");
        for (uint256 i; i < 3; ++i) {
            string memory entry = _at(".complaints", i);
            address recipient = address(bytes20(_bytes(entry, ".complaint.recipient")));
            uint256 shareIndex = _uint(entry, ".complaint.shareIndex");
            uint256 owner = Members.ownerOf(table, shareIndex);
            vm.assertEq(recipient, Members.operatorAt(table, owner));
            bytes memory about = abi.encodePacked(
                "lariat/dkg/complaint",
                _word(".sessions[0]", ".id"),
                _bytes(entry, ".dealing.dealer"),
                recipient,
                uint16(_uint(entry, ".complaint.polynomial")),
                uint16(shareIndex)
            );
            _checkComplaint(entry, about, Members.keyAt(table, owner));
        }
    }

    function _checkComplaint(string memory entry, bytes memory about, bytes memory key) private view {
        uint256 c = uint256(_word(entry, ".complaint.c"));
        bytes memory ephemeral = _bytes(entry, ".dealing.ephemeral");
        bytes memory shared = _bytes(entry, ".complaint.sharedPoint");
        (bytes memory first, bytes memory second) =
            ChaumPedersen.nonces(key, ephemeral, shared, c, uint256(_word(entry, ".complaint.z")));
        vm.assertEq(c, Scalars.challenge(bytes.concat(about, key, ephemeral, shared, first, second)));
    }

    function testChainHash() public view {
        bytes memory key = this.compress(_constant(_bytes(".sessions[0]", ".polynomial")));
        uint32 period = uint32(_uint("", ".beacon.period"));
        uint64 genesis = uint64(_uint("", ".beacon.genesis"));
        vm.assertEq(
            Drand.chainHash(period, genesis, key, _word("", ".beacon.groupHash")),
            _word("", ".beacon.chainHash")
        );
    }

    function compress(bytes calldata key) external pure returns (bytes memory) {
        return Drand.compressKey(key);
    }

    function _dealing(string memory where) private view returns (Dealing memory) {
        return Dealing(
            _bytes(where, ".commitments"),
            _bytes(where, ".ephemeral"),
            _bytes(where, ".sealedShares"),
            _bytes(where, ".proofs")
        );
    }

    function _constant(bytes memory polynomial) private pure returns (bytes memory constant_) {
        constant_ = new bytes(192);
        assembly ("memory-safe") {
            mcopy(add(constant_, 32), add(polynomial, 32), 192)
        }
    }

    function _at(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(list, "[", string(abi.encodePacked(bytes1(uint8(48 + index)))), "]");
    }

    function _bytes(string memory where, string memory field) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(where, field));
    }

    function _word(string memory where, string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, string.concat(where, field));
    }

    function _uint(string memory where, string memory field) private view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(where, field));
    }
}
