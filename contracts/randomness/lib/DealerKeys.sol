// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {IKeyService} from "../interfaces/IKeyGenerationPorts.sol";
import {Epoch} from "../../avs/interfaces/IServiceManager.sol";

/// @title DealerKeys: the key that a dealer signs a session's dealing with
/// @dev That of the session's epoch. One that left, and deals its old shares for the last time, is in no table of today:
/// it signs with the key of the last epoch that has it, as long as evidence from there can slash.
library DealerKeys {
    /// @param epoch The one that the signer names.
    /// @return key 96 bytes.
    function keyOf(IKeyService service, uint64 sessionEpoch, address dealer, uint64 epoch)
        internal
        view
        returns (bytes memory key)
    {
        bool found;
        (found, key) = _find(service, sessionEpoch, dealer);
        if (found || epoch >= sessionEpoch) {
            require(found && epoch == sessionEpoch, Errors.DealerEpoch(dealer, epoch));
            return key;
        }
        // Bounds the number of epochs to look through, too.
        _requireSlashable(service, epoch);
        for (uint64 later = sessionEpoch - 1; later > epoch; --later) {
            (found,) = _find(service, later, dealer);
            require(!found, Errors.DealerEpoch(dealer, epoch));
        }
        (found, key) = _find(service, epoch, dealer);
        require(found, Errors.DealerEpoch(dealer, epoch));
    }

    function _find(IKeyService service, uint64 epoch, address dealer)
        private
        view
        returns (bool, bytes memory)
    {
        (address[] memory operators, bytes[] memory keys,) = service.epochRows(epoch, 0, type(uint256).max);
        for (uint256 row; row < operators.length; ++row) {
            if (operators[row] == dealer) return (true, keys[row]);
        }
        return (false, "");
    }

    /// @param epoch Has a successor.
    function _requireSlashable(IKeyService service, uint64 epoch) private view {
        Epoch memory info = service.epochInfo(epoch);
        uint256 end = service.epochInfo(epoch + 1).activatesAt;
        if (info.validUntil < end) end = info.validUntil;
        uint256 until = end + service.graceSeconds() + service.parameters().evidenceWindow;
        require(block.timestamp <= until, Errors.DealEvidenceTooLate(epoch, until));
    }
}
