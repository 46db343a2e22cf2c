// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing, IKeyGeneration} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Statement} from "../../avs/interfaces/IServiceManager.sol";
import {Bls12381} from "../../avs/lib/Bls12381.sol";
import {DealerKeys} from "./DealerKeys.sol";
import {DealingProofs} from "./DealingProofs.sol";
import {EpochTable} from "../../avs/lib/EpochTable.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";

/// @title Dealings: what dealers post
/// @dev A linked library: its external functions run in KeyGeneration's name. What is checked here is what complaints
/// rest on: who dealt, that R's secret is known to the dealer and nobody else's R can be copied, and the constants.
/// Shares and the other commitments are for those to check who can read them.
library Dealings {
    using KeySessions for KeySessions.State;

    /// @dev `deal` statements are of this service.
    bytes32 internal constant DEAL_SERVICE = keccak256("lariat/randomness/key");
    uint8 private constant KIND_DEAL = 4;

    /// @dev See `IKeyGeneration.deal`.
    struct Post {
        uint64 session;
        address dealer;
        uint64 epoch;
        bytes signature;
        bytes oldPolynomial;
        bytes32 payload;
    }

    /// @notice Takes a dealing in, or convicts its dealer if it is the second; see `IKeyGeneration.deal`.
    function post(KeySessions.State storage self, Post memory p, Dealing memory dealing) external {
        KeySessions.Record storage record = self.running(p.session);
        bytes memory table = self.dealers(record);
        (bool found, uint256 index) = Members.find(table, p.dealer);
        require(found && KeySessions.polynomials(record, table, index) != 0, Errors.DealerUnknown(p.dealer));
        p.payload = payloadOf(record.id, p.dealer, dealing);
        KeySessions.Posting storage posting = self.postings[p.session][p.dealer];
        require(posting.payload != p.payload, Errors.AlreadyDealt(p.dealer));
        _requireSigned(self, record.epoch, p);
        if (posting.payload != 0) {
            emit IKeyGeneration.DealtTwice(p.session, p.dealer, p.epoch, p.payload, p.signature);
            self.convict(p.session, p.dealer, p.epoch, KeySessions.TWO_DEALINGS);
            return;
        }
        KeySessions.requirePhase(record.dealEnd - self.timing.dealBlocks - 1, record.dealEnd);
        _check(self, record, _contextOf(record, table, index, p), dealing, p.oldPolynomial);
        (posting.payload, posting.epoch) = (p.payload, p.epoch);
        // One of at most 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.dealt |= uint32(uint256(1) << index);
        _emit(p, dealing);
    }

    /// @notice What the dealer's statement carries.
    function payloadOf(bytes32 sessionId, address dealer, Dealing memory dealing)
        internal
        pure
        returns (bytes32)
    {
        return payloadOf(sessionId, dealer, keccak256(dealing.commitments), restHash(dealing));
    }

    function payloadOf(bytes32 sessionId, address dealer, bytes32 commitmentsHash, bytes32 rest)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode("lariat/dkg/dealing/1", sessionId, dealer, commitmentsHash, rest));
    }

    /// @notice Hash of all but the commitments.
    function restHash(Dealing memory dealing) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(dealing.ephemeral, dealing.sealedShares, dealing.proofs));
    }

    function _requireSigned(KeySessions.State storage self, uint64 sessionEpoch, Post memory p) private view {
        bytes memory key = DealerKeys.keyOf(self.service, sessionEpoch, p.dealer, p.epoch);
        bytes32 digest = self.service
        .statementDigest(Statement(DEAL_SERVICE, KIND_DEAL, p.epoch, p.session, 0, p.payload));
        // Keys of a table are points of the group, and not infinity.
        require(
            Bls12381.verify(EpochTable.unpackKey(key), digest, Bls12381.TAG_SIGNATURE, p.signature),
            Errors.DealSignatureInvalid()
        );
    }

    function _contextOf(KeySessions.Record storage record, bytes memory table, uint256 index, Post memory p)
        private
        view
        returns (DealingProofs.Context memory)
    {
        return DealingProofs.Context({
            sessionId: record.id,
            dealer: p.dealer,
            polynomials: KeySessions.polynomials(record, table, index),
            first: KeySessions.firstPolynomial(record, table, index),
            threshold: record.threshold,
            shares: record.shares,
            payload: p.payload
        });
    }

    function _check(
        KeySessions.State storage self,
        KeySessions.Record storage record,
        DealingProofs.Context memory context,
        Dealing memory dealing,
        bytes memory oldPolynomial
    ) private view {
        DealingProofs.check(context, dealing);
        if (record.fromSharing == 0) return;
        require(
            keccak256(oldPolynomial) == self.sharings[record.fromSharing].polynomialHash,
            Errors.DealingPolynomialUnknown()
        );
        DealingProofs.checkAgainst(context, dealing, oldPolynomial);
    }

    function _emit(Post memory p, Dealing memory dealing) private {
        emit IKeyGeneration.Dealt(
            p.session,
            p.dealer,
            p.epoch,
            p.payload,
            dealing.commitments,
            dealing.ephemeral,
            dealing.sealedShares,
            dealing.proofs,
            p.signature
        );
    }
}
