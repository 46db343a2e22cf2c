// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {UnstakeQueue} from "../../lst/UnstakeQueue.sol";
import {IStakingPool, UnstakeRequest} from "../../lst/interfaces/IStakingPool.sol";
import {LstSetup} from "./LstSetup.sol";

/// @notice Random lives of the three pools: deposits, transfers, requests, finalizing, claims, reports of rewards and
/// penalties, ETH to and from validators, and ETH that is forced in.
contract PoolInvariantsTest is LstSetup {
    address[3] private _accounts = [ALICE, BOB, address(0xca401)];
    /// @dev By pool: what the rate may not fall below, until a loss is reported.
    uint256[3] private _rates;
    string private _broken;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 3; ++i) {
            vm.deal(_accounts[i], 1e6 ether);
            _deposit(_poolOf(i), ALICE, 1 ether);
        }
        _note();
    }

    function targetContracts() public view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory list) {
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = this.deposit.selector;
        selectors[1] = this.move.selector;
        selectors[2] = this.request.selector;
        selectors[3] = this.settle.selector;
        selectors[4] = this.claim.selector;
        selectors[5] = this.reportChange.selector;
        selectors[6] = this.shift.selector;
        selectors[7] = this.force.selector;
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(this), selectors);
    }

    function deposit(uint256 pool, uint256 who, uint256 eth) external {
        UnstakeQueue p = _poolOf(pool);
        address account = _accounts[who % 3];
        eth = bound(eth, 1e6, 100 ether);
        uint256 before = _worth(p, account);
        _deposit(p, account, eth);
        if (_worth(p, account) > before + eth) _broken = "a deposit was worth more than it brought";
        _check();
    }

    function move(uint256 pool, uint256 from, uint256 to, uint256 part) external {
        IERC20 token = IERC20(_poolOf(pool).token());
        uint256 amount = token.balanceOf(_accounts[from % 3]) * (part % 101) / 100;
        vm.prank(_accounts[from % 3]);
        token.transfer(_accounts[to % 3], amount);
        _check();
    }

    function request(uint256 pool, uint256 who, uint256 part) external {
        UnstakeQueue p = _poolOf(pool);
        uint256 amount = IERC20(p.token()).balanceOf(_accounts[who % 3]) * (part % 101) / 100;
        if (amount < 2e6) return;
        _request(p, _accounts[who % 3], amount > 900 ether ? 900 ether : amount);
        _check();
    }

    function settle(uint256 pool, uint256 count) external {
        _poolOf(pool).finalize(bound(count, 0, 100));
        _check();
    }

    function claim(uint256 pool, uint256 id) external {
        UnstakeQueue p = _poolOf(pool);
        if (p.finalizedCount() == 0) return;
        id = bound(id, 0, p.finalizedCount() - 1);
        UnstakeRequest memory r = p.requestOf(id);
        if (r.claimed) return;
        if (_claim(p, r.owner, id) != r.eth) _broken = "a claim paid something else";
        _check();
    }

    function reportChange(uint256 pool, uint256 change, bool loss) external {
        UnstakeQueue p = _poolOf(pool);
        uint256 pooled = p.pooledEth();
        if (loss) {
            // The oracle has not seen what went to the pool since.
            uint256 most = pooled / 10 < p.stakedEth() ? pooled / 10 : p.stakedEth();
            uint256 there = address(p.validators()).balance;
            _report(p, -int256(bound(change, 0, most < there ? most : there)));
            _note();
        } else {
            _report(p, int256(bound(change, 0, pooled / 400)));
        }
        _check();
    }

    function shift(uint256 pool, bool back) external {
        UnstakeQueue p = _poolOf(pool);
        if (back && p.queuedEth() > p.bufferedEth() && p.stakedEth() > 0) {
            if (address(p.validators()).balance > 0) p.unstakeForQueue();
        } else if (!back && p.bufferedEth() > p.queuedEth()) {
            p.stakeBuffered();
        }
        _check();
    }

    function force(uint256 pool, uint256 eth) external {
        address target = address(_poolOf(pool));
        vm.deal(target, target.balance + bound(eth, 0, 10 ether));
        _check();
    }

    function invariant_poolsPayWhatTheyPromise() external view {
        vm.assertEq(_broken, "");
        for (uint256 i; i < 3; ++i) {
            UnstakeQueue p = _poolOf(i);
            uint256 promised;
            uint256 waiting;
            uint256 units;
            for (uint256 id; id < p.requestCount(); ++id) {
                UnstakeRequest memory r = p.requestOf(id);
                if (id >= p.finalizedCount()) {
                    waiting += r.eth;
                    units += r.units;
                } else if (!r.claimed) {
                    promised += r.eth;
                }
            }
            vm.assertEq(p.reservedEth(), promised, "every finalized request has its ETH, once");
            vm.assertEq(p.queuedEth(), waiting);
            vm.assertGe(address(p).balance, p.bufferedEth() + p.reservedEth(), "the ETH is there");
            vm.assertLe(
                p.stakedEth(), address(p.validators()).balance, "and what is staked is with validators"
            );
            vm.assertLe(_owed(p), p.pooledEth(), "no token stands for more than there is");
            vm.assertGe(_unitsOf(p, address(p)), units, "the queue keeps the units of all who wait");
        }
    }

    function _poolOf(uint256 i) private view returns (UnstakeQueue) {
        return _pool(i % 3 == 0 ? 0 : i % 3 + 1);
    }

    function _rateOf(uint256 i) private view returns (uint256) {
        return _rate(i == 0 ? 0 : i + 1);
    }

    function _unitsOf(UnstakeQueue p, address account) private view returns (uint256) {
        if (address(p) == address(stETH)) return stETH.sharesOf(account);
        return IERC20(p.token()).balanceOf(account);
    }

    /// @dev What an account's balance is worth, rounded down.
    function _worth(UnstakeQueue p, address account) private view returns (uint256) {
        uint256 balance = IERC20(p.token()).balanceOf(account);
        if (address(p) == address(stETH)) return balance;
        return address(p) == address(rEthPool)
            ? rETH.getEthValue(balance)
            : balance * cbETH.exchangeRate() / 1 ether;
    }

    /// @dev What all balances are worth.
    function _owed(UnstakeQueue p) private view returns (uint256 owed) {
        owed = _worth(p, address(p)) + _worth(p, address(0xdEaD));
        for (uint256 i; i < 3; ++i) {
            owed += _worth(p, _accounts[i]);
        }
    }

    function _note() private {
        for (uint256 i; i < 3; ++i) {
            _rates[i] = _rateOf(i);
        }
    }

    function _check() private {
        for (uint256 i; i < 3; ++i) {
            uint256 rate = _rateOf(i);
            if (rate < _rates[i]) _broken = "a rate fell without a loss";
            _rates[i] = rate;
        }
    }
}
