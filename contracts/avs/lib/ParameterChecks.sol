// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IServiceManagerErrors} from "../interfaces/IServiceManagerErrors.sol";
import {Parameters} from "../interfaces/Parameters.sol";

/// @title ParameterChecks: refuses parameters that would make a ServiceManager unsafe or stand still
library ParameterChecks {
    uint256 private constant WHOLE = 10_000;

    /// @param deallocationDelay Blocks for which stake that is taken away from the AVS stays slashable.
    /// @return slashableBlocks Blocks in which the whole life of a table, with grace and evidence, is surely over.
    function check(Parameters memory p, uint32 deallocationDelay)
        internal
        pure
        returns (uint32 slashableBlocks)
    {
        // Two quorums of more than two thirds share more than a third of the weight: enough to blame somebody.
        _within("quorumBps", p.quorumBps, 6667, WHOLE);
        _within("maxShareBps", p.maxShareBps, 0, WHOLE);
        _within("changeBps", p.changeBps, 1, WHOLE);
        _within("minWeight", p.minWeight, 1, type(uint64).max);
        _within("activationDelay", p.activationDelay, 1, type(uint32).max);
        _within("buildWindow", p.buildWindow, 1, type(uint32).max);
        _within("secondsPerBlock", p.secondsPerBlock, 1, type(uint32).max);
        _within("equivocationWad", p.equivocationWad, 1, 1e18);
        // An epoch is active before the next is begun, and past its grace before the one after that activates.
        _within("minEpochAge", p.minEpochAge, p.activationDelay, type(uint32).max);
        _within("grace", p.grace, 0, p.minEpochAge);
        // One failed attempt at a successor leaves time for a second, which takes over before the epoch expires.
        uint256 succession = 2 * uint256(p.buildWindow) + p.activationDelay;
        _within("validity", p.validity, succession + p.buildWindow + p.minEpochAge, type(uint32).max);
        _within("renewBefore", p.renewBefore, succession, p.validity);

        uint256 life = uint256(p.validity) + p.grace + p.evidenceWindow;
        uint256 blocks = (life + p.secondsPerBlock - 1) / p.secondsPerBlock;
        _within("validity + grace + evidenceWindow, in blocks", blocks, 1, deallocationDelay);
        // Not above `deallocationDelay`, which has 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(blocks);
    }

    function _within(string memory parameter, uint256 value, uint256 least, uint256 most) private pure {
        require(
            value >= least && value <= most,
            IServiceManagerErrors.ParameterOutOfRange(parameter, value, least, most)
        );
    }
}
