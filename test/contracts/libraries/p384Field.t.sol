// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { P384Field as Field } from "../../../contracts/libraries/P384Field.sol";
import { PlainP384 as Plain } from "../support/PlainP384.sol";
import { vm } from "../support/Vm.sol";

/// @dev Every operation against the plain twin; operands are edges of the tight range as often as random.
contract P384FieldTest {
    struct Element {
        uint256 hi;
        uint256 lo;
    }

    uint256 private constant EDGES = 16;

    function testFuzz_mul_isTheMontgomeryProduct(uint256[5] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[4]);
        Element memory b = aTight(seed[2], seed[3], seed[4] >> 128);

        Element memory product;
        (product.hi, product.lo) = Field.mul(a.hi, a.lo, b.hi, b.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(a), residue(b), Plain.p()));
    }

    function testFuzz_square_isTheMontgomerySquare(uint256[3] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[2]);

        Element memory product;
        (product.hi, product.lo) = Field.square(a.hi, a.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(a), residue(a), Plain.p()));
    }

    /// @dev The one product of operands that are not tight.
    function testFuzz_mul_takesTheProductOfSumAndDifference(uint256[5] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[4]);
        Element memory b = aTight(seed[2], seed[3], seed[4] >> 128);

        Element memory sum;
        Element memory difference;
        Element memory product;
        (sum.hi, sum.lo) = Field.plus(a.hi, a.lo, b.hi, b.lo);
        (difference.hi, difference.lo) = Field.minus(a.hi, a.lo, b.hi, b.lo);
        (product.hi, product.lo) = Field.mul(sum.hi, sum.lo, difference.hi, difference.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(sum), residue(difference), Plain.p()));
    }

    function testFuzz_mulSubSquare_isTheDifferenceOfTwoProducts(uint256[7] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[6]);
        Element memory b = aTight(seed[2], seed[3], seed[6] >> 64);
        Element memory c = aTight(seed[4], seed[5], seed[6] >> 128);

        Element memory result;
        (result.hi, result.lo) = Field.mulSubSquare(a.hi, a.lo, b.hi, b.lo, c.hi, c.lo);

        uint256[13] memory product = Plain.mulMod(residue(a), residue(b), Plain.p());
        uint256[13] memory square = Plain.mulMod(residue(c), residue(c), Plain.p());
        assertTight(result);
        assertEqual(shifted(result), Plain.subMod(product, square, Plain.p()));
    }

    function testFuzz_sums_keepTheResidue(uint256[5] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[4]);
        Element memory b = aTight(seed[2], seed[3], seed[4] >> 128);
        uint256[13] memory difference = Plain.subMod(residue(a), residue(b), Plain.p());

        Element memory result;
        (result.hi, result.lo) = Field.plus(a.hi, a.lo, b.hi, b.lo);
        assertEqual(residue(result), Plain.addMod(residue(a), residue(b), Plain.p()));
        (result.hi, result.lo) = Field.minus(a.hi, a.lo, b.hi, b.lo);
        assertEqual(residue(result), difference);
        (result.hi, result.lo) = Field.twice(result.hi, result.lo);
        assertEqual(residue(result), Plain.addMod(difference, difference, Plain.p()));
        (result.hi, result.lo) = Field.tighten(result.hi, result.lo);
        assertTight(result);
        assertEqual(residue(result), Plain.addMod(difference, difference, Plain.p()));

        (result.hi, result.lo) = Field.subTwice(a.hi, a.lo, b.hi, b.lo);
        assertTight(result);
        assertEqual(residue(result), Plain.addMod(difference, difference, Plain.p()));
        (result.hi, result.lo) = Field.sub(a.hi, a.lo, b.hi, b.lo);
        assertTight(result);
        assertEqual(residue(result), difference);
    }

    /// @dev Any upper word of up to 32 bits more than a tight one has.
    function testFuzz_tighten_takesWideNumbers(uint256 hi, uint256 lo) public view {
        hi = uint256(int256(hi) >> (255 - 158));

        Element memory result;
        (result.hi, result.lo) = Field.tighten(hi, lo);

        assertTight(result);
        assertEqual(residue(result), Plain.residueOf(hi, lo, Plain.p()));
    }

    function testFuzz_canonical_isTheLeastResidue(uint256[3] calldata seed) public view {
        Element memory a = aTight(seed[0], seed[1], seed[2]);

        (uint256 hi, uint256 lo) = Field.canonical(a.hi, a.lo);

        vm.assertLt(hi, 2 ** 128);
        assertEqual(Plain.fromWords(hi, lo), residue(a));
    }

    function testFuzz_toMontgomery_multipliesBy2To256(uint128 hi, uint256 lo) public view {
        Element memory result;
        (result.hi, result.lo) = Field.toMontgomery(hi, lo);

        uint256[13] memory expected = Plain.mulMod(Plain.residueOf(hi, lo, Plain.p()), radix(), Plain.p());
        assertTight(result);
        assertEqual(residue(result), expected);
    }

    function testFuzz_inverseToMontgomery_multipliesBy2To512(uint128 hi, uint256 lo) public view {
        Element memory result;
        (result.hi, result.lo) = Field.inverseToMontgomery(hi, lo);

        uint256[13] memory expected = Plain.mulMod(Plain.residueOf(hi, lo, Plain.p()), radix(), Plain.p());
        assertTight(result);
        assertEqual(residue(result), Plain.mulMod(expected, radix(), Plain.p()));
    }

    /// @dev A tight element: an edge for half of the selectors, otherwise anything in the range.
    function aTight(uint256 hi, uint256 lo, uint256 selector) private pure returns (Element memory) {
        selector %= 2 * EDGES;
        if (selector < EDGES) return edge(selector);
        return Element(uint256(int256(hi) >> 128), lo);
    }

    /// @dev 0, ±1, ±2^256, neighbours of them, and both ends of the range; words that are all ones.
    function edge(uint256 selector) private pure returns (Element memory) {
        uint256 max = type(uint256).max;
        Element[EDGES] memory edges = [
            Element(0, 0),
            Element(0, 1),
            Element(max, max),
            Element(0, max),
            Element(max, 0),
            Element(1, 0),
            Element(max, 1),
            Element(2 ** 127 - 1, max),
            Element(2 ** 127, max),
            Element(2 ** 127, 0),
            Element(max - (2 ** 127 - 1), 0),
            Element(max - (2 ** 127 - 1), max),
            Element(max - 2 ** 127, 1),
            Element(0, 2 ** 255),
            Element(2 ** 127 - 1, 0),
            Element(2 ** 126, 2 ** 128)
        ];
        return edges[selector];
    }

    function residue(Element memory a) private view returns (uint256[13] memory) {
        return Plain.residueOf(a.hi, a.lo, Plain.p());
    }

    /// @dev a·2^256: what a product would be without the division of the Montgomery form.
    function shifted(Element memory a) private view returns (uint256[13] memory) {
        return Plain.mulMod(residue(a), radix(), Plain.p());
    }

    function radix() private pure returns (uint256[13] memory) {
        return Plain.fromWords(1, 0);
    }

    /// @dev -2^383 - 2^256 <= a < 2^383 + 2^256.
    function assertTight(Element memory a) private pure {
        int256 hi = int256(a.hi);
        vm.assertTrue(hi >= -(2 ** 127) - 1 && hi <= 2 ** 127, "not tight");
    }

    function assertEqual(uint256[13] memory a, uint256[13] memory b) private pure {
        vm.assertTrue(Plain.isEqual(a, b), "another residue");
    }
}
