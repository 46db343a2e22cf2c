// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {ILrtEntry} from "../../lrt/interfaces/ILrtEntry.sol";
import {ILrtToken} from "../../lrt/interfaces/ILrtToken.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {LrtSetup} from "./LrtSetup.sol";

/// @notice The part of forge's test machine that measures.
interface GasMeter {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// @title LrtGas: what calls cost with everything at its bound
/// @dev 4 LSTs, 8 operators, 8 open withdrawals of each account: 4 of the vault's and 4 of a forced undelegation. Every
/// call is a transaction of its own, with cold storage.
/// forge-config: default.isolate = true
contract LrtGas is LrtSetup {
    /// @dev Osaka's most for a transaction.
    uint256 private constant MOST = 16_777_216;

    /// @dev Where forge listens for what to print, with -vv.
    address private constant CONSOLE = address(0x636F6e736F6c652e6c6f67);

    function testGasAtTheBounds() public {
        _toTheBounds();
        uint256 amount = _acquire(2, BOB, 1 ether);
        vm.prank(BOB);
        rETH.approve(address(entries[2]), amount);
        vault.getRate();
        _print("getRate", MOST / 3);
        vm.prank(BOB);
        uint256 shares = entries[2].deposit(amount, BOB);
        _print("deposit", MOST / 3);
        vm.prank(BOB);
        entries[2].requestRedeem(shares, BOB, BOB);
        _print("requestRedeem", MOST / 3);
        vault.fulfil(20);
        _print("fulfil", MOST);
        _mine(DELAY + 1);
        bytes32[] memory roots = delegation.getQueuedWithdrawalRoots(vault.operators()[0].account);
        vault.complete(vault.operators()[0].operator, roots);
        _print("complete 8 withdrawals", MOST);
    }

    function testGasOfAFreshVault() public {
        uint256 amount = _acquire(2, BOB, 1 ether);
        vm.prank(BOB);
        rETH.approve(address(entries[2]), amount);
        vm.prank(BOB);
        entries[2].deposit(amount, BOB);
        _print("deposit, 3 operators without stake", 1_000_000);
        vault.getRate();
        _print("getRate, 3 operators without stake", 1_000_000);
        vault.restake(lsts[2]);
        _print("restake of one LST at 3 operators", 2_000_000);
    }

    function _print(string memory what, uint256 most) private view {
        uint256 gas = GasMeter(address(vm)).lastCallGas().gasTotalUsed;
        (bool printed,) = CONSOLE.staticcall(abi.encodeWithSignature("log(string,uint256)", what, gas));
        vm.assertTrue(printed);
        vm.assertGt(gas, 21_000, "measured without the transaction");
        vm.assertLe(gas, most, what);
    }

    function _toTheBounds() private {
        vault = _newVault(TIMELOCK, VESTING, FEE_BPS);
        lrt = ILrtToken(vault.token());
        IDelegationManager.SignatureWithExpiry memory none;
        address[] memory operators = new address[](8);
        uint16[] memory targets = new uint16[](8);
        for (uint256 k = 0; k < 8; k++) {
            (operators[k], targets[k]) = (address(uint160(0x3001 + k)), 1250);
            _makeOperator(operators[k], new IStrategy[](0));
        }
        vm.startPrank(OWNER);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            vault.addLst(_lst(kind));
            entries[kind] = ILrtEntry(lrt.vault(lsts[kind]));
        }
        for (uint256 k = 0; k < 8; k++) {
            vault.addOperator(operators[k], none, bytes32(0));
        }
        vault.setTargets(operators, targets);
        vault.open();
        vm.stopPrank();
        _filled();
        for (uint256 i = 0; i < 4; i++) {
            _request(ALICE, 0, 1 ether);
            vault.unstake();
            _print("unstake at 8 operators", MOST / 2);
            _mine(DELAY / 4);
        }
        for (uint256 k = 0; k < 8; k++) {
            address account = _account(k);
            vm.prank(operators[k]);
            delegation.undelegate(account);
            vm.assertEq(vault.operators()[k].openWithdrawals, 8);
        }
    }
}
