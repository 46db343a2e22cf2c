// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMailboxErrors} from "../../bridge/interfaces/IMailboxErrors.sol";
import {MerkleTree} from "../../bridge/lib/MerkleTree.sol";
import {Test} from "../Vm.sol";

/// @notice The tree against what Hyperlane publishes, and against a tree that is computed as a whole.
contract MerkleTreeTest is Test {
    MerkleTree.Tree private _tree;
    string private _vectors;

    function setUp() public {
        _vectors = vm.readFile("test/vectors/hyperlane.json");
    }

    /// @dev In memory a proof is no calldata.
    function branchRoot(bytes32 leaf, uint256 index, bytes calldata proof) external pure returns (bytes32) {
        return MerkleTree.branchRoot(leaf, index, proof);
    }

    function insert(bytes32 leaf) external returns (uint32) {
        return MerkleTree.insert(_tree, leaf);
    }

    function testPublishedRoots() public {
        // An empty tree, one of a leaf, of three, and of 42.
        uint256[4] memory sizes = [uint256(0), 1, 3, 42];
        for (uint256 t; t < sizes.length; ++t) {
            delete _tree;
            string memory where = string.concat(".trees[", _text(t), "]");
            for (uint256 i; i < sizes[t]; ++i) {
                bytes memory word =
                    bytes(vm.parseJsonString(_vectors, string.concat(where, ".words[", _text(i), "]")));
                vm.assertEq(MerkleTree.insert(_tree, _leafOf(word)), i);
            }
            vm.assertEq(MerkleTree.root(_tree), vm.parseJsonBytes32(_vectors, string.concat(where, ".root")));
        }
    }

    function testPublishedProofs() public view {
        for (uint256 i; i < 3; ++i) {
            string memory where = string.concat(".trees[2].proofs[", _text(i), "]");
            bytes memory proof;
            for (uint256 level; level < MerkleTree.DEPTH; ++level) {
                string memory sibling = string.concat(where, ".path[", _text(level), "]");
                proof = bytes.concat(proof, vm.parseJsonBytes32(_vectors, sibling));
            }
            vm.assertEq(
                this.branchRoot(vm.parseJsonBytes32(_vectors, string.concat(where, ".leaf")), i, proof),
                vm.parseJsonBytes32(_vectors, ".trees[2].root")
            );
        }
    }

    function testFuzzRootIsThatOfAllLeaves(uint8 count, bytes32 seed) public {
        for (uint256 i; i < count; ++i) {
            MerkleTree.insert(_tree, keccak256(abi.encode(seed, i)));
        }
        vm.assertEq(MerkleTree.root(_tree), _rootOf(count, seed));
    }

    function testAProofHas32Words() public {
        vm.expectRevert();
        this.branchRoot(bytes32("leaf"), 0, new bytes(31 * 32));
        vm.expectRevert();
        this.branchRoot(bytes32("leaf"), 0, new bytes(33 * 32));
    }

    function testAFullTreeTakesNoMore() public {
        _tree.count = MerkleTree.MAX_LEAVES - 1;
        vm.assertEq(this.insert("last"), MerkleTree.MAX_LEAVES - 1);
        vm.expectRevert(IMailboxErrors.TreeFull.selector);
        this.insert("more");
    }

    /// @dev Level by level, with the empty leaves of the smallest whole tree that holds them, and empty ones above.
    function _rootOf(uint256 count, bytes32 seed) private pure returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](256);
        for (uint256 i; i < count; ++i) {
            nodes[i] = keccak256(abi.encode(seed, i));
        }
        bytes32 empty;
        for (uint256 size = 128; size > 0; size >>= 1) {
            for (uint256 i; i < size; ++i) {
                nodes[i] = keccak256(abi.encode(nodes[2 * i], nodes[2 * i + 1]));
            }
            empty = keccak256(abi.encode(empty, empty));
        }
        for (uint256 level = 8; level < MerkleTree.DEPTH; ++level) {
            nodes[0] = keccak256(abi.encode(nodes[0], empty));
            empty = keccak256(abi.encode(empty, empty));
        }
        return nodes[0];
    }

    /// @dev Hyperlane's vectors hash words as EIP-191 has it.
    function _leafOf(bytes memory word) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n", _text(word.length), word));
    }

    function _text(uint256 number) private pure returns (string memory) {
        if (number < 10) return string(abi.encodePacked(bytes1(uint8(48 + number))));
        return string.concat(_text(number / 10), _text(number % 10));
    }
}
