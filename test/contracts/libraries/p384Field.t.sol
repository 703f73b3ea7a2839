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

    uint256 private constant EDGES = 18;
    /// @dev Its square is -7 modulo 2^256: no low word of a square is nearer to 2^256.
    uint256 private constant ROOT = 0x108eae7919aa8720b2ad5a2148a31edcea39f1bf73c0523a19b4bb639c98c0b5;

    function testFuzz_mul_isTheMontgomeryProduct(uint256 seed) public view {
        Element memory a = aTight(seed, 0);
        Element memory b = aTight(seed, 1);

        Element memory product;
        (product.hi, product.lo) = Field.mul(a.hi, a.lo, b.hi, b.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(a), residue(b), Plain.p()));
    }

    function testFuzz_square_isTheMontgomerySquare(uint256 seed) public view {
        Element memory a = aTight(seed, 0);

        Element memory product;
        (product.hi, product.lo) = Field.square(a.hi, a.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(a), residue(a), Plain.p()));
    }

    /// @dev All pairs with one edge in each run.
    function testFuzz_products_takeAllPairsOfEdges(uint256 seed) public view {
        Element memory a = edge(random(seed, 0, "edge") % EDGES);

        Element memory product;
        (product.hi, product.lo) = Field.square(a.hi, a.lo);
        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(a), residue(a), Plain.p()));
        for (uint256 i; i < EDGES; ++i) {
            Element memory b = edge(i);
            (product.hi, product.lo) = Field.mul(a.hi, a.lo, b.hi, b.lo);
            assertTight(product);
            assertEqual(shifted(product), Plain.mulMod(residue(a), residue(b), Plain.p()));
        }
    }

    /// @dev The one product of operands that are not tight.
    function testFuzz_mul_takesTheProductOfSumAndDifference(uint256 seed) public view {
        Element memory a = aTight(seed, 0);
        Element memory b = aTight(seed, 1);

        Element memory sum;
        Element memory difference;
        Element memory product;
        (sum.hi, sum.lo) = Field.plus(a.hi, a.lo, b.hi, b.lo);
        (difference.hi, difference.lo) = Field.minus(a.hi, a.lo, b.hi, b.lo);
        (product.hi, product.lo) = Field.mul(sum.hi, sum.lo, difference.hi, difference.lo);

        assertTight(product);
        assertEqual(shifted(product), Plain.mulMod(residue(sum), residue(difference), Plain.p()));
    }

    function testFuzz_mulSubSquare_isTheDifferenceOfTwoProducts(uint256 seed) public view {
        Element memory a = aTight(seed, 0);
        Element memory b = aTight(seed, 1);
        Element memory c = aTight(seed, 2);

        Element memory result;
        (result.hi, result.lo) = Field.mulSubSquare(a.hi, a.lo, b.hi, b.lo, c.hi, c.lo);

        uint256[13] memory product = Plain.mulMod(residue(a), residue(b), Plain.p());
        uint256[13] memory square = Plain.mulMod(residue(c), residue(c), Plain.p());
        assertTight(result);
        assertEqual(shifted(result), Plain.subMod(product, square, Plain.p()));
    }

    function testFuzz_sums_keepTheResidue(uint256 seed) public view {
        Element memory a = aTight(seed, 0);
        Element memory b = aTight(seed, 1);
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

    function testFuzz_canonical_isTheLeastResidue(uint256 seed) public view {
        Element memory a = aTight(seed, 0);

        (uint256 hi, uint256 lo) = Field.canonical(a.hi, a.lo);

        vm.assertLt(hi, 2 ** 128);
        assertEqual(Plain.fromWords(hi, lo), residue(a));
    }

    function testFuzz_toMontgomery_multipliesBy2To256(uint256 seed) public view {
        (uint256 hi, uint256 lo) = (random(seed, 0, "hi") >> 128, random(seed, 0, "lo"));
        Element memory result;
        (result.hi, result.lo) = Field.toMontgomery(hi, lo);

        uint256[13] memory expected = Plain.mulMod(Plain.residueOf(hi, lo, Plain.p()), radix(), Plain.p());
        assertTight(result);
        assertEqual(residue(result), expected);
    }

    function testFuzz_inverseToMontgomery_multipliesBy2To512(uint256 seed) public view {
        (uint256 hi, uint256 lo) = (random(seed, 0, "hi") >> 128, random(seed, 0, "lo"));
        Element memory result;
        (result.hi, result.lo) = Field.inverseToMontgomery(hi, lo);

        uint256[13] memory expected = Plain.mulMod(Plain.residueOf(hi, lo, Plain.p()), radix(), Plain.p());
        assertTight(result);
        assertEqual(residue(result), Plain.mulMod(expected, radix(), Plain.p()));
    }

    /// @dev A tight element that a seed and a number decide: an edge in one of four cases, otherwise anything in the
    /// range. The runner prefers small and special values, so they are hashed.
    function aTight(uint256 seed, uint256 number) private pure returns (Element memory) {
        uint256 selector = random(seed, number, "selector");
        if (selector % 4 == 0) return edge((selector >> 8) % EDGES);
        return Element(uint256(int256(random(seed, number, "hi")) >> 128), random(seed, number, "lo"));
    }

    function random(uint256 seed, uint256 number, string memory what) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, number, what)));
    }

    /// @dev 0, ±1, ±2^256, neighbours of them, and both ends of the range; words that are all ones; ROOT.
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
            Element(2 ** 126, 2 ** 128),
            Element(1, ROOT),
            Element(max, ROOT)
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
