// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    FAMILY_OPTIMISTIC,
    FAMILY_QUORUM,
    FAMILY_TEE_SGX,
    FAMILY_TEE_TDX,
    FLAG_DISTINCT_EXECUTOR_KEYS,
    FLAG_DISTINCT_TEE_VENDORS,
    FLAG_INCLUDE_BLOCK_HASH,
    FLAG_REQUIRE_EXACT_INT,
    FLAG_SOFT_CALLBACK
} from "./Constants.sol";

/// @title  PolicyLib
/// @notice A policy is a monotone formula over families of evidence, in disjunctive normal form, in one word:
///
///   bits   0..191  twelve clauses of 16 bits, strictly ascending, unused = 0 at the top;
///                  a clause is the set of families that must ALL be present
///   bits 192..215  optimistic window, seconds      bits 216..231  maximum age of evidence, minutes (0 = any)
///   bits 232..235  quorum k                        bits 236..239  quorum n
///   bits 240..247  flags                           bits 248..255  version of this encoding = 1
///
/// @dev All twelve clauses are worked on at once: a "lane" is the 16 bits of one clause, and a set of lanes is the
/// word that has bit 15 of each of them. `offchain/protocol/policy.ts` agrees on every word (differential fuzz).
library PolicyLib {
    uint256 internal constant MAX_CLAUSES = 12;

    uint256 private constant CLAUSES = 0xffffffffffffffffffffffffffffffffffffffffffffffff;
    /// @dev Bit 0 of every lane.
    uint256 private constant ONES = 0x000100010001000100010001000100010001000100010001;
    /// @dev Bit 15 of every lane.
    uint256 private constant TOPS = 0x800080008000800080008000800080008000800080008000;
    /// @dev Every bit but bit 15 of every lane.
    uint256 private constant LOWS = 0x7fff7fff7fff7fff7fff7fff7fff7fff7fff7fff7fff7fff;
    /// @dev Families 0..9 in every lane.
    uint256 private constant KNOWN = 0x03ff03ff03ff03ff03ff03ff03ff03ff03ff03ff03ff03ff;
    uint256 private constant KNOWN_FLAGS = 0x1f;
    uint256 private constant VERSION = 1;

    /// @notice Whether the families present meet some clause. Looks at the clauses only, not at flags, age or window.
    /// @dev Clauses end at the first empty one; only a word that is not canonical has more behind it.
    /// @param present Mask of families, bit = family number.
    function satisfied(uint256 word, uint16 present) internal pure returns (bool) {
        uint256 clauses = word & CLAUSES;
        uint256 filled = _whole(_usedLanes(clauses));
        // Adding 1 carries through the run of ones at the bottom: the lanes before the first gap. Below 2^193.
        unchecked {
            return _within(clauses & filled & ~(filled + 1), present) != 0;
        }
    }

    /// @notice Whether the families present meet some clause that the policy's flags do not forbid.
    /// @dev Flag 1: no clause may hold SGX and TDX together, they are one vendor. Flag 3: no clause at all, unless
    /// the model is EXACT_INT. For canonical words only.
    /// @param exactInt Whether the model version has exact integer semantics.
    function isMet(uint256 word, uint16 present, bool exactInt) internal pure returns (bool) {
        return _within(_allowed(word, exactInt), present) != 0;
    }

    /// @notice Whether the word is the one canonical form of its policy, so that equal words mean equal policies.
    function isCanonical(uint256 word) internal pure returns (bool) {
        uint256 clauses = word & CLAUSES;
        if (clauses & ~KNOWN != 0) return false;

        uint256 used = _usedLanes(clauses);
        return _isAscending(clauses, used) && _isAntichain(clauses, used) && _areParametersCanonical(word);
    }

    /// @notice Whether `word` is at least as strict as `floor`: every clause of `word` contains a clause of `floor`,
    /// window and k are not smaller, age is not larger (0 = infinite), flags 1 to 4 are kept, flag 0 is not added.
    /// @dev A word that is not canonical is no policy: it implies nothing and nothing implies it.
    function implies(uint256 word, uint256 floor) internal pure returns (bool) {
        if (!isCanonical(word) || !isCanonical(floor)) return false;
        if (windowSeconds(word) < windowSeconds(floor) || quorumK(word) < quorumK(floor)) return false;
        uint256 age = maxAgeMinutes(word);
        uint256 floorAge = maxAgeMinutes(floor);
        if (floorAge != 0 && (age == 0 || age > floorAge)) return false;
        uint256 soft = 1 << FLAG_SOFT_CALLBACK;
        uint256 kept = KNOWN_FLAGS ^ soft;
        if (flags(floor) & ~flags(word) & kept != 0 || flags(word) & ~flags(floor) & soft != 0) return false;

        for (uint256 left = word & CLAUSES; left != 0; left >>= 16) {
            if (_within(floor & CLAUSES, uint16(left)) == 0) return false;
        }
        return true;
    }

    /// @notice Bit i is set when clause i meets nothing more than what is possible and the flags do not forbid it.
    /// @param possible Mask of families that can be had.
    function meetable(uint256 word, uint16 possible, bool exactInt) internal pure returns (uint16 clauses) {
        uint256 lanes = _within(_allowed(word, exactInt), possible) >> 15;
        for (uint256 i; lanes != 0; ++i) {
            clauses |= uint16((lanes & 1) << i);
            lanes >>= 16;
        }
    }

    /// @notice Whether the policy asks for something that is not built: OPTIMISTIC, QUORUM, flags 2 and 4.
    function isUnavailable(uint256 word) internal pure returns (bool) {
        uint256 unbuiltFlags = (1 << FLAG_DISTINCT_EXECUTOR_KEYS) | (1 << FLAG_INCLUDE_BLOCK_HASH);
        return flags(word) & unbuiltFlags != 0 || hasFamily(word, FAMILY_OPTIMISTIC) || hasFamily(word, FAMILY_QUORUM);
    }

    /// @notice Whether some clause holds the family.
    function hasFamily(uint256 word, uint8 family) internal pure returns (bool) {
        return word & (ONES << family) != 0;
    }

    /// @notice Families of clause `index` (0..11); 0 when unused.
    function clause(uint256 word, uint256 index) internal pure returns (uint16) {
        return index < MAX_CLAUSES ? uint16(word >> (16 * index)) : 0;
    }

    /// @notice Seconds an optimistic answer stays open to challenge.
    function windowSeconds(uint256 word) internal pure returns (uint256) {
        return (word >> 192) & 0xffffff;
    }

    /// @notice Greatest age of evidence in minutes, counted from issuedAt; 0 = any.
    function maxAgeMinutes(uint256 word) internal pure returns (uint256) {
        return (word >> 216) & 0xffff;
    }

    /// @notice How many of a quorum must agree.
    function quorumK(uint256 word) internal pure returns (uint256) {
        return (word >> 232) & 0xf;
    }

    /// @notice How many take part in a quorum.
    function quorumN(uint256 word) internal pure returns (uint256) {
        return (word >> 236) & 0xf;
    }

    /// @notice The eight flag bits.
    function flags(uint256 word) internal pure returns (uint256) {
        return (word >> 240) & 0xff;
    }

    /// @notice Whether flag number `flag` (0..4) is set.
    function hasFlag(uint256 word, uint8 flag) internal pure returns (bool) {
        return (word >> 240) & (1 << flag) != 0;
    }

    /// @dev The clauses that the flags do not forbid, in their lanes.
    function _allowed(uint256 word, bool exactInt) private pure returns (uint256 clauses) {
        if (hasFlag(word, FLAG_REQUIRE_EXACT_INT) && !exactInt) return 0;
        clauses = word & CLAUSES;
        if (!hasFlag(word, FLAG_DISTINCT_TEE_VENDORS)) return clauses;

        uint256 oneVendor = ONES * ((1 << FAMILY_TEE_SGX) | (1 << FAMILY_TEE_TDX));
        return clauses & ~_whole(_emptyLanes(~clauses & oneVendor));
    }

    /// @dev Used lanes come first and each is greater than the one before it. Needs bit 15 of every lane clear.
    function _isAscending(uint256 clauses, uint256 used) private pure returns (bool) {
        // Lane i of `previous` is clause i - 1. Lanes are at most 0x03ff, so 0x8000 + c - previous - 1 never borrows
        // from the next lane, and keeps its top bit if and only if c > previous.
        uint256 previous = (clauses << 16) & CLAUSES;
        unchecked {
            if (((clauses | TOPS) - previous - ONES) & TOPS != used) return false;
            // `filled` has all bits of all used lanes: a run of ones from bit 0 exactly when no gap is between them.
            uint256 filled = _whole(used);
            return used != 0 && filled & (filled + 1) == 0;
        }
    }

    /// @dev No clause is a superset of another: within each clause lies exactly one, itself.
    function _isAntichain(uint256 clauses, uint256 used) private pure returns (bool) {
        if (clauses >> 16 == 0) return true;
        for (uint256 left = clauses; left != 0; left >>= 16) {
            // ONES * clause stays below 2^192. `inside` holds at least the clause itself, so it is not 0.
            unchecked {
                uint256 inside = _emptyLanes(clauses & ~(ONES * (left & 0xffff))) & used;
                if (inside & (inside - 1) != 0) return false;
            }
        }
        return true;
    }

    /// @dev Version, flags, window and quorum have their one legal form.
    function _areParametersCanonical(uint256 word) private pure returns (bool) {
        if (word >> 248 != VERSION || flags(word) > KNOWN_FLAGS) return false;
        bool optimistic = hasFamily(word, FAMILY_OPTIMISTIC);
        if (optimistic != (windowSeconds(word) != 0)) return false;
        if (optimistic && !hasFlag(word, FLAG_REQUIRE_EXACT_INT)) return false;

        uint256 k = quorumK(word);
        if (hasFamily(word, FAMILY_QUORUM)) return k != 0 && k <= quorumN(word);
        return k | quorumN(word) == 0;
    }

    /// @dev Used lanes of which every family is in `families`.
    function _within(uint256 clauses, uint16 families) private pure returns (uint256) {
        // ONES * families stays below 2^192: no lane overflows into the next.
        unchecked {
            return _emptyLanes(clauses & ~(ONES * families)) & _usedLanes(clauses);
        }
    }

    /// @dev Lanes that are not zero.
    function _usedLanes(uint256 lanes) private pure returns (uint256) {
        // The low 15 bits plus 0x7fff reach bit 15 if and only if they are not zero, and never leave the lane.
        unchecked {
            return (((lanes & LOWS) + LOWS) | lanes) & TOPS;
        }
    }

    /// @dev Lanes that are zero.
    function _emptyLanes(uint256 lanes) private pure returns (uint256) {
        return _usedLanes(lanes) ^ TOPS;
    }

    /// @dev All sixteen bits of every lane in the set.
    function _whole(uint256 set) private pure returns (uint256) {
        // set >> 15 has bit 0 of each lane; times 0xffff fills the lane and no more, so it stays below 2^192.
        unchecked {
            return (set >> 15) * 0xffff;
        }
    }
}
