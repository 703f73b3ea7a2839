// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { Attestation } from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {
    KnownAnswer,
    ModelSpec,
    NamedMeasurement,
    Publication,
    Semantics,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { InitialVerifier } from "../../../contracts/interfaces/IVerifierRouter.sol";
import { EnclaveBinding, EnclaveClaims, EnclaveIds } from "../../../contracts/libraries/EnclaveIds.sol";
import { MockAttestationVerifier } from "../../../contracts/mocks/MockAttestationVerifier.sol";
import { Evidence } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { GateFixture } from "./GateFixture.sol";
import { vm } from "./Vm.sol";

/// @title  TeeFixture
/// @notice The truth contracts with vendors whose keys tests have: genuine ones for Nitro and SGX, a stand-in for TDX;
/// and what an operator needs to register an enclave.
abstract contract TeeFixture is GateFixture {
    uint8 internal constant NITRO = 1;
    uint8 internal constant SGX = 2;
    uint8 internal constant TDX = 3;
    uint8 internal constant COMPUTE = 1;
    uint8 internal constant GATEWAY = 2;
    uint256 internal constant KEY_OF_VENDOR = 0x4e4d04;
    uint256 internal constant KEY_OF_ENCLAVE = 0xe9c1a4e;
    uint32 internal constant TEE_GAS_CAP = 1_000_000;
    bytes32 internal constant MEASUREMENT = keccak256("measured code");
    bytes32 internal constant ROOT = keccak256("vendor's root");
    bytes32 internal constant PLATFORM = keccak256("platform");
    uint256 internal constant BLOCK = 5_000;

    MockAttestationVerifier internal nitroVerifier;
    MockAttestationVerifier internal sgxVerifier;
    MockAttestationVerifier internal tdxVerifier;

    function deployTee() internal {
        vm.roll(BLOCK);
        deployGate();
    }

    function initialVerifiers() internal override returns (InitialVerifier[] memory initial) {
        address vendor = vm.addr(KEY_OF_VENDOR);
        nitroVerifier = new MockAttestationVerifier(NITRO, false, vendor, attestationPolicy);
        sgxVerifier = new MockAttestationVerifier(SGX, false, vendor, attestationPolicy);
        tdxVerifier = new MockAttestationVerifier(TDX, true, vendor, attestationPolicy);
        initial = new InitialVerifier[](5);
        initial[0] = InitialVerifier(0, address(signedVerifier), SIGNED_GAS_CAP);
        initial[1] = InitialVerifier(4, address(groth16Verifier), GROTH16_GAS_CAP);
        initial[2] = InitialVerifier(NITRO, address(nitroVerifier), TEE_GAS_CAP);
        initial[3] = InitialVerifier(SGX, address(sgxVerifier), TEE_GAS_CAP);
        initial[4] = InitialVerifier(TDX, address(tdxVerifier), TEE_GAS_CAP);
    }

    /// @dev COMPUTE in a Nitro enclave, no heartbeats; with a fresh challenge for `operator`.
    function aRegistration(address operator) internal returns (Registration memory registration) {
        vm.prank(operator);
        (bytes32 challenge, ) = enclaves.requestChallenge();
        registration = Registration({
            family: NITRO,
            signer: vm.addr(KEY_OF_ENCLAVE),
            keyEpoch: 1,
            challenge: challenge,
            claims: EnclaveClaims(COMPUTE, 0, keccak256("configuration"), sha256("program")),
            heartbeatSeconds: 0
        });
    }

    function bindingOf(Registration memory registration) internal view returns (EnclaveBinding memory) {
        (address operator, uint64 deadline) = enclaves.challengeOf(registration.challenge);
        return
            EnclaveBinding({
                chainId: block.chainid,
                registry: address(enclaves),
                operator: operator,
                signer: registration.signer,
                keyEpoch: registration.keyEpoch,
                challenge: registration.challenge,
                deadline: deadline,
                claims: registration.claims
            });
    }

    function anAttestation(Registration memory registration) internal view returns (Attestation memory attestation) {
        bytes32 bindingHash = EnclaveIds.bindingHashOf(bindingOf(registration));
        bool isNitro = registration.family == NITRO;
        attestation.rootId = ROOT;
        attestation.measurementId = MEASUREMENT;
        attestation.userData = isNitro ? abi.encode(bindingHash) : abi.encode(bindingHash, bytes32(0));
        attestation.issuedAt = isNitro ? uint64(block.timestamp) : 0;
        attestation.notAfter = uint64(block.timestamp) + (isNitro ? 3 hours : 30 days);
        attestation.traits = new bytes32[](2);
        (attestation.traits[0], attestation.traits[1]) = (ROOT, PLATFORM);
    }

    function aDocument(Attestation memory attestation) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_OF_VENDOR, keccak256(abi.encode(attestation)));
        return abi.encode(attestation, abi.encodePacked(r, s, v));
    }

    /// @dev The enclave's proof that it has the key, over the binding that the registry will compute.
    function aPossession(Registration memory registration) internal view returns (bytes memory) {
        return aPossessionBy(KEY_OF_ENCLAVE, registration);
    }

    function aPossessionBy(uint256 privateKey, Registration memory registration) internal view returns (bytes memory) {
        return possessionOf(privateKey, EnclaveIds.bindingHashOf(bindingOf(registration)));
    }

    function possessionOf(uint256 privateKey, bytes32 bindingHash) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Possession(bytes32 bindingHash)");
        return signatureOver(privateKey, keccak256(abi.encode(typeHash, bindingHash)));
    }

    function heartbeatOf(
        uint256 privateKey,
        bytes32 enclaveId,
        uint64 blockNumber
    ) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)");
        bytes32 blockHash = blockhash(blockNumber);
        return signatureOver(privateKey, keccak256(abi.encode(typeHash, enclaveId, blockHash, blockNumber)));
    }

    function signatureOver(uint256 privateKey, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, registryDigest(structHash));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Whom the registry takes for the signer.
    function recover(bytes32 structHash, bytes memory signature) internal view returns (address) {
        return ECDSA.recover(registryDigest(structHash), signature);
    }

    /// @dev EIP-712 under the registry's domain.
    function registryDigest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Assay"),
                keccak256("1"),
                block.chainid,
                address(enclaves)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @dev Registers with everything that belongs to a registration.
    function registerAs(address operator, Registration memory registration) internal returns (bytes32) {
        bytes memory document = aDocument(anAttestation(registration));
        bytes memory possession = aPossession(registration);
        vm.prank(operator);
        return enclaves.register(registration, document, "", possession);
    }

    /// @dev One enclave of the executor, of this family.
    function anEnclave(uint8 family) internal returns (bytes32) {
        Registration memory registration = aRegistration(EXECUTOR);
        registration.family = family;
        return registerAs(EXECUTOR, registration);
    }

    /// @dev A version without key that names MEASUREMENT for Nitro and TDX.
    function registerAttestable(Semantics semantics) internal returns (bytes32) {
        Publication memory publication;
        publication.measurements = new NamedMeasurement[](2);
        publication.measurements[0] = NamedMeasurement(NITRO, MEASUREMENT);
        publication.measurements[1] = NamedMeasurement(TDX, MEASUREMENT);
        return registerKeyless(semantics, publication);
    }

    function registerKeyless(Semantics semantics, Publication memory publication) internal returns (bytes32) {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), 0);
        if (semantics == Semantics.Remote) spec.ioSpec = 0;
        spec.semantics = semantics;
        KnownAnswer memory none;
        vm.prank(MODEL_OWNER);
        return models.register(spec, Setup(SetupKind.None, 0), "", none, publication);
    }

    function attestedBy(
        uint256 privateKey,
        uint8 family,
        bytes32 enclaveId,
        Statement memory statement
    ) internal view returns (Evidence memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, gate.digestOf(statement));
        return Evidence(family, abi.encode(enclaveId, abi.encodePacked(r, s, v)));
    }

    function revoke(bytes32 trait) internal {
        vm.prank(OWNER);
        attestationPolicy.revoke(trait, Standing.Compromised);
    }

    function stopFamily(uint8 family) internal {
        bytes4 selector = router.currentSelector(family);
        vm.prank(OWNER);
        router.stop(selector);
    }
}
