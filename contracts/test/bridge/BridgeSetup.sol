// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Epoch, Statement} from "../../avs/interfaces/IServiceManager.sol";
import {BridgeIsm} from "../../bridge/BridgeIsm.sol";
import {BridgeService} from "../../bridge/BridgeService.sol";
import {Mailbox} from "../../bridge/Mailbox.sol";
import {MerkleTreeHook} from "../../bridge/MerkleTreeHook.sol";
import {NoHook} from "../../bridge/NoHook.sol";
import {Checkpoint, EpochTableData} from "../../bridge/interfaces/IBridgeIsm.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {AvsSetup} from "../avs/AvsSetup.sol";
import {ChoosyInbox} from "./BridgeDoubles.sol";

/// @notice A mailbox of domain 1000 with its tree, six operators of one ether each who attest to it, and a mailbox of domain
/// 2000 whose inbox believes them. All on one chain, which is the chain of the stake too.
abstract contract BridgeSetup is AvsSetup {
    uint32 internal constant ORIGIN = 1000;
    uint32 internal constant DESTINATION = 2000;
    uint256 internal constant COUNT = 6;
    uint256 internal constant ALL = (1 << COUNT) - 1;
    uint64 internal constant GRACE = 100;
    uint64 internal constant RECOVERY = 1 days;

    BridgeService internal service;
    Mailbox internal origin;
    MerkleTreeHook internal tree;
    Mailbox internal destination;
    BridgeIsm internal ism;
    ChoosyInbox internal inbox;
    uint64 internal epoch;
    bytes32[] internal leaves;
    bytes[] internal messages;

    function setUp() public virtual override {
        super.setUp();
        service = BridgeService(
            vm.deployCode("BridgeService.sol", abi.encode(_parameters(), allocations, address(this)))
        );
        _initialize(service);
        for (uint256 i; i < COUNT; ++i) {
            _join(service, i, 1 ether);
        }
        epoch = _buildAndActivate(service);

        origin = new Mailbox(ORIGIN, address(this));
        tree = new MerkleTreeHook(origin);
        origin.setRequiredHook(tree);
        origin.setDefaultHook(new NoHook());
        destination = new Mailbox(DESTINATION, address(this));
        ism = _newIsm();
        inbox = new ChoosyInbox(ism);
        service.addStream(ORIGIN, _hook());
        ism.addRoute(ORIGIN, _hook(), BridgeStatements.FINALIZED);
        ism.initialize(_table(epoch));
    }

    function _newIsm() internal returns (BridgeIsm) {
        return BridgeIsm(
            vm.deployCode(
                "BridgeIsm.sol",
                abi.encode(block.chainid, service, uint16(6667), GRACE, RECOVERY, address(this))
            )
        );
    }

    function _hook() internal view returns (bytes32) {
        return bytes32(uint256(uint160(address(tree))));
    }

    // messages

    function _send(bytes memory body) internal returns (uint32 index) {
        bytes32 recipient = bytes32(uint256(uint160(address(inbox))));
        uint32 nonce = origin.nonce();
        leaves.push(origin.dispatch(DESTINATION, recipient, body));
        messages.push(
            abi.encodePacked(
                uint8(3),
                nonce,
                ORIGIN,
                bytes32(uint256(uint160(address(this)))),
                DESTINATION,
                recipient,
                body
            )
        );
        return uint32(leaves.length - 1);
    }

    /// @dev As the tree is now.
    function _checkpoint() internal view returns (Checkpoint memory) {
        (bytes32 root, uint32 index) = tree.latestCheckpoint();
        return Checkpoint(root, index, leaves[index]);
    }

    function _statement(bytes32 service_, uint64 epoch_, uint64 slot, bytes32 payload)
        internal
        pure
        returns (Statement memory)
    {
        return Statement(service_, 1, epoch_, slot, 0, payload);
    }

    function _attest(Checkpoint memory checkpoint, uint256 present)
        internal
        view
        returns (Certificate memory)
    {
        (bytes32 finalized,) = service.servicesOf(ORIGIN, _hook());
        return _attestAs(finalized, checkpoint, present);
    }

    function _attestAs(bytes32 service_, Checkpoint memory checkpoint, uint256 present)
        internal
        view
        returns (Certificate memory)
    {
        bytes32 payload = BridgeStatements.checkpoint(checkpoint.root, checkpoint.index, checkpoint.messageId);
        return _certify(service, _statement(service_, epoch, checkpoint.index, payload), COUNT, present);
    }

    /// @dev Without a certificate when there is no signature.
    function _metadata(
        uint64 epoch_,
        Checkpoint memory checkpoint,
        uint32 leaf,
        Certificate memory certificate
    ) internal view returns (bytes memory) {
        return abi.encodePacked(
            uint8(1),
            epoch_,
            checkpoint.index,
            checkpoint.root,
            checkpoint.messageId,
            leaf,
            _proof(leaf),
            certificate.signature,
            certificate.absent
        );
    }

    function _bare() internal pure returns (Certificate memory certificate) {}

    /// @dev The 32 siblings of a leaf among all leaves.
    function _proof(uint256 leaf) internal view returns (bytes memory proof) {
        bytes32[] memory nodes = leaves;
        bytes32 empty;
        for (uint256 level; level < 32; ++level) {
            proof = bytes.concat(proof, (leaf ^ 1) < nodes.length ? nodes[leaf ^ 1] : empty);
            bytes32[] memory above = new bytes32[]((nodes.length + 1) / 2);
            for (uint256 i; i < above.length; ++i) {
                bytes32 right = 2 * i + 1 < nodes.length ? nodes[2 * i + 1] : empty;
                above[i] = keccak256(abi.encode(nodes[2 * i], right));
            }
            nodes = above;
            empty = keccak256(abi.encode(empty, empty));
            leaf >>= 1;
        }
    }

    // epochs

    /// @dev As the operators would hand it over.
    function _table(uint64 number) internal view returns (EpochTableData memory table) {
        Epoch memory info = service.epochInfo(number);
        (, bytes[] memory keys, uint64[] memory weights) = service.epochRows(number, 0, info.operators);
        table.number = number;
        table.activatesAt = info.activatesAt;
        table.validUntil = info.validUntil;
        for (uint256 i; i < keys.length; ++i) {
            table.rows = abi.encodePacked(table.rows, keys[i], weights[i]);
        }
    }

    function _handOver(EpochTableData memory table, uint64 under, uint256 present)
        internal
        view
        returns (Certificate memory)
    {
        bytes32 payload = BridgeStatements.epoch(
            table.number, table.activatesAt, table.validUntil, keccak256(table.rows)
        );
        return
            _certify(
                service, _statement(BridgeStatements.EPOCHS, under, table.number, payload), COUNT, present
            );
    }

    /// @dev Another table on the chain of the stake, active now.
    function _nextEpoch() internal returns (uint64 number) {
        _pass(61);
        _deposit(0, 1 ether);
        return _buildAndActivate(service);
    }
}
