// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Mailbox} from "../../bridge/Mailbox.sol";
import {MerkleTreeHook} from "../../bridge/MerkleTreeHook.sol";
import {NoHook} from "../../bridge/NoHook.sol";
import {
    IInterchainSecurityModule,
    IMailbox,
    IMerkleTreeHook,
    IPostDispatchHook
} from "../../bridge/interfaces/IHyperlane.sol";
import {IMailboxErrors as Errors} from "../../bridge/interfaces/IMailboxErrors.sol";
import {MerkleTree} from "../../bridge/lib/MerkleTree.sol";
import {Test} from "../Vm.sol";
import {ChoosyInbox, FeeHook, GreedyInbox, Inbox, SetIsm} from "./BridgeDoubles.sol";

/// @notice A mailbox of domain 1000, whose default hook takes a fee and whose required one is the tree.
contract MailboxTest is Test {
    uint32 private constant HERE = 1000;
    uint32 private constant THERE = 2000;
    uint256 private constant FEE = 7;
    bytes32 private constant TO = bytes32(uint256(0x2222));

    Mailbox private mailbox;
    MerkleTreeHook private tree;
    FeeHook private fees;
    SetIsm private ism;
    Inbox private inbox;

    function setUp() public {
        mailbox = new Mailbox(HERE, address(this));
        tree = new MerkleTreeHook(mailbox);
        fees = new FeeHook(FEE);
        ism = new SetIsm();
        inbox = new Inbox();
        mailbox.setRequiredHook(tree);
        mailbox.setDefaultHook(fees);
        mailbox.setDefaultIsm(ism);
        vm.deal(address(this), 1 ether);
    }

    // set-up

    function testOnlyTheOwnerSetsUpAndOnlyContracts() public {
        vm.startPrank(address(1));
        bytes memory unauthorized = abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", address(1));
        vm.expectRevert(unauthorized);
        mailbox.setDefaultIsm(ism);
        vm.expectRevert(unauthorized);
        mailbox.setDefaultHook(fees);
        vm.expectRevert(unauthorized);
        mailbox.setRequiredHook(tree);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(Errors.ModuleWithoutCode.selector, address(1)));
        mailbox.setDefaultIsm(IInterchainSecurityModule(address(1)));
        vm.expectRevert(abi.encodeWithSelector(Errors.HookWithoutCode.selector, address(1)));
        mailbox.setDefaultHook(IPostDispatchHook(address(1)));
        vm.expectRevert(abi.encodeWithSelector(Errors.HookWithoutCode.selector, address(1)));
        mailbox.setRequiredHook(IPostDispatchHook(address(1)));
        vm.expectEmit(address(mailbox));
        emit IMailbox.DefaultIsmSet(address(ism));
        mailbox.setDefaultIsm(ism);
        vm.expectEmit(address(mailbox));
        emit IMailbox.DefaultHookSet(address(fees));
        mailbox.setDefaultHook(fees);
        vm.expectEmit(address(mailbox));
        emit IMailbox.RequiredHookSet(address(tree));
        mailbox.setRequiredHook(tree);
        vm.assertEq(mailbox.VERSION(), 3);
        vm.assertEq(mailbox.deployedBlock(), block.number);
    }

    // leaving

    function testAMessageLeavesAsHyperlaneHasIt() public {
        string memory vectors = vm.readFile("test/vectors/hyperlane.json");
        address sender = address(uint160(uint256(vm.parseJsonBytes32(vectors, ".message.sender"))));
        bytes32 recipient = vm.parseJsonBytes32(vectors, ".message.recipient");
        bytes memory body = vm.parseJsonBytes(vectors, ".message.body");
        bytes32 expected = vm.parseJsonBytes32(vectors, ".message.id");
        bytes memory message = _message(0, HERE, bytes32(uint256(uint160(sender))), THERE, recipient, body);
        vm.deal(sender, FEE);
        vm.expectEmit(address(mailbox));
        emit IMailbox.Dispatch(sender, THERE, recipient, message);
        vm.expectEmit(address(mailbox));
        emit IMailbox.DispatchId(expected);
        vm.expectEmit(address(tree));
        emit IMerkleTreeHook.InsertedIntoTree(expected, 0);
        vm.prank(sender);
        vm.assertEq(mailbox.dispatch{value: FEE}(THERE, recipient, body), expected);
        vm.assertEq(mailbox.latestDispatchedId(), expected);
        vm.assertEq(mailbox.nonce(), 1);
        vm.assertEq(fees.received(), FEE);
        vm.assertEq(fees.lastMessage(), message);
        (bytes32 root, uint32 index) = tree.latestCheckpoint();
        vm.assertEq(index, 0);
        vm.assertEq(root, tree.root());
    }

    function testFuzzNoTwoMessagesAreTheSame(bytes calldata body) public {
        bytes32 first = mailbox.dispatch{value: FEE}(THERE, TO, body);
        bytes32 second = mailbox.dispatch{value: FEE}(THERE, TO, body);
        vm.assertTrue(first != second);
        vm.assertEq(tree.count(), 2);
        (, uint32 index) = tree.latestCheckpoint();
        vm.assertEq(index, 1);
        vm.assertEq(tree.tree().count, 2);
    }

    function testHooksOfTheSendersChoice() public {
        FeeHook own = new FeeHook(3);
        mailbox.dispatch{value: 5}(THERE, TO, "body", "meta", own);
        vm.assertEq(own.received(), 5);
        vm.assertEq(own.lastMetadata(), bytes("meta"));
        vm.assertEq(fees.received(), 0);
        mailbox.dispatch{value: FEE}(THERE, TO, "body", "other");
        vm.assertEq(fees.lastMetadata(), bytes("other"));
        vm.assertEq(tree.count(), 2);
    }

    function testTheRequiredHookIsPaidFirst() public {
        FeeHook required = new FeeHook(10);
        mailbox.setRequiredHook(required);
        vm.assertEq(mailbox.quoteDispatch(THERE, TO, "body"), 10 + FEE);
        vm.expectRevert(abi.encodeWithSelector(Errors.HookFeeUnpaid.selector, 9, 10));
        mailbox.dispatch{value: 9}(THERE, TO, "body");
        mailbox.dispatch{value: 10 + FEE}(THERE, TO, "body");
        vm.assertEq(required.received(), 10);
        vm.assertEq(fees.received(), FEE);
    }

    function testNobodyElseNeedHearOfMessages() public {
        NoHook none = new NoHook();
        vm.assertEq(none.hookType(), 0);
        vm.assertTrue(none.supportsMetadata("meta"));
        mailbox.setDefaultHook(none);
        vm.assertEq(mailbox.quoteDispatch(THERE, TO, "body"), 0);
        mailbox.dispatch(THERE, TO, "body");
        vm.assertEq(tree.count(), 1);
        vm.expectRevert(abi.encodeWithSelector(Errors.HookTakesNoValue.selector, 1));
        mailbox.dispatch{value: 1}(THERE, TO, "body");
    }

    function testTheTreeTakesWhatTheMailboxDispatchesAlone() public {
        bytes memory message = _message(0, HERE, TO, THERE, TO, "body");
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageNotDispatched.selector, keccak256(message)));
        tree.postDispatch("", message);
        vm.expectRevert(abi.encodeWithSelector(Errors.HookTakesNoValue.selector, 1));
        tree.postDispatch{value: 1}("", message);
        vm.expectRevert(Errors.TreeEmpty.selector);
        tree.latestCheckpoint();
        vm.assertEq(tree.quoteDispatch("", message), 0);
        vm.assertEq(tree.hookType(), 3);
        vm.assertTrue(tree.supportsMetadata(""));
        vm.assertEq(address(tree.mailbox()), address(mailbox));
    }

    // arriving

    function testFuzzAMessageArrivesOnce(uint32 nonce, uint32 origin, bytes32 sender, bytes calldata body)
        public
    {
        bytes memory message = _message(nonce, origin, sender, HERE, _word(address(inbox)), body);
        bytes32 id = keccak256(message);
        vm.roll(77);
        vm.expectEmit(address(mailbox));
        emit IMailbox.Process(origin, sender, address(inbox));
        vm.expectEmit(address(mailbox));
        emit IMailbox.ProcessId(id);
        mailbox.process{value: 5}("proof", message);
        vm.assertTrue(mailbox.delivered(id));
        vm.assertEq(mailbox.processedAt(id), 77);
        vm.assertEq(mailbox.processor(id), address(this));
        vm.assertEq(inbox.origin(), origin);
        vm.assertEq(inbox.sender(), sender);
        vm.assertEq(inbox.body(), body);
        vm.assertEq(inbox.value(), 5);
        vm.assertEq(ism.lastMetadata(), bytes("proof"));
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageAlreadyDelivered.selector, id));
        mailbox.process("proof", message);
        vm.assertEq(inbox.count(), 1);
    }

    function testWhatIsNotForHereOrNoMessageIsRefused() public {
        bytes memory message = _message(0, THERE, TO, HERE + 1, _word(address(inbox)), "body");
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageForOtherDomain.selector, HERE + 1));
        mailbox.process("", message);
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageTooShort.selector, 76));
        mailbox.process("", new bytes(76));
        message = _message(0, THERE, TO, HERE, _word(address(inbox)), "body");
        message[0] = bytes1(uint8(2));
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageVersion.selector, 2));
        mailbox.process("", message);
        bytes32 wide = _word(address(inbox)) | bytes32(uint256(1) << 160);
        vm.expectRevert(abi.encodeWithSelector(Errors.RecipientNotAddress.selector, wide));
        mailbox.process("", _message(0, THERE, TO, HERE, wide, "body"));
    }

    function testWhatTheModuleDoesNotBelieveStaysUndelivered() public {
        bytes memory message = _message(0, THERE, TO, HERE, _word(address(inbox)), "body");
        ism.set(false);
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageNotVerified.selector, keccak256(message)));
        mailbox.process("", message);
        vm.assertFalse(mailbox.delivered(keccak256(message)));
        ism.set(true);
        mailbox.process("", message);
        vm.assertEq(inbox.count(), 1);
    }

    function testARecipientChoosesItsModule() public {
        SetIsm own = new SetIsm();
        ChoosyInbox choosy = new ChoosyInbox(own);
        vm.assertEq(address(mailbox.recipientIsm(address(choosy))), address(own));
        vm.assertEq(address(mailbox.recipientIsm(address(inbox))), address(ism));
        vm.assertEq(address(mailbox.recipientIsm(address(0xdead))), address(ism));
        choosy = new ChoosyInbox(IInterchainSecurityModule(address(0)));
        vm.assertEq(address(mailbox.recipientIsm(address(choosy))), address(ism));
        ism.set(false);
        choosy = new ChoosyInbox(own);
        mailbox.process("", _message(0, THERE, TO, HERE, _word(address(choosy)), "body"));
        vm.assertEq(choosy.count(), 1);
    }

    function testARecipientCannotBeGivenAMessageWithinItsDelivery() public {
        GreedyInbox greedy = new GreedyInbox(mailbox);
        bytes memory message = _message(0, THERE, TO, HERE, _word(address(greedy)), "body");
        greedy.wait(message);
        vm.expectRevert(abi.encodeWithSelector(Errors.MessageAlreadyDelivered.selector, keccak256(message)));
        mailbox.process("", message);
        vm.assertFalse(mailbox.delivered(keccak256(message)));
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function _message(
        uint32 nonce,
        uint32 origin,
        bytes32 sender,
        uint32 destination,
        bytes32 recipient,
        bytes memory body
    ) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(3), nonce, origin, sender, destination, recipient, body);
    }
}
