// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {ChaumPedersen} from "./ChaumPedersen.sol";
import {Dealings} from "./Dealings.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";
import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";

/// @title Complaints: convicts who dealt wrongly, and who says so falsely
/// @dev A linked library: its external functions run in KeyGeneration's name. Precompiles are handed their exact gas
/// after a check that it is there: with too little this reverts and nobody is convicted.
library Complaints {
    using KeySessions for KeySessions.State;

    /// @dev See `IKeyGeneration.complainShare`.
    struct ShareComplaint {
        uint64 session;
        address dealer;
        uint16 polynomial;
        uint16 shareIndex;
        bytes sharedPoint;
        uint256 c;
        uint256 z;
    }

    /// @notice See `IKeyGeneration.complainShare`.
    function share(KeySessions.State storage self, ShareComplaint memory complaint, Dealing memory dealing)
        external
    {
        KeySessions.Record storage record = self.running(complaint.session);
        KeySessions.requirePhase(record.dealEnd, record.complaintEnd);
        uint256 dealerIndex = _requirePosted(self, complaint.session, complaint.dealer, dealing)
            + _requireIndex(complaint.polynomial, dealing.proofs.length / 64 - 1);
        _requireIndex(complaint.shareIndex, record.shares);

        bytes memory members = KeySessions.members(record);
        uint256 recipient = Members.ownerOf(members, complaint.shareIndex);
        address operator = Members.operatorAt(members, recipient);
        _requireProof(record.id, complaint, operator, Members.keyAt(members, recipient), dealing.ephemeral);
        uint256 opened = _open(record, complaint, dealing, dealerIndex);
        if (opened < Scalars.ORDER && _matches(record, complaint, dealing, opened)) {
            // Nobody but the recipient can have made the proof.
            self.convict(complaint.session, operator, record.epoch, KeySessions.FALSE_COMPLAINT);
        } else {
            uint64 epoch = self.postings[complaint.session][complaint.dealer].epoch;
            self.convict(complaint.session, complaint.dealer, epoch, KeySessions.WRONG_SHARE);
        }
    }

    /// @notice See `IKeyGeneration.complainCommitment`.
    function commitment(
        KeySessions.State storage self,
        uint64 session,
        address dealer,
        uint256 polynomial,
        uint256 coefficient,
        Dealing memory dealing
    ) external {
        KeySessions.Record storage record = self.running(session);
        KeySessions.requirePhase(record.dealEnd, record.finishEnd);
        _requirePosted(self, session, dealer, dealing);
        uint256 threshold = record.threshold;
        _requireIndex(coefficient, threshold);
        _requireIndex(polynomial, dealing.commitments.length / (threshold * Points.G2_SIZE));
        uint256 offset = (polynomial * threshold + coefficient) * Points.G2_SIZE;
        bytes memory point = Points.slice(dealing.commitments, offset, Points.G2_SIZE);
        require(Points.isInfinite(point) || !Msm.isInGroup(point, 0), Errors.CommitmentValid());
        uint64 epoch = self.postings[session][dealer].epoch;
        self.convict(session, dealer, epoch, KeySessions.WRONG_COMMITMENT);
    }

    /// @dev Reverts unless the dealer posted this dealing, and is not convicted yet.
    /// @return first What masks call its first polynomial.
    function _requirePosted(
        KeySessions.State storage self,
        uint64 session,
        address dealer,
        Dealing memory dealing
    ) private view returns (uint256 first) {
        KeySessions.Record storage record = self.sessions[session];
        bytes32 payload = Dealings.payloadOf(record.id, dealer, dealing);
        require(self.postings[session][dealer].payload == payload, Errors.DealingUnknown(dealer));
        require(!self.convicted[session][dealer], Errors.AlreadyConvicted(dealer));
        bytes memory table = self.dealers(record);
        (, uint256 index) = Members.find(table, dealer);
        return KeySessions.firstPolynomial(record, table, index);
    }

    function _requireIndex(uint256 index, uint256 count) private pure returns (uint256) {
        require(index < count, Errors.ComplaintIndex(index, count));
        return index;
    }

    function _requireProof(
        bytes32 sessionId,
        ShareComplaint memory complaint,
        address recipient,
        bytes memory key,
        bytes memory ephemeral
    ) private view {
        bytes memory point = complaint.sharedPoint;
        Points.requireOne(point, Points.G1_SIZE);
        (bytes memory first, bytes memory second) =
            ChaumPedersen.nonces(key, ephemeral, point, complaint.c, complaint.z);
        // Which share it is about is bound, too: else whoever sees the proof of a wrong share could send it first, about
        // another share of the same recipient that is right, and have the recipient convicted.
        bytes memory bound = abi.encodePacked(
            "lariat/dkg/complaint",
            sessionId,
            complaint.dealer,
            recipient,
            complaint.polynomial,
            complaint.shareIndex
        );
        uint256 expected = Scalars.challenge(bytes.concat(bound, key, ephemeral, point, first, second));
        require(complaint.c == expected, Errors.ComplaintProofInvalid());
    }

    /// @dev The share in the clear.
    function _open(
        KeySessions.Record storage record,
        ShareComplaint memory complaint,
        Dealing memory dealing,
        uint256 dealerIndex
    ) private view returns (uint256 opened) {
        // Share indices and members are fewer than 65.
        // forge-lint: disable-next-item(unsafe-typecast)
        bytes32 mask = keccak256(
            abi.encodePacked(
                "lariat/dkg/share",
                complaint.sharedPoint,
                record.id,
                complaint.dealer,
                uint16(dealerIndex),
                complaint.shareIndex
            )
        );
        uint256 word = uint256(complaint.polynomial) * record.shares + complaint.shareIndex;
        bytes memory list = dealing.sealedShares;
        assembly ("memory-safe") {
            opened := xor(mload(add(add(list, 32), shl(5, word))), mask)
        }
    }

    /// @dev Whether the polynomial's commitments at the share's point come to the share times the generator. Reverts
    /// `PrecompileFailed` if a commitment is no point of the group: that is for `commitment` to convict.
    function _matches(
        KeySessions.Record storage record,
        ShareComplaint memory complaint,
        Dealing memory dealing,
        uint256 opened
    ) private view returns (bool) {
        uint256 threshold = record.threshold;
        uint256 offset = complaint.polynomial * threshold * Points.G2_SIZE;
        uint256 x = uint256(complaint.shareIndex) + 1;
        uint256 power = 1;
        Msm.Terms memory terms = Msm.create(threshold + 1);
        for (uint256 k; k < threshold; ++k) {
            Msm.add(terms, dealing.commitments, offset + k * Points.G2_SIZE, power);
            power = mulmod(power, x, Scalars.ORDER);
        }
        Msm.add(terms, Points.G2_GENERATOR, 0, Scalars.negate(opened));
        return Points.isInfinite(Msm.result(terms));
    }
}
