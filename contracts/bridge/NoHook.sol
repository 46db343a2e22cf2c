// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPostDispatchHook} from "./interfaces/IHyperlane.sol";
import {IMailboxErrors} from "./interfaces/IMailboxErrors.sol";

/// @title NoHook: does nothing and costs nothing
/// @dev A mailbox calls a default hook for every message. Where the tree is the required hook, nobody else need hear of them.
contract NoHook is IPostDispatchHook, IMailboxErrors {
    /// @inheritdoc IPostDispatchHook
    /// @notice 0 for none of the known ones.
    uint8 public constant hookType = 0;

    /// @inheritdoc IPostDispatchHook
    /// @dev What is paid above the fee comes here, and nobody could have it back.
    function postDispatch(bytes calldata, bytes calldata) external payable {
        require(msg.value == 0, HookTakesNoValue(msg.value));
    }

    /// @inheritdoc IPostDispatchHook
    function quoteDispatch(bytes calldata, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IPostDispatchHook
    function supportsMetadata(bytes calldata) external pure returns (bool) {
        return true;
    }
}
