// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice StandardMerkleTree over (uint256 feedIndex, int256 answer) with multiproofs, as @openzeppelin/merkle-tree
/// builds them: sorted leaves at the end of an array whose node i has the children 2i + 1 and 2i + 2.
library PriceTree {
    struct Tree {
        bytes32[] nodes;
        uint256[] nodeOf;
    }

    struct Proof {
        uint16[] feedIndices;
        int192[] answers;
        bytes32[] proof;
        bool[] flags;
    }

    function leaf(uint256 feedIndex, int256 answer) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(feedIndex, answer))));
    }

    function build(int192[] memory answers) internal pure returns (Tree memory tree) {
        uint256 count = answers.length;
        tree.nodes = new bytes32[](2 * count - 1);
        tree.nodeOf = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            bytes32 own = leaf(i, answers[i]);
            uint256 rank;
            for (uint256 j; j < count; ++j) {
                if (leaf(j, answers[j]) < own) ++rank;
            }
            tree.nodeOf[i] = tree.nodes.length - 1 - rank;
            tree.nodes[tree.nodeOf[i]] = own;
        }
        for (uint256 i = count - 1; i > 0; --i) {
            (bytes32 a, bytes32 b) = (tree.nodes[2 * i - 1], tree.nodes[2 * i]);
            tree.nodes[i - 1] = a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
        }
    }

    function root(Tree memory tree) internal pure returns (bytes32) {
        return tree.nodes[0];
    }

    /// @dev A proof of those answers whose bit is in `chosen`.
    function prove(Tree memory tree, int192[] memory answers, uint256 chosen)
        internal
        pure
        returns (Proof memory p)
    {
        uint256[] memory queue = new uint256[](4 * answers.length);
        uint256 tail = _choose(tree, answers, chosen, queue, p);
        bytes32[] memory proof = new bytes32[](tree.nodes.length);
        bool[] memory flags = new bool[](tree.nodes.length);
        (uint256 proofs, uint256 steps) = (0, 0);
        for (uint256 head; queue[head] != 0; ++head) {
            uint256 sibling = queue[head] % 2 == 0 ? queue[head] - 1 : queue[head] + 1;
            flags[steps] = head + 1 < tail && queue[head + 1] == sibling;
            queue[tail++] = (queue[head] - 1) / 2;
            if (flags[steps++]) ++head;
            else proof[proofs++] = tree.nodes[sibling];
        }
        assembly {
            mstore(proof, proofs)
            mstore(flags, steps)
        }
        (p.proof, p.flags) = (proof, flags);
    }

    /// @dev Queues the chosen leaves from the last node to the first, which is how the proof wants them.
    function _choose(
        Tree memory tree,
        int192[] memory answers,
        uint256 chosen,
        uint256[] memory queue,
        Proof memory p
    ) private pure returns (uint256 tail) {
        p.feedIndices = new uint16[](answers.length);
        p.answers = new int192[](answers.length);
        for (uint256 rank; rank < answers.length; ++rank) {
            uint256 node = tree.nodes.length - 1 - rank;
            for (uint256 i; i < answers.length; ++i) {
                if (tree.nodeOf[i] != node || chosen >> i & 1 == 0) continue;
                (p.feedIndices[tail], p.answers[tail]) = (uint16(i), answers[i]);
                queue[tail++] = node;
            }
        }
        (uint16[] memory feedIndices, int192[] memory values) = (p.feedIndices, p.answers);
        assembly {
            mstore(feedIndices, tail)
            mstore(values, tail)
        }
    }
}
