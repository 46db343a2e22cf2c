// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMailboxErrors} from "../interfaces/IMailboxErrors.sol";

/// @title MerkleTree: the append-only tree of Hyperlane, depth 32, empty leaves zero, nodes hashed as left and right
/// @dev After the deposit contract of Ethereum's beacon chain: only one branch is kept.
library MerkleTree {
    uint256 internal constant DEPTH = 32;
    uint256 internal constant MAX_LEAVES = 2 ** DEPTH - 1;

    /// @param branch At each level the left sibling of the way to the next leaf, where it has one.
    struct Tree {
        bytes32[DEPTH] branch;
        uint256 count;
    }

    /// @return index Of the new leaf.
    function insert(Tree storage tree, bytes32 leaf) internal returns (uint32 index) {
        uint256 count = tree.count;
        require(count < MAX_LEAVES, IMailboxErrors.TreeFull());
        tree.count = count + 1;
        bytes32 node = leaf;
        uint256 level;
        for (uint256 size = count + 1; size & 1 == 0; size >>= 1) {
            node = join(tree.branch[level], node);
            ++level;
        }
        tree.branch[level] = node;
        // At most MAX_LEAVES - 1.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(count);
    }

    function root(Tree storage tree) internal view returns (bytes32 node) {
        uint256 count = tree.count;
        bytes32 empty;
        for (uint256 level; level < DEPTH; ++level) {
            node = (count >> level) & 1 == 1 ? join(tree.branch[level], node) : join(node, empty);
            empty = join(empty, empty);
        }
    }

    /// @notice The root that a leaf and its siblings, from below, lead to.
    /// @param proof 32 words.
    function branchRoot(bytes32 leaf, uint256 index, bytes calldata proof)
        internal
        pure
        returns (bytes32 node)
    {
        assert(proof.length == DEPTH * 32);
        node = leaf;
        // In assembly, because it is a large part of what a message costs under a root that is known.
        assembly ("memory-safe") {
            let end := add(proof.offset, 1024)
            for { let at_ := proof.offset } lt(at_, end) { at_ := add(at_, 32) } {
                // The node belongs at 32 if it is a right child, and its sibling at 0.
                let side := shl(5, and(index, 1))
                mstore(side, node)
                mstore(xor(side, 32), calldataload(at_))
                node := keccak256(0, 64)
                index := shr(1, index)
            }
        }
    }

    /// @notice The root of the tree when `leaf` was its newest, from the leaf's proof in that tree or a later one.
    /// @param proof 32 words.
    function newestRoot(bytes32 leaf, uint256 index, bytes calldata proof)
        internal
        pure
        returns (bytes32 node)
    {
        assert(proof.length == DEPTH * 32);
        node = leaf;
        bytes32 empty;
        for (uint256 level; level < DEPTH; ++level) {
            node = (index >> level) & 1 == 1 ? join(bytes32(proof[level * 32:]), node) : join(node, empty);
            empty = join(empty, empty);
        }
    }

    /// @dev keccak256(left, right), in scratch space.
    function join(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            node := keccak256(0, 64)
        }
    }
}
