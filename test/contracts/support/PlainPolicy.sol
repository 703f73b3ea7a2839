// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  PlainPolicy
/// @notice The plain twin of types/Policy.sol: clause by clause, rule by rule, from DESIGN section 5 alone.
library PlainPolicy {
    function clauses(uint256 word) internal pure returns (uint16[] memory list) {
        uint256 count;
        while (count < 12 && (word >> (16 * count)) & 0xffff != 0) ++count;
        list = new uint16[](count);
        for (uint256 i; i < count; ++i) list[i] = uint16(word >> (16 * i));
    }

    function satisfied(uint256 word, uint16 present) internal pure returns (bool) {
        uint16[] memory list = clauses(word);
        for (uint256 i; i < list.length; ++i) if (list[i] & present == list[i]) return true;
        return false;
    }

    function isCanonical(uint256 word) internal pure returns (bool) {
        uint16[] memory list = clauses(word);
        if (list.length == 0 || word >> 248 != 1) return false;
        if (list.length < 12 && (word & ((1 << 192) - 1)) >> (16 * list.length) != 0) return false;
        uint256 families;
        for (uint256 i; i < list.length; ++i) {
            families |= list[i];
            if (i > 0 && list[i] <= list[i - 1]) return false;
            for (uint256 j; j < list.length; ++j) if (i != j && list[i] & list[j] == list[j]) return false;
        }
        if (families > 0x3ff) return false;
        return areParametersCanonical(word, families);
    }

    function areParametersCanonical(uint256 word, uint256 families) internal pure returns (bool) {
        uint256 window = (word >> 192) & 0xffffff;
        uint256 k = (word >> 232) & 0xf;
        uint256 n = (word >> 236) & 0xf;
        uint256 flags = (word >> 240) & 0xff;
        if (flags >= 32) return false;
        if (families & 128 == 0 && window != 0) return false;
        if (families & 128 != 0 && (window == 0 || flags & 8 == 0)) return false;
        if (families & 256 == 0) return k == 0 && n == 0;
        return k >= 1 && k <= n;
    }

    function implies(uint256 word, uint256 floor) internal pure returns (bool) {
        if (!isCanonical(word) || !isCanonical(floor)) return false;
        uint16[] memory asked = clauses(word);
        for (uint256 i; i < asked.length; ++i) if (!satisfied(floor, asked[i])) return false;
        if ((word >> 192) & 0xffffff < (floor >> 192) & 0xffffff) return false;
        if ((word >> 232) & 0xf < (floor >> 232) & 0xf) return false;
        uint256 age = (word >> 216) & 0xffff;
        uint256 floorAge = (floor >> 216) & 0xffff;
        if (floorAge != 0 && (age == 0 || age > floorAge)) return false;
        uint256 flags = (word >> 240) & 0xff;
        uint256 floorFlags = (floor >> 240) & 0xff;
        return flags & 0x1e & floorFlags == floorFlags & 0x1e && (flags & 1 == 0 || floorFlags & 1 == 1);
    }

    /// @notice One clause at a time: is it allowed by the flags, and does it ask only for what is there?
    function meetable(uint256 word, uint16 possible, bool exactInt) internal pure returns (uint16 result) {
        uint16[] memory list = clauses(word);
        uint256 flags = (word >> 240) & 0xff;
        for (uint256 i; i < list.length; ++i) {
            bool forbidden = (flags & 2 != 0 && list[i] & 12 == 12) || (flags & 8 != 0 && !exactInt);
            if (!forbidden && list[i] & possible == list[i]) result |= uint16(1 << i);
        }
    }
}
