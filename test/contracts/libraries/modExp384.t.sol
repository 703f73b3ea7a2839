// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IP384Verifier } from "../../../contracts/interfaces/IP384Verifier.sol";
import { ModExp384 } from "../../../contracts/libraries/ModExp384.sol";
import { PlainP384 as Plain } from "../support/PlainP384.sol";
import { vm } from "../support/Vm.sol";

contract ModExp384Test {
    uint256 private constant N_HI = 0xffffffffffffffffffffffffffffffff;
    uint256 private constant N_LO = 0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973;
    /// @dev Enough to reach the precompile and to revert, not enough for an inversion, which takes 37 thousand.
    uint256 private constant LITTLE_GAS = 30_000;

    function inverse(uint256 hi, uint256 lo) external view returns (uint256, uint256) {
        return ModExp384.inverse(hi, lo, N_HI, N_LO);
    }

    function mulMod(uint256 hi, uint256 lo) external view returns (uint256, uint256) {
        return ModExp384.mulMod(hi, lo, hi, lo, N_HI, N_LO);
    }

    function testFuzz_product_isTheSchoolbookProduct(uint128 aHi, uint256 aLo, uint128 bHi, uint256 bLo) public pure {
        (uint256 t2, uint256 t1, uint256 t0) = ModExp384.product(aHi, aLo, bHi, bLo);

        assertProduct(t2, t1, t0, Plain.product(Plain.fromWords(aHi, aLo), Plain.fromWords(bHi, bLo)));
    }

    function test_product_takesWordsOfAllOnes() public pure {
        uint256[2] memory words = [uint256(0), type(uint256).max];
        for (uint256 i; i < 16; ++i) {
            (uint256 aHi, uint256 aLo) = (words[i & 1] >> 128, words[(i >> 1) & 1]);
            (uint256 bHi, uint256 bLo) = (words[(i >> 2) & 1] >> 128, words[i >> 3]);

            (uint256 t2, uint256 t1, uint256 t0) = ModExp384.product(aHi, aLo, bHi, bLo);

            assertProduct(t2, t1, t0, Plain.product(Plain.fromWords(aHi, aLo), Plain.fromWords(bHi, bLo)));
        }
    }

    function testFuzz_mulMod_isTheProductModuloN(uint128 aHi, uint256 aLo, uint128 bHi, uint256 bLo) public view {
        (uint256 hi, uint256 lo) = ModExp384.mulMod(aHi, aLo, bHi, bLo, N_HI, N_LO);

        uint256[13] memory expected = Plain.mulMod(Plain.fromWords(aHi, aLo), Plain.fromWords(bHi, bLo), Plain.n());
        vm.assertTrue(Plain.isEqual(Plain.fromWords(hi, lo), expected));
    }

    function testFuzz_inverse_timesTheNumberIsOne(uint128 hi, uint256 lo) public view {
        vm.assume(hi < type(uint128).max && hi | lo != 0);

        (uint256 iHi, uint256 iLo) = ModExp384.inverse(hi, lo, N_HI, N_LO);

        uint256[13] memory one = Plain.mulMod(Plain.fromWords(hi, lo), Plain.fromWords(iHi, iLo), Plain.n());
        vm.assertTrue(Plain.isEqual(one, Plain.fromWords(0, 1)));
    }

    function test_inverse_leavesWhatMemoryHeldBefore() public view {
        bytes memory before = hex"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021";

        (uint256 hi, uint256 lo) = ModExp384.inverse(0, 2, N_HI, N_LO);

        vm.assertEq(before, hex"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021");
        // (n + 1) / 2
        vm.assertEq(hi, N_HI >> 1);
        vm.assertEq(lo, (N_LO >> 1) + 1 + 2 ** 255);
    }

    function test_inverse_RevertWhen_ThePrecompileRunsOutOfGas() public {
        vm.expectRevert(abi.encodeWithSelector(IP384Verifier.PrecompileFailed.selector));

        this.inverse{ gas: LITTLE_GAS }(3, 5);
    }

    function testFuzz_inverse_neverAnswersWithTooLittleGas(uint256 gasLimit) public view {
        gasLimit %= 37_000;

        (bool ok, ) = address(this).staticcall{ gas: gasLimit }(abi.encodeCall(this.inverse, (3, 5)));

        vm.assertFalse(ok);
    }

    function testFuzz_mulMod_answersRightOrNotAtAll(uint256 gasLimit) public view {
        gasLimit %= 4_000;

        (bool ok, bytes memory result) = address(this).staticcall{ gas: gasLimit }(abi.encodeCall(this.mulMod, (0, 3)));

        if (ok) vm.assertEq(result, abi.encode(0, 9));
    }

    function assertProduct(uint256 t2, uint256 t1, uint256 t0, uint256[26] memory expected) private pure {
        for (uint256 i; i < 24; ++i) {
            uint256 word =
                i < 8
                    ? t0
                    : i < 16
                        ? t1
                        : t2;
            vm.assertEq((word >> (32 * (i % 8))) % 2 ** 32, expected[i]);
        }
    }
}
