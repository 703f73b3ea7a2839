// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PolicyLib } from "../types/Policy.sol";

/// @title  PolicyHarness
/// @notice types/Policy.sol behind external functions, for comparing it with other languages and measuring it.
contract PolicyHarness {
    using PolicyLib for uint256;

    /// @notice One word to judge.
    struct Case {
        uint256 word;
        uint256 floor;
        uint16[] masks;
    }

    /// @notice Everything the library says of one case; bit i of a mask's answers is the answer for mask i.
    struct Findings {
        bool isCanonical;
        bool isUnavailable;
        bool implies;
        uint256 satisfied;
        uint256 metExact; // isMet for an EXACT_INT model
        uint256 metFloat; // isMet for any other
        uint16 meetable; // of the first mask, for an EXACT_INT model
    }

    /// @notice Verdicts over many words, one byte each.
    /// @return verdicts Bit 0: canonical; bit 1: implies the floor; bit 2 + j: satisfied by mask j.
    function judge(Case[] calldata cases) external pure returns (bytes memory verdicts) {
        verdicts = new bytes(cases.length);
        for (uint256 i = 0; i < cases.length; ++i) {
            uint256 word = cases[i].word;
            uint256 verdict = (word.isCanonical() ? 1 : 0) | (word.implies(cases[i].floor) ? 2 : 0);
            for (uint256 j = 0; j < cases[i].masks.length; ++j) {
                if (word.satisfied(cases[i].masks[j])) verdict |= 4 << j;
            }
            verdicts[i] = bytes1(uint8(verdict));
        }
    }

    /// @notice Everything the library says of many words; at most 256 masks each, and at least one.
    function examine(Case[] calldata cases) external pure returns (Findings[] memory findings) {
        findings = new Findings[](cases.length);
        for (uint256 i = 0; i < cases.length; ++i) {
            findings[i] = _examine(cases[i]);
        }
    }

    /// @notice Evaluation alone: what the gas bench measures.
    function satisfied(uint256 word, uint16 present) external pure returns (bool) {
        return word.satisfied(present);
    }

    /// @notice The check for canonical form alone.
    function isCanonical(uint256 word) external pure returns (bool) {
        return word.isCanonical();
    }

    function _examine(Case calldata given) private pure returns (Findings memory found) {
        uint256 word = given.word;
        found.isCanonical = word.isCanonical();
        found.isUnavailable = word.isUnavailable();
        found.implies = word.implies(given.floor);
        found.meetable = word.meetable(given.masks[0], true);
        for (uint256 i = 0; i < given.masks.length; ++i) {
            uint16 mask = given.masks[i];
            if (word.satisfied(mask)) found.satisfied |= 1 << i;
            if (word.isMet(mask, true)) found.metExact |= 1 << i;
            if (word.isMet(mask, false)) found.metFloat |= 1 << i;
        }
    }
}
