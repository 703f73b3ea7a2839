// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../../../contracts/interfaces/IAttestationErrors.sol";
import { CoseSign1 } from "../../../contracts/libraries/CoseSign1.sol";
import { NitroDocument, NitroFields } from "../../../contracts/libraries/NitroDocument.sol";
import { ByteRange } from "../../../contracts/types/ByteRange.sol";
import { bound } from "../support/Bound.sol";
import { requireKnownRefusal } from "../support/KnownRefusal.sol";
import { vm } from "../support/Vm.sol";

contract NitroDocumentTest {
    /// @dev What was read of a payload: module_id, certificate, user_data, public_key and nonce, and the rest.
    struct Reading {
        ByteRange[5] ranges;
        uint256 timestampMs;
        uint256[] pcrs;
        ByteRange[] cabundle;
    }

    /// @dev Whoever brings a document pays for reading it; this is of what costs most, a genuine one costs a tenth.
    uint256 private constant MAX_GAS_PER_BYTE = 1_200;
    bytes private constant CERTIFICATE = "certificate";
    bytes private constant AUTHORITY = "authority";

    function test_read_findsEverything() public view {
        bytes memory payload = aPayload();

        Reading memory reading = this.read(payload);

        vm.assertEq(slice(payload, reading.ranges[0]), bytes("i-0-enc0"));
        vm.assertEq(slice(payload, reading.ranges[1]), CERTIFICATE);
        vm.assertEq(slice(payload, reading.ranges[2]), hex"0102");
        vm.assertEq(reading.ranges[3].end, 0);
        vm.assertEq(reading.timestampMs, 1_770_918_962_724);
        vm.assertEq(reading.cabundle.length, 1);
        vm.assertEq(slice(payload, reading.cabundle[0]), AUTHORITY);
        for (uint256 i; i < NitroDocument.MAX_PCRS; ++i) vm.assertEq(reading.pcrs[i] != 0, i < 3);
    }

    function testFuzz_read_answersChangesWithARefusalOrRangesWithinThePayload(
        uint256 place,
        bytes memory change
    ) public view {
        bytes memory payload = aPayload();
        place = bound(place, 0, payload.length - 1);
        for (uint256 i; i < change.length && place + i < payload.length; ++i) payload[place + i] = change[i];

        requireSafeRead(payload);
    }

    function testFuzz_read_answersAnythingWithARefusal(bytes calldata payload) public view {
        if (payload.length != 0) requireSafeRead(payload);
        requireSafeRead(bytes.concat(hex"bf", payload, hex"ff"));
    }

    /// @dev An unknown array of maps of one entry each: what costs most for its length.
    function test_read_costsBoundedGas() public view {
        bytes memory payload = new bytes(65_535);
        bytes memory start = abi.encodePacked(hex"a1617899", uint16(payload.length / 3));
        for (uint256 i; i < payload.length; ++i) {
            if (i < start.length) payload[i] = start[i];
            else payload[i] = (i - start.length) % 3 == 0 ? bytes1(0xa1) : bytes1(0x00);
        }

        uint256 before = gasleft();
        try this.read(payload) {} catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        vm.assertLe(before - gasleft(), MAX_GAS_PER_BYTE * payload.length);
    }

    function testFuzz_envelope_answersAnythingWithARefusalOrThePayload(bytes calldata document, uint16 size) public {
        bytes memory middle = bytes.concat(document, new bytes(bound(size, 256, 2000)));
        bytes memory good = bytes.concat(
            hex"8444a1013822a059",
            bytes2(uint16(middle.length)),
            middle,
            hex"5860",
            new bytes(96)
        );

        vm.assertEq(this.payloadOf(good), middle);
        vm.assertEq(this.payloadOf(bytes.concat(hex"d2", good)), middle);
        try this.payloadOf(document) {} catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        vm.expectRevert(abi.encodeWithSelector(IAttestationErrors.BadLength.selector, good.length + 1));
        this.payloadOf(bytes.concat(good, hex"00"));
    }

    function read(bytes calldata payload) external pure returns (Reading memory) {
        NitroFields memory fields = NitroDocument.read(payload);
        return
            Reading({
                ranges: [fields.moduleId, fields.certificate, fields.userData, fields.publicKey, fields.nonce],
                timestampMs: fields.timestampMs,
                pcrs: fields.pcrs,
                cabundle: fields.cabundle
            });
    }

    function payloadOf(bytes calldata document) external pure returns (bytes memory) {
        return CoseSign1.payloadOf(document, CoseSign1.payloadStart(document));
    }

    function requireSafeRead(bytes memory payload) private view {
        try this.read(payload) returns (Reading memory reading) {
            for (uint256 i; i < reading.ranges.length; ++i) requireWithin(reading.ranges[i], payload, i > 1);
            for (uint256 i; i < reading.cabundle.length; ++i) requireWithin(reading.cabundle[i], payload, false);
            for (uint256 i; i < NitroDocument.MAX_PCRS; ++i) {
                vm.assertTrue(reading.pcrs[i] + NitroDocument.PCR_BYTES <= payload.length);
            }
        } catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
    }

    function aPayload() private pure returns (bytes memory payload) {
        bytes memory register = bytes.concat(hex"5830", new bytes(48));
        payload = bytes.concat(hex"bf69", "module_id", hex"68", "i-0-enc0");
        payload = bytes.concat(payload, hex"66", "digest", hex"66", "SHA384");
        payload = bytes.concat(payload, hex"69", "timestamp", hex"1b0000019c52fee624");
        payload = bytes.concat(payload, hex"64", "pcrs", hex"a3");
        payload = bytes.concat(payload, hex"00", register, hex"01", register);
        payload = bytes.concat(payload, hex"02", register);
        payload = bytes.concat(payload, hex"6b", "certificate", hex"4b", CERTIFICATE);
        payload = bytes.concat(payload, hex"68", "cabundle", hex"8149", AUTHORITY);
        payload = bytes.concat(payload, hex"6a", "public_key", hex"f6");
        payload = bytes.concat(payload, hex"69", "user_data", hex"420102");
        payload = bytes.concat(payload, hex"65", "later", hex"82f6a10102", hex"ff");
    }

    function requireWithin(ByteRange memory range, bytes memory payload, bool mayBeEmpty) private pure {
        vm.assertTrue(range.start < range.end || (mayBeEmpty && range.start == range.end));
        vm.assertTrue(range.end <= payload.length);
    }

    function slice(bytes memory data, ByteRange memory range) private pure returns (bytes memory part) {
        part = new bytes(range.end - range.start);
        for (uint256 i; i < part.length; ++i) part[i] = data[range.start + i];
    }
}
