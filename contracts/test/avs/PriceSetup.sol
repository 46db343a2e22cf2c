// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PriceFeed} from "../../avs/PriceFeed.sol";
import {PriceFeeds} from "../../avs/PriceFeeds.sol";
import {FeedConfig} from "../../avs/interfaces/IPriceFeeds.sol";
import {Certificate, Statement} from "../../avs/interfaces/IServiceManager.sol";
import {AvsSetup} from "./AvsSetup.sol";
import {PriceTree} from "./PriceTree.sol";

/// @title PriceSetup: PriceFeeds with three operators of equal stake and an active epoch
/// @dev Slots are two seconds each; slot 0 is at START.
abstract contract PriceSetup is AvsSetup {
    using PriceTree for PriceTree.Tree;

    uint32 internal constant INTERVAL = 2;

    PriceFeeds internal prices;

    function setUp() public virtual override {
        super.setUp();
        prices = PriceFeeds(
            vm.deployCode(
                "PriceFeeds.sol:PriceFeeds",
                abi.encode(_parameters(), allocations, address(this), START, INTERVAL)
            )
        );
        _initialize(prices);
        for (uint256 i; i < 3; ++i) {
            _join(prices, i, 1 ether);
        }
        _buildAndActivate(prices);
    }

    function _config() internal pure returns (FeedConfig memory) {
        return FeedConfig({
            description: "BTC/USD",
            decimals: 8,
            deviationBps: 50,
            heartbeat: 3600,
            minAnswer: 1,
            maxAnswer: 1e16
        });
    }

    function _addFeeds(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            prices.addFeed(_config());
        }
    }

    function _feed(uint256 index) internal view returns (PriceFeed) {
        return PriceFeed(prices.feedAddress(index));
    }

    /// @dev The newest slot that has begun.
    function _slot() internal view returns (uint64) {
        return uint64((vm.getBlockTimestamp() - START) / INTERVAL);
    }

    function _certifyRoot(uint64 slot, uint16 attempt, bytes32 root)
        internal
        view
        returns (Certificate memory)
    {
        Statement memory s = Statement(prices.SERVICE(), 1, prices.latestEpoch(), slot, attempt, root);
        return _certify(prices, s, 3, 7);
    }

    /// @dev Brings the chosen ones of the answers, which are those of feeds 0, 1, 2 and so on.
    function _update(uint64 slot, int192[] memory answers, uint256 chosen) internal {
        PriceTree.Tree memory tree = PriceTree.build(answers);
        PriceTree.Proof memory p = tree.prove(answers, chosen);
        _send(slot, 0, _certifyRoot(slot, 0, tree.root()), p);
    }

    function _send(uint64 slot, uint16 attempt, Certificate memory certificate, PriceTree.Proof memory p)
        internal
    {
        prices.update(
            prices.latestEpoch(), slot, attempt, certificate, p.feedIndices, p.answers, p.proof, p.flags
        );
    }

    function _one(int192 answer) internal pure returns (int192[] memory answers) {
        answers = new int192[](1);
        answers[0] = answer;
    }
}
