// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P384Field as Field } from "./P384Field.sol";

/// @title  P384Point
/// @notice The group of secp384r1: doubling, and addition of an affine point, for public inputs only.
///
/// The curve is used as w² = 4x³ - 12x + 4b with w = 2y, which spares halvings; in Jacobian coordinates x = X / Z²,
/// w = W / Z³. Z = 0 is the point at infinity, whatever X and W are. Coordinates are tight elements in Montgomery form.
/// An element in memory is its high word, then its low word.
///
///   double   D = Z², G = W², B = X·G, A = 3(X - D)(X + D)
///            X' = A² - 2B,  Z' = W·Z,  W' = A·2(B - X') - G²
///   add      U = x·Z², S = w·Z³, H = 2(U - X), R = S - W, J = H², V = X·J, K = U·J
///            X' = R² - V - K,  Z' = Z·H,  W' = R·2(V - X') - W·2(K - V)
///
/// @dev One point, the accumulator, lives in the first 0xc0 bytes of the workspace, which the caller must have taken.
library P384Point {
    /// @notice The accumulator: X, W and Z.
    uint256 internal constant X = 0x400;
    uint256 internal constant W = 0x440;
    uint256 internal constant Z = 0x480;

    /// @notice The element at an address of the workspace.
    function load(uint256 from) internal pure returns (uint256 hi, uint256 lo) {
        // Reads 64 bytes, which the caller has reserved.
        assembly ("memory-safe") {
            hi := mload(from)
            lo := mload(add(from, 0x20))
        }
    }

    /// @notice Writes an element to an address of the workspace.
    function store(uint256 to, uint256 hi, uint256 lo) internal pure {
        // Writes 64 bytes, which the caller has reserved.
        assembly ("memory-safe") {
            mstore(to, hi)
            mstore(add(to, 0x20), lo)
        }
    }

    /// @notice Makes the accumulator an affine point.
    function assign(uint256 xHi, uint256 xLo, uint256 wHi, uint256 wLo) internal pure {
        store(X, xHi, xLo);
        store(W, wHi, wLo);
        store(Z, 1, 0); // 2^256, the Montgomery form of 1
    }

    /// @notice Makes the accumulator the point at infinity.
    function setInfinity() internal pure {
        assign(0, 0, 0, 0);
        store(Z, 0, 0);
    }

    /// @notice Whether the accumulator is the point at infinity.
    function isInfinity() internal pure returns (bool) {
        (uint256 hi, uint256 lo) = load(Z);
        return hi | lo == 0;
    }

    /// @notice Doubles the accumulator. Infinity stays, for Z' = W·0 is 0; no other point has W = 0, the order is odd.
    function double() internal pure {
        (uint256 aHi, uint256 aLo) = load(Z);
        (uint256 bHi, uint256 bLo) = Field.square(aHi, aLo); // D
        (aHi, aLo) = load(X);
        (uint256 cHi, uint256 cLo) = Field.plus(aHi, aLo, bHi, bLo);
        (aHi, aLo) = Field.minus(aHi, aLo, bHi, bLo);
        (aHi, aLo) = Field.mul(aHi, aLo, cHi, cLo); // |X² - D²| is at most the larger of two squares
        (bHi, bLo) = Field.twice(aHi, aLo);
        (aHi, aLo) = Field.plus(aHi, aLo, bHi, bLo);
        (aHi, aLo) = Field.tighten(aHi, aLo); // A

        (bHi, bLo) = load(W);
        (uint256 gHi, uint256 gLo) = Field.square(bHi, bLo); // G
        (cHi, cLo) = load(Z);
        (bHi, bLo) = Field.mul(bHi, bLo, cHi, cLo);
        store(Z, bHi, bLo);
        (bHi, bLo) = load(X);
        (bHi, bLo) = Field.mul(bHi, bLo, gHi, gLo); // B

        (cHi, cLo) = Field.twice(bHi, bLo);
        (uint256 xHi, uint256 xLo) = Field.square(aHi, aLo);
        (xHi, xLo) = Field.sub(xHi, xLo, cHi, cLo);
        store(X, xHi, xLo);
        (bHi, bLo) = Field.subTwice(bHi, bLo, xHi, xLo);
        (aHi, aLo) = Field.mulSubSquare(aHi, aLo, bHi, bLo, gHi, gLo);
        store(W, aHi, aLo);
    }

    /// @notice Adds an affine point (tight x and w in Montgomery form, never infinity) to the accumulator; every case.
    /// @return hHi H of the formulas, with hLo: the new Z is the old one times it. Not given when one of the two points
    /// or the sum is infinity, or both are equal.
    function add(uint256 xHi, uint256 xLo, uint256 wHi, uint256 wLo) internal pure returns (uint256 hHi, uint256 hLo) {
        (uint256 zHi, uint256 zLo) = load(Z);
        if (zHi | zLo == 0) {
            assign(xHi, xLo, wHi, wLo);
            return (0, 0);
        }

        (hHi, hLo) = Field.square(zHi, zLo);
        (xHi, xLo) = Field.mul(xHi, xLo, hHi, hLo); // U
        (hHi, hLo) = Field.mul(zHi, zLo, hHi, hLo);
        (wHi, wLo) = Field.mul(wHi, wLo, hHi, hLo); // S
        (uint256 aHi, uint256 aLo) = load(W);
        (wHi, wLo) = Field.sub(wHi, wLo, aHi, aLo); // R
        (aHi, aLo) = load(X);
        (hHi, hLo) = Field.subTwice(xHi, xLo, aHi, aLo); // H
        if (hHi | hLo == 0) {
            if (wHi | wLo == 0) double();
            else setInfinity();
            return (0, 0);
        }

        (zHi, zLo) = Field.mul(zHi, zLo, hHi, hLo);
        store(Z, zHi, zLo);
        _finishAdd(xHi, xLo, wHi, wLo, hHi, hLo);
    }

    /// @dev Writes X' and W' from U, R and H.
    function _finishAdd(uint256 uHi, uint256 uLo, uint256 rHi, uint256 rLo, uint256 hHi, uint256 hLo) private pure {
        (hHi, hLo) = Field.square(hHi, hLo); // J
        (uHi, uLo) = Field.mul(uHi, uLo, hHi, hLo); // K
        (uint256 vHi, uint256 vLo) = load(X);
        (vHi, vLo) = Field.mul(vHi, vLo, hHi, hLo); // V

        (hHi, hLo) = Field.plus(vHi, vLo, uHi, uLo);
        (uint256 xHi, uint256 xLo) = Field.square(rHi, rLo);
        (xHi, xLo) = Field.sub(xHi, xLo, hHi, hLo);
        store(X, xHi, xLo);

        (uHi, uLo) = Field.subTwice(uHi, uLo, vHi, vLo);
        (vHi, vLo) = Field.subTwice(vHi, vLo, xHi, xLo);
        (rHi, rLo) = Field.mul(rHi, rLo, vHi, vLo);
        (vHi, vLo) = load(W);
        (vHi, vLo) = Field.mul(vHi, vLo, uHi, uLo);
        (rHi, rLo) = Field.sub(rHi, rLo, vHi, vLo);
        store(W, rHi, rLo);
    }
}
