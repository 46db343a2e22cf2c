// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RandomnessService} from "../../randomness/RandomnessService.sol";
import {IRandomnessService} from "../../randomness/interfaces/IRandomnessService.sol";
import {IRandomnessServiceErrors} from "../../randomness/interfaces/IRandomnessServiceErrors.sol";
import {Certificate, IServiceManager, Statement, Testimony} from "../../avs/interfaces/IServiceManager.sol";
import {IServiceManagerErrors as Errors} from "../../avs/interfaces/IServiceManagerErrors.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {AvsSetup} from "../avs/AvsSetup.sol";

/// @notice Ten operators of 1 ETH each, windows of 60 seconds, a conviction costs a fifth. This test is KeyGeneration.
contract RandomnessServiceTest is AvsSetup {
    uint256 private constant COUNT = 10;
    uint256 private constant ALL = (1 << COUNT) - 1;
    uint32 private constant WINDOW = 60;
    uint64 private constant WAD = 0.2e18;
    uint8 private constant REASON = 1;

    RandomnessService private service;
    uint64 private epoch;
    bytes32 private conduct;

    function setUp() public override {
        super.setUp();
        service = _newService(START, WINDOW, WAD);
        _initialize(service);
        for (uint256 i; i < COUNT; ++i) {
            _join(service, i, 1 ether);
        }
        epoch = _buildAndActivate(service);
        service.setKeyGeneration(address(this));
        conduct = service.SERVICE();
        // Window 2 is over.
        vm.warp(START + 130);
    }

    // set-up

    function testServicesAndSlots() public {
        vm.assertEq(service.SERVICE(), keccak256("lariat/randomness"));
        vm.assertEq(service.DEAL_SERVICE(), keccak256("lariat/randomness/key"));
        vm.assertEq(service.slotTime(service.DEAL_SERVICE(), 7), 0);
        vm.assertEq(service.slotTime(conduct, 0), START);
        vm.assertEq(service.slotTime(conduct, 7), START + 7 * WINDOW);
        vm.expectRevert(abi.encodeWithSelector(Errors.UnknownService.selector, bytes32("other")));
        service.slotTime("other", 7);
        vm.expectRevert(
            abi.encodeWithSelector(IRandomnessServiceErrors.ConductWindowOutOfRange.selector, 1 << 32)
        );
        service.slotTime(conduct, 1 << 32);
    }

    function testParametersOutOfRange() public {
        _refusedParameters(0, WINDOW, WAD, "genesis", 0, 1, (1 << 40) - 1);
        _refusedParameters(1 << 40, WINDOW, WAD, "genesis", 1 << 40, 1, (1 << 40) - 1);
        _refusedParameters(START, 0, WAD, "windowSeconds", 0, 1, type(uint32).max);
        _refusedParameters(START, WINDOW, 0, "convictionWad", 0, 1, 1e18);
        _refusedParameters(START, WINDOW, 1e18 + 1, "convictionWad", 1e18 + 1, 1, 1e18);
    }

    function testKeyGenerationIsSetOnceByTheOwner() public {
        RandomnessService fresh = _newService(START, WINDOW, WAD);
        vm.expectRevert(
            abi.encodeWithSelector(IRandomnessServiceErrors.KeyGenerationWithoutCode.selector, _account(0))
        );
        fresh.setKeyGeneration(_account(0));
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", _account(0)));
        vm.prank(_account(0));
        fresh.setKeyGeneration(address(this));
        vm.expectEmit(address(fresh));
        emit IRandomnessService.KeyGenerationSet(address(this));
        fresh.setKeyGeneration(address(this));
        vm.expectRevert(
            abi.encodeWithSelector(IRandomnessServiceErrors.KeyGenerationAlreadySet.selector, address(this))
        );
        fresh.setKeyGeneration(address(service));
    }

    function testWhoIsAnOperator() public {
        vm.assertTrue(service.isOperator(_account(3)));
        vm.assertFalse(service.isOperator(_account(COUNT)));
        _leave(service, 3);
        vm.assertFalse(service.isOperator(_account(3)));
    }

    // convictions

    function testFuzzAConvictionTakesWeightStakeAndPlace(uint8 who, uint64 session, uint8 reason) public {
        uint256 i = who % COUNT;
        uint256[] memory shares = new uint256[](1);
        shares[0] = 0.2 ether;
        vm.expectEmit(address(service));
        emit IServiceManager.WeightRevoked(epoch, _account(i), 1e9);
        vm.expectEmit(address(service));
        emit IRandomnessService.OperatorConvicted(_account(i), session, epoch, reason, _strategies(), shares);
        vm.expectEmit(address(service));
        emit IServiceManager.OperatorLeft(_account(i));
        service.convict(_account(i), session, epoch, reason);
        for (uint256 j; j < COUNT; ++j) {
            vm.assertEq(service.convicted(_account(j), session), j == i);
            vm.assertEq(service.isOperator(_account(j)), j != i);
            vm.assertEq(_shares(j), j == i ? 0.8 ether : 1 ether);
        }
        vm.assertEq(uint256(uint8(service.revokedRows(epoch)[i / 8])), uint256(1) << (i % 8));
        // The rest is a quorum without it.
        Statement memory s = _statement(2, _payload(_list(1), 2));
        Certificate memory c = _certify(service, s, COUNT, ALL ^ (1 << i));
        vm.assertEq(service.verifyCertificate(s, c), 9e9);
    }

    function testOnlyKeyGenerationConvicts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRandomnessServiceErrors.OnlyKeyGeneration.selector, _account(0))
        );
        vm.prank(_account(0));
        service.convict(_account(3), 1, epoch, REASON);
        // Nor the owner, before there is one.
        RandomnessService fresh = _newService(START, WINDOW, WAD);
        vm.expectRevert(
            abi.encodeWithSelector(IRandomnessServiceErrors.OnlyKeyGeneration.selector, address(this))
        );
        fresh.convict(_account(3), 1, epoch, REASON);
    }

    function testOnceForASession() public {
        service.convict(_account(3), 1, epoch, REASON);
        service.convict(_account(3), 1, epoch, 2);
        vm.assertEq(_shares(3), 0.8 ether);
        service.convict(_account(3), 2, epoch, REASON);
        vm.assertEq(_shares(3), 0.64 ether);
    }

    function testWhoLeftIsConvictedAllTheSame() public {
        _leave(service, 3);
        service.convict(_account(3), 1, epoch, REASON);
        vm.assertEq(_shares(3), 0.8 ether);
        vm.assertTrue(service.convicted(_account(3), 1));
    }

    /// Nothing left to take: the conviction stands, and its event says that nothing was taken.
    function testAConvictionWithoutStake() public {
        _leave(service, 3);
        vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY + 1);
        vm.expectEmit(address(service));
        emit IRandomnessService.OperatorConvicted(
            _account(3), 1, epoch, REASON, new IStrategy[](0), new uint256[](0)
        );
        service.convict(_account(3), 1, epoch, REASON);
        vm.assertEq(_shares(3), 1 ether);
        vm.assertTrue(service.convicted(_account(3), 1));

        // One that is in the set with nothing allocated: the core slashes it without an error and takes nothing.
        _allocate(service, 4, 0);
        vm.roll(vm.getBlockNumber() + DEALLOCATION_DELAY + 1);
        vm.expectEmit(address(service));
        emit IRandomnessService.OperatorConvicted(
            _account(4), 1, epoch, REASON, new IStrategy[](0), new uint256[](0)
        );
        service.convict(_account(4), 1, epoch, REASON);
        vm.assertFalse(service.isOperator(_account(4)));
        vm.assertEq(_shares(4), 1 ether);
    }

    /// With whatever gas: all of it or nothing. A conviction that leaves the stake alone cannot be had by starving it.
    function testFuzzAConvictionIsWhole(uint256 limit) public {
        limit = bound(limit, 20_000, 900_000);
        try service.convict{gas: limit}(_account(3), 1, epoch, REASON) {
            vm.assertEq(_shares(3), 0.8 ether);
            vm.assertFalse(service.isOperator(_account(3)));
        } catch {
            vm.assertEq(_shares(3), 1 ether);
            vm.assertTrue(service.isOperator(_account(3)));
            vm.assertFalse(service.convicted(_account(3), 1));
        }
    }

    /// Two dealings for one session are equivocation, as any two payloads of a slot.
    function testTwoDealingsAreSlashable() public {
        Statement memory a = Statement(service.DEAL_SERVICE(), 4, epoch, 1, 0, keccak256("one"));
        Statement memory b = Statement(service.DEAL_SERVICE(), 4, epoch, 1, 0, keccak256("two"));
        address[] memory who = new address[](1);
        who[0] = _account(3);
        service.slashEquivocation(_testimony(3, a), _testimony(3, b), who);
        vm.assertEq(_shares(3), 0.9 ether);
        // What KeyGeneration does about it is another penalty.
        service.convict(_account(3), 1, epoch, 4);
        vm.assertEq(_shares(3), 0.72 ether);
    }

    // conduct

    function testAReportThrowsOut() public {
        address[] memory list = _list(3);
        vm.expectEmit(address(service));
        emit IRandomnessService.ConductReported(2, epoch, list);
        _report(2, list, ALL >> 3 << 3);
        for (uint256 i; i < COUNT; ++i) {
            vm.assertEq(service.isOperator(_account(i)), i >= 3);
            // Absence costs no stake.
            vm.assertEq(_shares(i), 1 ether);
        }
        vm.assertEq(uint256(uint8(service.revokedRows(epoch)[0])), 7);
        vm.assertTrue(service.conductReported(2));
    }

    function testAWindowIsReportedOnce() public {
        _report(2, _list(1), ALL);
        address[] memory list = new address[](1);
        list[0] = _account(5);
        Certificate memory c = _certify(service, _statement(2, _payload(list, 2)), COUNT, ALL);
        vm.expectRevert(abi.encodeWithSelector(IRandomnessServiceErrors.ConductAlreadyReported.selector, 2));
        service.reportConduct(epoch, 2, 0, c, list);
        // Another window, and one who left already beside one who did not.
        list = _list(2);
        _report(1, list, ALL ^ 1);
        vm.assertFalse(service.isOperator(_account(1)));
    }

    function testAReportNeedsAQuorum() public {
        address[] memory list = _list(1);
        Certificate memory c = _certify(service, _statement(2, _payload(list, 2)), COUNT, ALL >> 4);
        vm.expectRevert(abi.encodeWithSelector(Errors.CertificateBelowQuorum.selector, 6e9, 10e9));
        service.reportConduct(epoch, 2, 0, c, list);
        c = _certify(service, _statement(2, _payload(list, 2)), COUNT, ALL);
        // Of this list, window, attempt and epoch alone.
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        service.reportConduct(epoch, 1, 0, c, list);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        service.reportConduct(epoch, 2, 1, c, list);
        list[0] = _account(5);
        vm.expectRevert(Errors.CertificateSignatureInvalid.selector);
        service.reportConduct(epoch, 2, 0, c, list);
    }

    function testReportsOfBadForm() public {
        Certificate memory none = Certificate("", new bytes(256));
        vm.expectRevert(IRandomnessServiceErrors.ConductNobody.selector);
        service.reportConduct(epoch, 2, 0, none, new address[](0));
        vm.expectRevert(abi.encodeWithSelector(IRandomnessServiceErrors.ConductTooMany.selector, 17, 16));
        service.reportConduct(epoch, 2, 0, none, new address[](17));
        address[] memory list = _list(3);
        list[2] = list[1];
        vm.expectRevert(abi.encodeWithSelector(IRandomnessServiceErrors.ConductNotAscending.selector, 2));
        service.reportConduct(epoch, 2, 0, none, list);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRandomnessServiceErrors.ConductWindowOpen.selector, START + 3 * WINDOW, START + 130
            )
        );
        service.reportConduct(epoch, 3, 0, none, _list(1));
    }

    function testGasOfAConviction() public {
        uint256 gas = gasleft();
        service.convict(_account(3), 1, epoch, REASON);
        vm.assertLe(gas - gasleft(), 600_000);
    }

    /// As many as one report may hold: three of ten here, and so much for each that sixteen stay below 12M.
    function testGasOfAReport() public {
        address[] memory list = _list(3);
        Certificate memory c = _certify(service, _statement(2, _payload(list, 2)), COUNT, ALL);
        uint256 gas = gasleft();
        service.reportConduct(epoch, 2, 0, c, list);
        vm.assertLe(gas - gasleft(), 300_000 + 3 * 350_000);
    }

    // helpers

    function _newService(uint64 genesis, uint32 window, uint64 wad) private returns (RandomnessService) {
        return RandomnessService(
            vm.deployCode(
                "RandomnessService.sol:RandomnessService",
                abi.encode(_parameters(), allocations, address(this), genesis, window, wad)
            )
        );
    }

    function _refusedParameters(
        uint64 genesis,
        uint32 window,
        uint64 wad,
        string memory name,
        uint256 value,
        uint256 least,
        uint256 most
    ) private {
        bytes memory why = abi.encodeWithSelector(
            Errors.ParameterOutOfRange.selector, name, value, least, most
        );
        try this.create(abi.encode(_parameters(), allocations, address(this), genesis, window, wad)) {
            vm.assertTrue(false, name);
        } catch (bytes memory reason) {
            vm.assertEq(reason, why);
        }
    }

    /// Not by `deployCode`, which has its own words for a constructor that reverts.
    function create(bytes calldata arguments) external {
        bytes memory code = bytes.concat(vm.getCode("RandomnessService.sol:RandomnessService"), arguments);
        assembly ("memory-safe") {
            if iszero(create(0, add(code, 32), mload(code))) {
                let why := mload(0x40)
                returndatacopy(why, 0, returndatasize())
                revert(why, returndatasize())
            }
        }
    }

    function _report(uint64 window, address[] memory list, uint256 present) private {
        Statement memory s = _statement(window, _payload(list, window));
        service.reportConduct(epoch, window, 0, _certify(service, s, COUNT, present), list);
    }

    function _statement(uint64 window, bytes32 payload) private view returns (Statement memory) {
        return Statement(conduct, 1, epoch, window, 0, payload);
    }

    function _payload(address[] memory list, uint64 window) private pure returns (bytes32) {
        return keccak256(abi.encode(list, window));
    }

    /// @dev The first `count` operators, whose accounts ascend.
    function _list(uint256 count) private pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = _account(i);
        }
    }

    function _testimony(uint256 i, Statement memory s) private view returns (Testimony memory) {
        return Testimony(s, false, "", _signAs(1 << i, service.statementDigest(s)));
    }

    function _shares(uint256 i) private view returns (uint256) {
        return delegation.operatorShares(_account(i), strategy);
    }
}
