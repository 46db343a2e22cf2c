// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {AllocationManager} from "../../core/AllocationManager.sol";
import {DelegationManager} from "../../core/DelegationManager.sol";
import {OperatorSet} from "../../core/OperatorSet.sol";
import {PermissionController} from "../../core/PermissionController.sol";
import {RewardsCoordinator} from "../../core/RewardsCoordinator.sol";
import {RewardsSubmissions} from "../../core/RewardsSubmissions.sol";
import {StrategyManager} from "../../core/StrategyManager.sol";
import {IAVSRegistrar} from "../../core/interfaces/IAVSRegistrar.sol";
import {IAllocationManager} from "../../core/interfaces/IAllocationManager.sol";
import {IDelegationManager} from "../../core/interfaces/IDelegationManager.sol";
import {IStrategy} from "../../core/interfaces/IStrategy.sol";
import {LrtRateFeed} from "../../lrt/LrtRateFeed.sol";
import {ILrtEntry} from "../../lrt/interfaces/ILrtEntry.sol";
import {ILrtLens} from "../../lrt/interfaces/ILrtLens.sol";
import {Holding, Lst, OperatorInfo, PriceSource, Role, Totals} from "../../lrt/interfaces/ILrtTypes.sol";
import {ILrtToken} from "../../lrt/interfaces/ILrtToken.sol";
import {ILrtVault} from "../../lrt/interfaces/ILrtVault.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {LstSetup} from "../lst/LstSetup.sol";
import {MarketFeed} from "./MarketFeed.sol";

/// @notice An AVS that lets everybody in.
contract OpenAvs is IAVSRegistrar {
    function registerOperator(address, address, uint32[] calldata, bytes calldata) external {}
    function deregisterOperator(address, address, uint32[] calldata) external {}

    function supportsAVS(address) external pure returns (bool) {
        return true;
    }
}

/// @title LrtSetup: the real core, the real staking pools, and a vault over four LSTs and three operators
/// @dev LSTs are numbered by `LstRates.Kind`: 0 stETH, 1 wstETH, 2 rETH, 3 cbETH. The operators have given half of their
/// magnitude in every strategy to a set that SLASHER slashes.
abstract contract LrtSetup is LstSetup {
    uint32 internal constant DELAY = 40;
    uint32 internal constant TIMELOCK = 60;
    uint32 internal constant VESTING = 7 days;
    uint32 internal constant HEARTBEAT = 1 days;
    uint16 internal constant DEPEG_BPS = 100;
    uint16 internal constant FEE_BPS = 500;
    uint128 internal constant CAP = 10_000 ether;
    uint256 internal constant KINDS = 4;
    uint256 internal constant VIRTUAL = 1e12;

    address internal constant OWNER = address(0x0e1);
    address internal constant CURATOR = address(0xc07a);
    address internal constant PAUSER = address(0x9a05e);
    address internal constant TREASURY = address(0x77ea);
    address internal constant SLASHER = address(0x51a5);
    address internal constant CAROL = address(0xca401);
    address internal constant WHALE = address(0x3a1e);
    address[3] internal operatorList = [address(0x1001), address(0x1002), address(0x1003)];
    uint16[3] internal targetList = [4000, 3000, 3000];

    PermissionController internal permissions;
    DelegationManager internal delegation;
    StrategyManager internal strategyManager;
    AllocationManager internal allocations;
    RewardsCoordinator internal rewards;
    OpenAvs internal avs;
    ILrtVault internal vault;
    ILrtToken internal lrt;
    ILrtLens internal lens;
    LrtRateFeed internal rateFeed;
    address[4] internal lsts;
    IStrategy[4] internal strategies;
    MarketFeed[4] internal feeds;
    ILrtEntry[4] internal entries;

    function setUp() public virtual override {
        super.setUp();
        vm.roll(1000);
        vm.deal(CAROL, 1e6 ether);
        vm.deal(WHALE, 1e6 ether);
        _deployCore();
        // wstETH first: it takes all stETH that one has.
        uint256[4] memory order = [uint256(1), 0, 2, 3];
        for (uint256 i = 0; i < KINDS; i++) {
            lsts[i] = address(_token(i));
            _acquire(order[i], WHALE, 1000 ether);
            _pool(order[i]).stakeBuffered();
        }
        // Rates that differ, so that no number stands for another.
        _report(stETH, 4 ether);
        _report(rEthPool, 2 ether);
        _report(cbEthPool, 1 ether);
        _deployVault();
    }

    function _deployCore() private {
        permissions = PermissionController(vm.deployCode("PermissionController.sol"));
        delegation = DelegationManager(vm.deployCode("DelegationManager.sol", abi.encode(permissions, DELAY)));
        strategyManager =
            StrategyManager(vm.deployCode("StrategyManager.sol", abi.encode(delegation, address(this))));
        allocations = AllocationManager(
            vm.deployCode(
                "AllocationManager.sol", abi.encode(delegation, permissions, uint32(20), uint32(10))
            )
        );
        delegation.connect(strategyManager, allocations);
        rewards = RewardsCoordinator(
            vm.deployCode(
                "RewardsCoordinator.sol",
                abi.encode(
                    RewardsSubmissions.Core(delegation, strategyManager, allocations, permissions),
                    RewardsSubmissions.Limits(1 days, 70 days, 70 days, 30 days, uint32(1_699_920_000)),
                    RewardsCoordinator.Settings(address(this), address(this), 0, 1000)
                )
            )
        );
        IStrategy[] memory all = new IStrategy[](KINDS);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            strategies[kind] =
                IStrategy(vm.deployCode("StrategyBase.sol", abi.encode(strategyManager, _token(kind))));
            all[kind] = strategies[kind];
        }
        strategyManager.addStrategiesToDepositWhitelist(all);
        avs = new OpenAvs();
        IAllocationManager.CreateSetParamsV2[] memory sets = new IAllocationManager.CreateSetParamsV2[](1);
        sets[0] = IAllocationManager.CreateSetParamsV2(1, all, SLASHER);
        vm.startPrank(address(avs));
        allocations.updateAVSMetadataURI(address(avs), "https://avs.example/metadata.json");
        allocations.createOperatorSets(address(avs), sets);
        vm.stopPrank();
        for (uint256 k = 0; k < operatorList.length; k++) {
            _makeOperator(operatorList[k], all);
        }
        vm.roll(vm.getBlockNumber() + 1);
    }

    function _makeOperator(address operator, IStrategy[] memory all) internal {
        vm.startPrank(operator);
        delegation.registerAsOperator(address(0), 0, "");
        vm.roll(vm.getBlockNumber() + 1);
        uint32[] memory ids = new uint32[](1);
        ids[0] = 1;
        allocations.registerForOperatorSets(
            operator, IAllocationManager.RegisterParams(address(avs), ids, "")
        );
        uint64[] memory magnitudes = new uint64[](all.length);
        for (uint256 i = 0; i < all.length; i++) {
            magnitudes[i] = 0.5e18;
        }
        IAllocationManager.AllocateParams[] memory params = new IAllocationManager.AllocateParams[](1);
        params[0] = IAllocationManager.AllocateParams(OperatorSet(address(avs), 1), all, magnitudes);
        allocations.modifyAllocations(operator, params);
        vm.stopPrank();
    }

    function _newVault(uint32 timelock, uint32 vesting, uint16 feeBps) internal returns (ILrtVault) {
        return ILrtVault(
            vm.deployCode(
                "LrtVault.sol",
                abi.encode(
                    "Lariat Restaked Ether",
                    "lrtETH",
                    delegation,
                    rewards,
                    [OWNER, CURATOR, PAUSER],
                    timelock,
                    vesting,
                    feeBps,
                    TREASURY
                )
            )
        );
    }

    function _deployVault() private {
        for (uint256 kind = 0; kind < KINDS; kind++) {
            feeds[kind] = new MarketFeed(LstRates.Kind(kind), lsts[kind], kind == 2 ? 8 : 18);
        }
        vault = _newVault(TIMELOCK, VESTING, FEE_BPS);
        lrt = ILrtToken(vault.token());
        lens = ILrtLens(vm.deployCode("LrtLens.sol"));
        rateFeed = LrtRateFeed(vm.deployCode("LrtRateFeed.sol", abi.encode(vault, "lrtETH / ETH")));
        vm.startPrank(OWNER);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            vault.addLst(_lst(kind));
            entries[kind] = ILrtEntry(lrt.vault(lsts[kind]));
        }
        address[] memory operators = new address[](3);
        uint16[] memory targets = new uint16[](3);
        for (uint256 k = 0; k < 3; k++) {
            (operators[k], targets[k]) = (operatorList[k], targetList[k]);
            vault.addOperator(operatorList[k], IDelegationManager.SignatureWithExpiry("", 0), bytes32(0));
        }
        vault.setTargets(operators, targets);
        vault.open();
        vm.stopPrank();
    }

    function _lst(uint256 kind) internal view returns (Lst memory) {
        return Lst({
            token: lsts[kind],
            kind: LstRates.Kind(kind),
            strategy: strategies[kind],
            entry: address(0),
            market: PriceSource(address(feeds[kind]), HEARTBEAT, DEPEG_BPS),
            cap: CAP
        });
    }

    /// @dev Stakes ETH for an LST and deposits all of it.
    function _in(address user, uint256 kind, uint256 eth) internal returns (uint256 shares) {
        uint256 amount = _acquire(kind, user, eth);
        vm.startPrank(user);
        _token(kind).approve(address(entries[kind]), amount);
        shares = entries[kind].deposit(amount, user);
        vm.stopPrank();
    }

    /// @dev A vault with 100 ETH of each LST from Alice, staked.
    function _filled() internal {
        for (uint256 kind = 0; kind < KINDS; kind++) {
            _in(ALICE, kind, 100 ether);
        }
        // In another order than the vault's, so that the core's lists have another order too.
        _restake(2);
        _restake(0);
        _restake(3);
        _restake(1);
    }

    function _give(address from, address to, uint256 kind, uint256 amount) internal {
        vm.prank(from);
        IERC20(lsts[kind]).transfer(to, amount);
    }

    function _restake(uint256 kind) internal returns (uint256) {
        return vault.restake(lsts[kind]);
    }

    function _request(address user, uint256 kind, uint256 shares) internal {
        vm.prank(user);
        entries[kind].requestRedeem(shares, user, user);
    }

    function _mine(uint256 blocks) internal {
        vm.roll(vm.getBlockNumber() + blocks);
    }

    function _pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
    }

    function _completeAll() internal {
        for (uint256 k = 0; k < vault.operators().length; k++) {
            address operator = vault.operators()[k].operator;
            bytes32[] memory roots = lens.completable(vault, operator);
            if (roots.length != 0) vault.complete(operator, roots);
        }
    }

    /// @dev Everything that anybody may push along, until the queue is empty.
    function _settleExits() internal {
        try vault.unstake() {} catch {}
        _mine(DELAY + 1);
        _completeAll();
        vault.fulfil(type(uint256).max);
    }

    /// @dev From request to tokens.
    function _out(address user, uint256 shares) internal returns (uint256 value) {
        _request(user, 0, shares);
        _settleExits();
        return _claimAll(user);
    }

    /// @dev Claims everything; returns what it is worth by the LSTs' own rates.
    function _claimAll(address user) internal returns (uint256 value) {
        vm.prank(user);
        uint256[] memory amounts = vault.claimAll(user, user);
        for (uint256 kind = 0; kind < KINDS; kind++) {
            value += _ethValue(kind, amounts[kind]);
        }
    }

    function _slash(address operator, uint256 kind, uint256 wad) internal {
        uint256[] memory wads = new uint256[](1);
        wads[0] = wad;
        IStrategy[] memory list = _list(kind);
        vm.prank(SLASHER);
        allocations.slashOperator(
            address(avs), IAllocationManager.SlashingParams(operator, 1, list, wads, "test")
        );
    }

    function _ethValue(uint256 kind, uint256 amount) internal view returns (uint256) {
        return LstRates.ethValue(LstRates.Kind(kind), lsts[kind], amount);
    }

    function _holding(uint256 kind) internal view returns (Holding memory) {
        return vault.holding(lsts[kind]);
    }

    /// @dev All units of an LST that belong to holders.
    function _units(uint256 kind) internal view returns (uint256) {
        Holding memory has = _holding(kind);
        return has.idle + has.staked + has.queued;
    }

    function _list(uint256 kind) internal view returns (IStrategy[] memory list) {
        list = new IStrategy[](1);
        list[0] = strategies[kind];
    }

    function _account(uint256 k) internal view returns (address) {
        return vault.operators()[k].account;
    }

    function _propose(address role, bytes memory data) internal {
        vm.prank(role);
        vault.propose(data);
        _mine(TIMELOCK);
        vm.prank(role);
        vault.execute(data);
    }

    /// @dev At most, but for the precision of the LSTs' rates: a part in 1e18 of what is valued, and a few wei.
    function _assertAtMost(uint256 left, uint256 right, string memory reason) internal pure {
        vm.assertLe(left, right + right / 1e17 + 8, reason);
    }

    /// @dev Equal but for a part of 1e18.
    function _assertClose(uint256 left, uint256 right, uint256 part, string memory reason) internal pure {
        vm.assertApproxEqAbs(left, right, right * part / 1e18 + 1, reason);
    }
}
