// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A group of operators that secure one task of an AVS: the AVS's account and a number it chose.
struct OperatorSet {
    address avs;
    uint32 id;
}

/// @title OperatorSets: an operator set as one storage key, and back
/// @dev EigenLayer's packing: the account in the upper 160 bits, the number in the lower 96.
library OperatorSets {
    function key(OperatorSet memory self) internal pure returns (bytes32) {
        return bytes32((uint256(uint160(self.avs)) << 96) | self.id);
    }

    function fromKey(bytes32 packed) internal pure returns (OperatorSet memory) {
        // The lower 96 bits were written from a uint32, so the narrowing loses nothing.
        // forge-lint: disable-next-line(unsafe-typecast)
        return OperatorSet({avs: address(uint160(uint256(packed) >> 96)), id: uint32(uint256(packed))});
    }
}
