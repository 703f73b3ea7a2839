// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../../../contracts/interfaces/IAttestationErrors.sol";
import { Cbor } from "../../../contracts/libraries/Cbor.sol";
import { bound } from "../support/Bound.sol";
import { requireKnownRefusal } from "../support/KnownRefusal.sol";
import { vm } from "../support/Vm.sol";

contract CborTest {
    /// @dev Depth of a value of the outermost map.
    uint256 private constant VALUE_DEPTH = 2;

    function testFuzz_head_readsWhatIsWrittenShortest(uint64 number, uint8 size, bytes calldata after_) public view {
        number >>= uint8(bound(size, 0, 63));
        bytes memory written = shortestHead(Cbor.UNSIGNED, number);

        (uint8 major, uint256 found, uint256 next) = this.head(bytes.concat(written, after_), VALUE_DEPTH);

        vm.assertEq(major, Cbor.UNSIGNED);
        vm.assertEq(found, number);
        vm.assertEq(next, written.length);
    }

    function testFuzz_head_RevertWhen_NotShortest(uint64 number, uint8 size, uint8 major) public {
        uint8[4] memory majors = [Cbor.UNSIGNED, Cbor.BYTES, Cbor.TEXT, Cbor.ARRAY];
        major = majors[major % 4];
        bytes memory longer;
        size = size % 4;
        if (size == 0) longer = abi.encodePacked((major << 5) | 24, uint8(number % 24));
        if (size == 1) longer = abi.encodePacked((major << 5) | 25, uint16(number % 2 ** 8));
        if (size == 2) longer = abi.encodePacked((major << 5) | 26, uint32(number % 2 ** 16));
        if (size == 3) longer = abi.encodePacked((major << 5) | 27, uint64(number % 2 ** 32));

        expectRefusal(IAttestationErrors.CborNotMinimal.selector, 0);
        this.head(longer, VALUE_DEPTH);
    }

    function test_head_RevertWhen_TypeIsNotUsed() public {
        for (uint256 first; first < 256; ++first) {
            uint256 major = first >> 5;
            bool isUsed = first == 0xf6 || (major != 1 && major < 6 && first & 0x1f < 28);
            if (isUsed) continue;
            expectRefusal(IAttestationErrors.CborInvalid.selector, 0);
            this.head(bytes.concat(bytes1(uint8(first)), new bytes(16)), VALUE_DEPTH);
        }
    }

    function test_head_RevertWhen_Truncated() public {
        bytes[5] memory starts = [bytes(""), hex"18", hex"1901", hex"1a010000", hex"1b01000000000000"];
        for (uint256 i; i < starts.length; ++i) {
            expectRefusal(IAttestationErrors.CborTruncated.selector, 0);
            this.head(starts[i], VALUE_DEPTH);
        }
    }

    function test_head_RevertWhen_MapHasMoreThan32Entries() public {
        (, uint256 count, ) = this.head(hex"b820", VALUE_DEPTH);
        vm.assertEq(count, 32);
        expectRefusal(IAttestationErrors.CborInvalid.selector, 0);
        this.head(hex"b821", VALUE_DEPTH);
        expectRefusal(IAttestationErrors.CborInvalid.selector, 0);
        this.head(hex"bb7fffffffffffffff", VALUE_DEPTH);
    }

    function test_skip_passesEveryKnownItem() public view {
        requireSkipped(hex"00");
        requireSkipped(hex"1bffffffffffffffff");
        requireSkipped(hex"f6");
        requireSkipped(hex"40");
        requireSkipped(hex"43010203");
        requireSkipped(hex"63616263");
        requireSkipped(hex"80");
        requireSkipped(hex"8301f643010203");
        requireSkipped(hex"a0");
        requireSkipped(hex"a261610161628101");
        requireSkipped(hex"a201016131f6");
    }

    function test_skip_RevertWhen_NestedTooDeep() public {
        requireSkipped(hex"8180");

        expectRefusal(IAttestationErrors.CborInvalid.selector, 2);
        this.skip(hex"818180");
        expectRefusal(IAttestationErrors.CborInvalid.selector, 3);
        this.skip(hex"81a100a0");
    }

    function test_skip_RevertWhen_KeyIsTwiceOrOfAnotherType() public {
        expectRefusal(IAttestationErrors.CborDuplicateKey.selector, 4);
        this.skip(hex"a2616101616102");
        expectRefusal(IAttestationErrors.CborDuplicateKey.selector, 3);
        this.skip(hex"a201010102");
        expectRefusal(IAttestationErrors.CborInvalid.selector, 1);
        this.skip(hex"a1410101");
        expectRefusal(IAttestationErrors.CborInvalid.selector, 1);
        this.skip(hex"a1f601");
    }

    function test_skip_RevertWhen_ItReachesBeyondTheEnd() public {
        expectRefusal(IAttestationErrors.CborTruncated.selector, 1);
        this.skip(hex"430102");
        expectRefusal(IAttestationErrors.CborTruncated.selector, 9);
        this.skip(hex"5bffffffffffffffff");
        expectRefusal(IAttestationErrors.CborTruncated.selector, 10);
        this.skip(hex"9bffffffffffffffff00");
        expectRefusal(IAttestationErrors.CborTruncated.selector, 3);
        this.skip(hex"a16161");
    }

    function testFuzz_skip_answersAnythingWithARefusalOrAnEnd(bytes calldata data) public view {
        try this.skip(data) returns (uint256 next) {
            vm.assertTrue(next > 0 && next <= data.length);
        } catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
    }

    /// @dev Bytes that are mostly heads, so that containers nest.
    function testFuzz_skip_answersHeadsWithARefusalOrAnEnd(bytes memory data) public view {
        bytes16 heads = hex"00010203184041586061788081a0a1f6";
        for (uint256 i; i < data.length; ++i) data[i] = heads[uint8(data[i]) % 16];
        try this.skip(data) returns (uint256 next) {
            vm.assertTrue(next > 0 && next <= data.length);
        } catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
    }

    function head(bytes calldata data, uint256 depth) external pure returns (uint8, uint256, uint256) {
        return Cbor.head(data, 0, depth);
    }

    function skip(bytes calldata data) external pure returns (uint256) {
        return Cbor.skip(data, 0, VALUE_DEPTH);
    }

    function requireSkipped(bytes memory item) private view {
        vm.assertEq(this.skip(bytes.concat(item, hex"ffff")), item.length);
    }

    function shortestHead(uint8 major, uint64 number) private pure returns (bytes memory) {
        uint8 first = major << 5;
        if (number < 24) return abi.encodePacked(first | uint8(number));
        if (number < 2 ** 8) return abi.encodePacked(first | 24, uint8(number));
        if (number < 2 ** 16) return abi.encodePacked(first | 25, uint16(number));
        if (number < 2 ** 32) return abi.encodePacked(first | 26, uint32(number));
        return abi.encodePacked(first | 27, number);
    }

    function expectRefusal(bytes4 selector, uint256 offset) private {
        vm.expectRevert(abi.encodeWithSelector(selector, offset));
    }
}
