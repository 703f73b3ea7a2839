// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
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
    uint256 private constant COMMITTED_ROWS = 5;

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

    /// @dev Bit 0 of `which`: the input is committed, bit 1: the output.
    function testFuzz_rebuild_putsHashesOfCommittedSidesInFrontOfBind(
        uint256 seed,
        uint256 which,
        Signals.Parts memory parts
    ) public view {
        Sample memory s = sampleOf(seed);
        which = bound(which, 1, 3);
        hideIn(s, parts, which);

        uint256[] memory signals = this.rebuild(parts, s.x, s.y);

        vm.assertEq(abi.encode(signals), abi.encode(expectedOf(s, parts, which)));
        vm.assertEq(signals.length, parts.ioSpec.signalCount());
    }

    function testFuzz_rebuildFlipped_takesTheNextCommitmentOfACommittedOutput(
        uint256 seed,
        uint256 which,
        Signals.Parts memory parts
    ) public view {
        Sample memory s = sampleOf(seed);
        which = bound(which, 2, 3);
        hideIn(s, parts, which);
        if (seed % 8 == 0) parts.outputHash = bytes32(Bn254.P - 1);

        uint256[] memory flipped = this.rebuildFlipped(parts, s.x, s.y);

        parts.outputHash = bytes32(addmod(uint256(parts.outputHash), 1, Bn254.P));
        vm.assertEq(abi.encode(flipped), abi.encode(this.rebuild(parts, s.x, s.y)));
    }

    function testFuzz_rebuildFlipped_changesThePublicOutputBesideACommittedInput(
        uint256 seed,
        Signals.Parts memory parts
    ) public view {
        Sample memory s = sampleOf(seed);
        hideIn(s, parts, 1);

        uint256[] memory flipped = this.rebuildFlipped(parts, s.x, s.y);

        s.y[s.output.size - 1] ^= 0x01;
        vm.assertEq(abi.encode(flipped), abi.encode(this.rebuild(parts, s.x, s.y)));
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

        uint256[] memory signals = this.rebuild(
            Signals.Parts(PlainSignals.ioSpec(twoWords, oneWord), 0, 77, 0, 0, 0),
            x,
            y
        );

        vm.assertEq(signals.length, 4);
        vm.assertEq(signals[0], uint256(bytes32(y)) >> 8);
        vm.assertEq(signals[1], uint256(bytes32(x)) >> 8);
        vm.assertEq(signals[3], 77);
    }

    function test_rebuild_fillsTheLastWordWithElementsOfValueZero() public view {
        PlainSignals.Side memory oneInt16 = PlainSignals.Side(5, 2, true, 1);

        uint256[] memory signals = this.rebuild(
            Signals.Parts(PlainSignals.ioSpec(oneInt16, oneInt16), 0, 0, 0, 0, 0),
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
            expectVector(json, row, partsAt(json, row), bytesAt(json, row, ".input"), bytesAt(json, row, ".output"));
        }
    }

    function test_vectors_committedSignalsAgree() public view {
        string memory json = vm.readFile("test/vectors/words.json");
        for (uint256 i; i < COMMITTED_ROWS; ++i) {
            string memory row = string.concat("$.committed[", vm.toString(i), "]");
            Signals.Parts memory parts = partsAt(json, row);
            bytes memory x;
            bytes memory y;
            if (parts.ioSpec.inputOf().isCommitted()) parts.inputHash = wordAt(json, row, ".inputHash");
            else x = bytesAt(json, row, ".input");
            if (parts.ioSpec.outputOf().isCommitted()) parts.outputHash = wordAt(json, row, ".outputHash");
            else y = bytesAt(json, row, ".output");
            vm.assertTrue(parts.ioSpec.committedSides() != 0);
            expectVector(json, row, parts, x, y);
        }
    }

    function expectVector(
        string memory json,
        string memory row,
        Signals.Parts memory parts,
        bytes memory x,
        bytes memory y
    ) private view {
        vm.assertTrue(parts.ioSpec.isCanonical());
        vm.assertEq(abi.encode(this.rebuild(parts, x, y)), vm.parseJson(json, string.concat(row, ".signals")));
    }

    function partsAt(string memory json, string memory row) private pure returns (Signals.Parts memory parts) {
        parts.ioSpec = uint256(wordAt(json, row, ".ioSpec"));
        parts.vkHash = wordAt(json, row, ".vkHash");
        parts.bind = uint256(wordAt(json, row, ".bind"));
        if (parts.ioSpec.isBound()) parts.c = uint256(wordAt(json, row, ".c"));
    }

    /// @dev Makes sides of a sample committed; hashes are field elements.
    function hideIn(Sample memory s, Signals.Parts memory parts, uint256 which) private pure {
        parts.ioSpec = PlainSignals.ioSpec(s.input, s.output);
        parts.inputHash = bytes32(uint256(parts.inputHash) % Bn254.P);
        parts.outputHash = bytes32(uint256(parts.outputHash) % Bn254.P);
        if (which & 1 != 0) {
            parts.ioSpec |= PlainSignals.COMMITTED_INPUT;
            (s.input, s.x) = (PlainSignals.hidden(s.input), "");
        }
        if (which & 2 != 0) {
            parts.ioSpec |= PlainSignals.COMMITTED_OUTPUT;
            (s.output, s.y) = (PlainSignals.hidden(s.output), "");
        }
    }

    function expectedOf(
        Sample memory s,
        Signals.Parts memory parts,
        uint256 which
    ) private pure returns (uint256[] memory) {
        uint256[] memory hashes = new uint256[](which == 3 ? 2 : 1);
        hashes[0] = uint256(which == 2 ? parts.outputHash : parts.inputHash);
        if (which == 3) hashes[1] = uint256(parts.outputHash);
        return
            PlainSignals.withHashes(
                PlainSignals.signalsOf(s.input, s.output, s.x, s.y, parts.vkHash, parts.bind, parts.c),
                hashes
            );
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
