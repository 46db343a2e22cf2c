// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What Mailbox and MerkleTreeHook refuse
interface IMailboxErrors {
    error MessageTooShort(uint256 length);
    error MessageVersion(uint8 version);
    error MessageForOtherDomain(uint32 destination);
    error MessageAlreadyDelivered(bytes32 messageId);
    /// @notice The recipient's security module does not believe the message.
    error MessageNotVerified(bytes32 messageId);
    error RecipientNotAddress(bytes32 recipient);
    error ModuleWithoutCode(address module);
    error HookWithoutCode(address hook);
    error HookFeeUnpaid(uint256 value, uint256 fee);
    /// @notice Only what the mailbox dispatches in the same call gets into the tree.
    error MessageNotDispatched(bytes32 messageId);
    error HookTakesNoValue(uint256 value);
    error TreeFull();
    error TreeEmpty();
}
