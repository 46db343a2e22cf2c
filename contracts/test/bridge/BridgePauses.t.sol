// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate} from "../../avs/interfaces/IServiceManager.sol";
import {BridgeIsm} from "../../bridge/BridgeIsm.sol";
import {Checkpoint, IBridgeIsm} from "../../bridge/interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors as Errors} from "../../bridge/interfaces/IBridgeIsmErrors.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {BridgeSetup} from "./BridgeSetup.sol";

/// @notice More than a third of the weight stops a module, a quorum lets it go on, and what became final corrects what was fast.
contract BridgePausesTest is BridgeSetup {
    function testMoreThanAThirdPausesAndAQuorumUnpauses() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL));
        ism.verify(metadata, messages[0]);

        // Two of six are not more than a third.
        Certificate memory certificate = _vote(_pauses(), 0, 3);
        vm.expectRevert(abi.encodeWithSelector(Errors.SignedTooLittle.selector, 2e9, 6e9));
        ism.pause(epoch, certificate);
        certificate = _vote(_pauses(), 0, 7);
        vm.expectEmit(address(ism));
        emit IBridgeIsm.Paused(0, 3e9);
        ism.pause(epoch, certificate);
        vm.assertTrue(ism.isPaused());
        vm.expectRevert(abi.encodeWithSelector(Errors.ModulePaused.selector, 0));
        ism.verify(metadata, messages[0]);
        vm.expectRevert(abi.encodeWithSelector(Errors.ModulePaused.selector, 0));
        ism.pause(epoch, certificate);

        certificate = _vote(_unpauses(), 0, ALL >> 2);
        vm.expectRevert(abi.encodeWithSelector(Errors.SignedTooLittle.selector, 4e9, 6e9));
        ism.unpause(epoch, certificate);
        certificate = _vote(_unpauses(), 0, ALL);
        vm.expectEmit(address(ism));
        emit IBridgeIsm.Unpaused(0);
        ism.unpause(epoch, certificate);
        vm.assertEq(ism.pauseCount(), 1);
        vm.expectRevert(Errors.ModuleNotPaused.selector);
        ism.unpause(epoch, certificate);

        // What was remembered is void, and the vote for the first pause is none for the second.
        vm.assertFalse(ism.isRemembered(ORIGIN, epoch, checkpoint));
        bytes memory bare = _metadata(epoch, checkpoint, 0, _bare());
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotRemembered.selector, checkpoint.root));
        ism.verify(bare, messages[0]);
        ism.verify(metadata, messages[0]);
        certificate = _vote(_pauses(), 0, ALL);
        vm.expectRevert(Errors.SignatureInvalid.selector);
        ism.pause(epoch, certificate);
    }

    function testAVoteForAnotherModuleIsNone() public {
        BridgeIsm other = _newIsm();
        other.initialize(_table(epoch));
        Certificate memory certificate = _vote(_pauses(), 0, ALL);
        vm.expectRevert(Errors.SignatureInvalid.selector);
        other.pause(epoch, certificate);
    }

    function testTheFinalizedCheckpointCorrectsTheFastOne() public {
        BridgeIsm fast = _newIsm();
        fast.addRoute(ORIGIN, _hook(), BridgeStatements.FAST);
        fast.initialize(_table(epoch));
        (, bytes32 service_) = service.servicesOf(ORIGIN, _hook());

        // A message that a reorganisation undoes.
        uint256 undone = vm.snapshotState();
        _send("undone");
        Checkpoint memory wrong = _checkpoint();
        bytes memory wrongMessage = messages[0];
        bytes memory wrongMetadata = _metadata(epoch, wrong, 0, _attestAs(service_, wrong, ALL));
        bytes memory wrongBare = _metadata(epoch, wrong, 0, _bare());
        vm.revertToState(undone);
        _send("final");
        Checkpoint memory right = _checkpoint();
        Certificate memory certificate = _attest(right, ALL);

        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotContradicted.selector, 0));
        fast.correct(ORIGIN, epoch, right, certificate);
        vm.assertTrue(fast.verify(wrongMetadata, wrongMessage));
        vm.assertTrue(fast.verify(wrongBare, wrongMessage));
        Certificate memory few = _attest(right, ALL >> 2);
        vm.expectRevert(abi.encodeWithSelector(Errors.SignedTooLittle.selector, 4e9, 6e9));
        fast.correct(ORIGIN, epoch, right, few);
        vm.expectEmit(address(fast));
        emit IBridgeIsm.CheckpointCorrected(service_, 0, wrong.root, right.root);
        fast.correct(ORIGIN, epoch, right, certificate);
        vm.assertFalse(fast.isRemembered(ORIGIN, epoch, wrong));
        vm.expectRevert(abi.encodeWithSelector(Errors.RouteClosed.selector, ORIGIN));
        fast.verify(wrongMetadata, wrongMessage);
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotContradicted.selector, 0));
        fast.correct(ORIGIN, epoch, right, certificate);

        _reopen(fast, wrong, wrongBare, wrongMessage);
    }

    function testAFinalizedRouteIsNotCorrected() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        ism.verify(_metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL)), messages[0]);
        Checkpoint memory other = Checkpoint(bytes32("other"), 0, checkpoint.messageId);
        Certificate memory certificate = _attest(other, ALL);
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotContradicted.selector, 0));
        ism.correct(ORIGIN, epoch, other, certificate);
    }

    function _pauses() private view returns (bytes32) {
        return BridgeStatements.pauses(block.chainid, address(ism));
    }

    function _unpauses() private view returns (bytes32) {
        return BridgeStatements.unpauses(block.chainid, address(ism));
    }

    function _vote(bytes32 service_, uint64 pause, uint256 present)
        private
        view
        returns (Certificate memory)
    {
        bytes32 payload = BridgeStatements.module(block.chainid, address(ism));
        return _certify(service, _statement(service_, epoch, pause, payload), COUNT, present);
    }

    function _reopen(
        BridgeIsm fast,
        Checkpoint memory wrong,
        bytes memory wrongBare,
        bytes memory wrongMessage
    ) private {
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        fast.reopenRoute(ORIGIN);
        vm.expectEmit(address(fast));
        emit IBridgeIsm.RouteReopened(ORIGIN);
        fast.reopenRoute(ORIGIN);
        vm.expectRevert(abi.encodeWithSelector(Errors.RouteNotClosed.selector, ORIGIN));
        fast.reopenRoute(ORIGIN);
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotRemembered.selector, wrong.root));
        fast.verify(wrongBare, wrongMessage);
        Checkpoint memory right = _checkpoint();
        Certificate memory certificate = _attestAs(fast.serviceOf(ORIGIN), right, ALL);
        vm.assertTrue(fast.verify(_metadata(epoch, right, 0, certificate), messages[0]));
    }
}
