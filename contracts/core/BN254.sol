// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title BN254: points, and BLS signatures over them, by the precompiles of EIP-196, EIP-197 and EIP-198
/// @dev Curve y² = x³ + 3 over F_p, order r. Signatures and messages are in G1; a key is in G1 and, proven to be the
/// same, in G2. A coordinate of G2 is c1·i + c0 and is written c1 first, as the pairing precompile takes it.
library BN254 {
    struct G1Point {
        uint256 X;
        uint256 Y;
    }

    struct G2Point {
        uint256[2] X;
        uint256[2] Y;
    }

    /// @notice A coordinate is p or more, or the point is not on the curve.
    error ECAddFailed();
    error ECMulFailed();

    /// @notice A point of G2 is not on the curve, or not in the group of order r.
    error ECPairingFailed();

    uint256 internal constant P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    uint256 internal constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @dev Prices of EIP-1108. A precompile that refuses its input takes all the gas it was given, so it gets no more.
    uint256 private constant ADD_GAS = 150;
    uint256 private constant MUL_GAS = 6000;
    uint256 private constant PAIRING_GAS = 45_000 + 2 * 34_000;

    /// @dev p ≡ 3 (mod 4), so a square's root is its power (p + 1) / 4.
    uint256 private constant ROOT_EXPONENT = (P + 1) / 4;

    /// @dev The negated generator of G2 (EIP-197's P2, its y taken from p).
    uint256 private constant G2_X1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 private constant G2_X0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 private constant G2_Y1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 private constant G2_Y0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

    /// @notice Whether `signature` is `message`'s hash to G1 by the secret key of both `g1` and `g2`.
    /// @dev Two equations in one pairing check: e(σ, G2) = e(H, g2) and e(g1, G2) = e(G1, g2), the second times γ, a
    /// hash of all that goes in. Points that are not on their curve, or not in the group, revert.
    function verify(bytes32 message, G1Point memory signature, G1Point memory g1, G2Point memory g2)
        internal
        view
        returns (bool)
    {
        uint256 gamma = uint256(
            keccak256(
                abi.encodePacked(
                    message, g1.X, g1.Y, g2.X[0], g2.X[1], g2.Y[0], g2.Y[1], signature.X, signature.Y
                )
            )
        ) % R;
        G1Point memory left = add(signature, mul(g1, gamma));
        G1Point memory right = add(hashToG1(message), mul(G1Point(1, 2), gamma));
        uint256[12] memory input = [
            left.X,
            left.Y,
            G2_X1,
            G2_X0,
            P - G2_Y1,
            P - G2_Y0,
            right.X,
            right.Y,
            g2.X[0],
            g2.X[1],
            g2.Y[0],
            g2.Y[1]
        ];
        (bool success, bytes memory result) = address(8).staticcall{gas: PAIRING_GAS}(abi.encodePacked(input));
        require(success, ECPairingFailed());
        return abi.decode(result, (bool));
    }

    /// @notice Hash to G1 by try and increment: the first x from `message` mod p on that has a point, with the root
    /// that `beta ^ ((p + 1) / 4)` gives. Half of all x have one. Not constant in time: for public messages only.
    function hashToG1(bytes32 message) internal view returns (G1Point memory) {
        uint256 x = uint256(message) % P;
        while (true) {
            uint256 beta = addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
            uint256 y = _power(beta, ROOT_EXPONENT);
            if (mulmod(y, y, P) == beta) return G1Point(x, y);
            x = addmod(x, 1, P);
        }
        return G1Point(0, 0);
    }

    function add(G1Point memory a, G1Point memory b) internal view returns (G1Point memory) {
        (bool success, bytes memory result) = address(6).staticcall{gas: ADD_GAS}(abi.encode(a, b));
        require(success, ECAddFailed());
        return abi.decode(result, (G1Point));
    }

    function mul(G1Point memory point, uint256 scalar) internal view returns (G1Point memory) {
        (bool success, bytes memory result) = address(7).staticcall{gas: MUL_GAS}(abi.encode(point, scalar));
        require(success, ECMulFailed());
        return abi.decode(result, (G1Point));
    }

    /// @dev base ^ exponent mod P. The precompile cannot fail on these lengths.
    function _power(uint256 base, uint256 exponent) private view returns (uint256) {
        (bool success, bytes memory result) =
            address(5).staticcall(abi.encode(uint256(32), uint256(32), uint256(32), base, exponent, P));
        assert(success);
        return abi.decode(result, (uint256));
    }
}
