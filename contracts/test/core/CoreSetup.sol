// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AllocationManager} from "../../core/AllocationManager.sol";
import {DelegationManager} from "../../core/DelegationManager.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {PermissionController} from "../../core/PermissionController.sol";
import {StrategyBase} from "../../core/StrategyBase.sol";
import {StrategyManager} from "../../core/StrategyManager.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IAVSRegistrar} from "../../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {Test} from "../Vm.sol";

/// @notice An AVS that is its own registrar, and remembers what it was told.
contract RecordingAvs is IAVSRegistrar {
    error Refused();

    bool public refuses;
    uint256 public registrations;
    uint256 public deregistrations;
    address public lastOperator;
    bytes public lastData;
    uint32[] public lastIds;

    function setRefuses(bool value) external {
        refuses = value;
    }

    function registerOperator(address operator, address, uint32[] calldata ids, bytes calldata data)
        external
    {
        require(!refuses, Refused());
        registrations++;
        (lastOperator, lastData, lastIds) = (operator, data, ids);
    }

    function deregisterOperator(address operator, address, uint32[] calldata ids) external {
        deregistrations++;
        (lastOperator, lastIds) = (operator, ids);
    }

    function supportsAVS(address avs) external view returns (bool) {
        return avs == address(this);
    }
}

/// @title CoreSetup: a core with two strategies and one AVS that has set 1 (both strategies) and set 2 (the first)
abstract contract CoreSetup is Test {
    uint32 internal constant DEALLOCATION_DELAY = 20;
    uint32 internal constant CONFIGURATION_DELAY = 10;
    uint32 internal constant WITHDRAWAL_DELAY = 25;
    address internal constant SLASHER = address(0x51a5);
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    address internal constant CAROL = address(0xca401);

    PermissionController internal permissions;
    DelegationManager internal delegation;
    StrategyManager internal strategies;
    AllocationManager internal allocations;
    TestToken internal token;
    /// @dev Ascending by address, as slashes want them.
    StrategyBase internal first;
    StrategyBase internal second;
    RecordingAvs internal avs;

    function setUp() public virtual {
        vm.roll(1000);
        permissions = PermissionController(vm.deployCode("PermissionController.sol"));
        delegation = DelegationManager(
            vm.deployCode("DelegationManager.sol", abi.encode(permissions, WITHDRAWAL_DELAY))
        );
        strategies =
            StrategyManager(vm.deployCode("StrategyManager.sol", abi.encode(delegation, address(this))));
        allocations = AllocationManager(
            vm.deployCode(
                "AllocationManager.sol",
                abi.encode(delegation, permissions, DEALLOCATION_DELAY, CONFIGURATION_DELAY)
            )
        );
        delegation.connect(strategies, allocations);
        token = _newToken();
        (StrategyBase a, StrategyBase b) = (_newStrategy(), _newStrategy());
        (first, second) = address(a) < address(b) ? (a, b) : (b, a);
        strategies.addStrategiesToDepositWhitelist(_both());

        avs = new RecordingAvs();
        vm.startPrank(address(avs));
        allocations.updateAVSMetadataURI(address(avs), "https://avs.example/metadata.json");
        allocations.createOperatorSets(address(avs), _createParams());
        vm.stopPrank();
    }

    function _newToken() internal virtual returns (TestToken) {
        return TestToken(vm.deployCode("TestToken.sol", abi.encode("Staked Ether", "stETH")));
    }

    function _newStrategy() internal returns (StrategyBase) {
        return StrategyBase(vm.deployCode("StrategyBase.sol", abi.encode(strategies, token)));
    }

    function _createParams() private view returns (IAllocationManager.CreateSetParamsV2[] memory params) {
        params = new IAllocationManager.CreateSetParamsV2[](2);
        params[0] = IAllocationManager.CreateSetParamsV2(1, _both(), SLASHER);
        params[1] = IAllocationManager.CreateSetParamsV2(2, _one(first), SLASHER);
    }

    function _both() internal view returns (IStrategy[] memory list) {
        list = new IStrategy[](2);
        (list[0], list[1]) = (first, second);
    }

    function _one(IStrategy strategy) internal pure returns (IStrategy[] memory list) {
        list = new IStrategy[](1);
        list[0] = strategy;
    }

    function _one(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function _ids(uint32 id) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = id;
    }

    function _wads(uint256 value) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function _set(uint32 id) internal view returns (OperatorSet memory) {
        return OperatorSet(address(avs), id);
    }

    function _register(address operator, uint32 allocationDelay) internal {
        vm.prank(operator);
        delegation.registerAsOperator(address(0), allocationDelay, "");
    }

    function _deposit(address staker, IStrategy strategy, uint256 amount) internal returns (uint256 shares) {
        token.mint(staker, amount);
        vm.startPrank(staker);
        token.approve(address(strategies), amount);
        shares = strategies.depositIntoStrategy(strategy, token, amount);
        vm.stopPrank();
    }

    function _delegate(address staker, address operator) internal {
        vm.prank(staker);
        delegation.delegateTo(operator, IDelegationManager.SignatureWithExpiry("", 0), bytes32(0));
    }

    function _allocateParams(uint32 id, IStrategy strategy, uint64 magnitude)
        internal
        view
        returns (IAllocationManager.AllocateParams[] memory params)
    {
        params = new IAllocationManager.AllocateParams[](1);
        uint64[] memory magnitudes = new uint64[](1);
        magnitudes[0] = magnitude;
        params[0] = IAllocationManager.AllocateParams(_set(id), _one(strategy), magnitudes);
    }

    function _allocate(address operator, uint32 id, IStrategy strategy, uint64 magnitude) internal {
        vm.prank(operator);
        allocations.modifyAllocations(operator, _allocateParams(id, strategy, magnitude));
    }

    function _join(address operator, uint32 id) internal {
        vm.prank(operator);
        allocations.registerForOperatorSets(
            operator, IAllocationManager.RegisterParams(address(avs), _ids(id), "")
        );
    }

    function _leave(address operator, uint32 id) internal {
        vm.prank(operator);
        allocations.deregisterFromOperatorSets(
            IAllocationManager.DeregisterParams(operator, address(avs), _ids(id))
        );
    }

    function _slash(address operator, uint32 id, IStrategy strategy, uint256 wad)
        internal
        returns (uint256 slashId, uint256 shares)
    {
        uint256[] memory taken;
        vm.prank(SLASHER);
        (slashId, taken) = allocations.slashOperator(
            address(avs), IAllocationManager.SlashingParams(operator, id, _one(strategy), _wads(wad), "test")
        );
        shares = taken[0];
    }

    function _slashableStake(address operator, uint32 id, IStrategy strategy, uint256 futureBlock)
        internal
        view
        returns (uint256)
    {
        return allocations.getMinimumSlashableStake(
            _set(id), _one(operator), _one(strategy), uint32(futureBlock)
        )[0][0];
    }

    function _withdrawable(address staker, IStrategy strategy) internal view returns (uint256) {
        (uint256[] memory shares,) = delegation.getWithdrawableShares(staker, _one(strategy));
        return shares[0];
    }
}
