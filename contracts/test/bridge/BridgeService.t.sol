// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Certificate, Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as AvsErrors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {IBridgeService} from "../../bridge/interfaces/IBridgeService.sol";
import {IBridgeServiceErrors as Errors} from "../../bridge/interfaces/IBridgeServiceErrors.sol";
import {BridgeStatements} from "../../bridge/lib/BridgeStatements.sol";
import {BridgeSetup} from "./BridgeSetup.sol";

/// @notice What operators of bridges can be slashed for, and what not.
contract BridgeServiceTest is BridgeSetup {
    function testStreamsAreAddedOnceByTheOwner() public {
        vm.assertEq(service.streamCount(), 1);
        vm.assertEq(service.streamAt(0).domain, ORIGIN);
        vm.assertEq(service.streamAt(0).hook, _hook());
        vm.expectRevert(abi.encodeWithSelector(Errors.StreamKnown.selector, ORIGIN, _hook()));
        service.addStream(ORIGIN, _hook());
        vm.expectRevert(abi.encodeWithSelector(Errors.StreamHookMissing.selector, 7));
        service.addStream(7, 0);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        service.addStream(7, _hook());
        (bytes32 finalized, bytes32 fast) = service.servicesOf(7, _hook());
        vm.assertEq(finalized, keccak256(abi.encode("lariat/bridge", uint32(7), _hook(), uint8(1))));
        vm.assertEq(fast, keccak256(abi.encode("lariat/bridge", uint32(7), _hook(), uint8(2))));
        vm.expectEmit(address(service));
        emit IBridgeService.StreamAdded(7, _hook(), finalized, fast);
        service.addStream(7, _hook());
        for (uint256 i = 2; i < 256; ++i) {
            service.addStream(uint32(10_000 + i), _hook());
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyStreams.selector, 256));
        service.addStream(8, _hook());
    }

    function testAllSlotsAreIndices() public {
        (bytes32 finalized, bytes32 fast) = service.servicesOf(ORIGIN, _hook());
        service.addModule(7, address(ism));
        bytes32[6] memory services = [
            finalized,
            fast,
            BridgeStatements.EPOCHS,
            BridgeStatements.REVOCATIONS,
            BridgeStatements.pauses(7, address(ism)),
            BridgeStatements.unpauses(7, address(ism))
        ];
        for (uint256 i; i < services.length; ++i) {
            vm.assertEq(service.slotTime(services[i], 7), 0);
        }
        vm.assertEq(service.slotTime(BridgeStatements.REVOCATIONS, 1 << 32), 0);
        vm.expectRevert(abi.encodeWithSelector(Errors.StreamSlotOutOfRange.selector, type(uint32).max));
        service.slotTime(finalized, type(uint32).max);
        (bytes32 unknown,) = service.servicesOf(ORIGIN + 1, _hook());
        vm.expectRevert(abi.encodeWithSelector(AvsErrors.UnknownService.selector, unknown));
        service.slotTime(unknown, 0);
    }

    function testModulesAreAddedOnceByTheOwner() public {
        bytes32 pauses = BridgeStatements.pauses(7, address(ism));
        vm.expectRevert(abi.encodeWithSelector(AvsErrors.UnknownService.selector, pauses));
        service.slotTime(pauses, 0);
        vm.expectEmit(address(service));
        emit IBridgeService.ModuleAdded(7, address(ism));
        service.addModule(7, address(ism));
        vm.assertEq(service.moduleCount(), 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.ModuleKnown.selector, 7, address(ism)));
        service.addModule(7, address(ism));
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1)));
        vm.prank(address(1));
        service.addModule(8, address(ism));
        for (uint256 i = 1; i < 256; ++i) {
            service.addModule(100 + i, address(ism));
        }
        vm.expectRevert(abi.encodeWithSelector(Errors.TooManyModules.selector, 256));
        service.addModule(8, address(ism));
    }

    function testPausingTwoModulesAndRevokingInTwoEpochsAreNoEquivocation() public pure {
        vm.assertTrue(BridgeStatements.pauses(7, address(1)) != BridgeStatements.pauses(8, address(1)));
        vm.assertTrue(BridgeStatements.pauses(7, address(1)) != BridgeStatements.pauses(7, address(2)));
        vm.assertTrue(BridgeStatements.pauses(7, address(1)) != BridgeStatements.unpauses(7, address(1)));
        uint64 slot = BridgeStatements.revocationSlot(100, 4);
        vm.assertTrue(slot != BridgeStatements.revocationSlot(100, 5));
        vm.assertLt(BridgeStatements.revocationSlot(100, 65_535), BridgeStatements.revocationSlot(101, 1));
        vm.assertEq(BridgeStatements.revocationSlot(BridgeStatements.MAX_BLOCK, 65_535), type(uint64).max);
    }

    function testTwoRootsForOneIndexAreSlashedUnlessTheyAreFast() public {
        (bytes32 finalized, bytes32 fast) = service.servicesOf(ORIGIN, _hook());
        address[] memory operators = new address[](1);
        operators[0] = _account(2);
        (Testimony memory first, Testimony memory second) = (_said(fast, "one"), _said(fast, "two"));
        vm.expectRevert(abi.encodeWithSelector(AvsErrors.EquivocationServiceExempt.selector, fast));
        service.slashEquivocation(first, second, operators);
        (first, second) = (_said(finalized, "one"), _said(finalized, "two"));
        service.slashEquivocation(first, second, operators);
        vm.assertTrue(service.punished(_account(2), finalized, epoch));
    }

    /// @dev What operator 2 signed for index 5.
    function _said(bytes32 service_, bytes32 root) private view returns (Testimony memory) {
        bytes32 payload = BridgeStatements.checkpoint(root, 5, bytes32("leaf"));
        Statement memory statement = _statement(service_, epoch, 5, payload);
        Certificate memory certificate = _certify(service, statement, COUNT, 4);
        return Testimony(statement, false, "", certificate.signature);
    }
}
