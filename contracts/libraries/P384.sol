// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ModExp384 } from "./ModExp384.sol";
import { P384Digits } from "./P384Digits.sol";
import { P384Field as Field } from "./P384Field.sol";
import { P384Multiples } from "./P384Multiples.sol";
import { P384Point as Point } from "./P384Point.sol";
import { Workspace } from "./Workspace.sol";

/// @title  P384
/// @notice ECDSA verification over secp384r1: u1·G + u2·Q by one chain of 384 doublings, with digits of width 9 for G,
/// whose 128 odd multiples are in the code, and of width 5 for Q, whose 8 odd multiples are computed.
/// @dev Numbers are two words, hi below 2^128. Works in a Workspace.
library P384 {
    /// @notice A hash, a key and a signature.
    struct Claim {
        uint256 hashHi;
        uint256 hashLo;
        uint256 xHi;
        uint256 xLo;
        uint256 yHi;
        uint256 yLo;
        uint256 rHi;
        uint256 rLo;
        uint256 sHi;
        uint256 sLo;
    }

    /// @dev The order n in two words; n is prime and the curve has no other points.
    uint256 private constant N_HI = 0xffffffffffffffffffffffffffffffff;
    uint256 private constant N_LO = 0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973;
    /// @dev b of y² = x³ - 3x + b in Montgomery form.
    uint256 private constant B_HI = 0x798769361f9ee929a552b63d9d412dcc;
    uint256 private constant B_LO = 0xcd08114b604fbff9b62b21f41f02209469afe2b7fb6d3882b30081345013875b;

    uint256 private constant KEY_WIDTH = 5;
    uint256 private constant BASE_WIDTH = 9;

    uint256 private constant ELEMENT_BYTES = 0x40;
    uint256 private constant MULTIPLE_BYTES = 0x80;
    /// @dev Workspace behind the accumulator: Q, 3Q, … 15Q as x and w; H of the seven additions that made them; digits.
    uint256 private constant MULTIPLES = 0x4c0;
    uint256 private constant LAST_MULTIPLE = 0x840;
    uint256 private constant RATIOS = 0x8c0;
    uint256 private constant LAST_RATIO = 0xa40;
    uint256 private constant CELLS = 0xa80;
    uint256 private constant CELLS_BYTES = 0x620;
    uint256 private constant LAST_CELL = CELLS + P384Digits.LAST * P384Digits.CELL_BYTES;
    uint256 private constant WORKSPACE_END = CELLS + CELLS_BYTES;

    /// @notice Whether 0 < value < n, as both parts of a signature must be.
    function isScalar(uint256 hi, uint256 lo) internal pure returns (bool) {
        return hi | lo != 0 && (hi < N_HI || (hi == N_HI && lo < N_LO));
    }

    /// @notice Whether x and y are below p and solve y² = x³ - 3x + b.
    function isOnCurve(uint256 xHi, uint256 xLo, uint256 yHi, uint256 yLo) internal pure returns (bool) {
        if (!_isBelowP(xHi, xLo) || !_isBelowP(yHi, yLo)) return false;
        (xHi, xLo) = Field.toMontgomery(xHi, xLo);
        (yHi, yLo) = Field.toMontgomery(yHi, yLo);

        (uint256 aHi, uint256 aLo) = Field.square(xHi, xLo);
        // 3 is (3, 0) in Montgomery form: subtracting it leaves the integer tight but for 2^258, enough for a product.
        (aHi, aLo) = Field.minus(aHi, aLo, 3, 0);
        (aHi, aLo) = Field.mul(aHi, aLo, xHi, xLo);
        (aHi, aLo) = Field.plus(aHi, aLo, B_HI, B_LO);
        (yHi, yLo) = Field.square(yHi, yLo);
        (aHi, aLo) = Field.sub(aHi, aLo, yHi, yLo);
        return aHi | aLo == 0;
    }

    /// @notice Whether (r, s) is a signature of the hash by the key. The key must be on the curve, r and s be scalars.
    /// @dev With w = 1/s mod n: (h·w)·G + (r·w)·Q is not infinity, and its x, below p, is r modulo n.
    function verify(Claim memory claim) internal view returns (bool) {
        Workspace.reserve(WORKSPACE_END);
        _writeDigits(claim);
        _writeMultiples(claim.xHi, claim.xLo, claim.yHi, claim.yLo);
        _sum();
        return _sumHasX(claim.rHi, claim.rLo);
    }

    /// @dev u1 = h/s in the upper halves of the cells, u2 = r/s in the lower ones.
    function _writeDigits(Claim memory claim) private view {
        // Zeros for what the recoding leaves out. Reserved by `verify`.
        assembly ("memory-safe") {
            calldatacopy(CELLS, calldatasize(), CELLS_BYTES)
        }
        (uint256 wHi, uint256 wLo) = ModExp384.inverse(claim.sHi, claim.sLo, N_HI, N_LO);
        (uint256 uHi, uint256 uLo) = ModExp384.mulMod(claim.hashHi, claim.hashLo, wHi, wLo, N_HI, N_LO);
        P384Digits.write(uHi, uLo, BASE_WIDTH, CELLS);
        (uHi, uLo) = ModExp384.mulMod(claim.rHi, claim.rLo, wHi, wLo, N_HI, N_LO);
        P384Digits.write(uHi, uLo, KEY_WIDTH, CELLS + 2);
    }

    /// @dev Q, 3Q, … 15Q. They are added up on the isomorphic curve x·z², w·z³ with z = w of Q, where 2Q comes out
    /// affine, and brought back by one inversion. No addition is exceptional: kQ = ±2Q needs an order below 16.
    function _writeMultiples(uint256 xHi, uint256 xLo, uint256 yHi, uint256 yLo) private view {
        (xHi, xLo) = Field.toMontgomery(xHi, xLo);
        (uint256 wHi, uint256 wLo) = Field.toMontgomery(yHi, yLo);
        (wHi, wLo) = Field.twice(wHi, wLo);
        (wHi, wLo) = Field.tighten(wHi, wLo);
        _storePoint(MULTIPLES, xHi, xLo, wHi, wLo);

        (uint256 zHi, uint256 zLo) = _addUp(xHi, xLo, wHi, wLo);
        (zHi, zLo) = Field.canonical(zHi, zLo);
        (zHi, zLo) = ModExp384.inverse(zHi, zLo, Field.P_HI, Field.P_LO);
        (zHi, zLo) = Field.inverseToMontgomery(zHi, zLo);
        uint256 ratio = LAST_RATIO;
        for (uint256 point = LAST_MULTIPLE; point != MULTIPLES; point -= MULTIPLE_BYTES) {
            _scale(point, zHi, zLo);
            (uint256 hHi, uint256 hLo) = Point.load(ratio);
            (zHi, zLo) = Field.mul(zHi, zLo, hHi, hLo);
            ratio -= ELEMENT_BYTES;
        }
    }

    /// @dev Stores X and W of 3Q, 5Q, … 15Q on the isomorphic curve and by what each addition multiplied Z.
    /// @return zHi Z of 15Q on the curve itself, with zLo.
    function _addUp(
        uint256 xHi,
        uint256 xLo,
        uint256 wHi,
        uint256 wLo
    ) private pure returns (uint256 zHi, uint256 zLo) {
        Point.assign(xHi, xLo, wHi, wLo);
        Point.double();
        (uint256 dxHi, uint256 dxLo) = Point.load(Point.X);
        (uint256 dwHi, uint256 dwLo) = Point.load(Point.W);
        (zHi, zLo) = Field.square(wHi, wLo);
        (xHi, xLo) = Field.mul(xHi, xLo, zHi, zLo);
        (zHi, zLo) = Field.square(zHi, zLo);
        Point.assign(xHi, xLo, zHi, zLo);

        uint256 ratio = RATIOS;
        for (uint256 point = MULTIPLES; point != LAST_MULTIPLE;) {
            point += MULTIPLE_BYTES;
            (xHi, xLo) = Point.add(dxHi, dxLo, dwHi, dwLo);
            Point.store(ratio, xHi, xLo);
            ratio += ELEMENT_BYTES;
            (xHi, xLo) = Point.load(Point.X);
            (zHi, zLo) = Point.load(Point.W);
            _storePoint(point, xHi, xLo, zHi, zLo);
        }
        (zHi, zLo) = Point.load(Point.Z);
        return Field.mul(zHi, zLo, wHi, wLo);
    }

    /// @dev Makes (X, W) at an address the affine (X·z², W·z³).
    function _scale(uint256 point, uint256 zHi, uint256 zLo) private pure {
        (uint256 aHi, uint256 aLo) = Point.load(point);
        (uint256 bHi, uint256 bLo) = Field.square(zHi, zLo);
        (aHi, aLo) = Field.mul(aHi, aLo, bHi, bLo);
        Point.store(point, aHi, aLo);
        (bHi, bLo) = Field.mul(bHi, bLo, zHi, zLo);
        (aHi, aLo) = Point.load(point + ELEMENT_BYTES);
        (aHi, aLo) = Field.mul(aHi, aLo, bHi, bLo);
        Point.store(point + ELEMENT_BYTES, aHi, aLo);
    }

    /// @dev Makes the accumulator the sum over all digits, from the highest down.
    function _sum() private pure {
        bytes memory multiples = P384Multiples.OF_BASE;
        Point.setInfinity();
        for (uint256 cell = LAST_CELL; cell >= CELLS; cell -= P384Digits.CELL_BYTES) {
            Point.double();
            (uint256 digits, uint256 digit) = (P384Digits.read(cell), 0);
            if (digits == 0) continue;
            digit = digits >> 16;
            if (digit != 0) _addBase(multiples, digit);
            digit = digits & 0xffff;
            if (digit != 0) _addKey(digit);
        }
    }

    /// @dev Adds a digit's multiple of G: 96 bytes of the table, each coordinate signed with 48.
    function _addBase(bytes memory multiples, uint256 digit) private pure {
        (uint256 xHi, uint256 xLo, uint256 wHi, uint256 wLo) = (0, 0, 0, 0);
        // A digit's magnitude m is odd and at most 255: its multiple is number m/2 of 128.
        assembly ("memory-safe") {
            let from := add(add(multiples, 0x20), mul(shr(1, and(digit, 0xff)), 96))
            xHi := sar(128, mload(from))
            xLo := mload(add(from, 16))
            wHi := sar(128, mload(add(from, 48)))
            wLo := mload(add(from, 64))
        }
        if (digit > 0xff) (wHi, wLo) = Field.minus(0, 0, wHi, wLo);
        Point.add(xHi, xLo, wHi, wLo);
    }

    /// @dev Adds a digit's multiple of Q.
    function _addKey(uint256 digit) private pure {
        uint256 point = MULTIPLES + ((digit & 0xff) >> 1) * MULTIPLE_BYTES;
        (uint256 xHi, uint256 xLo) = Point.load(point);
        (uint256 wHi, uint256 wLo) = Point.load(point + ELEMENT_BYTES);
        if (digit > 0xff) (wHi, wLo) = Field.minus(0, 0, wHi, wLo);
        Point.add(xHi, xLo, wHi, wLo);
    }

    /// @dev Whether the accumulator's x is r or, when that is below p, r + n.
    function _sumHasX(uint256 rHi, uint256 rLo) private pure returns (bool) {
        if (Point.isInfinity()) return false;
        (uint256 zHi, uint256 zLo) = Point.load(Point.Z);
        (zHi, zLo) = Field.square(zHi, zLo);
        if (_isX(rHi, rLo, zHi, zLo)) return true;
        (rHi, rLo) = Field.plus(rHi, rLo, N_HI, N_LO);
        return _isBelowP(rHi, rLo) && _isX(rHi, rLo, zHi, zLo);
    }

    /// @dev Whether X = x·Z².
    function _isX(uint256 xHi, uint256 xLo, uint256 squareHi, uint256 squareLo) private pure returns (bool) {
        (xHi, xLo) = Field.toMontgomery(xHi, xLo);
        (xHi, xLo) = Field.mul(xHi, xLo, squareHi, squareLo);
        (squareHi, squareLo) = Point.load(Point.X);
        (xHi, xLo) = Field.sub(xHi, xLo, squareHi, squareLo);
        return xHi | xLo == 0;
    }

    function _storePoint(uint256 to, uint256 xHi, uint256 xLo, uint256 wHi, uint256 wLo) private pure {
        Point.store(to, xHi, xLo);
        Point.store(to + ELEMENT_BYTES, wHi, wLo);
    }

    function _isBelowP(uint256 hi, uint256 lo) private pure returns (bool) {
        return hi < Field.P_HI || (hi == Field.P_HI && lo < Field.P_LO);
    }
}
