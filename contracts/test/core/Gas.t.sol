// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAVSRegistrar} from "../../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {WithdrawalSetup} from "./WithdrawalSetup.sol";

/// @notice A registrar that takes everybody.
contract OpenRegistrar is IAVSRegistrar {
    function registerOperator(address, address, uint32[] calldata, bytes calldata) external {}

    function deregisterOperator(address, address, uint32[] calldata) external {}

    function supportsAVS(address) external pure returns (bool) {
        return true;
    }
}

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

/// @title GasTest: what the core's calls may cost as first transactions of their kind
/// @dev At most 1.2 times what the same call costs on EigenLayer's mainnet. Every call is a transaction of its own here,
/// with cold storage and the intrinsic gas of a transaction.
/// forge-config: default.isolate = true
contract GasTest is WithdrawalSetup {
    function setUp() public override {
        super.setUp();
        OpenRegistrar registrar = new OpenRegistrar();
        vm.prank(address(avs));
        allocations.setAVSRegistrar(address(avs), registrar);
    }

    function _spent(uint256 theirs) private view {
        uint256 gas = GasMeter(address(vm)).lastCallGas().gasTotalUsed;
        vm.assertGt(gas, 21_000, "measured without the transaction");
        vm.assertLe(gas, theirs * 12 / 10);
    }

    function testGasOfRegisterAsOperator() public {
        vm.prank(ALICE);
        delegation.registerAsOperator(address(0), 0, "https://operator.example/metadata.json");
        _spent(145_000);
    }

    function testGasOfDepositAndDelegation() public {
        _register(ALICE, 0);
        token.mint(BOB, 10 ether);
        vm.prank(BOB);
        token.approve(address(strategies), 10 ether);
        vm.prank(BOB);
        strategies.depositIntoStrategy(first, token, 10 ether);
        _spent(240_000);
        vm.prank(BOB);
        delegation.delegateTo(ALICE, IDelegationManager.SignatureWithExpiry("", 0), bytes32(0));
        _spent(136_000);
    }

    function testGasOfDepositByADelegatedStaker() public {
        _register(ALICE, 0);
        token.mint(ALICE, 10 ether);
        vm.prank(ALICE);
        token.approve(address(strategies), 10 ether);
        vm.prank(ALICE);
        strategies.depositIntoStrategy(first, token, 10 ether);
        _spent(240_000);
    }

    function testGasOfRegisterForOperatorSets() public {
        _register(ALICE, 0);
        vm.prank(ALICE);
        allocations.registerForOperatorSets(
            ALICE, IAllocationManager.RegisterParams(address(avs), _ids(1), "")
        );
        _spent(229_000);
    }

    function testGasOfSlashOperator() public {
        _register(ALICE, 0);
        _deposit(ALICE, first, 10 ether);
        _join(ALICE, 1);
        _allocate(ALICE, 1, first, 0.5e18);
        IAllocationManager.SlashingParams memory params =
            IAllocationManager.SlashingParams(ALICE, 1, _one(first), _wads(0.1e18), "signed two prices");
        vm.prank(SLASHER);
        allocations.slashOperator(address(avs), params);
        _spent(415_000);
    }

    function testGasOfQueueWithdrawals() public {
        _register(ALICE, 0);
        _deposit(BOB, first, 10 ether);
        _delegate(BOB, ALICE);
        vm.prank(BOB);
        delegation.queueWithdrawals(_queueParams(_one(first), _wads(4 ether)));
        _spent(440_000);
    }
}
