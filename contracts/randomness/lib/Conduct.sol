// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {IRandomnessService} from "../interfaces/IRandomnessService.sol";
import {IRandomnessServiceErrors as Errors} from "../interfaces/IRandomnessServiceErrors.sol";
import {Epochs} from "../../avs/lib/Epochs.sol";
import {Operators} from "../../avs/lib/Operators.sol";
import {Slashing} from "../../avs/lib/Slashing.sol";

/// @title Conduct: what misconduct in the randomness beacon costs an operator
/// @dev A linked library: its external functions run in the RandomnessService's name.
library Conduct {
    /// @notice Operators that one report throws out. Each takes some 350,000 gas at the most; operators of more than a
    /// third of the weight cannot be in one, as the certificate needs two thirds.
    uint256 internal constant MAX_REPORTED = 16;

    string private constant DESCRIPTION = "lariat: broke the rules of a key generation";

    /// @dev As in `IRandomnessService.OperatorConvicted`.
    struct Conviction {
        address operator;
        uint64 session;
        uint64 epoch;
        uint8 reason;
    }

    struct State {
        mapping(address operator => mapping(uint64 session => bool)) convicted;
        mapping(uint64 window => bool) reported;
    }

    /// @notice Takes an operator's weight, slashes it, then throws it out. All of it once for a session.
    /// @dev Slashed before it leaves, though it would stay slashable after. A core that refuses to slash makes all of
    /// this revert, so that nobody can starve the slash of gas and have the rest go on.
    /// @param wad Part of its allocation that it loses, of 1e18.
    function convict(
        State storage self,
        Epochs.State storage epochs,
        Operators.Registry storage operators,
        Conviction memory found,
        uint64 wad
    ) external {
        address operator = found.operator;
        if (self.convicted[operator][found.session]) return;
        self.convicted[operator][found.session] = true;
        Epochs.revoke(epochs, operator);
        _slash(epochs, found, wad);
        _eject(epochs, operators, operator);
    }

    /// @notice Throws out the operators of a report that was certified. Once for a window.
    function report(
        State storage self,
        Epochs.State storage epochs,
        Operators.Registry storage registry,
        uint64 epoch,
        uint64 window,
        address[] calldata operators
    ) external {
        require(!self.reported[window], Errors.ConductAlreadyReported(window));
        self.reported[window] = true;
        for (uint256 i; i < operators.length; ++i) {
            Epochs.revoke(epochs, operators[i]);
            _eject(epochs, registry, operators[i]);
        }
        emit IRandomnessService.ConductReported(window, epoch, operators);
    }

    /// @notice What a report's certificate signs. Reverts unless the list is one: not empty, bounded, ascending.
    function payload(address[] calldata operators, uint64 window) internal pure returns (bytes32) {
        require(operators.length != 0, Errors.ConductNobody());
        require(operators.length <= MAX_REPORTED, Errors.ConductTooMany(operators.length, MAX_REPORTED));
        for (uint256 i = 1; i < operators.length; ++i) {
            require(operators[i] > operators[i - 1], Errors.ConductNotAscending(i));
        }
        return keccak256(abi.encode(operators, window));
    }

    function _slash(Epochs.State storage epochs, Conviction memory found, uint64 wad) private {
        IStrategy[] memory strategies = new IStrategy[](0);
        uint256[] memory shares = new uint256[](0);
        if (Slashing.isSlashable(epochs, found.operator)) {
            bool any;
            (any, strategies, shares) = Slashing.take(epochs, found.operator, wad, DESCRIPTION);
            if (!any) (strategies, shares) = (new IStrategy[](0), new uint256[](0));
        }
        emit IRandomnessService.OperatorConvicted(
            found.operator, found.session, found.epoch, found.reason, strategies, shares
        );
    }

    function _eject(Epochs.State storage epochs, Operators.Registry storage registry, address operator)
        private
    {
        IAllocationManager core = epochs.allocationManager;
        Operators.eject(registry, core, epochs.parameters.operatorSetId, operator);
    }
}
