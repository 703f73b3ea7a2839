// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  PlainSignals
/// @notice The plain twin of libraries/Signals.sol: byte by byte, with exponents, without assembly, from DESIGN alone.
library PlainSignals {
    uint256 internal constant P = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice One side of an ioSpec.
    struct Side {
        uint8 dtype;
        uint8 size;
        bool isSigned;
        uint32 count;
    }

    uint256 internal constant COMMITTED_INPUT = 1 << 24;
    uint256 internal constant COMMITTED_OUTPUT = 1 << 80;

    /// @notice What a committed side looks like to `signalsOf`: it has no words.
    function hidden(Side memory side) internal pure returns (Side memory) {
        return Side(side.dtype, side.size, side.isSigned, 0);
    }

    /// @notice The same signals with hashes of committed sides in front of the last, bind.
    function withHashes(
        uint256[] memory signals,
        uint256[] memory hashes
    ) internal pure returns (uint256[] memory all) {
        all = new uint256[](signals.length + hashes.length);
        for (uint256 i; i + 1 < signals.length; ++i) all[i] = signals[i];
        for (uint256 i; i < hashes.length; ++i) all[signals.length - 1 + i] = hashes[i];
        all[all.length - 1] = signals[signals.length - 1];
    }

    /// @notice Word of an ioSpec with all bits significant and both sides public.
    function ioSpec(Side memory input, Side memory output) internal pure returns (uint256) {
        return 1 | (_side(input) << 8) | (_side(output) << 64);
    }

    /// @notice Signals in the circuit's order.
    function signalsOf(
        Side memory inputSide,
        Side memory outputSide,
        bytes memory input,
        bytes memory output,
        bytes32 vkHash,
        uint256 bind,
        uint256 c
    ) internal pure returns (uint256[] memory signals) {
        uint256[] memory x = words(inputSide, input);
        uint256[] memory y = words(outputSide, output);
        if (x.length + y.length > 4) return bound(join(x, y), vkHash, bind, c);
        signals = new uint256[](x.length + y.length + 1);
        for (uint256 i; i < y.length; ++i) signals[i] = y[i];
        for (uint256 i; i < x.length; ++i) signals[y.length + i] = x[i];
        signals[x.length + y.length] = bind;
    }

    /// @notice [c, e, r, bind]
    function bound(
        uint256[] memory w,
        bytes32 vkHash,
        uint256 bind,
        uint256 c
    ) internal pure returns (uint256[] memory signals) {
        uint256 r = uint256(keccak256(abi.encode(keccak256("assay.r.v1"), vkHash, c, w))) % P;
        uint256 e;
        uint256 power = 1;
        for (uint256 i; i < w.length; ++i) {
            e = addmod(e, mulmod(w[i], power, P), P);
            power = mulmod(power, r, P);
        }
        signals = new uint256[](4);
        (signals[0], signals[1], signals[2], signals[3]) = (c, e, r, bind);
    }

    /// @notice Words of one side, element by element.
    function words(Side memory side, bytes memory data) internal pure returns (uint256[] memory list) {
        uint256 perWord = 31 / side.size;
        list = new uint256[]((uint256(side.count) + perWord - 1) / perWord);
        for (uint256 i; i < list.length * perWord; ++i) {
            uint256 element;
            for (uint256 b; b < side.size && i < side.count; ++b) {
                element = element * 256 + uint8(data[i * side.size + b]);
            }
            if (side.isSigned) element ^= 1 << (8 * uint256(side.size) - 1);
            list[i / perWord] += element * 2 ** (8 * uint256(side.size) * (perWord - 1 - (i % perWord)));
        }
    }

    function join(uint256[] memory left, uint256[] memory right) internal pure returns (uint256[] memory all) {
        all = new uint256[](left.length + right.length);
        for (uint256 i; i < all.length; ++i) all[i] = i < left.length ? left[i] : right[i - left.length];
    }

    function _side(Side memory side) private pure returns (uint256) {
        return uint256(side.dtype) | ((8 * uint256(side.size)) << 8) | (uint256(side.count) << 24);
    }
}
