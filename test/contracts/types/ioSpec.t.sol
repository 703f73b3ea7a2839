// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IoSpecLib } from "../../../contracts/types/IoSpec.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract IoSpecTest {
    using IoSpecLib for uint256;

    /// @dev A row of the type table, its members in alphabetical order, as the cheat code gives them.
    struct Dtype {
        string kind;
        string name;
        uint256 onnx;
        bool provable;
        uint256 size;
    }

    function test_dtypes_agreeWithTheTableOfTypeScript() public view {
        Dtype[] memory rows = dtypes();
        uint256 provable;
        for (uint256 onnx; onnx < 256; ++onnx) {
            Dtype memory row = rowOf(rows, onnx);
            bool isSigned = keccak256(bytes(row.kind)) == keccak256("signed");
            if (row.provable) ++provable;
            vm.assertEq(onnx.sizeOf(), row.size);
            vm.assertEq(onnx.isSigned(), isSigned);
            vm.assertEq(specOf(onnx, 1, 0, 1).isCanonical(), row.size != 0);
            vm.assertEq(specOf(onnx, 1, 0, 1).isProvable(), row.provable);
        }
        vm.assertGe(provable, 9);
    }

    function testFuzz_isCanonical_refusesOtherVersions(uint8 version) public pure {
        vm.assume(version != 1);
        uint256 spec = specOf(2, 8, 0, 1);

        vm.assertFalse((spec ^ 1 ^ version).isCanonical());
    }

    function testFuzz_isCanonical_refusesBitsAbove(uint256 bit) public pure {
        bit = bound(bit, 120, 255);

        vm.assertFalse((specOf(2, 8, 0, 1) | (1 << bit)).isCanonical());
    }

    function testFuzz_isCanonical_boundsSignificantBits(uint256 bits, uint256 dtype) public pure {
        dtype = bound(dtype, 1, 7);
        bits = bound(bits, 0, 255);
        bool fits = bits > 0 && bits <= 8 * dtype.sizeOf();

        vm.assertEq(specOf(dtype, bits, 0, 1).isCanonical(), fits);
    }

    function test_isCanonical_knowsTwoModes() public pure {
        vm.assertTrue(specOf(2, 8, 0, 1).isCanonical());
        vm.assertTrue(specOf(2, 8, 1, 1).isCanonical());
        vm.assertTrue(specOf(2, 8, 1, 1).inputOf().isCommitted());
        vm.assertFalse(specOf(2, 8, 2, 1).isCanonical());
    }

    function test_committedSides_areProvableAndCounted() public pure {
        uint256 open = 2 | (8 << 8) | (1 << 24);
        uint256 committed = open | (1 << 16);
        uint256[4] memory specs = [
            1 | (open << 8) | (open << 64),
            1 | (open << 8) | (committed << 64),
            1 | (committed << 8) | (open << 64),
            1 | (committed << 8) | (committed << 64)
        ];
        uint8[4] memory counts = [0, 1, 1, 2];

        for (uint256 i; i < specs.length; ++i) {
            vm.assertTrue(specs[i].isProvable());
            vm.assertEq(specs[i].committedSides(), counts[i]);
            // One word for each public side, one hash for each committed one, and bind.
            vm.assertEq(specs[i].signalCount(), 3);
        }
    }

    function testFuzz_committedSide_hasNoBytesAndNoWords(uint32 count) public pure {
        uint256 side = 2 | (8 << 8) | (1 << 16) | (uint256(count) << 24);

        vm.assertEq(side.byteLength(), 0);
        vm.assertEq(side.wordCount(), 0);
        vm.assertEq(side.countOf(), count);
    }

    function test_signalCount_isBoundByPublicWordsAlone() public pure {
        uint256 committedInput = spec2(1_000, 31 * 4) | (1 << 24);
        uint256 committedOutput = spec2(31 * 4 + 1, 1_000) | (1 << 80);

        vm.assertFalse(committedInput.isBound());
        vm.assertEq(committedInput.signalCount(), 6);
        vm.assertTrue(committedOutput.isBound());
        vm.assertEq(committedOutput.signalCount(), 5);
    }

    function test_isCanonical_refusesNoElements() public pure {
        vm.assertFalse(specOf(2, 8, 0, 0).isCanonical());
        vm.assertTrue(specOf(2, 8, 0, type(uint32).max).isCanonical());
    }

    function test_isCanonical_looksAtBothSides() public pure {
        uint256 side = 2 | (8 << 8) | (1 << 24);

        vm.assertTrue((1 | (side << 8) | (side << 64)).isCanonical());
        vm.assertFalse((1 | (side << 8)).isCanonical());
        vm.assertFalse((1 | (side << 64)).isCanonical());
    }

    function testFuzz_words_holdAsManyWholeElementsAsFit31Bytes(uint256 dtype, uint32 count) public view {
        Dtype[] memory rows = dtypes();
        Dtype memory row = rows[bound(dtype, 0, rows.length - 1)];
        vm.assume(count != 0);
        uint256 side = row.onnx | (uint256(count) << 24);
        uint256 perWord = 31 / row.size;

        vm.assertEq(side.byteLength(), uint256(count) * row.size);
        vm.assertEq(side.wordBytes(), perWord * row.size);
        vm.assertEq(side.wordCount(), (uint256(count) + perWord - 1) / perWord);
    }

    function test_signalCount_isPackedUpToFourWords() public pure {
        uint256 packed = spec2(31 * 3, 31);
        uint256 boundSpec = spec2(31 * 3 + 1, 31);

        vm.assertEq(packed.wordCounts(), 4);
        vm.assertFalse(packed.isBound());
        vm.assertEq(packed.signalCount(), 5);
        vm.assertEq(boundSpec.wordCounts(), 5);
        vm.assertTrue(boundSpec.isBound());
        vm.assertEq(boundSpec.signalCount(), 4);
    }

    function spec2(uint256 inputs, uint256 outputs) private pure returns (uint256) {
        return 1 | ((2 | (8 << 8) | (inputs << 24)) << 8) | ((2 | (8 << 8) | (outputs << 24)) << 64);
    }

    /// @dev The same on both sides.
    function specOf(uint256 dtype, uint256 bits, uint256 mode, uint256 count) private pure returns (uint256) {
        uint256 side = dtype | (bits << 8) | (mode << 16) | (count << 24);
        return 1 | (side << 8) | (side << 64);
    }

    function rowOf(Dtype[] memory rows, uint256 onnx) private pure returns (Dtype memory row) {
        for (uint256 i; i < rows.length; ++i) if (rows[i].onnx == onnx) return rows[i];
    }

    function dtypes() private view returns (Dtype[] memory) {
        string memory json = vm.readFile("offchain/protocol/tables/dtypes.json");
        return abi.decode(vm.parseJson(json, "$"), (Dtype[]));
    }
}
