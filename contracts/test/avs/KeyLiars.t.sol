// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../../avs/interfaces/IKeyGeneration.sol";
import {KeySetup} from "./KeySetup.sol";

/// @notice Seven operators of which two, the most that it must bear, do each of the bad things in turn: the key is that of
/// who dealt well, every liar is named, and nobody else is.
contract KeyLiarsTest is KeySetup {
    uint256 private constant SILENT = 0;
    uint256 private constant WRONG_SHARE = 1;
    uint256 private constant WRONG_COMMITMENT = 2;
    uint256 private constant FALSE_COMPLAINT = 3;
    uint256 private constant TWO_DEALINGS = 4;
    uint256 private constant LATE = 5;
    uint256 private constant GARBAGE = 6;
    uint256 private constant KINDS = 7;

    uint256 private constant FIRST = 2;
    uint256 private constant SECOND = 5;

    /// @dev By operator: the dealing that it posted.
    mapping(uint256 operator => bytes) private posted;

    function testTwoOfSeven() public {
        _start(7);
        uint256 id = vm.snapshotState();
        for (uint256 first; first < KINDS; ++first) {
            for (uint256 step; step < 3; ++step) {
                this.play(false, first, (first + step) % KINDS);
                vm.revertToState(id);
            }
        }
    }

    function testTwoOfSevenInAResharing() public {
        _start(7);
        _run(1, 5, 0);
        for (uint256 i; i < 8; ++i) {
            if (i == 7) _join(service, i, STAKE);
            _registerKey(i);
        }
        _pass(60);
        _buildAndActivate(service);
        uint256 id = vm.snapshotState();
        for (uint256 first; first < KINDS; ++first) {
            this.play(true, first, (first + 3) % KINDS);
            vm.revertToState(id);
        }
    }

    /// @dev A call of its own, which leaves no memory behind.
    function play(bool resharing, uint256 first, uint256 second) external {
        uint64 session = _open(1, resharing ? 6 : 5);
        for (uint256 i; i < 7; ++i) {
            if (i == FIRST) _deal(session, i, first);
            else if (i == SECOND) _deal(session, i, second);
            else _post(session, i, _dealing(session, i));
        }
        _toComplaints(session);
        _bringOut(session, FIRST, first);
        _bringOut(session, SECOND, second);
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        vm.assertEq(operators.length, 5);
        _fold(session);
        _checkSharing(session);
        _checkBlame(session, first, second);
    }

    function _deal(uint64 session, uint256 dealer, uint256 kind) private {
        if (kind == SILENT || kind == LATE) return;
        Dealing memory dealing = _dealing(session, dealer);
        if (kind == WRONG_SHARE) dealing.sealedShares[32 + 7] ^= 0x10;
        if (kind == WRONG_COMMITMENT) dealing.commitments[2 * 192 + 30] ^= 0x01;
        if (kind == GARBAGE) {
            dealing.proofs[40] ^= 0x01;
            this.expectRefusal(session, dealer, dealing);
            return;
        }
        posted[dealer] = abi.encode(dealing);
        _post(session, dealer, dealing);
        if (kind == TWO_DEALINGS) {
            dealing.sealedShares[3] ^= 0x01;
            _post(session, dealer, dealing);
        }
    }

    function expectRefusal(uint64 session, uint256 dealer, Dealing memory dealing) external {
        uint64 epoch = keys.sessionInfo(session).epoch;
        bytes memory signature = _signDealing(session, dealer, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectRevert();
        keys.deal(session, _account(dealer), epoch, dealing, signature, old);
    }

    /// @dev What honest operators do about it once complaints are open, and what the liar still does.
    function _bringOut(uint64 session, uint256 dealer, uint256 kind) private {
        if (kind == LATE) this.expectRefusal(session, dealer, _dealing(session, dealer));
        if (kind == WRONG_SHARE) {
            _complain(session, dealer, 0, 1, 1, abi.decode(posted[dealer], (Dealing)));
        }
        if (kind == WRONG_COMMITMENT) {
            keys.complainCommitment(session, _account(dealer), 0, 2, abi.decode(posted[dealer], (Dealing)));
        }
        if (kind == FALSE_COMPLAINT) {
            _complain(session, 0, 0, uint16(dealer), dealer, _dealing(session, 0));
        }
    }

    function _checkBlame(uint64 session, uint256 first, uint256 second) private view {
        for (uint256 i; i < 8; ++i) {
            uint256 kind = i == FIRST ? first : i == SECOND ? second : SILENT;
            bool guilty = kind != SILENT && kind != LATE && kind != GARBAGE;
            vm.assertEq(keys.isConvicted(session, _account(i)), guilty);
        }
        address[] memory absent = keys.absentIn(session);
        uint256 count;
        for (uint256 k; k < 2; ++k) {
            uint256 kind = k == 0 ? first : second;
            if (kind != SILENT && kind != LATE && kind != GARBAGE) continue;
            vm.assertEq(absent[count++], _account(k == 0 ? FIRST : SECOND));
        }
        vm.assertEq(absent.length, count);
    }
}
