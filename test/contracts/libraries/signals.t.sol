// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Signals } from "../../../contracts/libraries/Signals.sol";
import { IoSpecLib } from "../../../contracts/types/IoSpec.sol";
import { bound } from "../support/Bound.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";

contract SignalsTest {
    using IoSpecLib for uint256;

    /// @dev One inference of some model.
    struct Sample {
        PlainSignals.Side input;
        PlainSignals.Side output;
        bytes x;
        bytes y;
    }

    uint256 private constant VECTOR_ROWS = 50;

    function testFuzz_rebuild_agreesWithPlainTwin(uint256 seed, Signals.Parts memory parts) public view {
        Sample memory s = sampleOf(seed);
        parts.ioSpec = PlainSignals.ioSpec(s.input, s.output);

        uint256[] memory signals = this.rebuild(parts, s.x, s.y);

        uint256[] memory expected = PlainSignals.signalsOf(
            s.input,
            s.output,
            s.x,
            s.y,
            parts.vkHash,
            parts.bind,
            parts.c
        );
        vm.assertEq(abi.encode(signals), abi.encode(expected));
        vm.assertEq(signals.length, parts.ioSpec.signalCount());
    }

    function testFuzz_rebuildFlipped_changesTheFirstOutputElementOnly(
        uint256 seed,
        Signals.Parts memory parts
    ) public view {
        Sample memory s = sampleOf(seed);
        parts.ioSpec = PlainSignals.ioSpec(s.input, s.output);

        uint256[] memory flipped = this.rebuildFlipped(parts, s.x, s.y);

        s.y[s.output.size - 1] ^= 0x01;
        vm.assertEq(abi.encode(flipped), abi.encode(this.rebuild(parts, s.x, s.y)));
    }

    function test_rebuild_putsOutputsFirstWhenPacked() public view {
        PlainSignals.Side memory oneWord = PlainSignals.Side(2, 1, false, 31);
        PlainSignals.Side memory twoWords = PlainSignals.Side(2, 1, false, 62);
        bytes memory x = someBytes(1, 62);
        bytes memory y = someBytes(2, 31);

        uint256[] memory signals = this.rebuild(Signals.Parts(PlainSignals.ioSpec(twoWords, oneWord), 0, 77, 0), x, y);

        vm.assertEq(signals.length, 4);
        vm.assertEq(signals[0], uint256(bytes32(y)) >> 8);
        vm.assertEq(signals[1], uint256(bytes32(x)) >> 8);
        vm.assertEq(signals[3], 77);
    }

    function test_rebuild_fillsTheLastWordWithElementsOfValueZero() public view {
        PlainSignals.Side memory oneInt16 = PlainSignals.Side(5, 2, true, 1);

        uint256[] memory signals = this.rebuild(
            Signals.Parts(PlainSignals.ioSpec(oneInt16, oneInt16), 0, 0, 0),
            hex"ffff",
            hex"0001"
        );

        // -1 is 0x7fff and 0 is 0x8000 in offset binary; 15 elements to a word.
        uint256 zeros = 0x8000_8000_8000_8000_8000_8000_8000_8000_8000_8000_8000_8000_8000_8000;
        vm.assertEq(signals[1], (0x7fff << 224) | zeros);
        vm.assertEq(signals[0], (0x8001 << 224) | zeros);
    }

    function test_vectors_packedAndBoundSignalsAgree() public view {
        string memory json = vm.readFile("test/vectors/words.json");
        for (uint256 i; i < VECTOR_ROWS; ++i) {
            string memory row = string.concat("$.signals[", vm.toString(i), "]");
            Signals.Parts memory parts = Signals.Parts({
                ioSpec: uint256(wordAt(json, row, ".ioSpec")),
                vkHash: wordAt(json, row, ".vkHash"),
                bind: uint256(wordAt(json, row, ".bind")),
                c: 0
            });
            if (parts.ioSpec.isBound()) parts.c = uint256(wordAt(json, row, ".c"));
            bytes memory expected = vm.parseJson(json, string.concat(row, ".signals"));
            vm.assertTrue(parts.ioSpec.isCanonical());
            vm.assertEq(
                abi.encode(this.rebuild(parts, bytesAt(json, row, ".input"), bytesAt(json, row, ".output"))),
                expected
            );
        }
    }

    function wordAt(string memory json, string memory row, string memory member) private pure returns (bytes32) {
        return abi.decode(vm.parseJson(json, string.concat(row, member)), (bytes32));
    }

    function bytesAt(string memory json, string memory row, string memory member) private pure returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(row, member));
    }

    function rebuild(
        Signals.Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) external pure returns (uint256[] memory) {
        return Signals.rebuild(parts, input, output);
    }

    function rebuildFlipped(
        Signals.Parts memory parts,
        bytes calldata input,
        bytes calldata output
    ) external pure returns (uint256[] memory) {
        return Signals.rebuildFlipped(parts, input, output);
    }

    /// @dev Types of every size, signed or not; a few elements or many, full last words among them.
    function sampleOf(uint256 seed) private pure returns (Sample memory s) {
        s.input = sideOf(seed & 0xffff, bound(seed >> 16, 1, 90));
        s.output = sideOf((seed >> 32) & 0xffff, bound(seed >> 48, 1, 40));
        s.x = someBytes(seed, uint256(s.input.count) * s.input.size);
        s.y = someBytes(~seed, uint256(s.output.count) * s.output.size);
    }

    function sideOf(uint256 seed, uint256 count) private pure returns (PlainSignals.Side memory side) {
        uint8[3][9] memory table = [
            [1, 4, 0],
            [2, 1, 0],
            [3, 1, 1],
            [4, 2, 0],
            [5, 2, 1],
            [6, 4, 1],
            [7, 8, 1],
            [12, 4, 0],
            [13, 8, 0]
        ];
        uint8[3] memory row = table[seed % 9];
        return PlainSignals.Side(row[0], row[1], row[2] == 1, uint32(count));
    }

    function someBytes(uint256 seed, uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i; i < length; ++i) data[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
    }
}
