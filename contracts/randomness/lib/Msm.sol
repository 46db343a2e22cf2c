// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Points} from "./Points.sol";
import {Precompile} from "../../avs/lib/Precompile.sol";

/// @title Msm: sums of multiples of points of BLS12-381, by the precompiles of EIP-2537 at their exact price
/// @dev The multiplications check that each point is on the curve and in its subgroup, and that its coordinates are
/// below the modulus; a point that is not makes them fail. Scalars may be above the order.
library Msm {
    /// @dev A sum in G2 that is being put together.
    /// @param input Memory pointer of its terms, in the form that the precompile takes.
    /// @param most Terms that there is room for.
    struct Terms {
        uint256 input;
        uint256 length;
        uint256 most;
    }

    error MsmTooLong(uint256 terms);

    /// @notice Terms of one sum, as far as the table of discounts goes.
    uint256 internal constant MAX_TERMS = 128;

    // EIP-2537.
    uint256 private constant G1_MSM = 0x0c;
    /// @dev For two terms: 2 * 12,000 gas times the discount of 949 thousandths.
    uint256 private constant G1_PRICE_OF_TWO = 22_776;
    uint256 private constant G1_PADDED = 128;
    uint256 private constant G1_TERM = 160;
    uint256 private constant G2_ADD = 0x0d;
    uint256 private constant G2_ADD_PRICE = 600;
    uint256 private constant G2_MSM = 0x0e;
    uint256 private constant G2_PRICE = 22_500;
    uint256 private constant G2_PADDED = 256;
    uint256 private constant G2_TERM = 288;
    /// @dev Discounts in G2 for 1 to 128 terms, thousandths in two bytes each.
    bytes private constant G2_DISCOUNTS =
        hex"03e803e8039b037403570340032c031c030e030202f702ed02e402dc02d402cd02c702c002bb02b502b002ab02a702a2029e029a02970293028f028c0289028602830280027d027a0278027502730270026e026c026a0267026502630261025f025e025c025a025802560255025302510250024e024d024b024a0248024702460244024302420240023f023e023d023b023a023902380237023602350233023202310230022f022e022d022c022b022a022902280228022702260225022402230222022102210220021f021e021d021d021c021b021a021902190218021702170216021502140214021302120212021102100210020f020e020e020d020c020c";

    /// @notice a * p + b * q in G1: 96 bytes, all zero for infinity.
    /// @param p Of 96 bytes, as q.
    function sumOfTwo(bytes memory p, uint256 a, bytes memory q, uint256 b)
        internal
        view
        returns (bytes memory sum)
    {
        uint256 input = _allocate(2 * G1_TERM);
        // Memory pointers: nothing overflows.
        unchecked {
            Points.pad(input, _data(p), 2);
            Points.pad(input + G1_TERM, _data(q), 2);
            assembly ("memory-safe") {
                mstore(add(input, G1_PADDED), a)
                mstore(add(input, add(G1_TERM, G1_PADDED)), b)
            }
            Precompile.run(G1_MSM, G1_PRICE_OF_TWO, input, 2 * G1_TERM, input, G1_PADDED);
        }
        sum = new bytes(Points.G1_SIZE);
        Points.unpad(_data(sum), input, 2);
    }

    /// @notice An empty sum in G2 with room for `most` terms.
    function create(uint256 most) internal pure returns (Terms memory terms) {
        require(most <= MAX_TERMS, MsmTooLong(most));
        terms.input = _allocate((most == 0 ? 1 : most) * G2_TERM);
        terms.most = most;
    }

    /// @notice Adds `scalar` times the point of G2 at `offset` in `points`, which the caller knows to be long enough.
    function add(Terms memory terms, bytes memory points, uint256 offset, uint256 scalar) internal pure {
        uint256 length = terms.length;
        require(length < terms.most, MsmTooLong(length));
        // Memory pointers: nothing overflows.
        unchecked {
            uint256 term = terms.input + length * G2_TERM;
            Points.pad(term, _data(points) + offset, 4);
            assembly ("memory-safe") {
                mstore(add(term, G2_PADDED), scalar)
            }
            terms.length = length + 1;
        }
    }

    /// @notice The sum in G2: 192 bytes, all zero for infinity. The terms are of no use afterwards.
    /// @dev Reverts `PrecompileFailed` if a point is none of its group.
    function result(Terms memory terms) internal view returns (bytes memory sum) {
        sum = new bytes(Points.G2_SIZE);
        if (terms.length == 0) return sum;
        uint256 input = terms.input;
        Precompile.run(G2_MSM, price(terms.length), input, terms.length * G2_TERM, input, G2_PADDED);
        Points.unpad(_data(sum), input, 4);
    }

    /// @notice Whether the bytes at `offset` in `points` are a point of G2, or infinity.
    /// @dev The generator goes through the same call first: were the price another one than is believed here, nothing
    /// would be taken for invalid.
    function isInGroup(bytes memory points, uint256 offset) internal view returns (bool) {
        Terms memory terms = create(1);
        add(terms, Points.G2_GENERATOR, 0, 1);
        result(terms);
        terms.length = 0;
        add(terms, points, offset, 1);
        return Precompile.attempt(G2_MSM, price(1), terms.input, G2_TERM, terms.input, G2_PADDED);
    }

    /// @notice Adds the point of G2 at `from` in `points` to the one at `to` in `sums`. Subgroups are not checked.
    /// @param buffer Memory pointer of 512 bytes to work in, see `additionBuffer`.
    function addTo(bytes memory sums, uint256 to, bytes memory points, uint256 from, uint256 buffer)
        internal
        view
    {
        // Memory pointers: nothing overflows.
        unchecked {
            Points.pad(buffer, _data(sums) + to, 4);
            Points.pad(buffer + G2_PADDED, _data(points) + from, 4);
            Precompile.run(G2_ADD, G2_ADD_PRICE, buffer, 2 * G2_PADDED, buffer, G2_PADDED);
            Points.unpad(_data(sums) + to, buffer, 4);
        }
    }

    function additionBuffer() internal pure returns (uint256) {
        return _allocate(2 * G2_PADDED);
    }

    /// @notice Gas of a sum of 1 to 128 terms in G2.
    function price(uint256 terms) internal pure returns (uint256) {
        bytes memory discounts = G2_DISCOUNTS;
        uint256 discount;
        assembly ("memory-safe") {
            // The word that ends with the entry.
            discount := and(mload(add(discounts, shl(1, terms))), 0xffff)
        }
        return terms * G2_PRICE * discount / 1000;
    }

    function _data(bytes memory data) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := add(data, 32)
        }
    }

    /// @dev Memory of `size` bytes, not cleared.
    function _allocate(uint256 size) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(0x40, add(pointer, and(add(size, 31), not(31))))
        }
    }
}
