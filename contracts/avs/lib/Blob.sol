// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Blob: data kept as the code of a contract (SSTORE2)
/// @dev Costs 200 gas a byte to write where storage costs 690, and 2,600 gas once plus 3 a word to read. The code
/// begins with STOP, so that nobody can run it.
library Blob {
    error BlobTooLarge(uint256 size);
    error BlobNotWritten();

    /// @notice The most a blob holds: the limit of a contract's code (EIP-170) less the STOP.
    uint256 internal constant MAX_SIZE = 24_575;

    /// @notice Writes `data` to a new blob.
    function write(bytes memory data) internal returns (address blob) {
        require(data.length <= MAX_SIZE, BlobTooLarge(data.length));
        // PUSH2 size+1 DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN, then the code: STOP and the data.
        // The narrowing loses nothing: the size was checked above.
        // forge-lint: disable-next-line(unsafe-typecast)
        bytes memory initCode =
            abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df300", data);
        assembly ("memory-safe") {
            blob := create(0, add(initCode, 32), mload(initCode))
        }
        require(blob != address(0), BlobNotWritten());
    }

    /// @notice Reads `size` bytes from `offset`. What lies beyond the blob's end reads as zero.
    function read(address blob, uint256 offset, uint256 size) internal view returns (bytes memory data) {
        data = new bytes(size);
        assembly ("memory-safe") {
            extcodecopy(blob, add(data, 32), add(offset, 1), size)
        }
    }

    /// @notice Reads all of a blob.
    function readAll(address blob) internal view returns (bytes memory) {
        return read(blob, 0, blob.code.length - 1);
    }
}
