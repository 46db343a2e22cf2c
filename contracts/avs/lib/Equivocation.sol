// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IServiceManager, Statement, Testimony} from "../interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../interfaces/IServiceManagerErrors.sol";
import {Epochs} from "./Epochs.sol";
import {Slashing} from "./Slashing.sol";
import {Testimonies} from "./Testimonies.sol";

/// @title Equivocation: slashes who signed two payloads for one (service, kind, slot, attempt)
/// @dev A linked library: its external functions run in the ServiceManager's name, which is the slasher of its set.
/// Each side may be one signature or a sum, of a quorum or not (see `Testimonies`).
library Equivocation {
    string private constant DESCRIPTION = "lariat: two payloads signed for one slot";

    /// @notice Verifies both sides and slashes `operators`, who must have signed on both.
    /// @param separator Domain separator of the statements.
    function slash(
        Epochs.State storage self,
        bytes32 separator,
        Testimony calldata first,
        Testimony calldata second,
        address[] calldata operators
    ) external {
        _requireConflict(first.statement, second.statement);
        Testimonies.verify(self, separator, first, operators);
        Testimonies.verify(self, separator, second, operators);
        bool any;
        for (uint256 i; i < operators.length; ++i) {
            if (_punish(self, first.statement, second.statement.epoch, operators[i])) any = true;
        }
        require(any, Errors.EquivocationNothingToSlash());
    }

    function _requireConflict(Statement calldata a, Statement calldata b) private pure {
        require(
            a.service == b.service && a.kind == b.kind && a.slot == b.slot && a.attempt == b.attempt
                && a.payload != b.payload,
            Errors.EquivocationStatementsFit()
        );
    }

    /// @dev Takes an operator's weight, and the part of its allocated stake that the parameters say. Both epochs count
    /// as punished, so that no epoch is punished twice.
    /// @return Whether the operator lost anything.
    function _punish(
        Epochs.State storage self,
        Statement calldata statement,
        uint64 otherEpoch,
        address operator
    ) private returns (bool) {
        mapping(uint64 epoch => bool) storage punished = self.punished[operator][statement.service];
        if (punished[statement.epoch] || punished[otherEpoch]) return false;
        if (!Slashing.isSlashable(self, operator)) return false;
        punished[statement.epoch] = true;
        punished[otherEpoch] = true;
        Epochs.revoke(self, operator);
        if (_take(self, statement, operator)) return true;
        punished[statement.epoch] = false;
        punished[otherEpoch] = false;
        return false;
    }

    /// @return Whether the operator lost anything.
    function _take(Epochs.State storage self, Statement calldata statement, address operator)
        private
        returns (bool)
    {
        (bool any, IStrategy[] memory strategies, uint256[] memory shares) =
            Slashing.take(self, operator, self.parameters.equivocationWad, DESCRIPTION);
        if (!any) return false;
        emit IServiceManager.EquivocationSlashed(
            operator,
            statement.service,
            statement.epoch,
            statement.kind,
            statement.slot,
            statement.attempt,
            strategies,
            shares
        );
        return true;
    }
}
