// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Achieved, IKeyGeneration, Sharing} from "../interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../interfaces/IKeyGenerationErrors.sol";
import {Blob} from "../../avs/lib/Blob.sol";
import {EncryptionKeys} from "./EncryptionKeys.sol";
import {KeySessions} from "./KeySessions.sol";
import {Msm} from "./Msm.sol";
import {Points} from "./Points.sol";

/// @title SharingStart: ends a session with a new sharing
library SharingStart {
    using KeySessions for KeySessions.State;

    /// @param polynomial The new sharing's public polynomial.
    function finish(KeySessions.State storage self, uint64 session, bytes memory polynomial) internal {
        KeySessions.Record storage record = self.sessions[session];
        record.state = KeySessions.FINISHED;
        bytes memory key = Points.slice(polynomial, 0, Points.G2_SIZE);
        bytes memory members = KeySessions.members(record);
        EncryptionKeys.spend(self, members);
        self.openFrom = uint64(block.number) + self.timing.gapBlocks;

        uint64 number = self.sharing + 1;
        Sharing storage sharing = self.sharings[number];
        sharing.session = session;
        (sharing.threshold, sharing.shares) = (record.threshold, record.shares);
        sharing.membersHash = keccak256(members);
        sharing.polynomialHash = keccak256(polynomial);
        sharing.hash =
            keccak256(abi.encode(number, sharing.membersHash, sharing.polynomialHash, record.threshold));
        if (record.fromSharing == 0) {
            _requireInGroup(polynomial);
            sharing.switchRound = 1;
        } else {
            require(keccak256(key) == keccak256(Blob.readAll(self.group.key)), Errors.GroupKeyChanged());
            sharing.switchRound = _switchRound(self);
        }
        self.sharing = number;
        _emit(Started(number, sharing, record.achieved, polynomial, self.absent(record)));
        if (record.fromSharing == 0) _startGroup(self, record.id, key);
    }

    /// @dev Multiplications checked the commitments of a resharing; those of a new key were only added up.
    function _requireInGroup(bytes memory polynomial) private view {
        uint256 count = polynomial.length / Points.G2_SIZE;
        Msm.Terms memory terms = Msm.create(count);
        for (uint256 k; k < count; ++k) {
            Msm.add(terms, polynomial, k * Points.G2_SIZE, 1);
        }
        Msm.result(terms);
    }

    function _startGroup(KeySessions.State storage self, bytes32 groupHash, bytes memory key) private {
        require(!Points.isInfinite(key), Errors.GroupKeyInfinite());
        // Unix seconds have fewer than 64 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint64 genesis = uint64(block.timestamp) + self.timing.startDelay;
        self.group = KeySessions.GroupRecord(Blob.write(key), genesis, groupHash);
        self.beacon.setGroup(key, groupHash, genesis);
    }

    /// @dev The second round that begins at least `switchDelay` from now, and one after that of the last sharing.
    function _switchRound(KeySessions.State storage self) private view returns (uint64 round) {
        uint256 time = block.timestamp + self.timing.switchDelay;
        uint256 genesis = self.group.genesis;
        uint256 period = self.beacon.period();
        // Rounds of a period of at least a second are fewer than seconds.
        // forge-lint: disable-next-line(unsafe-typecast)
        round = time > genesis ? uint64((time - genesis + period - 1) / period + 1) : 1;
        uint64 last = self.sharings[self.sharing].switchRound;
        if (round <= last) round = last + 1;
    }

    /// @dev What the event tells, in one place in memory: the stack has no room for it.
    struct Started {
        uint64 number;
        Sharing sharing;
        Achieved achieved;
        bytes polynomial;
        address[] absent;
    }

    function _emit(Started memory s) private {
        emit IKeyGeneration.SharingStarted(
            s.number,
            s.sharing.session,
            s.sharing.switchRound,
            s.sharing.threshold,
            s.sharing.shares,
            s.achieved.reaching,
            s.achieved.failing,
            s.achieved.total,
            s.polynomial,
            s.absent
        );
    }
}
