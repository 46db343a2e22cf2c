// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing} from "../../randomness/interfaces/IKeyGeneration.sol";
import {KeySetup} from "./KeySetup.sol";

/// @notice As many as a key generation must bear do each of the bad things in turn: the key is that of who dealt well, every
/// liar is named, and nobody else is.
contract KeyLiarsTest is KeySetup {
    uint256 private constant SILENT = 0;
    uint256 private constant WRONG_SHARE = 1;
    uint256 private constant WRONG_COMMITMENT = 2;
    uint256 private constant FALSE_COMPLAINT = 3;
    uint256 private constant TWO_DEALINGS = 4;
    uint256 private constant LATE = 5;
    uint256 private constant GARBAGE = 6;
    uint256 private constant KINDS = 7;
    uint256 private constant HONEST = 7;

    /// @dev By operator: the dealing that it posted, if it lied in it.
    mapping(uint256 operator => bytes) private posted;

    function testTwoOfSeven() public {
        _start(7);
        uint256 id = vm.snapshotState();
        for (uint256 first; first < KINDS; ++first) {
            for (uint256 step; step < 3; ++step) {
                this.play(5, _two(first, (first + step) % KINDS));
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
            this.play(6, _two(first, (first + 3) % KINDS));
            vm.revertToState(id);
        }
    }

    function testFiveOfSixteen() public {
        _start(16);
        this.play(11, _every(16, 5));
    }

    function testTenOfThirtyTwo() public {
        _start(32);
        this.play(22, _every(32, 10));
    }

    /// @dev A call of its own, which leaves no memory behind.
    /// @param kinds Of each operator.
    function play(uint16 threshold, uint256[] memory kinds) external {
        uint64 session = _open(1, threshold);
        for (uint256 i; i < kinds.length; ++i) {
            this.deal(session, i, kinds[i]);
        }
        _toComplaints(session);
        uint256 honest;
        for (uint256 i; i < kinds.length; ++i) {
            if (kinds[i] == HONEST) ++honest;
            else _bringOut(session, i, kinds[i]);
        }
        _toFolding(session);
        (uint256[] memory operators,) = _counting(session);
        uint256 most = keys.latestSharing() == 0 ? honest : keys.sharingInfo(1).threshold;
        vm.assertEq(operators.length, most);
        _fold(session);
        _checkSharing(session);
        _checkBlame(session, kinds);
    }

    /// @dev A call of its own, as `play`.
    function deal(uint64 session, uint256 dealer, uint256 kind) external {
        if (kind == SILENT || kind == LATE) return;
        Dealing memory dealing = _dealing(session, dealer);
        if (kind == WRONG_SHARE) dealing.sealedShares[7] ^= 0x10;
        if (kind == WRONG_COMMITMENT) dealing.commitments[2 * 192 + 30] ^= 0x01;
        if (kind == GARBAGE) {
            dealing.proofs[40] ^= 0x01;
            _expectRefusal(session, dealer, dealing);
            return;
        }
        if (kind != HONEST) posted[dealer] = abi.encode(dealing);
        _post(session, dealer, dealing);
        if (kind == TWO_DEALINGS) {
            dealing.sealedShares[3] ^= 0x01;
            _post(session, dealer, dealing);
        }
    }

    /// @dev What honest operators do about it once complaints are open, and what the liar still does. Operator 0 is honest.
    function _bringOut(uint64 session, uint256 dealer, uint256 kind) private {
        if (kind == LATE) _expectRefusal(session, dealer, _dealing(session, dealer));
        if (kind == WRONG_SHARE) {
            _complain(session, dealer, 0, 0, 0, abi.decode(posted[dealer], (Dealing)));
        }
        if (kind == WRONG_COMMITMENT) {
            Dealing memory dealing = abi.decode(posted[dealer], (Dealing));
            keys.complainCommitment(session, _account(dealer), 0, 2, dealing);
        }
        if (kind == FALSE_COMPLAINT) {
            _complain(session, 0, 0, uint16(dealer), dealer, _dealing(session, 0));
        }
    }

    function _expectRefusal(uint64 session, uint256 dealer, Dealing memory dealing) private {
        uint64 epoch = keys.sessionInfo(session).epoch;
        bytes memory signature = _signDealing(session, dealer, epoch, dealing);
        bytes memory old = _oldPolynomial(session);
        vm.expectRevert();
        keys.deal(session, _account(dealer), epoch, dealing, signature, old);
    }

    function _checkBlame(uint64 session, uint256[] memory kinds) private view {
        address[] memory absent = keys.absentIn(session);
        uint256 count;
        for (uint256 i; i < kinds.length; ++i) {
            uint256 kind = kinds[i];
            bool missing = kind == SILENT || kind == LATE || kind == GARBAGE;
            vm.assertEq(keys.isConvicted(session, _account(i)), kind != HONEST && !missing);
            if (missing) vm.assertEq(absent[count++], _account(i));
        }
        vm.assertEq(absent.length, count);
    }

    /// @dev Of seven.
    function _two(uint256 first, uint256 second) private pure returns (uint256[] memory kinds) {
        kinds = _every(7, 0);
        (kinds[2], kinds[5]) = (first, second);
    }

    /// @dev Of `count` every third lies, each in another way, until there are enough of them.
    function _every(uint256 count, uint256 liars) private pure returns (uint256[] memory kinds) {
        kinds = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            kinds[i] = i % 3 == 1 && i / 3 < liars ? (1 + i / 3) % KINDS : HONEST;
        }
    }
}
