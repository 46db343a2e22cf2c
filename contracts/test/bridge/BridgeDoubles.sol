// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    IInterchainSecurityModule,
    IMailbox,
    IMessageRecipient,
    IPostDispatchHook
} from "../../bridge/interfaces/IHyperlane.sol";

/// @notice Believes what its owner says.
contract SetIsm is IInterchainSecurityModule {
    bool public answer = true;
    bytes public lastMetadata;

    function set(bool answer_) external {
        answer = answer_;
    }

    function moduleType() external pure returns (uint8) {
        return 6;
    }

    function verify(bytes calldata metadata, bytes calldata) external returns (bool) {
        lastMetadata = metadata;
        return answer;
    }
}

/// @notice Keeps what was last delivered to it.
contract Inbox is IMessageRecipient {
    uint32 public origin;
    bytes32 public sender;
    bytes public body;
    uint256 public value;
    uint256 public count;

    function handle(uint32 origin_, bytes32 sender_, bytes calldata body_) external payable virtual {
        (origin, sender, body, value) = (origin_, sender_, body_, msg.value);
        ++count;
    }
}

/// @notice Names who judges its messages.
contract ChoosyInbox is Inbox {
    IInterchainSecurityModule public interchainSecurityModule;

    constructor(IInterchainSecurityModule module) {
        interchainSecurityModule = module;
    }
}

/// @notice Delivers its message once more while it is delivered.
contract GreedyInbox is Inbox {
    IMailbox private immutable _mailbox;
    bytes private _message;

    constructor(IMailbox mailbox) {
        _mailbox = mailbox;
    }

    function wait(bytes calldata message) external {
        _message = message;
    }

    function handle(uint32, bytes32, bytes calldata) external payable override {
        _mailbox.process("", _message);
    }
}

/// @notice Takes a fee and keeps what it heard.
contract FeeHook is IPostDispatchHook {
    uint256 public immutable fee;
    uint256 public received;
    bytes public lastMetadata;
    bytes public lastMessage;

    constructor(uint256 fee_) {
        fee = fee_;
    }

    function hookType() external pure returns (uint8) {
        return 8;
    }

    function supportsMetadata(bytes calldata) external pure returns (bool) {
        return true;
    }

    function postDispatch(bytes calldata metadata, bytes calldata message) external payable {
        (lastMetadata, lastMessage) = (metadata, message);
        received += msg.value;
    }

    function quoteDispatch(bytes calldata, bytes calldata) external view returns (uint256) {
        return fee;
    }
}
