// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { PolicyLib } from "../types/Policy.sol";

/// @title  PolicyHarness
/// @notice Judges policy words in batches, to compare them with offchain/protocol/policy.ts word for word.
contract PolicyHarness {
    /// @notice A word to judge, masks to meet it with, and a floor to compare it to.
    struct Case {
        uint256 word;
        uint256 floor;
        uint16[] masks;
    }

    /// @notice What the library says of one case; bit i of the masks' answers is the answer for mask i.
    struct Verdict {
        bool isCanonical;
        bool isUnavailable;
        bool implies;
        uint256 satisfied;
        uint256 metExact; // isMet for an EXACT_INT model
        uint256 metFloat; // isMet for any other
        uint16 meetable; // of the first mask, for an EXACT_INT model
    }

    /// @notice Judges every case; at most 256 masks each.
    function judge(Case[] calldata cases) external pure returns (Verdict[] memory verdicts) {
        verdicts = new Verdict[](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            verdicts[i] = _judge(cases[i]);
        }
    }

    function _judge(Case calldata given) private pure returns (Verdict memory verdict) {
        uint256 word = given.word;
        verdict.isCanonical = PolicyLib.isCanonical(word);
        verdict.isUnavailable = PolicyLib.isUnavailable(word);
        verdict.implies = PolicyLib.implies(word, given.floor);
        if (given.masks.length != 0) verdict.meetable = PolicyLib.meetable(word, given.masks[0], true);
        for (uint256 i; i < given.masks.length; ++i) {
            uint16 mask = given.masks[i];
            if (PolicyLib.satisfied(word, mask)) verdict.satisfied |= 1 << i;
            if (PolicyLib.isMet(word, mask, true)) verdict.metExact |= 1 << i;
            if (PolicyLib.isMet(word, mask, false)) verdict.metFloat |= 1 << i;
        }
    }
}
