// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allocation} from "../../randomness/lib/Allocation.sol";
import {Members} from "../../randomness/lib/Members.sol";
import {Msm} from "../../randomness/lib/Msm.sol";
import {Points} from "../../randomness/lib/Points.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";
import {Scalars} from "../../randomness/lib/Scalars.sol";
import {Test} from "../Vm.sol";
import {DealingMaker} from "./DealingMaker.sol";

/// @notice The libraries of key generation by themselves.
contract KeyMathTest is Test {
    uint256 private constant ORDER = DealingMaker.ORDER;

    // sums of points

    /// For each number of terms the price suffices, and a unit less does not.
    function testPricesAreExact() public view {
        uint256 measured = 128;
        bytes memory input = new bytes(measured * 288);
        for (uint256 i; i < measured; ++i) {
            bytes memory term = bytes.concat(_pad(DealingMaker.G2), bytes32(i + 1));
            assembly ("memory-safe") {
                mcopy(add(add(input, 32), mul(i, 288)), add(term, 32), 288)
            }
        }
        for (uint256 terms = 1; terms <= measured; ++terms) {
            uint256 price = Msm.price(terms);
            vm.assertTrue(_succeeds(0x0e, input, terms * 288, price), "too little");
            vm.assertFalse(_succeeds(0x0e, input, terms * 288, price - 1), "too much");
        }
    }

    function testSumsAgreeWithMultiplications() public view {
        Msm.Terms memory terms = Msm.create(40);
        uint256 total;
        for (uint256 i; i < 40; ++i) {
            uint256 secret = uint256(keccak256(abi.encode("point", i))) % ORDER;
            uint256 factor = uint256(keccak256(abi.encode("factor", i)));
            total = addmod(total, mulmod(secret, factor, ORDER), ORDER);
            Msm.add(terms, bytes.concat(hex"00", DealingMaker.multiplyG2(DealingMaker.G2, secret)), 1, factor);
        }
        vm.assertEq(Msm.result(terms), DealingMaker.multiplyG2(DealingMaker.G2, total));
        vm.assertEq(
            Msm.sumOfTwo(DealingMaker.G1, 5, DealingMaker.multiplyG1(DealingMaker.G1, 3), 4),
            DealingMaker.multiplyG1(DealingMaker.G1, 17)
        );
        vm.assertTrue(Points.isInfinite(Msm.sumOfTwo(DealingMaker.G1, 5, DealingMaker.G1, ORDER - 5)));
    }

    function testASumOfNothingIsInfinite() public view {
        vm.assertTrue(Points.isInfinite(Msm.result(Msm.create(0))));
    }

    function testSumsHaveALength() public {
        vm.expectRevert(abi.encodeWithSelector(Msm.MsmTooLong.selector, 129));
        this.create(129, 0);
        this.create(128, 128);
        vm.expectRevert(abi.encodeWithSelector(Msm.MsmTooLong.selector, 2));
        this.create(2, 3);
    }

    function create(uint256 most, uint256 count) external pure {
        Msm.Terms memory terms = Msm.create(most);
        for (uint256 i; i < count; ++i) {
            Msm.add(terms, DealingMaker.G2, 0, 1);
        }
    }

    function testAdditionsInPlace() public view {
        bytes memory sums = bytes.concat(new bytes(192), DealingMaker.G2);
        bytes memory twice = DealingMaker.multiplyG2(DealingMaker.G2, 2);
        uint256 buffer = Msm.additionBuffer();
        Msm.addTo(sums, 192, bytes.concat(new bytes(192), DealingMaker.G2), 192, buffer);
        vm.assertEq(sums, bytes.concat(new bytes(192), twice));
        Msm.addTo(sums, 0, twice, 0, buffer);
        vm.assertEq(sums, bytes.concat(twice, twice));
    }

    /// With too little gas a point is never called invalid.
    function testIsInGroupNeverMisreadsGas() public view {
        uint256 read;
        for (uint256 gas = 3000; gas < 80_000; gas += 501) {
            try this.isInGroup{gas: gas}() returns (bool valid) {
                vm.assertTrue(valid);
                ++read;
            } catch (bytes memory reason) {
                vm.assertTrue(
                    reason.length == 0 || bytes4(reason) == Precompile.PrecompileOutOfGas.selector, "misread"
                );
            }
        }
        vm.assertGt(read, 20);
    }

    function isInGroup() external view returns (bool) {
        return Msm.isInGroup(DealingMaker.G2, 0);
    }

    // scalars

    function testFuzzInverse(uint256 a) public view {
        a = bound(a, 1, ORDER - 1);
        vm.assertEq(mulmod(a, Scalars.inverse(a), ORDER), 1);
    }

    /// Any enough points of a polynomial give its value at 0.
    function testFuzzLagrange(uint256 seed, uint8 size) public view {
        uint256[] memory polynomial = new uint256[](bound(size, 1, 20));
        uint256[] memory points = new uint256[](polynomial.length);
        uint256 x;
        for (uint256 i; i < polynomial.length; ++i) {
            polynomial[i] = uint256(keccak256(abi.encode(seed, i))) % ORDER;
            x += 1 + uint256(keccak256(abi.encode("step", seed, i))) % 3;
            points[i] = x;
        }
        uint256 value;
        for (uint256 i; i < points.length; ++i) {
            uint256 factor = Scalars.lagrangeAtZero(points, points[i]);
            vm.assertEq(factor, DealingMaker.lagrange(points, points[i]));
            value = addmod(value, mulmod(factor, DealingMaker.evaluate(polynomial, points[i]), ORDER), ORDER);
        }
        vm.assertEq(value, polynomial[0]);
    }

    // allocation

    /// What the dynamic programme finds is what all subsets say, and the pair that is published holds for each of them.
    function testFuzzAllocationAgainstAllSubsets(uint256 seed, uint8 size) public pure {
        uint256 count = bound(size, 1, 8);
        uint64[] memory weights = new uint64[](count);
        uint16[] memory shares = new uint16[](count);
        uint256 sum;
        for (uint256 i; i < count; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            weights[i] = uint64(1 + draw % 100);
            // As by weight, give or take one.
            shares[i] = uint16(weights[i] / 20 + (draw >> 128) % 2);
            sum += shares[i];
        }
        if (sum == 0) (shares[0], sum) = (1, 1);
        uint256 threshold = 1 + uint256(keccak256(abi.encode(seed))) % sum;
        Allocation.Bounds memory b = Allocation.bounds(weights, shares, threshold);
        bool live = true;
        bool safe = true;
        uint256 below;
        for (uint256 set; set < 1 << count; ++set) {
            (uint256 weight, uint256 held) = _measure(weights, shares, set);
            if (held < threshold && weight > below) below = weight;
            if (held < threshold && 3 * weight > 2 * b.total) live = false;
            if (held >= threshold && 3 * weight <= b.total) safe = false;
            // L = below + 1 and S = total − without − 1.
            if (weight >= b.below + 1) vm.assertGe(held, threshold, "L");
            if (weight + b.without + 1 <= b.total) vm.assertLt(held, threshold, "S");
        }
        vm.assertEq(b.below, below);
        vm.assertEq(Allocation.isLive(b), live);
        vm.assertEq(Allocation.isSafe(b), safe);
    }

    function _measure(uint64[] memory weights, uint16[] memory shares, uint256 set)
        private
        pure
        returns (uint256 weight, uint256 held)
    {
        for (uint256 i; i < weights.length; ++i) {
            if (set >> i & 1 == 0) continue;
            weight += weights[i];
            held += shares[i];
        }
    }

    function testHeaviestAtTheEdges() public pure {
        uint64[] memory weights = new uint64[](3);
        uint16[] memory shares = new uint16[](3);
        (weights[0], weights[1], weights[2]) = (7, 5, 100);
        // One of no shares, one of all, one of more than there is room for.
        (shares[0], shares[1], shares[2]) = (0, 2, 3);
        uint256[] memory best = Allocation.heaviest(weights, shares, 2);
        vm.assertEq(best.length, 3);
        vm.assertEq(best[0], 7);
        vm.assertEq(best[1], 7);
        vm.assertEq(best[2], 12);
    }

    // member tables

    function testMemberTable() public pure {
        bytes memory table;
        for (uint160 i; i < 5; ++i) {
            table = bytes.concat(
                table,
                Members.row(
                    address(0xa000 + i),
                    bytes.concat(DealingMaker.G1),
                    type(uint64).max - uint64(i),
                    uint16(i)
                )
            );
        }
        vm.assertEq(Members.count(table), 5);
        for (uint160 i; i < 5; ++i) {
            vm.assertEq(Members.operatorAt(table, i), address(0xa000 + i));
            vm.assertEq(Members.keyAt(table, i), DealingMaker.G1);
            vm.assertEq(Members.weightAt(table, i), type(uint64).max - uint64(i));
            vm.assertEq(Members.sharesAt(table, i), uint16(i));
            vm.assertEq(Members.firstShare(table, i), i * (i == 0 ? 0 : i - 1) / 2);
            (bool found, uint256 index) = Members.find(table, address(0xa000 + i));
            vm.assertTrue(found && index == i);
        }
        (bool any,) = Members.find(table, address(0xb000));
        vm.assertFalse(any);
        // 1 of the second, 2 of the third, 3 of the fourth, 4 of the fifth.
        uint8[10] memory owners = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4];
        for (uint256 j; j < 10; ++j) {
            vm.assertEq(Members.ownerOf(table, j), owners[j]);
        }
    }

    function _pad(bytes memory point) private pure returns (bytes memory padded) {
        padded = new bytes(256);
        for (uint256 i; i < 4; ++i) {
            assembly ("memory-safe") {
                mcopy(add(add(padded, 48), mul(i, 64)), add(add(point, 32), mul(i, 48)), 48)
            }
        }
    }

    function _succeeds(uint256 precompile, bytes memory input, uint256 size, uint256 limit)
        private
        view
        returns (bool done)
    {
        assembly ("memory-safe") {
            done := staticcall(limit, precompile, add(input, 32), size, 0, 0)
        }
    }
}
