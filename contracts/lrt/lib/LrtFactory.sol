// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {DelegationAccount} from "../DelegationAccount.sol";
import {LrtEntry} from "../LrtEntry.sol";
import {IDelegationAccount} from "../interfaces/IDelegationAccount.sol";
import {ILrtVault} from "../interfaces/ILrtVault.sol";

/// @title LrtFactory: creates what the vault creates, outside the vault's own code
/// @dev Called as a library: what is created is created by the vault.
library LrtFactory {
    function newEntry(address asset, LstRates.Kind kind) external returns (address) {
        return address(new LrtEntry(ILrtVault(address(this)), asset, kind));
    }

    function newAccount(IDelegationManager delegation, address operator)
        external
        returns (IDelegationAccount)
    {
        return new DelegationAccount(delegation, operator);
    }
}
