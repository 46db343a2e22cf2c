// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Delegations} from "./Delegations.sol";
import {Permissioned} from "./Permissioned.sol";
import {WithdrawalQueue} from "./WithdrawalQueue.sol";
import {IAllocationManager} from "./interfaces/IAllocationManager.sol";
import {IPermissionController} from "./interfaces/IPermissionController.sol";
import {IStrategyManager} from "./interfaces/IStrategyManager.sol";

/// @title DelegationManager: operators, the stake delegated to them, and the queue through which it leaves
/// @dev The two other managers name this one in their constructors; `connect` tells this one of them, once.
contract DelegationManager is WithdrawalQueue {
    error OnlyDeployer();
    error AlreadyConnected();

    address private immutable _deployer;

    /// @param withdrawalDelayBlocks Blocks for which queued shares stay slashable (EigenLayer's mainnet: 100,800). It
    /// must not be less than the AllocationManager's DEALLOCATION_DELAY, or stake could leave before its allocation.
    constructor(IPermissionController controller, uint32 withdrawalDelayBlocks)
        Permissioned(controller)
        EIP712("EigenLayer", "1")
        WithdrawalQueue(withdrawalDelayBlocks)
    {
        _deployer = msg.sender;
    }

    /// @notice Names the two other managers. Once, by the deployer.
    function connect(IStrategyManager strategyManager_, IAllocationManager allocationManager_) external {
        require(msg.sender == _deployer, OnlyDeployer());
        require(address(strategyManager) == address(0), AlreadyConnected());
        strategyManager = strategyManager_;
        allocationManager = allocationManager_;
    }
}
