// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Blob} from "./Blob.sol";
import {Bls12381} from "./Bls12381.sol";
import {Precompile} from "./Precompile.sol";

/// @title EpochTable: the blobs of one epoch, and the sums over them that verification needs
/// @dev An epoch has one head and up to MAX_PAGES pages. A page is two blobs: rows of 104 bytes (key 96: x and y
/// without padding; weight 8) and, apart because verification never reads them, addresses of 20 bytes.
///
///     head:  negated aggregate key 96 | total weight 8 | weight limit 8 | rows 4 | pages
///     page:  rows blob 20 | addresses blob 20 | number of rows up to and with this page 4
///
/// The rows hold uncapped weights; a row counts min(weight, weight limit).
library EpochTable {
    struct Head {
        Bls12381.G1 negatedKey;
        uint64 totalWeight;
        uint64 weightLimit;
        uint32 rows;
    }

    /// @param end Number of rows in this page and all before it.
    struct Page {
        address rows;
        uint32 end;
        address operators;
    }

    /// @notice A page being put together.
    struct Draft {
        bytes rows;
        bytes operators;
        uint256 length;
    }

    error CertificateBitsBeyondTable();

    uint256 internal constant KEY_SIZE = 96;
    uint256 internal constant ROW_SIZE = 104;
    // As in `Bls12381`, which assembly here cannot refer to.
    uint256 private constant G1_ADD = 0x0b;
    uint256 private constant G1_ADD_PRICE = 375;
    uint256 private constant ADDRESS_SIZE = 20;
    uint256 private constant HEAD_SIZE = 116;
    uint256 private constant PAGE_SIZE = 44;

    /// @notice Rows of a full page: 200 * 104 bytes lie below the limit of a blob, and cost 4.2M gas to write.
    uint256 internal constant MAX_ROWS = 200;
    /// @notice Pages that one head can name.
    uint256 internal constant MAX_PAGES = (Blob.MAX_SIZE - HEAD_SIZE) / PAGE_SIZE;

    /// @notice A key without its padding: 96 bytes.
    function packKey(Bls12381.G1 memory key) internal pure returns (bytes memory) {
        // High words of field elements have 16 significant bytes: the precompiles accepted no others.
        // forge-lint: disable-next-item(unsafe-typecast)
        return abi.encodePacked(uint128(key.xHigh), key.xLow, uint128(key.yHigh), key.yLow);
    }

    /// @notice A key from its 96 bytes.
    function unpackKey(bytes memory key) internal pure returns (Bls12381.G1 memory point) {
        assembly ("memory-safe") {
            // Fields end 16, 48, 64 and 96 bytes after the start of the data, which lies 32 bytes in.
            mstore(point, and(mload(add(key, 16)), 0xffffffffffffffffffffffffffffffff))
            mstore(add(point, 32), mload(add(key, 48)))
            mstore(add(point, 64), and(mload(add(key, 64)), 0xffffffffffffffffffffffffffffffff))
            mstore(add(point, 96), mload(add(key, 96)))
        }
    }

    /// @notice An empty page with room for `most` rows.
    function newDraft(uint256 most) internal pure returns (Draft memory draft) {
        // A word more than they need: rows are written in whole words, the last of which reaches beyond.
        draft.rows = new bytes(most * ROW_SIZE + 32);
        draft.operators = new bytes(most * ADDRESS_SIZE + 32);
    }

    /// @notice Adds a row to a page that has room for it.
    function append(Draft memory draft, address operator, Bls12381.G1 memory key, uint64 weight)
        internal
        pure
    {
        bytes memory rows = draft.rows;
        bytes memory operators = draft.operators;
        uint256 index = draft.length++;
        assembly ("memory-safe") {
            let row := add(add(rows, 32), mul(index, ROW_SIZE))
            mcopy(row, add(key, 16), 48)
            mcopy(add(row, 48), add(key, 80), 48)
            mstore(add(row, 96), shl(192, weight))
            mstore(add(add(operators, 32), mul(index, ADDRESS_SIZE)), shl(96, operator))
        }
    }

    /// @notice Writes a page's blobs. The draft is of no use afterwards.
    /// @param before Number of rows in the pages before.
    function seal(Draft memory draft, uint32 before) internal returns (Page memory page) {
        bytes memory rows = draft.rows;
        bytes memory operators = draft.operators;
        uint256 length = draft.length;
        assembly ("memory-safe") {
            mstore(rows, mul(length, ROW_SIZE))
            mstore(operators, mul(length, ADDRESS_SIZE))
        }
        // At most MAX_ROWS more.
        // forge-lint: disable-next-line(unsafe-typecast)
        return Page({rows: Blob.write(rows), end: before + uint32(length), operators: Blob.write(operators)});
    }

    function encodeHead(Head memory head, Page[] memory pages) internal pure returns (bytes memory data) {
        data = abi.encodePacked(packKey(head.negatedKey), head.totalWeight, head.weightLimit, head.rows);
        for (uint256 i; i < pages.length; ++i) {
            data = abi.encodePacked(data, pages[i].rows, pages[i].operators, pages[i].end);
        }
    }

    function readHead(address blob) internal view returns (Head memory head) {
        bytes memory data = Blob.read(blob, 0, HEAD_SIZE);
        Bls12381.G1 memory key = head.negatedKey;
        assembly ("memory-safe") {
            // Fields lie at odd offsets: a word is read from where it ends.
            mstore(key, and(mload(add(data, 16)), 0xffffffffffffffffffffffffffffffff))
            mstore(add(key, 32), mload(add(data, 48)))
            mstore(add(key, 64), and(mload(add(data, 64)), 0xffffffffffffffffffffffffffffffff))
            mstore(add(key, 96), mload(add(data, 96)))
            mstore(add(head, 32), and(mload(add(data, 104)), 0xffffffffffffffff))
            mstore(add(head, 64), and(mload(add(data, 112)), 0xffffffffffffffff))
            mstore(add(head, 96), and(mload(add(data, 116)), 0xffffffff))
        }
    }

    function readPages(address blob) internal view returns (Page[] memory pages) {
        bytes memory data = Blob.readAll(blob);
        pages = new Page[]((data.length - HEAD_SIZE) / PAGE_SIZE);
        for (uint256 i; i < pages.length; ++i) {
            Page memory page = pages[i];
            assembly ("memory-safe") {
                // The page's fields end 20, 40 and 44 bytes after its start.
                let start := add(data, add(HEAD_SIZE, mul(i, PAGE_SIZE)))
                mstore(page, shr(96, mload(add(start, 32))))
                mstore(add(page, 32), and(mload(add(start, 44)), 0xffffffff))
                mstore(add(page, 64), shr(96, mload(add(start, 52))))
            }
        }
    }

    /// @notice Row `row` of a table.
    function readRow(Page[] memory pages, Head memory head, uint256 row)
        internal
        view
        returns (address operator, bytes memory key, uint64 weight)
    {
        uint256 page;
        uint256 start;
        while (row >= pages[page].end) {
            start = pages[page].end;
            ++page;
        }
        operator =
            address(bytes20(Blob.read(pages[page].operators, (row - start) * ADDRESS_SIZE, ADDRESS_SIZE)));
        key = Blob.read(pages[page].rows, (row - start) * ROW_SIZE, KEY_SIZE);
        weight = uint64(bytes8(Blob.read(pages[page].rows, (row - start) * ROW_SIZE + KEY_SIZE, 8)));
        if (weight > head.weightLimit) weight = head.weightLimit;
    }

    /// @notice The weights of all rows, before the limit.
    function readWeights(Page[] memory pages) internal view returns (uint64[] memory weights) {
        weights = new uint64[](pages.length == 0 ? 0 : pages[pages.length - 1].end);
        uint256 row;
        for (uint256 i; i < pages.length; ++i) {
            bytes memory rows = Blob.readAll(pages[i].rows);
            for (uint256 end = ROW_SIZE; end <= rows.length; end += ROW_SIZE) {
                uint64 weight;
                assembly ("memory-safe") {
                    // The word that ends where the row ends; its upper part is cut off.
                    weight := and(mload(add(rows, end)), 0xffffffffffffffff)
                }
                weights[row++] = weight;
            }
        }
    }

    /// @notice The row of an operator.
    function findOperator(Page[] memory pages, address operator)
        internal
        view
        returns (bool found, uint256 row)
    {
        for (uint256 i; i < pages.length; ++i) {
            bytes memory operators = Blob.readAll(pages[i].operators);
            for (uint256 end = ADDRESS_SIZE; end <= operators.length; end += ADDRESS_SIZE) {
                address candidate;
                assembly ("memory-safe") {
                    // The word that ends where the address ends; its upper part is cut off.
                    candidate := and(mload(add(operators, end)), 0xffffffffffffffffffffffffffffffffffffffff)
                }
                if (candidate == operator) return (true, row);
                ++row;
            }
        }
    }

    /// @notice What the rows of the bitmap `absent` add up to.
    /// @param revoked Bitmap of rows that count for nothing, of the same form; may be shorter than the table.
    /// @return negatedKey The head's negated aggregate key plus the keys of the absent: the negated sum of the keys
    /// of those present.
    /// @return weight Weight of the absent rows that are not revoked.
    function addAbsent(address blob, Head memory head, bytes calldata absent, bytes memory revoked)
        internal
        view
        returns (Bls12381.G1 memory negatedKey, uint256 weight)
    {
        require(absent.length <= (uint256(head.rows) + 7) / 8, CertificateBitsBeyondTable());
        Walk memory walk = _newWalk(head, readPages(blob));
        // Rows are below 2^32: nothing overflows.
        unchecked {
            for (uint256 i; i < absent.length; ++i) {
                uint256 bits = uint8(absent[i]);
                if (bits == 0) continue;
                uint256 counted = i < revoked.length ? bits & ~uint256(uint8(revoked[i])) : bits;
                _addRows(walk, 8 * i, bits, counted);
            }
        }
        return (_sum(walk), walk.weight);
    }

    /// @dev A walk through the rows in ascending order.
    /// @param buffer Memory pointer: the input of G1ADD, first the sum so far, then a row's key (256 bytes), then
    /// a row as it is in its blob.
    /// @param weight Sum of the weights so far.
    /// @param rows Of the table.
    /// @param blob Of the page that the walk is in, which holds the rows from `start` up to `end`.
    /// @param nextPage Memory pointer into the array of pages, at the one after that.
    struct Walk {
        uint256 buffer;
        uint256 weight;
        uint256 weightLimit;
        uint256 rows;
        address blob;
        uint256 start;
        uint256 end;
        uint256 nextPage;
    }

    function _newWalk(Head memory head, Page[] memory pages) private pure returns (Walk memory walk) {
        bytes memory buffer = new bytes(256 + ROW_SIZE);
        Bls12381.G1 memory sum = head.negatedKey;
        assembly ("memory-safe") {
            mcopy(add(buffer, 32), sum, 128)
            mstore(walk, add(buffer, 32))
            mstore(add(walk, 224), add(pages, 32))
        }
        walk.weightLimit = head.weightLimit;
        walk.rows = head.rows;
    }

    /// @dev Adds those eight rows from row `first` on whose bits are set in `bits`; those set in `counted` too add
    /// their weight. In assembly, because it is most of what an absentee costs.
    function _addRows(Walk memory walk, uint256 first, uint256 bits, uint256 counted) private view {
        uint256 failure;
        assembly ("memory-safe") {
            let buffer := mload(walk)
            let raw := add(buffer, 256)
            for {} bits {} {
                let bit := and(bits, sub(0, bits))
                bits := xor(bits, bit)
                // The number of the bit: powers of two below 256 differ modulo 11.
                let row :=
                    byte(mod(bit, 11), 0x0000010002040007030605000000000000000000000000000000000000000000)
                row := add(first, row)
                if iszero(lt(row, mload(add(walk, 96)))) {
                    failure := 1
                    break
                }
                for {} iszero(lt(row, mload(add(walk, 192)))) {} {
                    let next := mload(add(walk, 224))
                    let page := mload(next)
                    mstore(add(walk, 224), add(next, 32))
                    mstore(add(walk, 128), mload(page))
                    mstore(add(walk, 160), mload(add(walk, 192)))
                    mstore(add(walk, 192), mload(add(page, 32)))
                }
                let offset := add(mul(sub(row, mload(add(walk, 160))), ROW_SIZE), 1)
                extcodecopy(mload(add(walk, 128)), raw, offset, ROW_SIZE)
                if and(counted, bit) {
                    let weight := shr(192, mload(add(raw, 96)))
                    let limit := mload(add(walk, 64))
                    if gt(weight, limit) { weight := limit }
                    mstore(add(walk, 32), add(mload(add(walk, 32)), weight))
                }
                // The padding before the coordinates was cleared once and is never written.
                mcopy(add(buffer, 144), raw, 48)
                mcopy(add(buffer, 208), add(raw, 48), 48)
                // As in `Precompile.run`.
                if lt(gas(), 1000) {
                    failure := 2
                    break
                }
                if iszero(staticcall(G1_ADD_PRICE, G1_ADD, buffer, 256, buffer, 128)) {
                    failure := 3
                    break
                }
            }
        }
        if (failure == 0) return;
        if (failure == 1) revert CertificateBitsBeyondTable();
        if (failure == 2) revert Precompile.PrecompileOutOfGas(G1_ADD, G1_ADD_PRICE);
        revert Precompile.PrecompileFailed(G1_ADD);
    }

    function _sum(Walk memory walk) private pure returns (Bls12381.G1 memory sum) {
        assembly ("memory-safe") {
            mcopy(sum, mload(walk), 128)
        }
    }
}
