// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title RewardsMerkle: proofs in the trees of EigenLayer's rewards
/// @dev Nodes are keccak256(left ‖ right), in the order of their places and not sorted. Leaves are salted by their
/// makers. The caller checks that the index fits the proof's length, so that each leaf has one index only.
library RewardsMerkle {
    error InvalidProofLength();
    /// @notice An empty root proves nothing.
    error EmptyRoot();

    /// @notice Whether `leaf` is at `index` of the tree.
    /// @param proof Siblings from the leaf up, 32 bytes each; a tree of one leaf has none.
    function verify(bytes calldata proof, bytes32 root, bytes32 leaf, uint256 index)
        internal
        pure
        returns (bool)
    {
        require(root != bytes32(0), EmptyRoot());
        require(proof.length % 32 == 0, InvalidProofLength());
        bytes32 node = leaf;
        for (uint256 i = 0; i < proof.length; i += 32) {
            bytes32 sibling = bytes32(proof[i:i + 32]);
            node = index % 2 == 0
                ? keccak256(abi.encodePacked(node, sibling))
                : keccak256(abi.encodePacked(sibling, node));
            index /= 2;
        }
        return node == root;
    }
}
