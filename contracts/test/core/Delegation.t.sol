// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DelegationManager} from "../../core/DelegationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IPermissionController} from "../../core/interfaces/IPermissionController.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {CoreSetup} from "./CoreSetup.sol";

contract DelegationTest is CoreSetup {
    uint256 internal constant APPROVER_KEY = 0xa99;

    function testAnOperatorIsDelegatedToItself() public {
        vm.expectEmit(address(delegation));
        emit IDelegationManager.DelegationApproverUpdated(ALICE, address(0));
        vm.expectEmit(address(delegation));
        emit IDelegationManager.StakerDelegated(ALICE, ALICE);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorRegistered(ALICE, address(0));
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorMetadataURIUpdated(ALICE, "https://operator.example");
        vm.prank(ALICE);
        delegation.registerAsOperator(address(0), 7, "https://operator.example");

        vm.assertTrue(delegation.isOperator(ALICE));
        vm.assertTrue(delegation.isDelegated(ALICE));
        vm.assertEq(delegation.delegatedTo(ALICE), ALICE);
        (bool isSet, uint32 delay) = allocations.getAllocationDelay(ALICE);
        vm.assertTrue(isSet && delay == 7);
        vm.assertFalse(delegation.isOperator(address(0)));
    }

    function testNobodyRegistersOrDelegatesTwice() public {
        _register(ALICE, 0);
        _register(CAROL, 0);
        vm.prank(ALICE);
        vm.expectRevert(IDelegationManager.ActivelyDelegated.selector);
        delegation.registerAsOperator(address(0), 0, "");
        _delegate(BOB, ALICE);
        vm.startPrank(BOB);
        vm.expectRevert(IDelegationManager.ActivelyDelegated.selector);
        delegation.registerAsOperator(address(0), 0, "");
        vm.expectRevert(IDelegationManager.ActivelyDelegated.selector);
        delegation.delegateTo(CAROL, IDelegationManager.SignatureWithExpiry("", 0), 0);
    }

    function testOnlyAnOperatorIsDelegatedTo() public {
        vm.prank(BOB);
        vm.expectRevert(IDelegationManager.OperatorNotRegistered.selector);
        delegation.delegateTo(ALICE, IDelegationManager.SignatureWithExpiry("", 0), 0);
    }

    function testDepositsBeforeAndAfterDelegationCount() public {
        _register(ALICE, 0);
        _deposit(ALICE, first, 1 ether);
        _deposit(BOB, first, 10 ether);
        _deposit(BOB, second, 5 ether);
        vm.assertEq(delegation.operatorShares(ALICE, first), 1 ether);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorSharesIncreased(ALICE, BOB, first, 10 ether);
        _delegate(BOB, ALICE);
        _deposit(BOB, second, 2 ether);

        uint256[] memory shares = delegation.getOperatorShares(ALICE, _both());
        vm.assertEq(shares[0], 11 ether);
        vm.assertEq(shares[1], 7 ether);
        vm.assertEq(delegation.getOperatorsShares(_one(ALICE), _both())[0][1], 7 ether);
        vm.assertEq(_withdrawable(BOB, second), 7 ether);
        (IStrategy[] memory list, uint256[] memory deposits) = delegation.getDepositedShares(BOB);
        vm.assertEq(address(list[0]), address(first));
        vm.assertEq(deposits[0], 10 ether);
    }

    function testAStakerWithoutOperatorKeepsAll() public {
        _deposit(BOB, first, 3 ether);
        _deposit(BOB, first, 4 ether);
        vm.assertEq(_withdrawable(BOB, first), 7 ether);
        vm.assertEq(delegation.depositScalingFactor(BOB, first), 1e18);
    }

    function testOperatorsChangeTheirDetails() public {
        _register(ALICE, 0);
        vm.startPrank(ALICE);
        delegation.modifyOperatorDetails(ALICE, CAROL);
        vm.assertEq(delegation.delegationApprover(ALICE), CAROL);
        vm.expectEmit(address(delegation));
        emit IDelegationManager.OperatorMetadataURIUpdated(ALICE, "ipfs://new");
        delegation.updateOperatorMetadataURI(ALICE, "ipfs://new");
        vm.stopPrank();

        vm.startPrank(BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        delegation.modifyOperatorDetails(ALICE, BOB);
        vm.expectRevert(IPermissionController.InvalidPermissions.selector);
        delegation.updateOperatorMetadataURI(ALICE, "");
        vm.expectRevert(IDelegationManager.OperatorNotRegistered.selector);
        delegation.modifyOperatorDetails(BOB, BOB);
        vm.expectRevert(IDelegationManager.OperatorNotRegistered.selector);
        delegation.updateOperatorMetadataURI(BOB, "");
    }

    function testAnAppointeeActsForTheOperator() public {
        _register(ALICE, 0);
        vm.prank(ALICE);
        permissions.setAppointee(
            ALICE, BOB, address(delegation), IDelegationManager.updateOperatorMetadataURI.selector
        );
        vm.prank(BOB);
        delegation.updateOperatorMetadataURI(ALICE, "");
    }

    function _signed(address operator, bytes32 salt, uint256 expiry)
        private
        view
        returns (IDelegationManager.SignatureWithExpiry memory)
    {
        bytes32 digest = delegation.calculateDelegationApprovalDigestHash(
            BOB, operator, vm.addr(APPROVER_KEY), salt, expiry
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(APPROVER_KEY, digest);
        return IDelegationManager.SignatureWithExpiry(abi.encodePacked(r, s, v), expiry);
    }

    function testAnApproverDecidesWhoDelegates() public {
        vm.prank(ALICE);
        delegation.registerAsOperator(vm.addr(APPROVER_KEY), 0, "");
        IDelegationManager.SignatureWithExpiry memory approval =
            _signed(ALICE, "salt", vm.getBlockTimestamp());
        vm.prank(CAROL);
        vm.expectRevert(IDelegationManager.InvalidSignature.selector);
        delegation.delegateTo(ALICE, approval, "salt");
        vm.prank(BOB);
        vm.expectRevert(IDelegationManager.InvalidSignature.selector);
        delegation.delegateTo(ALICE, approval, "pepper");
        vm.prank(BOB);
        delegation.delegateTo(ALICE, approval, "salt");
        vm.assertEq(delegation.delegatedTo(BOB), ALICE);
        vm.assertTrue(delegation.delegationApproverSaltIsSpent(vm.addr(APPROVER_KEY), "salt"));
        vm.prank(CAROL);
        vm.expectRevert(IDelegationManager.SaltSpent.selector);
        delegation.delegateTo(ALICE, approval, "salt");
    }

    function testAnApprovalExpires() public {
        vm.prank(ALICE);
        delegation.registerAsOperator(vm.addr(APPROVER_KEY), 0, "");
        IDelegationManager.SignatureWithExpiry memory approval =
            _signed(ALICE, "salt", vm.getBlockTimestamp());
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.prank(BOB);
        vm.expectRevert(IDelegationManager.SignatureExpired.selector);
        delegation.delegateTo(ALICE, approval, "salt");
    }

    function testTheApprovalDigestIsEigenLayers() public view {
        // EIP-712 by hand: domain {EigenLayer, 1}, as EigenLayer's SignatureUtilsMixin has it.
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("EigenLayer"),
                keccak256("1"),
                block.chainid,
                address(delegation)
            )
        );
        vm.assertEq(delegation.domainSeparator(), domain);
        bytes32 approval = keccak256(
            abi.encode(
                keccak256(
                    "DelegationApproval(address delegationApprover,address staker,address operator,bytes32 salt,uint256 expiry)"
                ),
                CAROL,
                BOB,
                ALICE,
                bytes32("salt"),
                uint256(5)
            )
        );
        vm.assertEq(
            delegation.calculateDelegationApprovalDigestHash(BOB, ALICE, CAROL, "salt", 5),
            keccak256(abi.encodePacked("\x19\x01", domain, approval))
        );
    }

    function testManagersTrustEachOtherOnly() public {
        vm.expectRevert(IDelegationManager.OnlyStrategyManagerOrEigenPodManager.selector);
        delegation.increaseDelegatedShares(BOB, first, 0, 1);
        vm.expectRevert(IDelegationManager.OnlyAllocationManager.selector);
        delegation.slashOperatorShares(BOB, _set(1), 1, first, 1, 0);
        vm.expectRevert(DelegationManager.AlreadyConnected.selector);
        delegation.connect(strategies, allocations);
        DelegationManager fresh =
            DelegationManager(vm.deployCode("DelegationManager.sol", abi.encode(permissions, 0)));
        vm.prank(BOB);
        vm.expectRevert(DelegationManager.OnlyDeployer.selector);
        fresh.connect(strategies, allocations);
    }
}
