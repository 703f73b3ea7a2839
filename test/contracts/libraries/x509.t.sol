// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Certificate, CertificateProfile, X509 } from "../../../contracts/libraries/X509.sol";
import { ByteRange } from "../../../contracts/types/ByteRange.sol";
import { bound } from "../support/Bound.sol";
import { requireKnownRefusal } from "../support/KnownRefusal.sol";
import { vm } from "../support/Vm.sol";

contract X509Test {
    /// @dev What was read of a certificate: signed part, serial number, issuer, subject and key, and what it says.
    struct Reading {
        ByteRange[5] ranges;
        uint64 notBefore;
        uint64 notAfter;
        bool isAuthority;
        uint256 pathLength;
        uint8 keyUsage;
        bytes signature;
    }

    /// @dev A certificate has at most 1,024 bytes, of which sixteen extensions are compared with each other.
    uint256 private constant MAX_READ_GAS = 200_000;

    /// @dev The first certificate of the corpus is a good one.
    bytes private good = vm.parseJsonBytes(vm.readFile("test/vectors/certificates.json"), "[0].certificate");

    function test_read_findsEverything() public view {
        Reading memory reading = this.read(good);

        vm.assertEq(reading.ranges[0].start, 4);
        vm.assertEq(reading.ranges[1].end - reading.ranges[1].start, 2);
        vm.assertEq(reading.ranges[4].end - reading.ranges[4].start, 96);
        vm.assertEq(reading.notBefore, 1_767_225_600);
        vm.assertEq(reading.notAfter, 1_798_761_599);
        vm.assertTrue(reading.isAuthority);
        vm.assertEq(reading.pathLength, 2);
        vm.assertEq(reading.keyUsage, X509.KEY_CERT_SIGN | 0x02);
        vm.assertEq(reading.signature.length, 96);
    }

    function testFuzz_read_answersChangesWithARefusalOrRangesWithinTheCertificate(
        uint256 place,
        bytes memory change
    ) public view {
        bytes memory der = good;
        place = bound(place, 0, der.length - 1);
        for (uint256 i; i < change.length && place + i < der.length; ++i) der[place + i] = change[i];

        requireSafeRead(der);
    }

    function testFuzz_read_answersOneChangedByteWithARefusalOrRangesWithinTheCertificate(
        uint256 place,
        bytes1 value
    ) public view {
        bytes memory der = good;
        der[bound(place, 0, der.length - 1)] = value;

        requireSafeRead(der);
    }

    function testFuzz_read_answersAnythingWithARefusal(bytes calldata der) public view {
        requireSafeRead(der);
        requireSafeRead(bytes.concat(hex"3082", bytes2(uint16(der.length)), der));
    }

    function read(bytes calldata der) external pure returns (Reading memory reading) {
        CertificateProfile memory profile = X509.p384Profile();
        Certificate memory certificate = X509.readHead(der, profile);
        X509.readTail(der, profile, certificate);
        reading.ranges = [
            certificate.signed,
            certificate.serial,
            certificate.issuer,
            certificate.subject,
            certificate.key
        ];
        (reading.notBefore, reading.notAfter) = (certificate.notBefore, certificate.notAfter);
        reading.isAuthority = certificate.isAuthority && certificate.isAuthorityCritical;
        (reading.pathLength, reading.keyUsage) = (certificate.pathLength, certificate.keyUsage);
        reading.signature = certificate.signature;
    }

    function requireSafeRead(bytes memory der) private view {
        uint256 before = gasleft();
        try this.read(der) returns (Reading memory reading) {
            ByteRange memory signed = reading.ranges[0];
            vm.assertTrue(signed.start < signed.end && signed.end <= der.length);
            uint256 end = signed.start;
            for (uint256 i = 1; i < 5; ++i) {
                vm.assertTrue(end < reading.ranges[i].start && reading.ranges[i].start < reading.ranges[i].end);
                end = reading.ranges[i].end;
            }
            vm.assertTrue(end < signed.end);
            vm.assertEq(end - reading.ranges[4].start, 96);
            vm.assertEq(reading.signature.length, 96);
        } catch (bytes memory refusal) {
            requireKnownRefusal(refusal);
        }
        vm.assertLe(before - gasleft(), MAX_READ_GAS);
    }
}
