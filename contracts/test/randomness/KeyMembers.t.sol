// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";
import {IKeyGenerationErrors as Errors} from "../../randomness/interfaces/IKeyGenerationErrors.sol";
import {KeySetup} from "./KeySetup.sol";

/// @notice Who takes part: members without a share, and whom the contract names for a session.
contract KeyMembersTest is KeySetup {
    /// Who weighs too little for a share helps to make the key, gets no part of it, and owes nothing at a resharing.
    function testMembersWithoutAShare() public {
        for (uint256 i; i < 4; ++i) {
            _join(service, i, i == 1 ? STAKE / 10 : STAKE);
            _registerKey(i);
        }
        _buildAndActivate(service);
        (, uint32[] memory rows) = keys.eligibleRows();
        uint64 session = _openWith(rows, _shares(4, 1), 2);
        _dealAll(session, 0);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        vm.assertEq(operators.length, 4);
        _fold(session);
        _checkSharing(session);

        _deposit(1, 3 * STAKE);
        for (uint256 i; i < 4; ++i) {
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        // By now it weighs as much as the others together, without a share.
        (uint8 reason,) = keys.dueReason();
        vm.assertEq(reason, 3);
        uint16[] memory shares = _shares(4, type(uint256).max);
        shares[1] = 3;
        session = _openWith(rows, shares, 4);
        Dealing memory dealing = _dealing(session, 0);
        uint64 epoch = keys.sessionInfo(session).epoch;
        vm.expectRevert(abi.encodeWithSelector(Errors.DealerUnknown.selector, _account(1)));
        keys.deal(session, _account(1), epoch, dealing, "", "");
        _dealAll(session, 1 << 1 | 1 << 3);
        vm.assertEq(keys.absentIn(session).length, 1);
        _toFolding(session);
        _fold(session);
        _checkSharing(session);
    }

    /// Whatever became of operators: a session can be opened with the rows that the contract names, if they have enough, and
    /// with no others.
    function testFuzzEligibleRowsAreThoseThatOpen(uint256 seed) public {
        uint256 count = 4 + seed % 4;
        for (uint256 i; i < count; ++i) {
            _join(service, i, STAKE);
            if (uint256(keccak256(abi.encode(seed, "key", i))) % 5 != 0) _registerKey(i);
        }
        _buildAndActivate(service);
        uint256 weight;
        uint256 total = count;
        for (uint256 i; i < count; ++i) {
            uint256 fate = uint256(keccak256(abi.encode(seed, "fate", i))) % 8;
            (, bool usable) = keys.encryptionKeyOf(_account(i));
            if (fate == 0) _leave(service, i);
            if (fate == 1) {
                service.revoke(_account(i));
                --total;
            }
            if (usable && fate > 1) ++weight;
        }
        (, uint32[] memory rows) = keys.eligibleRows();
        vm.assertEq(rows.length, weight);
        if (3 * weight <= 2 * total) return;
        uint16[] memory shares = _shares(rows.length, type(uint256).max);
        uint16 threshold = uint16(2 * weight / 3 + 1);
        this.expectOpen(rows, shares, threshold, true);
        // Without one of them, or with one that is not among them.
        uint256 without = uint256(keccak256(abi.encode(seed, "without"))) % weight;
        uint32[] memory fewer = new uint32[](weight - 1);
        for (uint256 i; i < weight - 1; ++i) {
            fewer[i] = rows[i < without ? i : i + 1];
        }
        this.expectOpen(fewer, _shares(weight - 1, type(uint256).max), threshold - 1, false);
        for (uint32 row; row < count; ++row) {
            if (weight == count || _has(rows, row)) continue;
            this.expectOpen(_with(rows, row), _shares(weight + 1, type(uint256).max), threshold, false);
        }
    }

    /// @dev Opens, or is refused, and forgets it.
    function expectOpen(uint32[] memory rows, uint16[] memory shares, uint16 threshold, bool opens) external {
        uint256 id = vm.snapshotState();
        (, uint32[] memory named) = keys.eligibleRows();
        vm.prank(_account(named[0]));
        if (!opens) vm.expectRevert();
        keys.open(rows, shares, threshold);
        vm.revertToState(id);
    }

    /// @dev One each, but none for one of them.
    function _shares(uint256 count, uint256 without) private pure returns (uint16[] memory shares) {
        shares = new uint16[](count);
        for (uint256 i; i < count; ++i) {
            if (i != without) shares[i] = 1;
        }
    }

    function _has(uint32[] memory rows, uint32 row) private pure returns (bool) {
        for (uint256 i; i < rows.length; ++i) {
            if (rows[i] == row) return true;
        }
        return false;
    }

    /// @dev The rows with one more, ascending.
    function _with(uint32[] memory rows, uint32 row) private pure returns (uint32[] memory list) {
        list = new uint32[](rows.length + 1);
        uint256 next;
        for (uint256 i; i < list.length; ++i) {
            bool here = next == i && (i == rows.length || rows[i] > row);
            list[i] = here ? row : rows[next++];
        }
    }
}
