// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Multiproof} from "../../avs/lib/Multiproof.sol";
import {Test} from "../Vm.sol";
import {PriceTree} from "./PriceTree.sol";

contract MultiproofCaller {
    function ours(
        uint16[] calldata feedIndices,
        int192[] calldata answers,
        bytes32[] calldata proof,
        bool[] calldata flags
    ) external pure returns (bytes32) {
        return Multiproof.root(feedIndices, answers, proof, flags);
    }

    function openZeppelins(
        uint16[] calldata feedIndices,
        int192[] calldata answers,
        bytes32[] calldata proof,
        bool[] calldata flags
    ) external pure returns (bytes32) {
        bytes32[] memory leaves = new bytes32[](feedIndices.length);
        for (uint256 i; i < leaves.length; ++i) {
            leaves[i] = PriceTree.leaf(feedIndices[i], answers[i]);
        }
        return MerkleProof.processMultiProofCalldata(proof, flags, leaves);
    }
}

contract MultiproofTest is Test {
    using PriceTree for PriceTree.Tree;

    MultiproofCaller private caller;

    function setUp() public {
        caller = new MultiproofCaller();
    }

    function testFuzzGoodProofs(int192[] memory answers, uint256 chosen) public view {
        uint256 count = bound(answers.length, 1, 40);
        int192[] memory some = new int192[](count);
        for (uint256 i; i < count && i < answers.length; ++i) {
            some[i] = answers[i];
        }
        chosen = bound(chosen, 1, (1 << count) - 1);
        PriceTree.Tree memory tree = PriceTree.build(some);
        PriceTree.Proof memory p = tree.prove(some, chosen);
        vm.assertEq(caller.ours(p.feedIndices, p.answers, p.proof, p.flags), tree.root());
        vm.assertEq(caller.openZeppelins(p.feedIndices, p.answers, p.proof, p.flags), tree.root());
    }

    /// Whatever comes in: where ours finds a root, OpenZeppelin's finds the same.
    function testFuzzAnything(
        uint16[8] memory indices,
        int192[8] memory values,
        bytes32[8] memory proofs,
        uint256 flagBits,
        uint256 sizes
    ) public view {
        PriceTree.Proof memory p;
        uint256 count = bound(sizes & 0xff, 1, 8);
        p.feedIndices = new uint16[](count);
        p.answers = new int192[](count);
        for (uint256 i; i < count; ++i) {
            (p.feedIndices[i], p.answers[i]) = (indices[i], values[i]);
        }
        p.proof = new bytes32[](bound(sizes >> 8 & 0xff, 0, 8));
        for (uint256 i; i < p.proof.length; ++i) {
            p.proof[i] = proofs[i];
        }
        // Mostly of the length that fits.
        p.flags = new bool[](count + p.proof.length - (sizes >> 16 & 7 == 0 ? 0 : 1));
        for (uint256 i; i < p.flags.length; ++i) {
            p.flags[i] = flagBits >> i & 1 == 1;
        }
        try caller.ours(p.feedIndices, p.answers, p.proof, p.flags) returns (bytes32 root) {
            vm.assertEq(caller.openZeppelins(p.feedIndices, p.answers, p.proof, p.flags), root);
        } catch (bytes memory reason) {
            vm.assertEq(reason, abi.encodeWithSelector(Multiproof.MultiproofInvalid.selector));
        }
    }

    /// Nodes that are not there yet cannot be taken, and no node of the proof be left.
    function testQueueAndProofAreUsedUp() public {
        PriceTree.Proof memory p;
        (p.feedIndices, p.answers) = (new uint16[](1), new int192[](1));
        (p.proof, p.flags) = (new bytes32[](1), new bool[](1));
        p.flags[0] = true;
        vm.expectRevert(Multiproof.MultiproofInvalid.selector);
        caller.ours(p.feedIndices, p.answers, p.proof, p.flags);
        (p.proof, p.flags) = (new bytes32[](2), new bool[](2));
        p.flags[1] = true;
        vm.expectRevert(Multiproof.MultiproofInvalid.selector);
        caller.ours(p.feedIndices, p.answers, p.proof, p.flags);
    }
}
