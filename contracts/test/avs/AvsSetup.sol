// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ServiceManager} from "../../avs/ServiceManager.sol";
import {Certificate, Registration, Statement} from "../../avs/interfaces/IServiceManager.sol";
import {Parameters} from "../../avs/interfaces/Parameters.sol";
import {RateSource, StrategyWeight} from "../../avs/interfaces/StrategyWeight.sol";
import {Epochs} from "../../avs/lib/Epochs.sol";
import {AllocationManager} from "../../core/AllocationManager.sol";
import {DelegationManager} from "../../core/DelegationManager.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {PermissionController} from "../../core/PermissionController.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {StrategyManager} from "../../core/StrategyManager.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Test} from "../Vm.sol";
import {BlsSigner} from "./BlsSigner.sol";

/// @notice An AVS with one service of time slots, every two seconds, and one whose slots are indices.
contract TestAvs is ServiceManager {
    bytes32 public constant TIMED = keccak256("test/timed");
    bytes32 public constant INDEXED = keccak256("test/indexed");
    bytes32 public constant EXEMPT = keccak256("test/exempt");
    uint64 public constant GENESIS = 1_700_000_000;

    constructor(Parameters memory parameters_, IAllocationManager allocationManager_, address owner_)
        ServiceManager(parameters_, allocationManager_, owner_)
    {}

    function slotTime(bytes32 service, uint64 slot) public pure override returns (uint64) {
        if (service == INDEXED || service == EXEMPT) return 0;
        require(service == TIMED, UnknownService(service));
        return GENESIS + 2 * slot;
    }

    function _isSlashable(bytes32 service) internal pure override returns (bool) {
        return service != EXEMPT;
    }

    /// @notice What a slash will do.
    function revoke(address operator) external {
        Epochs.revoke(_epochs, operator);
    }
}

/// @title AvsSetup: a core with one strategy, and helpers to put an AVS and its operators on it
/// @dev Operator i has the account `_account(i)` and the BLS key `_secret(i)`.
abstract contract AvsSetup is Test {
    uint32 internal constant DEALLOCATION_DELAY = 10_000;
    uint64 internal constant START = 1_700_000_000;

    PermissionController internal permissions;
    DelegationManager internal delegation;
    StrategyManager internal strategyManager;
    AllocationManager internal allocations;
    TestToken internal token;
    StrategyBase internal strategy;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1000);
        permissions = PermissionController(vm.deployCode("PermissionController.sol"));
        delegation = DelegationManager(
            vm.deployCode("DelegationManager.sol", abi.encode(permissions, DEALLOCATION_DELAY))
        );
        strategyManager =
            StrategyManager(vm.deployCode("StrategyManager.sol", abi.encode(delegation, address(this))));
        allocations = AllocationManager(
            vm.deployCode(
                "AllocationManager.sol", abi.encode(delegation, permissions, DEALLOCATION_DELAY, 10)
            )
        );
        delegation.connect(strategyManager, allocations);
        token = TestToken(vm.deployCode("TestToken.sol", abi.encode("Staked Ether", "stETH")));
        strategy = StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(strategyManager, token)));
        strategyManager.addStrategiesToDepositWhitelist(_strategies());
    }

    function _parameters() internal pure virtual returns (Parameters memory) {
        return Parameters({
            operatorSetId: 1,
            quorumBps: 6667,
            maxShareBps: 0,
            changeBps: 100,
            minWeight: 1e6,
            activationDelay: 10,
            minEpochAge: 60,
            buildWindow: 300,
            validity: 3600,
            renewBefore: 700,
            grace: 30,
            evidenceWindow: 600,
            secondsPerBlock: 1,
            equivocationWad: 0.1e18
        });
    }

    function _strategies() internal view returns (IStrategy[] memory list) {
        list = new IStrategy[](1);
        list[0] = strategy;
    }

    function _initialize(ServiceManager avs) internal {
        avs.initialize("https://avs.example/metadata.json", _strategies(), _weights(1e18));
    }

    /// @dev One strategy that counts by a fixed rate, as it is.
    function _weights(uint128 rate) internal pure returns (StrategyWeight[] memory list) {
        list = new StrategyWeight[](1);
        list[0] = _fixed(rate);
    }

    function _fixed(uint128 rate) internal pure returns (StrategyWeight memory) {
        return StrategyWeight(RateSource.FIXED, 10_000, rate);
    }

    function _newTestAvs(Parameters memory parameters) internal returns (TestAvs) {
        return
            TestAvs(vm.deployCode("AvsSetup.sol:TestAvs", abi.encode(parameters, allocations, address(this))));
    }

    // operators

    function _account(uint256 i) internal pure returns (address) {
        return address(uint160(0x0feA7000 + i));
    }

    function _secret(uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("secret", i))) % BlsSigner.ORDER;
    }

    /// @dev Makes operator i one of the core, with all of its stake allocated to the AVS, without joining it.
    function _prepare(ServiceManager avs, uint256 i, uint256 stake) internal {
        address account = _account(i);
        token.mint(account, stake);
        vm.startPrank(account);
        delegation.registerAsOperator(address(0), 0, "");
        if (stake != 0) {
            token.approve(address(strategyManager), stake);
            strategyManager.depositIntoStrategy(strategy, token, stake);
        }
        vm.stopPrank();
        vm.roll(vm.getBlockNumber() + 1);
        _allocate(avs, i, 1e18);
    }

    function _allocate(ServiceManager avs, uint256 i, uint64 magnitude) internal {
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](1);
        uint64[] memory magnitudes = new uint64[](1);
        magnitudes[0] = magnitude;
        params[0] = IAllocationManager.AllocateParams(
            OperatorSet(address(avs), avs.operatorSetId()), _strategies(), magnitudes
        );
        vm.prank(_account(i));
        allocations.modifyAllocations(_account(i), params);
    }

    /// @dev Adds to operator i's stake.
    function _deposit(uint256 i, uint256 amount) internal {
        token.mint(_account(i), amount);
        vm.startPrank(_account(i));
        token.approve(address(strategyManager), amount);
        strategyManager.depositIntoStrategy(strategy, token, amount);
        vm.stopPrank();
    }

    function _registration(ServiceManager avs, uint256 i) internal view returns (Registration memory) {
        return _registrationOf(avs, i, _secret(i));
    }

    function _registrationOf(ServiceManager avs, uint256 i, uint256 secret)
        internal
        view
        returns (Registration memory)
    {
        bytes memory key = BlsSigner.publicKey(secret);
        string[] memory addresses = new string[](1);
        addresses[0] = "/ip4/127.0.0.1/tcp/4001";
        return Registration({
            publicKey: key,
            proofOfPossession: BlsSigner.prove(secret, avs.registrationDigest(_account(i), key)),
            peerId: abi.encodePacked(hex"002408011220", keccak256(abi.encode("peer", i))),
            addresses: addresses
        });
    }

    function _joinWith(ServiceManager avs, uint256 i, bytes memory data) internal {
        IAllocationManager.RegisterParams memory params =
            IAllocationManager.RegisterParams(address(avs), _ids(avs.operatorSetId()), data);
        vm.prank(_account(i));
        allocations.registerForOperatorSets(_account(i), params);
    }

    function _join(ServiceManager avs, uint256 i, uint256 stake) internal {
        _prepare(avs, i, stake);
        _joinWith(avs, i, abi.encode(_registration(avs, i)));
    }

    function _leave(ServiceManager avs, uint256 i) internal {
        IAllocationManager.DeregisterParams memory params =
            IAllocationManager.DeregisterParams(_account(i), address(avs), _ids(avs.operatorSetId()));
        vm.prank(_account(i));
        allocations.deregisterFromOperatorSets(params);
    }

    function _ids(uint32 id) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = id;
    }

    // epochs

    function _pass(uint256 secs) internal {
        vm.warp(vm.getBlockTimestamp() + secs);
        vm.roll(vm.getBlockNumber() + secs);
    }

    function _build(ServiceManager avs) internal returns (uint64 epoch) {
        avs.beginEpoch();
        uint32 added;
        uint32 total;
        (epoch, added, total) = avs.epochProgress();
        while (added < total) {
            avs.addToEpoch(100);
            (, added, total) = avs.epochProgress();
        }
        avs.finishEpoch();
    }

    function _buildAndActivate(ServiceManager avs) internal returns (uint64 epoch) {
        epoch = _build(avs);
        _pass(10);
    }

    // certificates

    /// @dev The bitmap of absentees among `count` rows: those whose bit is not in `present`.
    function _absent(uint256 count, uint256 present) internal pure returns (bytes memory bitmap) {
        uint256 size;
        for (uint256 i; i < count; ++i) {
            if (present >> i & 1 == 0) size = i / 8 + 1;
        }
        bitmap = new bytes(size);
        for (uint256 i; i < count; ++i) {
            if (present >> i & 1 == 0) bitmap[i / 8] |= bytes1(uint8(1 << (i % 8)));
        }
    }

    /// @dev The partial signatures, summed, of those operators whose bit is in `signers`.
    function _signAs(uint256 signers, bytes32 digest) internal view returns (bytes memory) {
        uint256 sum;
        for (uint256 i; signers >> i != 0; ++i) {
            if (signers >> i & 1 == 1) sum = addmod(sum, _secret(i), BlsSigner.ORDER);
        }
        return BlsSigner.sign(sum, digest);
    }

    /// @dev An honest certificate: rows are operators 0 to count − 1, and those in `present` signed.
    function _certify(ServiceManager avs, Statement memory statement, uint256 count, uint256 present)
        internal
        view
        returns (Certificate memory)
    {
        return Certificate(_absent(count, present), _signAs(present, avs.statementDigest(statement)));
    }
}
