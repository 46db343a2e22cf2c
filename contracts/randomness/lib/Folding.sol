// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FoldInput, IKeyGeneration} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Dealings} from "./Dealings.sol";
import {KeySessions} from "./KeySessions.sol";
import {Members} from "./Members.sol";
import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";
import {Scalars} from "./Scalars.sol";
import {SharingStart} from "./SharingStart.sol";

/// @title Folding: adds the qualified dealers' commitments up to the new sharing's public polynomial
/// @dev A linked library: its external functions run in KeyGeneration's name. A new key is the sum of all qualified
/// dealings. At a resharing the first of the qualified old shares count, as many as the old threshold, each polynomial
/// times Lagrange's coefficient at 0 of its share.
library Folding {
    using KeySessions for KeySessions.State;

    /// @param table Of the dealers.
    /// @param qualified Bitmap of those that count.
    /// @param next The next dealer in order.
    /// @param points Of a resharing: the points of all old shares that count.
    /// @param size Bytes of a polynomial's commitments.
    /// @param running The sum so far.
    /// @param sources Polynomials of this page: in which bytes, `offsets` from where on, `factors` how many times.
    /// @param length How many.
    struct Walk {
        bytes table;
        uint256 qualified;
        uint256 next;
        uint256[] points;
        uint256 size;
        bytes running;
        bytes[] sources;
        uint256[] offsets;
        uint256[] factors;
        uint256 length;
    }

    /// @notice See `IKeyGeneration.fold`.
    function fold(
        KeySessions.State storage self,
        uint64 session,
        FoldInput[] memory inputs,
        bytes memory running
    ) external {
        KeySessions.Record storage record = self.running(session);
        KeySessions.requirePhase(record.complaintEnd, record.finishEnd);
        require(inputs.length != 0, Errors.FoldEmpty());
        Walk memory walk = _begin(self, record, running);
        for (uint256 i; i < inputs.length; ++i) {
            _take(self, session, record, walk, inputs[i]);
        }
        _sum(walk, record.fromSharing == 0);
        _skip(walk);
        // At most 32.
        // forge-lint: disable-next-line(unsafe-typecast)
        record.folded = uint16(walk.next);
        record.runningHash = keccak256(walk.running);
        emit IKeyGeneration.Folded(session, record.folded, walk.running);
        if (walk.qualified >> walk.next == 0) SharingStart.finish(self, session, walk.running);
    }

    /// @notice See `IKeyGeneration.fail`.
    function fail(KeySessions.State storage self, uint64 session) external {
        KeySessions.Record storage record = self.sessions[session];
        require(record.state != 0, Errors.SessionUnknown(session));
        require(record.state == KeySessions.UNDER_WAY, Errors.SessionOver(session));
        if (block.number <= record.finishEnd) {
            KeySessions.requirePhase(record.complaintEnd, record.finishEnd);
            uint256 shares = KeySessions.sharesOf(self.dealers(record), KeySessions.qualified(record));
            require(shares < self.shareQuorum(record), Errors.SessionAlive(session));
        }
        self.fail(session);
    }

    /// @dev Reverts if too few dealt, or `running` is not the sum so far.
    function _begin(KeySessions.State storage self, KeySessions.Record storage record, bytes memory running)
        private
        view
        returns (Walk memory walk)
    {
        walk.table = self.dealers(record);
        walk.qualified = KeySessions.qualified(record);
        walk.next = record.folded;
        walk.size = record.threshold * Points.G2_SIZE;
        uint256 shares = KeySessions.sharesOf(walk.table, walk.qualified);
        uint256 least = self.shareQuorum(record);
        require(shares >= least, Errors.FoldTooFew(shares, least));
        if (record.fromSharing != 0) _choosePoints(walk, least);
        bytes32 hash = record.runningHash;
        if (hash == 0) {
            require(running.length == 0, Errors.FoldRunning());
            walk.running = new bytes(walk.size);
        } else {
            require(keccak256(running) == hash, Errors.FoldRunning());
            walk.running = running;
        }
        uint256 most = KeySessions.MAX_SHARES;
        (walk.sources, walk.offsets, walk.factors) =
        (new bytes[](most), new uint256[](most), new uint256[](most));
    }

    /// @dev The first `count` old shares of the qualified, ascending. Dealers beyond them do not count.
    function _choosePoints(Walk memory walk, uint256 count) private pure {
        walk.points = new uint256[](count);
        uint256 members = Members.count(walk.table);
        uint256 first;
        uint256 length;
        for (uint256 i; i < members; ++i) {
            uint256 end = first + Members.sharesAt(walk.table, i);
            bool counts = walk.qualified >> i & 1 == 1 && length < count && end != first;
            if (!counts) walk.qualified &= ~(uint256(1) << i);
            for (uint256 j = first; counts && j < end && length < count; ++j) {
                walk.points[length++] = j + 1;
            }
            first = end;
        }
    }

    /// @dev Moves on to the next dealer that counts, or behind the last.
    function _skip(Walk memory walk) private pure {
        while (walk.qualified >> walk.next != 0 && walk.qualified >> walk.next & 1 == 0) ++walk.next;
    }

    /// @dev Adds the polynomials of the next dealer, which `input` must be, to those of this page.
    function _take(
        KeySessions.State storage self,
        uint64 session,
        KeySessions.Record storage record,
        Walk memory walk,
        FoldInput memory input
    ) private view {
        _skip(walk);
        uint256 index = walk.next;
        require(
            walk.qualified >> index != 0 && Members.operatorAt(walk.table, index) == input.dealer,
            Errors.FoldOrder(input.dealer)
        );
        bytes32 payload =
            Dealings.payloadOf(record.id, input.dealer, keccak256(input.commitments), input.restHash);
        require(payload == self.postings[session][input.dealer].payload, Errors.DealingUnknown(input.dealer));
        walk.next = index + 1;
        if (record.fromSharing == 0) {
            _push(walk, input.commitments, 0, 1);
            return;
        }
        uint256 first = Members.firstShare(walk.table, index) + 1;
        uint256 count = Members.sharesAt(walk.table, index);
        uint256 last = walk.points[walk.points.length - 1];
        for (uint256 i; i < count && first + i <= last; ++i) {
            _push(walk, input.commitments, i * walk.size, Scalars.lagrangeAtZero(walk.points, first + i));
        }
    }

    function _push(Walk memory walk, bytes memory source, uint256 offset, uint256 factor) private pure {
        uint256 index = walk.length++;
        walk.sources[index] = source;
        walk.offsets[index] = offset;
        walk.factors[index] = factor;
    }

    /// @dev Adds the page's polynomials, each times its factor, to the sum.
    /// @param plain Whether all factors are one: then additions do, which are cheaper by far.
    function _sum(Walk memory walk, bool plain) private view {
        uint256 buffer = Msm.additionBuffer();
        Msm.Terms memory terms = Msm.create(plain ? 0 : walk.length);
        for (uint256 offset; offset < walk.size; offset += Points.G2_SIZE) {
            for (uint256 i; i < walk.length; ++i) {
                if (plain) Msm.addTo(walk.running, offset, walk.sources[i], offset, buffer);
                else Msm.add(terms, walk.sources[i], walk.offsets[i] + offset, walk.factors[i]);
            }
            if (plain) continue;
            Msm.addTo(walk.running, offset, Msm.result(terms), 0, buffer);
            terms.length = 0;
        }
    }
}
