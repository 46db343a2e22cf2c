// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a ServiceManager is deployed with. Times are seconds.
/// @param operatorSetId Number of the AVS's operator set in the core.
/// @param quorumBps Part of an epoch's weight that must sign, in basis points; above two thirds: 6,667 to 10,000.
/// @param maxShareBps Most that one operator counts for in an epoch's weight, in basis points; 0 for no such limit.
/// @param changeBps Part of the weight that must have moved before a new epoch replaces the last, in basis points.
/// @param minWeight Gwei of ETH value below which an operator is left out of the tables; at least 1.
/// @param activationDelay From the end of building a table to its activation: finality plus a margin.
/// @param minEpochAge From the end of building a table to the beginning of the next.
/// @param buildWindow In which a table must be built; after it anyone may begin again.
/// @param validity From the beginning of building a table to its expiry.
/// @param renewBefore Before its expiry an epoch may be replaced even if nothing changed.
/// @param grace After its end an epoch's certificates, of its own slots, are still accepted.
/// @param evidenceWindow After the grace evidence against the epoch's operators can still slash.
/// @param secondsPerBlock Least time between two blocks of the chain.
/// @param equivocationWad Part of what an operator allocated to the AVS that it loses when it signed two payloads for
/// one slot, of 1e18; at least 1.
struct Parameters {
    uint32 operatorSetId;
    uint16 quorumBps;
    uint16 maxShareBps;
    uint16 changeBps;
    uint64 minWeight;
    uint32 activationDelay;
    uint32 minEpochAge;
    uint32 buildWindow;
    uint32 validity;
    uint32 renewBefore;
    uint32 grace;
    uint32 evidenceWindow;
    uint32 secondsPerBlock;
    uint64 equivocationWad;
}
