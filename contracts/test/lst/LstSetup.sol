// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CbETH} from "../../lst/CbETH.sol";
import {CbEthPool} from "../../lst/CbEthPool.sol";
import {LstRates} from "../../lst/LstRates.sol";
import {PoolAccounts} from "../../lst/PoolAccounts.sol";
import {RETH} from "../../lst/RETH.sol";
import {REthPool} from "../../lst/REthPool.sol";
import {StETH} from "../../lst/StETH.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {WstETH} from "../../lst/WstETH.sol";
import {Bounds} from "../../lst/interfaces/IStakingPool.sol";
import {Test} from "../Vm.sol";

/// @title LstSetup: a pool of each shape, a hundred percent a year and ten percent a report at the most
abstract contract LstSetup is Test {
    address internal constant ORACLE = address(0x04ac1e);
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant DEAD_UNITS = 1e12;
    uint256 internal constant DAY = 1 days;

    StETH internal stETH;
    WstETH internal wstETH;
    REthPool internal rEthPool;
    RETH internal rETH;
    CbEthPool internal cbEthPool;
    CbETH internal cbETH;

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        stETH = StETH(_deploy("StETH.sol"));
        wstETH = WstETH(vm.deployCode("WstETH.sol", abi.encode("Wrapped", "wstETH", stETH)));
        rEthPool = REthPool(_deploy("REthPool.sol"));
        rETH = RETH(rEthPool.token());
        cbEthPool = CbEthPool(_deploy("CbEthPool.sol"));
        cbETH = CbETH(cbEthPool.token());
        vm.deal(ALICE, 1e6 ether);
        vm.deal(BOB, 1e6 ether);
    }

    function _bounds() internal pure returns (Bounds memory) {
        return Bounds({annualGainBps: 10_000, lossBps: 1000, minInterval: 1 hours});
    }

    function _deploy(string memory artifact) internal returns (address) {
        return vm.deployCode(artifact, abi.encode("Staked", "LST", address(this), ORACLE, _bounds()));
    }

    /// @dev The pools by `LstRates.Kind`; wstETH has stETH's.
    function _pool(uint256 kind) internal view returns (UnstakeQueue) {
        if (kind <= uint256(LstRates.Kind.WSTETH)) return stETH;
        return kind == uint256(LstRates.Kind.RETH) ? UnstakeQueue(rEthPool) : cbEthPool;
    }

    function _token(uint256 kind) internal view returns (IERC20) {
        return kind == uint256(LstRates.Kind.WSTETH) ? IERC20(wstETH) : IERC20(_pool(kind).token());
    }

    function _deposit(UnstakeQueue pool, address account, uint256 eth) internal returns (uint256 units) {
        vm.prank(account);
        return pool.deposit{value: eth}();
    }

    /// @dev Stakes and, for wstETH, wraps; returns what came of it as an amount.
    function _acquire(uint256 kind, address account, uint256 eth) internal returns (uint256 amount) {
        amount = _token(kind).balanceOf(account);
        _deposit(_pool(kind), account, eth);
        if (kind == uint256(LstRates.Kind.WSTETH)) {
            vm.startPrank(account);
            stETH.approve(address(wstETH), type(uint256).max);
            wstETH.wrap(stETH.balanceOf(account));
            vm.stopPrank();
        }
        return _token(kind).balanceOf(account) - amount;
    }

    /// @dev Requests the way out for an amount of the pool's token.
    function _request(UnstakeQueue pool, address account, uint256 amount) internal returns (uint256 id) {
        vm.startPrank(account);
        IERC20(pool.token()).approve(address(pool), amount);
        id = pool.requestUnstake(amount, account);
        vm.stopPrank();
    }

    function _claim(UnstakeQueue pool, address account, uint256 id) internal returns (uint256 paid) {
        uint256 before = account.balance;
        vm.prank(account);
        pool.claim(_ids(id), account);
        return account.balance - before;
    }

    /// @dev A day passes, validators earn or lose, and the oracle reports it; for cbETH it pushes the backed rate.
    function _report(UnstakeQueue pool, int256 change) internal {
        vm.warp(vm.getBlockTimestamp() + DAY);
        if (change > 0) {
            vm.deal(address(this), uint256(change));
            (bool sent,) = address(pool.validators()).call{value: uint256(change)}("");
            vm.assertTrue(sent);
        } else if (change < 0) {
            pool.validators().penalize(uint256(-change));
        }
        uint256 index = uint256(pool.reportCount()) + 1;
        vm.prank(ORACLE);
        pool.report(index, change);
        if (address(pool) == address(cbEthPool)) {
            uint256 supply = cbETH.totalSupply();
            uint256 backed = supply == 0 ? 1 ether : pool.pooledEth() * 1 ether / supply;
            uint256 rate = change == 0 || supply == 0 ? cbETH.exchangeRate() : backed;
            vm.prank(ORACLE);
            cbEthPool.updateExchangeRate(rate);
        }
    }

    function _rate(uint256 kind) internal view returns (uint256) {
        return LstRates.unitRate(LstRates.Kind(kind), address(_token(kind)));
    }

    function _ids(uint256 id) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = id;
    }

    receive() external payable {}
}
