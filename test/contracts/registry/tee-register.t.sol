// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationPolicy, Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { Attestation } from "../../../contracts/interfaces/IAttestationVerifier.sol";
import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { EnclaveRecord, EnclaveState, ITeeRegistry } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../../../contracts/interfaces/IVerifierRouter.sol";
import { EnclaveBinding, EnclaveIds } from "../../../contracts/libraries/EnclaveIds.sol";
import { MockAttestationVerifier } from "../../../contracts/mocks/MockAttestationVerifier.sol";
import { TeeRegistry } from "../../../contracts/registry/TeeRegistry.sol";
import { vm } from "../support/Vm.sol";
import { RegistrationFixture } from "./RegistrationFixture.sol";

contract TeeRegisterTest is RegistrationFixture {
    function test_requestChallenge_isTheCallersForAnHour() public {
        vm.prank(STRANGER);
        (bytes32 challenge, uint64 deadline) = enclaves.requestChallenge();

        (address operator, uint64 stored) = enclaves.challengeOf(challenge);
        vm.assertEq(operator, STRANGER);
        vm.assertEq(deadline, NOW + 1 hours);
        vm.assertEq(stored, deadline);
    }

    function test_requestChallenge_neverIssuesTheSameTwice() public {
        (bytes32 first, ) = enclaves.requestChallenge();
        (bytes32 second, ) = enclaves.requestChallenge();
        TeeRegistry elsewhere = new TeeRegistry(attestationPolicy, router);
        (bytes32 third, ) = elsewhere.requestChallenge();

        vm.assertNotEq(first, second);
        vm.assertNotEq(first, third);
        vm.assertNotEq(second, third);
    }

    function test_register_storesTheRecord() public {
        registration.heartbeatSeconds = 600;
        bytes32 enclaveId = EnclaveIds.enclaveIdOf(address(enclaves), NITRO, MEASUREMENT, registration.signer, 1);
        bytes32[] memory traits = new bytes32[](3);
        (traits[0], traits[1], traits[2]) = (ROOT, PLATFORM, enclaveId);

        bytes32 registered = registerIt();

        EnclaveRecord memory record = enclaves.enclave(enclaveId);
        EnclaveRecord memory expected = EnclaveRecord({
            signer: vm.addr(KEY_OF_ENCLAVE),
            validUntil: uint40(NOW + 600),
            notAfter: uint40(NOW + 1 days),
            family: NITRO,
            state: EnclaveState.Active,
            operator: EXECUTOR,
            selector: router.currentSelector(NITRO),
            checkedAt: uint40(NOW),
            claimClass: COMPUTE,
            simulated: false,
            measurementId: MEASUREMENT,
            traitsPointer: record.traitsPointer,
            heartbeatSeconds: 600,
            registeredAt: uint40(NOW),
            keyEpoch: 1,
            heartbeatBlock: uint64(BLOCK)
        });
        vm.assertEq(registered, enclaveId);
        vm.assertEq(abi.encode(record), abi.encode(expected));
        vm.assertEq(abi.encode(enclaves.traitsOf(enclaveId)), abi.encode(traits));
        vm.assertEq(enclaves.enclaveOf(registration.signer), enclaveId);
        vm.assertEq(enclaves.keyEpochOf(EXECUTOR, MEASUREMENT), 1);
    }

    function test_register_emitsAllThatTheRecordCameFrom() public {
        EnclaveBinding memory binding = bindingOf(registration);
        bytes memory document = aDocument(attestation);
        vm.recordLogs();
        bytes32 enclaveId = registerIt();

        bytes memory expected = abi.encode(
            binding,
            enclaves.enclave(enclaveId),
            keccak256(document),
            enclaves.traitsOf(enclaveId)
        );
        vm.assertEq(vm.getRecordedLogs()[0].data, expected);
    }

    function test_register_endsALifeByFamilyCollateralAndGovernance() public {
        registration.family = TDX;
        attestation = anAttestation(registration);
        attestation.notAfter = uint64(NOW + 3 days);
        vm.assertEq(enclaves.enclave(registerIt()).notAfter, NOW + 3 days);

        assertLife(SGX, NOW + 30 days, 2, NOW + 7 days);
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Good, 600);
        assertLife(NITRO, NOW + 3 hours, 3, NOW + 600);
        assertLife(SGX, NOW + 30 days, 4, NOW + 600);
        assertLife(SGX, NOW + 60, 5, NOW + 60);
    }

    /// @dev The leaf of a Nitro document lives three hours; the key stays in the enclave.
    function test_register_letsANitroKeyOutliveItsCertificates() public {
        attestation.notAfter = uint64(NOW);

        vm.assertEq(enclaves.enclave(registerIt()).notAfter, NOW + 1 days);
    }

    function test_register_RevertWhen_FamilyNotATee() public {
        uint8[3] memory families = [0, 4, 255];
        for (uint256 i; i < families.length; ++i) {
            registration.family = families[i];
            expectRefused(abi.encodeWithSelector(ITeeRegistry.FamilyNotATee.selector, families[i]));
        }
    }

    function test_register_RevertWhen_ClaimsInvalid() public {
        registration.claims.upstreamHash = keccak256("api.example");
        expectClaimsRefused();
        (registration.claims.claimClass, registration.claims.upstreamHash) = (GATEWAY, 0);
        expectClaimsRefused();
        registration.claims.claimClass = 0;
        expectClaimsRefused();
        registration.claims.claimClass = 3;
        expectClaimsRefused();
        (registration.claims.claimClass, registration.claims.binaryDigest) = (COMPUTE, 0);
        expectClaimsRefused();
    }

    function test_register_RevertWhen_ChallengeUnknown() public {
        expectChallengeUnknown(registration.challenge, STRANGER);
        bytes32 used = registration.challenge;
        registerIt();
        expectChallengeUnknown(used, EXECUTOR);
        registration.challenge = keccak256("mine");
        expectChallengeUnknown(registration.challenge, EXECUTOR);
    }

    function test_register_RevertWhen_ChallengeExpired() public {
        (, uint64 deadline) = enclaves.challengeOf(registration.challenge);
        attestation.notAfter = deadline + 1;
        vm.warp(deadline + 1);
        expectRefused(
            abi.encodeWithSelector(
                ITeeRegistry.ChallengeExpired.selector,
                registration.challenge,
                deadline,
                block.timestamp
            )
        );
        vm.warp(deadline);
        registerIt();
    }

    function test_register_RevertWhen_VerifierIsDisabledOrChanged() public {
        vm.etch(address(nitroVerifier), hex"00");
        expectRefused(
            abi.encodeWithSelector(
                IVerifierRouter.VerifierCodeInvalid.selector,
                address(nitroVerifier),
                address(nitroVerifier).codehash
            )
        );
        stopFamily(NITRO);
        expectRefused(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, NITRO));
    }

    function test_register_RevertWhen_VerifierIsOfAnotherFamily() public {
        stopFamily(NITRO);
        vm.prank(OWNER);
        bytes4 selector = router.propose(NITRO, address(sgxVerifier), TEE_GAS_CAP);
        vm.warp(NOW + DELAY);
        router.activate(selector);
        registration = aRegistration(EXECUTOR);
        attestation = anAttestation(registration);

        expectRefused(abi.encodeWithSelector(ITeeRegistry.VerifierMisplaced.selector, NITRO, SGX));
    }

    function test_register_RevertWhen_VerifierAnswersWithoutMagic() public {
        nitroVerifier.answerWith(0x12345678);

        expectRefused(
            abi.encodeWithSelector(ITeeRegistry.AttestationAnswerInvalid.selector, NITRO, bytes4(0x12345678))
        );
    }

    function testFuzz_register_RevertWhen_StandInIsOffItsChains(uint32 chainId) public {
        vm.assume(chainId != 31337 && chainId != 1337 && chainId != 0);
        vm.chainId(chainId);
        registration.family = TDX;
        attestation = anAttestation(registration);

        expectRefused(abi.encodeWithSelector(ITeeRegistry.NotADevelopmentChain.selector, chainId));
    }

    function test_register_RevertWhen_VerifierRefuses() public {
        attestation.notAfter = uint64(NOW - 1);
        expectRefused(
            abi.encodeWithSelector(MockAttestationVerifier.DocumentExpired.selector, attestation.notAfter, NOW)
        );
        attestation.notAfter = uint64(NOW);
        bytes memory forged = abi.encode(attestation, new bytes(65));
        bytes memory possession = aPossession(registration);
        vm.prank(EXECUTOR);
        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, bytes32(0), 0));
        enclaves.register(registration, forged, "", possession);
    }

    function test_register_RevertWhen_GovernanceRevoked() public {
        bytes32 enclaveId = EnclaveIds.enclaveIdOf(address(enclaves), NITRO, MEASUREMENT, registration.signer, 1);
        revoke(enclaveId);
        expectTraitRevoked(enclaveId);
        revoke(PLATFORM);
        expectTraitRevoked(PLATFORM);
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Retired, 0);

        registration = aRegistration(EXECUTOR);
        attestation = anAttestation(registration);
        attestation.traits = new bytes32[](0);
        expectRefused(abi.encodeWithSelector(ITeeRegistry.MeasurementRevoked.selector, MEASUREMENT, Standing.Retired));
    }

    /// @dev Once in its life, whatever became of the record, whoever operates it.
    function test_register_RevertWhen_SignerTaken() public {
        bytes32 enclaveId = registerIt();
        vm.prank(EXECUTOR);
        enclaves.retire(enclaveId);
        registration = aRegistration(STRANGER);
        attestation = anAttestation(registration);
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossession(registration);

        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.SignerTaken.selector, registration.signer, enclaveId));
        enclaves.register(registration, document, "", possession);
    }

    function test_register_RevertWhen_KeyEpochStale() public {
        registration.keyEpoch = 7;
        attestation = anAttestation(registration);
        registerIt();

        uint64[3] memory stale = [uint64(0), 6, 7];
        for (uint256 i; i < 3; ++i) {
            registration = aRegistration(EXECUTOR);
            (registration.signer, registration.keyEpoch) = (vm.addr(KEY_OF_VENDOR), stale[i]);
            attestation = anAttestation(registration);
            bytes memory document = aDocument(attestation);
            bytes memory possession = possessionOf(KEY_OF_VENDOR, EnclaveIds.bindingHashOf(bindingOf(registration)));
            vm.prank(EXECUTOR);
            vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.KeyEpochStale.selector, stale[i], 7));
            enclaves.register(registration, document, "", possession);
        }
    }

    /// @dev The verifier is the only code that runs in between, and finds the challenge gone.
    function test_register_RevertWhen_VerifierRegistersAgain() public {
        bytes memory document = aDocument(attestation);
        bytes memory possession = aPossession(registration);
        nitroVerifier.callBack(
            address(enclaves),
            abi.encodeCall(enclaves.register, (registration, document, "", possession))
        );

        expectRefused(
            abi.encodeWithSelector(
                ITeeRegistry.ChallengeUnknown.selector,
                registration.challenge,
                address(nitroVerifier)
            )
        );
    }

    /// @dev Nothing is half-registered: what a refused registration used is there again.
    function test_register_leavesNothingBehindWhenItReverts() public {
        Attestation memory good = attestation;
        attestation.userData = "";
        expectUserDataRefused(EnclaveIds.bindingHashOf(bindingOf(registration)), "");

        (address operator, ) = enclaves.challengeOf(registration.challenge);
        vm.assertEq(operator, EXECUTOR);
        vm.assertEq(enclaves.enclaveOf(registration.signer), bytes32(0));
        vm.assertEq(enclaves.keyEpochOf(EXECUTOR, MEASUREMENT), 0);
        attestation = good;
        registerIt();
    }

    function assertLife(uint8 family, uint256 notAfter, uint64 keyEpoch, uint256 expected) private {
        registration = aRegistration(EXECUTOR);
        uint256 key = KEY_OF_ENCLAVE + keyEpoch;
        (registration.family, registration.keyEpoch, registration.signer) = (family, keyEpoch, vm.addr(key));
        attestation = anAttestation(registration);
        attestation.notAfter = uint64(notAfter);
        bytes memory document = aDocument(attestation);
        bytes memory possession = possessionOf(key, EnclaveIds.bindingHashOf(bindingOf(registration)));
        vm.prank(EXECUTOR);
        bytes32 enclaveId = enclaves.register(registration, document, "", possession);
        vm.assertEq(enclaves.enclave(enclaveId).notAfter, expected);
    }

    function expectClaimsRefused() private {
        expectRefused(
            abi.encodeWithSelector(
                ITeeRegistry.ClaimsInvalid.selector,
                registration.claims.claimClass,
                registration.claims.upstreamHash,
                registration.claims.binaryDigest
            )
        );
    }

    function expectChallengeUnknown(bytes32 challenge, address operator) private {
        bytes memory document = aDocument(attestation);
        vm.prank(operator);
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.ChallengeUnknown.selector, challenge, operator));
        enclaves.register(registration, document, "", "");
    }

    function expectTraitRevoked(bytes32 trait) private {
        expectRefused(abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, trait, Standing.Compromised));
    }
}
