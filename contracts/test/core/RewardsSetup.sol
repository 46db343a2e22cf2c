// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RewardsCoordinator} from "../../core/RewardsCoordinator.sol";
import {RewardsSubmissions} from "../../core/RewardsSubmissions.sol";
import {TestToken} from "../../core/TestToken.sol";
import {IRewardsCoordinator} from "../../core/interfaces/IRewardsCoordinator.sol";
import {CoreSetup} from "./CoreSetup.sol";

/// @title RewardsSetup: a coordinator on the core, and trees of distributions built as whoever posts them does
abstract contract RewardsSetup is CoreSetup {
    uint32 internal constant DAY = 1 days;
    uint32 internal constant NOW = 20_000 * DAY + 12 hours;
    uint32 internal constant GENESIS = 19_000 * DAY;
    uint32 internal constant MAX_DURATION = 70 * DAY;
    uint32 internal constant MAX_RETROACTIVE = 84 * DAY;
    uint32 internal constant ACTIVATION_DELAY = 2 hours;
    uint16 internal constant DEFAULT_SPLIT = 1000;
    address internal constant UPDATER = address(0x0bda7e);

    RewardsCoordinator internal rewards;
    /// @dev Ascending by address.
    TestToken internal gold;
    TestToken internal silver;

    function setUp() public virtual override {
        super.setUp();
        vm.warp(NOW);
        rewards = _coordinator(_limits(), DEFAULT_SPLIT);
        (TestToken a, TestToken b) = (_newToken(), _newToken());
        (gold, silver) = address(a) < address(b) ? (a, b) : (b, a);
    }

    function _coordinator(RewardsSubmissions.Limits memory limits, uint16 split)
        internal
        returns (RewardsCoordinator)
    {
        RewardsSubmissions.Core memory core =
            RewardsSubmissions.Core(delegation, strategies, allocations, permissions);
        RewardsCoordinator.Settings memory settings =
            RewardsCoordinator.Settings(address(this), UPDATER, ACTIVATION_DELAY, split);
        return RewardsCoordinator(vm.deployCode("RewardsCoordinator.sol", abi.encode(core, limits, settings)));
    }

    function _limits() internal pure returns (RewardsSubmissions.Limits memory) {
        return RewardsSubmissions.Limits(DAY, MAX_DURATION, MAX_RETROACTIVE, 28 * DAY, GENESIS);
    }

    function _post(bytes32 root) internal returns (uint32 index) {
        index = uint32(rewards.getDistributionRootsLength());
        vm.prank(UPDATER);
        rewards.submitRoot(root, uint32(block.timestamp) - 1);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
    }

    /// @dev Node of a tree over `leaves` that are padded with zeros to a power of two: level 0 are the leaves.
    function _level(bytes32[] memory leaves) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[](leaves.length / 2);
        for (uint256 i = 0; i < parents.length; i++) {
            parents[i] = keccak256(abi.encodePacked(leaves[2 * i], leaves[2 * i + 1]));
        }
    }

    function _pad(bytes32[] memory leaves) private pure returns (bytes32[] memory padded) {
        uint256 width = 1;
        while (width < leaves.length) width *= 2;
        padded = new bytes32[](width);
        for (uint256 i = 0; i < leaves.length; i++) {
            padded[i] = leaves[i];
        }
    }

    /// @dev Root, and proof of the leaf at `index`.
    function _prove(bytes32[] memory leaves, uint256 index)
        internal
        pure
        returns (bytes32 root, bytes memory proof)
    {
        bytes32[] memory level = _pad(leaves);
        while (level.length > 1) {
            proof = abi.encodePacked(proof, level[index ^ 1]);
            level = _level(level);
            index /= 2;
        }
        return (level[0], proof);
    }

    function _tokenLeaf(TestToken token_, uint256 amount) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(1), address(token_), amount));
    }

    function _earnerLeaf(address earner, bytes32 root) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), earner, root));
    }

    /// @dev ALICE, BOB and CAROL (which ascend in that order of tests only) each have gold and silver; the claim is for
    /// both tokens of the `place`-th.
    function _claim(address[3] memory earners, uint256 place, uint256 amountGold, uint256 amountSilver)
        internal
        view
        returns (bytes32 root, IRewardsCoordinator.RewardsMerkleClaim memory claim)
    {
        bytes32[] memory tokenLeaves = new bytes32[](2);
        tokenLeaves[0] = _tokenLeaf(gold, amountGold);
        tokenLeaves[1] = _tokenLeaf(silver, amountSilver);
        bytes32[] memory leaves = new bytes32[](3);
        claim.tokenIndices = new uint32[](2);
        claim.tokenTreeProofs = new bytes[](2);
        claim.tokenLeaves = new IRewardsCoordinator.TokenTreeMerkleLeaf[](2);
        for (uint32 i = 0; i < 2; i++) {
            (claim.earnerLeaf.earnerTokenRoot, claim.tokenTreeProofs[i]) = _prove(tokenLeaves, i);
            claim.tokenIndices[i] = i;
        }
        claim.tokenLeaves[0] = IRewardsCoordinator.TokenTreeMerkleLeaf(gold, amountGold);
        claim.tokenLeaves[1] = IRewardsCoordinator.TokenTreeMerkleLeaf(silver, amountSilver);
        for (uint256 i = 0; i < 3; i++) {
            leaves[i] = _earnerLeaf(earners[i], claim.earnerLeaf.earnerTokenRoot);
        }
        claim.earnerLeaf.earner = earners[place];
        claim.earnerIndex = uint32(place);
        (root, claim.earnerTreeProof) = _prove(leaves, place);
    }

    function _earners() internal pure returns (address[3] memory) {
        return [ALICE, BOB, CAROL];
    }
}
