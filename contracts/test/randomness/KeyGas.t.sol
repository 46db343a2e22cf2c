// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Dealing, FoldInput} from "../../randomness/interfaces/IKeyGeneration.sol";
import {DealingMaker} from "./DealingMaker.sol";
import {KeySetup} from "./KeySetup.sol";

/// @notice The part of forge's test machine that measures.
interface KeyGasMeter {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// @title KeyMeter: sessions of which each call is measured, and printed with -vv
abstract contract KeyMeter is KeySetup {
    /// @dev Osaka's most for a transaction.
    uint256 internal constant MOST = 16_777_216;
    /// @dev Where forge listens for what to print, with -vv.
    address private constant CONSOLE = address(0x636F6e736F6c652e6c6f67);

    uint256 internal total;

    function _generate(uint256 count, uint16 each, uint16 threshold, uint256 page) internal {
        for (uint256 i; i < count; ++i) {
            _join(service, i, STAKE);
            _registerKey(i);
        }
        _print("register an encryption key", 200_000);
        _buildAndActivate(service);
        total = 0;
        _session(each, threshold, page);
    }

    function _session(uint16 each, uint16 threshold, uint256 page) internal {
        uint64 session = _open(each, threshold);
        _count("open");
        uint256 most;
        uint256 count = _dealers(session).length;
        for (uint256 i; i < count; ++i) {
            uint256 dealer = _dealers(session)[i].operator;
            _post(session, dealer, _dealing(session, dealer));
            uint256 gas = _lastGas();
            total += gas;
            if (gas > most) most = gas;
        }
        _log("deal, the dearest", most);
        vm.assertLe(most, MOST);
        _toComplaints(session);
        uint256 id = vm.snapshotState();
        uint256 member = _members(session)[1].operator;
        uint256 first = _dealers(session)[0].operator;
        _complain(session, first, 0, uint16(_members(session)[1].first), member, _dealing(session, first));
        _print("complain of a share", MOST);
        vm.revertToState(id);
        _toFolding(session);
        _foldPages(session, page);
        _log("session, all transactions", total);
    }

    function _foldPages(uint64 session, uint256 page) internal {
        (uint256[] memory operators,) = _counting(session);
        uint256[] memory polynomial = _sum(session);
        bytes memory running = "";
        for (uint256 from; from < operators.length; from += page) {
            uint256 size = operators.length - from < page ? operators.length - from : page;
            uint256[] memory some = new uint256[](size);
            for (uint256 i; i < size; ++i) {
                some[i] = operators[from + i];
            }
            FoldInput[] memory inputs = _inputs(session, some);
            vm.recordLogs();
            keys.fold(session, inputs, running);
            _count("fold a page");
            running = _runningOf(vm.getRecordedLogs());
        }
        secretPolynomial = polynomial;
        _checkSharing(session);
    }

    function _count(string memory what) private {
        total += _lastGas();
        _print(what, MOST);
    }

    function _print(string memory what, uint256 most) internal view {
        uint256 gas = _lastGas();
        _log(what, gas);
        vm.assertGt(gas, 21_000, "measured without the transaction");
        vm.assertLe(gas, most, what);
    }

    function _log(string memory what, uint256 gas) private view {
        (bool printed,) = CONSOLE.staticcall(abi.encodeWithSignature("log(string,uint256)", what, gas));
        vm.assertTrue(printed);
    }

    function _lastGas() private view returns (uint256) {
        return KeyGasMeter(address(vm)).lastCallGas().gasTotalUsed;
    }
}

/// @title KeyGas: what key generation costs
/// @dev Every call is a transaction of its own, with cold storage.
/// forge-config: default.isolate = true
contract KeyGasTest is KeyMeter {
    function testGasOf4() public {
        _generate(4, 1, 3, 4);
    }

    function testGasOf16() public {
        _generate(16, 1, 11, 16);
    }

    function testGasOf32() public {
        _generate(32, 2, 43, 12);
    }

    /// 8 members with 8 shares each, and the greatest threshold that these can have: a dealer has 8 polynomials.
    function testGasOfTheLargestDealings() public {
        for (uint256 i; i < 9; ++i) {
            _join(service, i, STAKE);
            if (i != 8) _registerKey(i);
        }
        _buildAndActivate(service);
        uint64 session = _open(8, 48);
        _dealAll(session, 0);
        _toFolding(session);
        _foldPages(session, 8);
        for (uint256 i; i < 9; ++i) {
            if (i != 7) _registerKey(i);
        }
        service.revoke(_account(7));
        _toGapEnd();
        session = _open(8, 48);
        Dealing memory dealing = _dealing(session, 0);
        _post(session, 0, dealing);
        _print("deal 8 polynomials", MOST);
        for (uint256 i = 1; i < 8; ++i) {
            _post(session, i, _dealing(session, i));
        }
        _toComplaints(session);
        uint256 id = vm.snapshotState();
        _complain(session, 0, 7, 55, 6, dealing);
        _print("complain of a share of 8 polynomials", MOST);
        vm.revertToState(id);
        _toFolding(session);
        _foldPages(session, 1);
    }
}

/// @title KeyGasOfResharing: what it costs to deal the shares of 32 anew
/// forge-config: default.isolate = true
contract KeyGasOfResharingTest is KeyMeter {
    /// @dev Not in the test, which may use a limited amount of gas.
    function setUp() public override {
        super.setUp();
        _generate(32, 2, 43, 12);
        service.revoke(_account(0));
        for (uint256 i = 1; i < 32; ++i) {
            _registerKey(i);
        }
        _toGapEnd();
        total = 0;
    }

    /// 32 members with 64 shares deal anew to the 31 of them that are left.
    function testGasOfResharing32() public {
        _session(2, 42, 6);
    }
}
