// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { ITeeRegistry } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { EnclaveBinding, EnclaveIds } from "../../../contracts/libraries/EnclaveIds.sol";
import { vm } from "../support/Vm.sol";
import { RegistrationFixture } from "./RegistrationFixture.sol";

/// @notice What ties a document and a key to one registration.
contract TeeBindingTest is RegistrationFixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function test_register_takesTheLayoutOfNitriding() public {
        bytes32 bindingHash = EnclaveIds.bindingHashOf(bindingOf(registration));
        attestation.userData = abi.encodePacked(hex"1220", keccak256("TLS"), hex"1220", bindingHash);

        bytes32 enclaveId = registerIt();
        vm.assertEq(enclaves.enclaveOf(registration.signer), enclaveId);
    }

    function test_register_RevertWhen_UserDataHasAnotherLayout() public {
        bytes32 hash = EnclaveIds.bindingHashOf(bindingOf(registration));
        bytes[9] memory layouts = [
            bytes(""),
            abi.encodePacked(hash, hex"00"),
            abi.encode(hash, bytes32(0)),
            abi.encodePacked(bytes31(hash)),
            abi.encodePacked(hex"1220", bytes32(0), hex"1220", hash, hex"00"),
            abi.encodePacked(hex"1221", bytes32(0), hex"1220", hash),
            abi.encodePacked(hex"1220", bytes32(0), hex"1320", hash),
            abi.encodePacked(hex"1220", hash, hex"1220", bytes32(0)),
            abi.encode(hash ^ bytes32(uint256(1)))
        ];
        for (uint256 i; i < layouts.length; ++i) expectUserDataRefused(hash, layouts[i]);

        registration.family = SGX;
        attestation = anAttestation(registration);
        bytes[4] memory reports = [
            abi.encode(hash),
            abi.encode(hash, bytes32(uint256(1))),
            abi.encode(bytes32(0), hash),
            abi.encode(hash, bytes32(0), bytes32(0))
        ];
        for (uint256 i; i < reports.length; ++i) expectUserDataRefused(hash, reports[i]);
    }

    /// @dev A document seen on its way is good for its operator, registry, chain, key and claims alone.
    function test_register_RevertWhen_DocumentWasMadeForAnother() public {
        for (uint256 field; field < 9; ++field) {
            EnclaveBinding memory binding = bindingOf(registration);
            bytes32 expected = EnclaveIds.bindingHashOf(binding);
            if (field == 0) binding.chainId = 1;
            else if (field == 1) binding.registry = address(this);
            else if (field == 2) binding.operator = STRANGER;
            else if (field == 3) binding.signer = STRANGER;
            else if (field == 4) binding.keyEpoch = 2;
            else if (field == 5) binding.challenge ^= bytes32(uint256(1));
            else if (field == 6) binding.deadline += 1;
            else if (field == 7) binding.claims.configHash = 0;
            else binding.claims.binaryDigest = keccak256("another");

            expectUserDataRefused(expected, abi.encode(EnclaveIds.bindingHashOf(binding)));
        }
    }

    /// @dev Whoever sees a registration on its way cannot take it: the challenge and the binding name its operator.
    function test_register_RevertWhen_SomebodyElseBringsIt() public {
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossession(registration);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(ITeeRegistry.ChallengeUnknown.selector, registration.challenge, STRANGER)
        );
        enclaves.register(registration, document, "", possession);

        vm.prank(STRANGER);
        (registration.challenge, ) = enclaves.requestChallenge();
        bytes memory mismatch = signerMismatchOf(EnclaveIds.bindingHashOf(bindingOf(registration)), possession);
        vm.prank(STRANGER);
        vm.expectRevert(mismatch);
        enclaves.register(registration, document, "", possession);
    }

    function test_register_RevertWhen_SignerDoesNotProveItsKey() public {
        bytes32 bindingHash = EnclaveIds.bindingHashOf(bindingOf(registration));
        bytes memory good = possessionOf(KEY_OF_ENCLAVE, bindingHash);
        expectPossessionRefused(new bytes(64), abi.encodeWithSelector(ISignedVerifier.SignatureMalformed.selector, 64));
        (bytes memory high, bytes32 s, uint8 v) = flipped(good);
        expectPossessionRefused(high, abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, s, v));
        expectPossessionRefused(
            possessionOf(KEY_OF_EXECUTOR, bindingHash),
            abi.encodeWithSelector(
                ISignedVerifier.SignerMismatch.selector,
                registration.signer,
                vm.addr(KEY_OF_EXECUTOR)
            )
        );
    }

    function expectPossessionRefused(bytes memory possession, bytes memory reason) private {
        bytes memory document = aDocument(attestation);
        vm.prank(EXECUTOR);
        vm.expectRevert(reason);
        enclaves.register(registration, document, "", possession);
    }

    /// @dev A signature over another binding recovers to some other key.
    function signerMismatchOf(bytes32 bindingHash, bytes memory signature) private view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(keccak256("Possession(bytes32 bindingHash)"), bindingHash));
        address recovered = recover(structHash, signature);
        return abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, registration.signer, recovered);
    }

    /// @dev The other form of the same signature.
    function flipped(bytes memory signature) private pure returns (bytes memory, bytes32 s, uint8 v) {
        bytes32 r;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        s = bytes32(ORDER - uint256(s));
        v = uint8(signature[64]) == 27 ? 28 : 27;
        return (abi.encodePacked(r, s, v), s, v);
    }
}
