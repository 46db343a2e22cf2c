// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate} from "../../avs/interfaces/IServiceManager.sol";
import {BridgeIsm} from "../../bridge/BridgeIsm.sol";
import {Checkpoint, IBridgeIsm} from "../../bridge/interfaces/IBridgeIsm.sol";
import {IBridgeIsmErrors as Errors} from "../../bridge/interfaces/IBridgeIsmErrors.sol";
import {IMailboxErrors} from "../../bridge/interfaces/IMailboxErrors.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {BridgeSetup} from "./BridgeSetup.sol";

/// @notice What gets through, and what does not.
contract BridgeIsmTest is BridgeSetup {
    function testOneCertificateCoversEveryMessageUpToItsIndex() public {
        for (uint256 i; i < 5; ++i) {
            _send(abi.encode("message", i));
        }
        Checkpoint memory checkpoint = _checkpoint();
        (bytes32 finalized,) = service.servicesOf(ORIGIN, _hook());
        vm.assertEq(ism.serviceOf(ORIGIN), finalized);
        vm.assertFalse(ism.isRemembered(ORIGIN, epoch, checkpoint));
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotRemembered.selector, checkpoint.root));
        destination.process(_metadata(epoch, checkpoint, 3, _bare()), messages[3]);
        vm.expectEmit(address(ism));
        emit IBridgeIsm.CheckpointRemembered(finalized, epoch, 4, checkpoint.root);
        destination.process(_metadata(epoch, checkpoint, 3, _attest(checkpoint, ALL)), messages[3]);
        vm.assertEq(inbox.body(), abi.encode("message", 3));
        vm.assertTrue(ism.isRemembered(ORIGIN, epoch, checkpoint));
        for (uint32 i; i < 5; ++i) {
            if (i != 3) destination.process(_metadata(epoch, checkpoint, i, _bare()), messages[i]);
        }
        vm.assertEq(inbox.count(), 5);
    }

    function testFuzzAQuorumOfTheWeightDecides(uint256 present) public {
        present = bound(present, 1, ALL);
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, present));
        uint256 signers;
        for (uint256 i; i < COUNT; ++i) {
            signers += present >> i & 1;
        }
        // 6,667 of 10,000 of six: five.
        if (signers < 5) {
            vm.expectRevert(
                abi.encodeWithSelector(Errors.SignedTooLittle.selector, signers * 1e9, COUNT * 1e9)
            );
        }
        ism.verify(metadata, messages[0]);
    }

    function testAnotherLeafOrBodyIsRefused() public {
        _send("first");
        _send("second");
        Checkpoint memory checkpoint = _checkpoint();
        Certificate memory certificate = _attest(checkpoint, ALL);
        vm.expectPartialRevert(Errors.ProofInvalid.selector);
        destination.process(_metadata(epoch, checkpoint, 0, certificate), messages[1]);
        bytes memory other = messages[0];
        other[other.length - 1] ^= 0x01;
        vm.expectPartialRevert(Errors.ProofInvalid.selector);
        destination.process(_metadata(epoch, checkpoint, 0, certificate), other);
        // A leaf that came after the checkpoint, under the root that it came after.
        Checkpoint memory early = Checkpoint(checkpoint.root, 0, leaves[0]);
        vm.expectRevert(abi.encodeWithSelector(Errors.LeafBeyondCheckpoint.selector, 1, 0));
        destination.process(_metadata(epoch, early, 1, certificate), messages[1]);
    }

    function testACertificateIsOfOneCheckpointAlone() public {
        _send("first");
        Checkpoint memory first = _checkpoint();
        Certificate memory certificate = _attest(first, ALL);
        _send("second");
        Checkpoint memory second = _checkpoint();
        vm.expectRevert(Errors.SignatureInvalid.selector);
        ism.verify(_metadata(epoch, second, 0, certificate), messages[0]);
        Checkpoint memory wrong = Checkpoint(second.root, second.index, first.messageId);
        bytes memory metadata = _metadata(epoch, wrong, 0, _attest(second, ALL));
        vm.expectRevert(Errors.SignatureInvalid.selector);
        ism.verify(metadata, messages[0]);
        // Remembered with one message id it is not with another.
        ism.verify(_metadata(epoch, second, 0, _attest(second, ALL)), messages[0]);
        vm.expectRevert(abi.encodeWithSelector(Errors.CheckpointNotRemembered.selector, second.root));
        ism.verify(_metadata(epoch, wrong, 0, _bare()), messages[0]);
    }

    function testReplayForAnotherHookLevelChainOrContractIsRefused() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        (, bytes32 fast) = service.servicesOf(ORIGIN, _hook());
        (bytes32 otherHook,) = service.servicesOf(ORIGIN, bytes32("hook"));
        (bytes32 otherDomain,) = service.servicesOf(ORIGIN + 1, _hook());
        bytes32[3] memory services = [fast, otherHook, otherDomain];
        for (uint256 i; i < services.length; ++i) {
            bytes memory metadata = _metadata(epoch, checkpoint, 0, _attestAs(services[i], checkpoint, ALL));
            vm.expectRevert(Errors.SignatureInvalid.selector);
            ism.verify(metadata, messages[0]);
        }
        Certificate memory certificate = _attest(checkpoint, ALL);
        BridgeIsm elsewhere =
            new BridgeIsm(block.chainid + 1, address(service), 6667, GRACE, RECOVERY, address(this));
        elsewhere.addRoute(ORIGIN, _hook(), BridgeStatements.FINALIZED);
        elsewhere.initialize(_table(epoch));
        vm.expectRevert(Errors.SignatureInvalid.selector);
        elsewhere.verify(_metadata(epoch, checkpoint, 0, certificate), messages[0]);
        elsewhere = new BridgeIsm(block.chainid, address(ism), 6667, GRACE, RECOVERY, address(this));
        elsewhere.addRoute(ORIGIN, _hook(), BridgeStatements.FINALIZED);
        elsewhere.initialize(_table(epoch));
        vm.expectRevert(Errors.SignatureInvalid.selector);
        elsewhere.verify(_metadata(epoch, checkpoint, 0, certificate), messages[0]);
    }

    function testWhatIsMalformedIsRefused() public {
        _send("body");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL));
        uint256[3] memory lengths = [uint256(0), 1104, 1360];
        for (uint256 i; i < lengths.length; ++i) {
            bytes memory cut = metadata;
            uint256 length = lengths[i];
            assembly ("memory-safe") {
                mstore(cut, length)
            }
            vm.expectRevert(abi.encodeWithSelector(Errors.MetadataLength.selector, length));
            ism.verify(cut, messages[0]);
            assembly ("memory-safe") {
                mstore(cut, 1361)
            }
        }
        metadata[0] = 0x02;
        vm.expectRevert(abi.encodeWithSelector(Errors.MetadataVersion.selector, 2));
        ism.verify(metadata, messages[0]);
        metadata[0] = 0x01;
        vm.expectRevert(abi.encodeWithSelector(IMailboxErrors.MessageTooShort.selector, 0));
        ism.verify(metadata, "");
        bytes memory stranger = messages[0];
        stranger[8] = 0x01;
        vm.expectPartialRevert(Errors.RouteUnknown.selector);
        ism.verify(metadata, stranger);
    }

    function testFuzzNoByteOfTheCertifiedPartsCanBeChanged(uint256 where, uint8 flip) public {
        _send("first");
        _send("second");
        Checkpoint memory checkpoint = _checkpoint();
        bytes memory metadata = _metadata(epoch, checkpoint, 0, _attest(checkpoint, ALL));
        where = bound(where, 0, metadata.length - 1);
        metadata[where] ^= bytes1(flip == 0 ? 1 : flip);
        vm.expectRevert();
        ism.verify(metadata, messages[0]);
    }

    // set-up

    function testLimitsOfTheConstructor() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.QuorumOutOfRange.selector, 6666));
        new BridgeIsm(1, address(service), 6666, GRACE, RECOVERY, address(this));
        vm.expectRevert(abi.encodeWithSelector(Errors.QuorumOutOfRange.selector, 10_001));
        new BridgeIsm(1, address(service), 10_001, GRACE, RECOVERY, address(this));
        vm.expectRevert(abi.encodeWithSelector(Errors.GraceOutOfRange.selector, 7 days + 1));
        new BridgeIsm(1, address(service), 6667, 7 days + 1, RECOVERY, address(this));
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryDelayOutOfRange.selector, 1 hours - 1));
        new BridgeIsm(1, address(service), 6667, GRACE, 1 hours - 1, address(this));
        vm.expectRevert(abi.encodeWithSelector(Errors.RecoveryDelayOutOfRange.selector, 30 days + 1));
        new BridgeIsm(1, address(service), 6667, GRACE, 30 days + 1, address(this));
        vm.assertEq(ism.stakeChainId(), block.chainid);
        vm.assertEq(ism.bridgeService(), address(service));
    }

    function testRoutesAreAddedOnceByTheOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Errors.RouteKnown.selector, ORIGIN));
        ism.addRoute(ORIGIN, bytes32("other"), BridgeStatements.FINALIZED);
        vm.expectRevert(abi.encodeWithSelector(Errors.RouteLevel.selector, 3));
        ism.addRoute(1, _hook(), 3);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        ism.addRoute(1, _hook(), BridgeStatements.FINALIZED);
        (bytes32 finalized,) = service.servicesOf(1, _hook());
        vm.expectEmit(address(ism));
        emit IBridgeIsm.RouteAdded(1, _hook(), BridgeStatements.FINALIZED, finalized);
        ism.addRoute(1, _hook(), BridgeStatements.FINALIZED);
    }

    function testARelayerIsToldWhereMetadataIs() public {
        _send("body");
        string[] memory urls = new string[](2);
        urls[0] = "https://a.example/bridge/{data}";
        urls[1] = "https://b.example/bridge/{data}";
        ism.setGateways(urls);
        vm.assertEq(ism.moduleType(), 7);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBridgeIsm.OffchainLookup.selector,
                address(ism),
                urls,
                abi.encodeCall(ism.getOffchainVerifyInfo, (messages[0])),
                ism.verify.selector,
                messages[0]
            )
        );
        ism.getOffchainVerifyInfo(messages[0]);
        urls = new string[](1);
        urls[0] = "https://c.example/{data}";
        vm.expectEmit(address(ism));
        emit IBridgeIsm.GatewaysSet(urls);
        ism.setGateways(urls);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        ism.setGateways(urls);
    }
}
