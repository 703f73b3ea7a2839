// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    PRESET_ATTESTED_LAZY_ZK,
    PRESET_LAZY_ZK,
    PRESET_QUORUM_3_OF_5,
    PRESET_SIGNED,
    PRESET_SIGNED_AND_TEE,
    PRESET_SIGNED_AND_ZK,
    PRESET_TEE,
    PRESET_TEE_AND_ZK,
    PRESET_TWO_OF_THREE,
    PRESET_ZK,
    PRESET_ZK_OR_TWO_TEE_VENDORS
} from "../../../contracts/types/Constants.sol";
import { PolicyLib } from "../../../contracts/types/Policy.sol";
import { bound } from "../support/Bound.sol";
import { PlainPolicy } from "../support/PlainPolicy.sol";
import { vm } from "../support/Vm.sol";

contract PolicyTest {
    using PolicyLib for uint256;

    uint256 private constant VERSION = 1 << 248;
    /// @dev All pairs out of families 0..4 and two more: twelve clauses, none within another.
    uint256 private constant TWELVE = 0x0100000000000000_0022_0021_0018_0014_0012_0011_000c_000a_0009_0006_0005_0003;

    function test_isCanonical_acceptsEveryPreset() public pure {
        uint256[11] memory words = presets();
        for (uint256 i; i < words.length; ++i) vm.assertTrue(words[i].isCanonical());
    }

    function test_isCanonical_acceptsTwelveClauses() public pure {
        vm.assertTrue(TWELVE.isCanonical());
    }

    function test_isCanonical_refusesNoClause() public pure {
        vm.assertFalse(VERSION.isCanonical());
    }

    function test_isCanonical_refusesGap() public pure {
        vm.assertFalse((VERSION | (0x10 << 32) | 1).isCanonical());
        vm.assertFalse((VERSION | (0x10 << 16)).isCanonical());
    }

    function test_isCanonical_refusesUnsortedAndRepeatedClauses() public pure {
        vm.assertFalse((VERSION | (1 << 16) | 0x10).isCanonical());
        vm.assertFalse((VERSION | (1 << 16) | 1).isCanonical());
    }

    function test_isCanonical_refusesSuperset() public pure {
        vm.assertFalse((VERSION | (0x11 << 16) | 0x10).isCanonical());
        vm.assertFalse((VERSION | (0x11 << 16) | 1).isCanonical());
    }

    function testFuzz_isCanonical_refusesUnknownFamily(uint256 family, uint256 clause) public pure {
        family = bound(family, 10, 15);
        clause = bound(clause, 0, 11);

        uint256 word = TWELVE | ((1 << family) << (16 * clause));

        vm.assertFalse(word.isCanonical());
    }

    function testFuzz_isCanonical_refusesOtherVersion(uint8 version) public pure {
        vm.assume(version != 1);

        vm.assertFalse(((uint256(version) << 248) | 1).isCanonical());
    }

    function testFuzz_isCanonical_refusesUnknownFlag(uint256 flag) public pure {
        flag = bound(flag, 5, 7);

        vm.assertFalse((PRESET_ZK | (1 << (240 + flag))).isCanonical());
    }

    function test_isCanonical_tiesWindowToOptimisticAndExactInt() public pure {
        uint256 withoutWindow = PRESET_LAZY_ZK & ~(uint256(0xffffff) << 192);
        uint256 withoutFlag = PRESET_LAZY_ZK & ~(uint256(0xff) << 240);

        vm.assertFalse(withoutWindow.isCanonical());
        vm.assertFalse(withoutFlag.isCanonical());
        vm.assertFalse((PRESET_ZK | (1 << 192)).isCanonical());
    }

    function test_isCanonical_tiesKAndNToQuorum() public pure {
        uint256 clause = VERSION | 0x100;

        vm.assertTrue((clause | (uint256(0xff) << 232)).isCanonical());
        vm.assertTrue((clause | (uint256(0x11) << 232)).isCanonical());
        vm.assertFalse(clause.isCanonical());
        vm.assertFalse((clause | (uint256(0x50) << 232)).isCanonical());
        vm.assertFalse((clause | (uint256(0x34) << 232)).isCanonical());
        vm.assertFalse((PRESET_SIGNED | (uint256(0x10) << 232)).isCanonical());
    }

    /// @dev T-80: every single-bit change of every preset against the plain twin.
    function test_isCanonical_judgesEveryOneBitChangeOfEveryPreset() public pure {
        uint256[11] memory words = presets();
        uint256 canonical;
        for (uint256 i; i < words.length; ++i) {
            for (uint256 bit; bit < 256; ++bit) {
                uint256 word = words[i] ^ (1 << bit);
                vm.assertEq(word.isCanonical(), PlainPolicy.isCanonical(word));
                if (word.isCanonical()) ++canonical;
            }
        }
        vm.assertGe(canonical, 100);
    }

    function testFuzz_isCanonical_agreesWithPlainTwin(uint256 word) public pure {
        vm.assertEq(word.isCanonical(), PlainPolicy.isCanonical(word));
        word = shaped(word);
        vm.assertEq(word.isCanonical(), PlainPolicy.isCanonical(word));
    }

    function testFuzz_satisfied_agreesWithPlainTwin(uint256 word, uint16 present) public pure {
        vm.assertEq(word.satisfied(present), PlainPolicy.satisfied(word, present));
        word = shaped(word);
        vm.assertEq(word.satisfied(present), PlainPolicy.satisfied(word, present));
    }

    function testFuzz_satisfied_looksAtEachOfTwelveClauses(uint256 index) public pure {
        uint16 clause = uint16(TWELVE >> (16 * bound(index, 0, 11)));

        vm.assertTrue(TWELVE.satisfied(clause));
        vm.assertFalse(TWELVE.satisfied(clause & (clause - 1)));
    }

    function test_satisfied_stopsAtTheFirstEmptyClause() public pure {
        vm.assertFalse((VERSION | (0x10 << 32) | 1).satisfied(0x10));
    }

    function testFuzz_implies_agreesWithPlainTwin(uint256 word, uint256 floor) public pure {
        (word, floor) = (shaped(word), shaped(floor));
        vm.assertEq(word.implies(floor), PlainPolicy.implies(word, floor));
        vm.assertEq(word.implies(word), PlainPolicy.isCanonical(word));
    }

    function test_implies_holdsForStrongerFormulasOnly() public pure {
        vm.assertTrue(PRESET_SIGNED_AND_ZK.implies(PRESET_ZK));
        vm.assertTrue(PRESET_TEE_AND_ZK.implies(PRESET_TEE));
        vm.assertTrue(PRESET_SIGNED_AND_TEE.implies(PRESET_SIGNED));
        vm.assertFalse(PRESET_ZK.implies(PRESET_SIGNED_AND_ZK));
        vm.assertFalse(PRESET_TWO_OF_THREE.implies(PRESET_ZK));
        vm.assertFalse(PRESET_ZK_OR_TWO_TEE_VENDORS.implies(PRESET_ZK));
        vm.assertFalse(PRESET_LAZY_ZK.implies(PRESET_ATTESTED_LAZY_ZK));
    }

    function test_implies_comparesAge() public pure {
        uint256 hour = PRESET_ZK | (60 << 216);
        uint256 day = PRESET_ZK | (1440 << 216);

        vm.assertTrue(hour.implies(day));
        vm.assertTrue(day.implies(PRESET_ZK));
        vm.assertFalse(day.implies(hour));
        vm.assertFalse(PRESET_ZK.implies(day));
    }

    function test_implies_keepsFlagsOneToFourAndAddsNoSoftCallback() public pure {
        for (uint256 flag = 1; flag <= 4; ++flag) {
            uint256 flagged = PRESET_ZK | (1 << (240 + flag));
            vm.assertTrue(flagged.implies(PRESET_ZK));
            vm.assertFalse(PRESET_ZK.implies(flagged));
        }
        uint256 soft = PRESET_ZK | (1 << 240);
        vm.assertTrue(PRESET_ZK.implies(soft));
        vm.assertFalse(soft.implies(PRESET_ZK));
    }

    function test_implies_comparesWindowAndK() public pure {
        uint256 shorter = PRESET_LAZY_ZK - (1 << 192);
        uint256 fourOfFive = PRESET_QUORUM_3_OF_5 + (1 << 232);

        vm.assertTrue(PRESET_LAZY_ZK.implies(shorter));
        vm.assertFalse(shorter.implies(PRESET_LAZY_ZK));
        vm.assertTrue(fourOfFive.implies(PRESET_QUORUM_3_OF_5));
        vm.assertFalse(PRESET_QUORUM_3_OF_5.implies(fourOfFive));
    }

    function testFuzz_isMet_agreesWithPlainTwin(uint256 word, uint16 present, bool exactInt) public pure {
        word = shaped(word);
        vm.assume(PlainPolicy.isCanonical(word));

        vm.assertEq(word.isMet(present, exactInt), PlainPolicy.meetable(word, present, exactInt) != 0);
        vm.assertEq(word.meetable(present, exactInt), PlainPolicy.meetable(word, present, exactInt));
    }

    function test_isMet_countsSgxAndTdxAsOneVendor() public pure {
        uint256 sgxAndTdx = VERSION | 0x0c;
        uint256 flagged = sgxAndTdx | (1 << 241);

        vm.assertTrue(sgxAndTdx.isMet(0x0c, true));
        vm.assertFalse(flagged.isMet(0x0c, true));
        vm.assertTrue(PRESET_ZK_OR_TWO_TEE_VENDORS.isMet(0x0a, true));
    }

    function test_isMet_dropsEveryClauseWithoutExactInt() public pure {
        uint256 flagged = PRESET_SIGNED | (1 << 243);

        vm.assertTrue(flagged.isMet(1, true));
        vm.assertFalse(flagged.isMet(1, false));
    }

    function test_isUnavailable_namesWhatIsNotBuilt() public pure {
        vm.assertTrue(PRESET_LAZY_ZK.isUnavailable());
        vm.assertTrue(PRESET_ATTESTED_LAZY_ZK.isUnavailable());
        vm.assertTrue(PRESET_QUORUM_3_OF_5.isUnavailable());
        vm.assertTrue((PRESET_ZK | (1 << 242)).isUnavailable());
        vm.assertTrue((PRESET_ZK | (1 << 244)).isUnavailable());
        vm.assertFalse((PRESET_ZK | (0xb << 240)).isUnavailable());
        vm.assertFalse(PRESET_TEE_AND_ZK.isUnavailable());
    }

    function test_clause_readsEachAndNothingBehind() public pure {
        vm.assertEq(TWELVE.clause(0), 0x0003);
        vm.assertEq(TWELVE.clause(11), 0x0022);
        vm.assertEq(TWELVE.clause(12), 0);
        vm.assertEq(TWELVE.clause(15), 0);
    }

    function test_parameters_readFromTheirPlaces() public pure {
        uint256 word = PRESET_LAZY_ZK | (60 << 216) | (uint256(0x53) << 232);

        vm.assertEq(word.windowSeconds(), 1800);
        vm.assertEq(word.maxAgeMinutes(), 60);
        vm.assertEq(word.quorumK(), 3);
        vm.assertEq(word.quorumN(), 5);
        vm.assertEq(word.flags(), 8);
        vm.assertTrue(word.hasFlag(3));
        vm.assertFalse(word.hasFlag(4));
        vm.assertTrue(word.hasFamily(7));
        vm.assertFalse(word.hasFamily(1));
    }

    /// @dev A word near the canonical ones: few families, clauses sorted, parameters that often fit.
    function shaped(uint256 seed) private pure returns (uint256 word) {
        uint256 count = ((seed >> 250) % 12) + 1;
        uint256 clause;
        for (uint256 i; i < count; ++i) {
            clause += (((seed >> (8 * i)) & 0xff) % (1023 / count)) + 1;
            word |= clause << (16 * i);
        }
        uint256 families;
        for (uint256 i; i < count; ++i) families |= (word >> (16 * i)) & 0xffff;
        word |= VERSION | (((seed >> 100) & 0x1f) << 240) | ((((seed >> 110) & 3) * 60) << 216);
        if (families & 128 != 0) word |= (1800 << 192) | (8 << 240);
        if (families & 256 != 0) word |= (((seed >> 120) & 0xf) << 232) | (((seed >> 124) & 0xf) << 236);
        if (seed & 7 == 0) word ^= 1 << ((seed >> 130) & 0xff);
    }

    function presets() private pure returns (uint256[11] memory) {
        return
            [
                PRESET_SIGNED,
                PRESET_TEE,
                PRESET_ZK,
                PRESET_TEE_AND_ZK,
                PRESET_SIGNED_AND_ZK,
                PRESET_SIGNED_AND_TEE,
                PRESET_ZK_OR_TWO_TEE_VENDORS,
                PRESET_LAZY_ZK,
                PRESET_ATTESTED_LAZY_ZK,
                PRESET_TWO_OF_THREE,
                PRESET_QUORUM_3_OF_5
            ];
    }
}
