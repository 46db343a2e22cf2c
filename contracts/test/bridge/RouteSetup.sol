// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRateSource, LrtCollateral} from "../../bridge/LrtCollateral.sol";
import {LrtSynthetic} from "../../bridge/LrtSynthetic.sol";
import {Mailbox} from "../../bridge/Mailbox.sol";
import {MerkleTreeHook} from "../../bridge/MerkleTreeHook.sol";
import {NoHook} from "../../bridge/NoHook.sol";
import {IMailbox} from "../../bridge/interfaces/IHyperlane.sol";
import {TestToken} from "../../core/TestToken.sol";
import {Test, Vm} from "../Vm.sol";
import {SetIsm} from "./BridgeDoubles.sol";

/// @notice A rate that a test sets.
contract SetRate is IRateSource {
    uint256 public getRate = 1e18;

    function set(uint256 rate) external {
        getRate = rate;
    }
}

/// @notice An LRT on domain 1000 and its other ends on 2000 and 3000, whose messages are carried by hand.
abstract contract RouteSetup is Test {
    uint32 internal constant HOME = 1000;
    uint32 internal constant AWAY = 2000;
    uint32 internal constant THIRD = 3000;
    uint128 internal constant CAPACITY = 1000 ether;
    uint128 internal constant REFILL = 1 ether;

    TestToken internal token;
    SetRate internal rate;
    SetIsm internal ism;
    Mailbox internal home;
    Mailbox internal away;
    Mailbox internal third;
    LrtCollateral internal collateral;
    LrtSynthetic internal synthetic;
    LrtSynthetic internal other;

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        token = new TestToken("Liquid restaking token", "LRT");
        rate = new SetRate();
        ism = new SetIsm();
        (home, away, third) = (_newMailbox(HOME), _newMailbox(AWAY), _newMailbox(THIRD));
        collateral = new LrtCollateral(token, rate, home, ism, address(this));
        synthetic = new LrtSynthetic("LRT", "LRT", away, ism, address(this));
        other = new LrtSynthetic("LRT", "LRT", third, ism, address(this));
        collateral.enrollRouter(AWAY, _word(address(synthetic)), CAPACITY, REFILL);
        collateral.enrollRouter(THIRD, _word(address(other)), CAPACITY, REFILL);
        synthetic.enrollRouter(HOME, _word(address(collateral)), CAPACITY, REFILL);
        other.enrollRouter(HOME, _word(address(collateral)), CAPACITY, REFILL);
    }

    function _newMailbox(uint32 domain) private returns (Mailbox mailbox) {
        mailbox = new Mailbox(domain, address(this));
        mailbox.setRequiredHook(new MerkleTreeHook(mailbox));
        mailbox.setDefaultHook(new NoHook());
        mailbox.setDefaultIsm(ism);
    }

    function _word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    /// @dev The last message that was dispatched since logs are recorded.
    function _dispatched() internal returns (bytes memory message) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IMailbox.Dispatch.selector) message = abi.decode(logs[i].data, (bytes));
        }
    }

    /// @dev Locks `amount` of `from`'s for a domain.
    function _lock(uint32 domain, address from, address to, uint256 amount) internal returns (bytes memory) {
        vm.recordLogs();
        vm.startPrank(from);
        token.approve(address(collateral), amount);
        collateral.transferRemote(domain, _word(to), amount);
        vm.stopPrank();
        return _dispatched();
    }

    function _burn(LrtSynthetic end, address from, address to, uint256 amount)
        internal
        returns (bytes memory)
    {
        vm.recordLogs();
        vm.prank(from);
        end.transferRemote(HOME, _word(to), amount);
        return _dispatched();
    }
}
