// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { PolicyLib } from "../../../contracts/types/Policy.sol";
import { vm } from "../support/Vm.sol";

/// @notice test/vectors/policy.json, which TypeScript reads too. All generated words: test/contracts/types/policy.test.ts.
contract PolicyVectorsTest {
    using PolicyLib for uint256;

    /// @dev The members of a row in alphabetical order, as the cheat code gives them.
    struct PresetRow {
        string name;
        uint256 satisfiedOf1024;
        bytes32 word;
    }

    struct SampleRow {
        bytes32 floor;
        bool implies;
        bool isCanonical;
        uint256[] masks;
        bool[] satisfied;
        bytes32 word;
    }

    function test_vectors_presetsAreSatisfiedByAsManyMasks() public view {
        bytes memory encoded = vm.parseJson(vm.readFile("test/vectors/policy.json"), "$.presets");
        PresetRow[] memory rows = abi.decode(encoded, (PresetRow[]));
        vm.assertEq(rows.length, 11);
        for (uint256 i; i < rows.length; ++i) {
            uint256 count;
            for (uint16 mask; mask < 1024; ++mask) if (uint256(rows[i].word).satisfied(mask)) ++count;
            vm.assertTrue(uint256(rows[i].word).isCanonical(), rows[i].name);
            vm.assertEq(count, rows[i].satisfiedOf1024, rows[i].name);
        }
    }

    function test_vectors_sampledWordsAgree() public view {
        bytes memory encoded = vm.parseJson(vm.readFile("test/vectors/policy.json"), "$.sample");
        SampleRow[] memory rows = abi.decode(encoded, (SampleRow[]));
        vm.assertGe(rows.length, 300);
        for (uint256 i; i < rows.length; ++i) {
            uint256 word = uint256(rows[i].word);
            vm.assertEq(word.isCanonical(), rows[i].isCanonical);
            vm.assertEq(word.implies(uint256(rows[i].floor)), rows[i].implies);
            for (uint256 j; j < rows[i].masks.length; ++j) {
                vm.assertEq(word.satisfied(uint16(rows[i].masks[j])), rows[i].satisfied[j]);
            }
        }
    }
}
