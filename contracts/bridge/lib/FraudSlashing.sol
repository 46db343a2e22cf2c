// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {Epochs} from "../../avs/lib/Epochs.sol";
import {Slashing} from "../../avs/lib/Slashing.sol";
import {Testimonies} from "../../avs/lib/Testimonies.sol";
import {IBridgeService} from "../interfaces/IBridgeService.sol";
import {IBridgeServiceErrors as Errors} from "../interfaces/IBridgeServiceErrors.sol";

/// @title FraudSlashing: slashes who signed what a judge found to be false
/// @dev A linked library: its external functions run in the BridgeService's name.
library FraudSlashing {
    string private constant DESCRIPTION = "lariat: a false checkpoint was signed";

    /// @notice Verifies that all of `operators` signed, and slashes them.
    /// @param separator Domain separator of the statement.
    function slash(
        Epochs.State storage self,
        bytes32 separator,
        Testimony calldata testimony,
        address[] calldata operators
    ) external {
        Testimonies.verify(self, separator, testimony, operators);
        bool any;
        for (uint256 i; i < operators.length; ++i) {
            if (_punish(self, testimony.statement, operators[i])) any = true;
        }
        require(any, Errors.FraudNothingToSlash());
    }

    /// @return Whether the operator lost anything.
    function _punish(Epochs.State storage self, Statement calldata statement, address operator)
        private
        returns (bool)
    {
        mapping(uint64 epoch => bool) storage punished = self.punished[operator][statement.service];
        if (punished[statement.epoch] || !Slashing.isSlashable(self, operator)) return false;
        // The weight goes before anybody is called.
        punished[statement.epoch] = true;
        Epochs.revoke(self, operator);
        (bool any, IStrategy[] memory strategies, uint256[] memory shares) =
            Slashing.take(self, operator, self.parameters.equivocationWad, DESCRIPTION);
        if (!any) {
            punished[statement.epoch] = false;
            return false;
        }
        emit IBridgeService.FraudSlashed(
            operator, statement.service, statement.epoch, statement.slot, strategies, shares
        );
        return true;
    }
}
