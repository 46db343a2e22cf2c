// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {CheckpointFraud} from "../../bridge/CheckpointFraud.sol";
import {Checkpoint} from "../../bridge/interfaces/IBridgeIsm.sol";
import {IBridgeService} from "../../bridge/interfaces/IBridgeService.sol";
import {IBridgeServiceErrors} from "../../bridge/interfaces/IBridgeServiceErrors.sol";
import {ICheckpointFraud, LeafProof} from "../../bridge/interfaces/ICheckpointFraud.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {BridgeSetup} from "./BridgeSetup.sol";

/// @notice What was signed and never was costs stake; what was cannot be convicted.
contract CheckpointFraudTest is BridgeSetup {
    uint256 private constant TWO = 5;

    CheckpointFraud private judge;
    bytes32 private finalized;
    /// @dev As the tree was after each message.
    Checkpoint[] private history;

    function setUp() public override {
        super.setUp();
        judge = new CheckpointFraud(tree, service);
        service.setJudge(ORIGIN, _hook(), address(judge));
        (finalized,) = service.servicesOf(ORIGIN, _hook());
        for (uint256 i; i < 5; ++i) {
            _send(abi.encode("message", i));
            history.push(_checkpoint());
        }
    }

    // what is false

    function testARootThatNeverWasIsSlashed() public {
        judge.storeLatestCheckpoint();
        Checkpoint memory signed = Checkpoint(bytes32("never"), 2, leaves[2]);
        Testimony memory testimony = _testimony(signed, 1);
        LeafProof memory proof = _leafProof(2);
        uint256[] memory shares = new uint256[](1);
        shares[0] = 0.1 ether;
        vm.expectEmit(address(service));
        emit IBridgeService.FraudSlashed(_account(0), finalized, epoch, 2, _strategies(), shares);
        judge.slashFalse(testimony, signed, proof, _one(0));
        _assertSlashed(0);
        vm.assertTrue(service.punished(_account(0), finalized, epoch));
    }

    function testAWrongMessageIdUnderATrueRootIsSlashed() public {
        judge.storeLatestCheckpoint();
        Checkpoint memory signed = history[4];
        signed.messageId = leaves[3];
        judge.slashFalse(_testimony(signed, 2), signed, _leafProof(4), _one(1));
        _assertSlashed(1);
    }

    function testAnIndexBeyondTheTreeIsSlashedWithAllWhoSigned() public {
        Checkpoint memory signed = Checkpoint(bytes32("beyond"), 5, bytes32("leaf"));
        address[] memory operators = new address[](2);
        (operators[0], operators[1]) = (_account(0), _account(2));
        Testimony memory testimony = _testimony(signed, TWO);
        testimony.aggregate = true;
        testimony.absent = _absent(COUNT, TWO);
        judge.slashBeyond(testimony, signed, operators);
        _assertSlashed(0);
        _assertSlashed(2);
        // Once for an epoch.
        vm.expectRevert(IBridgeServiceErrors.FraudNothingToSlash.selector);
        judge.slashBeyond(testimony, signed, operators);
    }

    // what is true

    function testFuzzNoTrueCheckpointCanBeConvicted(uint8 at_, uint8 kept, uint8 more) public {
        uint32 index = uint32(bound(at_, 0, 4));
        uint256 later = bound(more, 0, 6);
        for (uint256 i; i < later; ++i) {
            _send(abi.encode("later", i));
        }
        judge.storeLatestCheckpoint();
        (, uint32 stored) = tree.latestCheckpoint();
        vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.CheckpointTrue.selector, index));
        judge.requireFalse(history[index], _leafProof(index));
        vm.expectRevert(
            abi.encodeWithSelector(ICheckpointFraud.CheckpointNotBeyond.selector, index, stored + 1)
        );
        judge.requireBeyond(history[index]);
        // No other leaf is at its index, whatever is tried.
        LeafProof memory forged = _leafProof(index);
        forged.leaf = leaves[kept % leaves.length];
        if (forged.leaf != leaves[index]) {
            vm.expectPartialRevert(ICheckpointFraud.LeafNotInTree.selector);
            judge.requireFalse(history[index], forged);
        }
    }

    function testBlocksThatAreUndoneAfterAFinalOneConvictNobody() public {
        Checkpoint memory signed = history[4];
        uint256 finalBlock = vm.snapshotState();
        _send("undone");
        judge.storeLatestCheckpoint();
        vm.revertToState(finalBlock);
        _send("instead");
        _send("and more");
        judge.storeLatestCheckpoint();
        for (uint32 i; i < 5; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.CheckpointTrue.selector, i));
            judge.requireFalse(history[i], _leafProof(i));
        }
        vm.expectPartialRevert(ICheckpointFraud.CheckpointNotBeyond.selector);
        judge.requireBeyond(signed);
    }

    // what is no proof

    function testProofsThatProveNothingAreRefused() public {
        Checkpoint memory signed = Checkpoint(bytes32("never"), 2, leaves[2]);
        LeafProof memory proof = _leafProof(2);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.CheckpointUnknown.selector, 4));
        judge.requireFalse(signed, proof);
        vm.expectEmit(address(judge));
        emit ICheckpointFraud.CheckpointStored(4, history[4].root);
        vm.assertEq(judge.storeLatestCheckpoint(), 4);
        vm.assertEq(judge.rootOf(4), history[4].root);
        signed.index = 5;
        vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.CheckpointBeforeSigned.selector, 4, 5));
        judge.requireFalse(signed, proof);
        signed.index = 3;
        vm.expectPartialRevert(ICheckpointFraud.LeafNotInTree.selector);
        judge.requireFalse(signed, proof);
    }

    function testTheStatementMustBeOfTheCheckpoint() public {
        judge.storeLatestCheckpoint();
        Checkpoint memory signed = Checkpoint(bytes32("never"), 2, leaves[2]);
        Testimony memory testimony = _testimony(signed, 1);
        (, bytes32 fast) = service.servicesOf(ORIGIN, _hook());
        testimony.statement.service = fast;
        vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.StatementOfOtherStream.selector, fast));
        judge.slashFalse(testimony, signed, _leafProof(2), _one(0));
        testimony = _testimony(signed, 1);
        testimony.statement.slot = 3;
        vm.expectRevert(abi.encodeWithSelector(ICheckpointFraud.SlotNotIndex.selector, 3, 2));
        judge.slashFalse(testimony, signed, _leafProof(2), _one(0));
        testimony = _testimony(signed, 1);
        testimony.statement.payload = bytes32("other");
        vm.expectPartialRevert(ICheckpointFraud.CheckpointNotThatSigned.selector);
        judge.slashBeyond(testimony, signed, _one(0));
        // Somebody else's signature.
        testimony = _testimony(signed, 2);
        vm.expectPartialRevert(bytes4(keccak256("EquivocationSignatureInvalid(uint64,bytes32)")));
        judge.slashFalse(testimony, signed, _leafProof(2), _one(0));
        // What is only observed or proposed was not certified.
        testimony = _testimony(signed, 1);
        testimony.statement.kind = 2;
        vm.expectRevert(abi.encodeWithSelector(IBridgeServiceErrors.FraudKind.selector, 2));
        judge.slashFalse(testimony, signed, _leafProof(2), _one(0));
    }

    // judges

    function testAJudgeIsNamedOnceByTheOwnerAndSlashesAlone() public {
        Checkpoint memory signed = Checkpoint(bytes32("never"), 2, leaves[2]);
        Testimony memory testimony = _testimony(signed, 1);
        vm.expectRevert(abi.encodeWithSelector(IBridgeServiceErrors.OnlyJudge.selector, address(this)));
        service.slashFraud(testimony, _one(0));
        vm.expectRevert(abi.encodeWithSelector(IBridgeServiceErrors.JudgeAlreadySet.selector, address(judge)));
        service.setJudge(ORIGIN, _hook(), address(this));
        vm.expectRevert(abi.encodeWithSelector(IBridgeServiceErrors.StreamUnknown.selector, 7, _hook()));
        service.setJudge(7, _hook(), address(judge));
        service.addStream(7, _hook());
        vm.expectRevert(abi.encodeWithSelector(IBridgeServiceErrors.JudgeWithoutCode.selector, address(1)));
        service.setJudge(7, _hook(), address(1));
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        service.setJudge(7, _hook(), address(judge));
        vm.expectEmit(address(service));
        emit IBridgeService.JudgeSet(7, _hook(), address(judge));
        service.setJudge(7, _hook(), address(judge));
        vm.assertEq(service.judgeOf(finalized), address(judge));
        vm.assertEq(judge.service(), finalized);
    }

    function _testimony(Checkpoint memory signed, uint256 signers) private view returns (Testimony memory) {
        bytes32 payload = BridgeStatements.checkpoint(signed.root, signed.index, signed.messageId);
        Statement memory statement = _statement(finalized, epoch, signed.index, payload);
        Certificate memory certificate = _certify(service, statement, COUNT, signers);
        return Testimony(statement, false, "", certificate.signature);
    }

    /// @dev In the tree as it is now, which has to be kept.
    function _leafProof(uint32 index) private view returns (LeafProof memory) {
        return LeafProof(uint32(leaves.length - 1), leaves[index], _proof(index));
    }

    function _one(uint256 i) private pure returns (address[] memory operators) {
        operators = new address[](1);
        operators[0] = _account(i);
    }

    /// @dev A tenth of what was allocated is gone, and all of the weight.
    function _assertSlashed(uint256 i) private view {
        vm.assertEq(allocations.getMaxMagnitude(_account(i), strategy), 0.9e18);
        vm.assertTrue(uint8(service.revokedRows(epoch)[0]) >> i & 1 == 1);
    }
}
