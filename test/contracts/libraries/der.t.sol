// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../../../contracts/interfaces/IAttestationErrors.sol";
import { Der } from "../../../contracts/libraries/Der.sol";
import { ByteRange } from "../../../contracts/types/ByteRange.sol";
import { bound } from "../support/Bound.sol";
import { requireKnownRefusal } from "../support/KnownRefusal.sol";
import { vm } from "../support/Vm.sol";

contract DerTest {
    function testFuzz_element_readsWhatIsWrittenShortest(uint256 length, uint8 tag, bytes calldata after_) public view {
        length = bound(length, 0, 2000);
        bytes memory head = shortestHead(tag, length);
        bytes memory data = bytes.concat(head, new bytes(length), after_);

        (uint256 start, uint256 end) = this.element(data, 0, data.length, tag);

        vm.assertEq(start, head.length);
        vm.assertEq(end, head.length + length);
    }

    function testFuzz_element_RevertWhen_ItReachesBeyondItsContainer(uint256 length, uint256 limit) public {
        length = bound(length, 0, 2000);
        bytes memory data = bytes.concat(shortestHead(0x30, length), new bytes(length));
        limit = bound(limit, 0, data.length - 1);

        expectDerInvalid(0);
        this.element(data, 0, limit, 0x30);
    }

    function testFuzz_element_RevertWhen_TagDiffers(uint8 tag, uint8 other) public {
        vm.assume(tag != other);

        expectDerInvalid(0);
        this.element(abi.encodePacked(tag, uint8(0)), 0, 2, other);
    }

    function test_element_RevertWhen_LengthIsNotShortest() public {
        bytes[7] memory heads = [
            bytes(hex"3080"),
            hex"308100",
            hex"30817f",
            hex"30820000",
            hex"308200ff",
            hex"3083000100",
            hex"3084ffffffff"
        ];
        for (uint256 i; i < heads.length; ++i) {
            bytes memory data = bytes.concat(heads[i], new bytes(300));

            expectDerInvalid(0);
            this.element(data, 0, data.length, 0x30);
        }
    }

    function test_unsignedInteger_ofEdges() public view {
        requireInteger({ data: hex"020100", maxBytes: 1, magnitude: 2 });
        requireInteger({ data: hex"02017f", maxBytes: 1, magnitude: 2 });
        requireInteger({ data: hex"02020080", maxBytes: 1, magnitude: 3 });
        requireInteger({ data: hex"02021234", maxBytes: 2, magnitude: 2 });
    }

    function test_unsignedInteger_RevertWhen_NegativePaddedEmptyOrTooLong() public {
        bytes[6] memory integers = [
            bytes(hex"0200"),
            hex"020180",
            hex"02020000",
            hex"0202007f",
            hex"0203010000",
            hex"020400800000"
        ];
        for (uint256 i; i < integers.length; ++i) {
            expectDerInvalid(0);
            this.unsignedInteger(integers[i], 2);
        }
    }

    function test_time_ofBothForms() public view {
        vm.assertEq(this.time(bytes.concat(hex"170d", "191028132805Z")), 1_572_269_285);
        vm.assertEq(this.time(bytes.concat(hex"170d", "491028142805Z")), 2_519_044_085);
        vm.assertEq(this.time(bytes.concat(hex"170d", "700101000000Z")), 0);
        vm.assertEq(this.time(bytes.concat(hex"180f", "20260212175559Z")), 1_770_918_959);
        vm.assertEq(this.time(bytes.concat(hex"180f", "99991231235959Z")), 253_402_300_799);
    }

    function test_time_RevertWhen_ItIsNone() public {
        bytes[9] memory times = [
            bytes.concat(hex"170d", "501028132805Z"),
            bytes.concat(hex"170d", "261328132805Z"),
            bytes.concat(hex"170d", "260229132805Z"),
            bytes.concat(hex"170d", "261028132805z"),
            bytes.concat(hex"170f", "20260212175559Z"),
            bytes.concat(hex"180d", "191028132805Z"),
            bytes.concat(hex"180f", "19691231235959Z"),
            bytes.concat(hex"1711", "260212175559+0000"),
            bytes.concat(hex"190d", "191028132805Z")
        ];
        for (uint256 i; i < times.length; ++i) {
            expectDerInvalid(0);
            this.time(times[i]);
        }
        expectDerInvalid(4);
        this.time(bytes.concat(hex"170d", "19:028132805Z"));
    }

    function testFuzz_readers_answerAnythingWithARefusalOrARange(bytes calldata data, uint256 offset) public view {
        offset = bound(offset, 0, data.length + 40);
        try this.element(data, offset, data.length, 0x30) returns (uint256 start, uint256 end) {
            vm.assertTrue(offset < start && start <= end && end <= data.length);
        } catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        try this.unsignedInteger(data, 48) {} catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        try this.time(data) {} catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        try this.time(bytes.concat(hex"170d", data)) {} catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
    }

    function element(
        bytes calldata data,
        uint256 offset,
        uint256 limit,
        uint8 tag
    ) external pure returns (uint256 start, uint256 end) {
        return Der.element(data, offset, limit, tag);
    }

    function unsignedInteger(bytes calldata data, uint256 maxBytes) external pure returns (ByteRange memory, uint256) {
        return Der.unsignedInteger(data, 0, data.length, maxBytes);
    }

    function time(bytes calldata data) external pure returns (uint64 timestamp) {
        (timestamp, ) = Der.time(data, 0, data.length);
    }

    function requireInteger(bytes memory data, uint256 maxBytes, uint256 magnitude) private view {
        (ByteRange memory contents, uint256 found) = this.unsignedInteger(data, maxBytes);
        vm.assertEq(contents.start, 2);
        vm.assertEq(contents.end, data.length);
        vm.assertEq(found, magnitude);
    }

    function shortestHead(uint8 tag, uint256 length) private pure returns (bytes memory) {
        if (length < 0x80) return abi.encodePacked(tag, uint8(length));
        if (length < 0x100) return abi.encodePacked(tag, hex"81", uint8(length));
        return abi.encodePacked(tag, hex"82", uint16(length));
    }

    function expectDerInvalid(uint256 offset) private {
        vm.expectRevert(abi.encodeWithSelector(IAttestationErrors.DerInvalid.selector, offset));
    }
}
