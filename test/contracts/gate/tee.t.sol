// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EvidenceGate } from "../../../contracts/gate/EvidenceGate.sol";
import { Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { NamedMeasurement, Semantics } from "../../../contracts/interfaces/IModelRegistry.sol";
import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { EnclaveState, ITeeRegistry, Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import {
    PRESENT_SIMULATED,
    PRESET_SIGNED_AND_TEE,
    PRESET_TEE,
    PRESET_TEE_AND_ZK,
    PRESET_ZK_OR_TWO_TEE_VENDORS
} from "../../../contracts/types/Constants.sol";
import { Answer, Ask, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

contract GateTeeTest is TeeFixture {
    uint16 private constant NITRO_BIT = 2;
    uint16 private constant TDX_BIT = 8;
    uint256 private constant SECOND_KEY = KEY_OF_ENCLAVE + 1;

    Answer private answer;
    Signers private anyone;
    bytes32 private enclaveId;
    bytes32 private model;

    function setUp() public {
        deployTee();
        model = registerAttestable(Semantics.ExactInt);
        enclaveId = anEnclave(NITRO);
        answer = anAnswer(model);
    }

    function test_verify_acceptsAnEnclavesSignatureAlone() public view {
        vm.assertEq(gate.verify(answer, anyone, attested()), NITRO_BIT);
        vm.assertEq(gate.check(answer, anAsk(model, PRESET_TEE), attested()), NITRO_BIT);
    }

    function test_verify_acceptsAConfiguration() public {
        answer.statement.configHash = keccak256("prompt");

        vm.assertEq(gate.verify(answer, anyone, attested()), NITRO_BIT);
    }

    /// @dev An enclave may say that it failed; whom that ends a request for is the hub's business.
    function test_verify_acceptsAFailure() public {
        (answer.statement.resultCode, answer.statement.outputHash, answer.output) = (5, 0, "");

        vm.assertEq(gate.verify(answer, anyone, attested()), NITRO_BIT);
    }

    function test_verify_marksWhatIsSimulated() public {
        bytes32 standIn = secondEnclave(TDX, COMPUTE);
        Evidence[] memory both = listOf(
            attestedBy(KEY_OF_ENCLAVE, NITRO, enclaveId, answer.statement),
            attestedBy(SECOND_KEY, TDX, standIn, answer.statement)
        );

        vm.assertEq(gate.verify(answer, anyone, both), NITRO_BIT | TDX_BIT | PRESENT_SIMULATED);
        vm.assertEq(
            gate.check(answer, anAsk(model, PRESET_ZK_OR_TWO_TEE_VENDORS), both),
            NITRO_BIT | TDX_BIT | PRESENT_SIMULATED
        );
    }

    function test_check_RevertWhen_OneVendorAttestsAndTwoAreAsked() public {
        Ask memory ask = anAsk(model, PRESET_ZK_OR_TWO_TEE_VENDORS);
        Evidence[] memory evidence = attested();

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyNotMet.selector, ask.policy, NITRO_BIT));
        gate.check(answer, ask, evidence);
    }

    function test_check_acceptsEnclaveWithSignatureAndProof() public {
        Evidence memory item = attestedBy(KEY_OF_ENCLAVE, NITRO, enclaveId, answer.statement);
        Evidence[] memory signed = listOf(signedBy(KEY_OF_EXECUTOR, answer.statement), item);
        vm.assertEq(gate.check(answer, anAsk(model, PRESET_SIGNED_AND_TEE), signed), NITRO_BIT | 1);

        nameFor(packedModel);
        answer = anAnswer(packedModel);
        item = attestedBy(KEY_OF_ENCLAVE, NITRO, enclaveId, answer.statement);
        vm.assertEq(
            gate.check(answer, anAsk(packedModel, PRESET_TEE_AND_ZK), listOf(item, proven(answer))),
            NITRO_BIT | 16
        );
    }

    function test_verify_RevertWhen_ItemIsNotInItsOneForm() public {
        bytes memory whole = attested()[0].data;
        expectMalformed("");
        expectMalformed(bytes.concat(whole, hex"00"));
        expectMalformed(bytes.concat(whole, new bytes(32)));
        uint256[4] memory faults = [uint256(63), 95, 161, 191];
        for (uint256 i; i < faults.length; ++i) {
            bytes memory data = bytes.concat(whole);
            data[faults[i]] ^= 0x01;
            expectMalformed(data);
        }
    }

    function test_verify_RevertWhen_SignatureIsNotCanonical() public {
        bytes32 digest = gate.digestOf(answer.statement);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_OF_ENCLAVE, digest);
        bytes32 high = bytes32(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - uint256(s));
        bytes memory data = abi.encode(enclaveId, abi.encodePacked(r, high, v == 27 ? 28 : 27));

        expectRefused(
            data,
            abi.encodeWithSelector(ISignedVerifier.SignatureNotCanonical.selector, high, v == 27 ? 28 : 27)
        );
    }

    function test_verify_RevertWhen_AnotherKeySigned() public {
        Evidence[] memory forged = listOf(attestedBy(SECOND_KEY, NITRO, enclaveId, answer.statement));

        expectRefused(
            forged[0].data,
            abi.encodeWithSelector(
                ISignedVerifier.SignerMismatch.selector,
                vm.addr(KEY_OF_ENCLAVE),
                vm.addr(SECOND_KEY)
            )
        );
    }

    /// @dev Every field of the statement is signed: nothing is good for another request, round, model or result.
    function testFuzz_verify_RevertWhen_StatementChanges(uint256 field, bytes32 change) public {
        field %= 6;
        vm.assume(change != 0);
        Evidence[] memory evidence = attested();
        if (field == 0) answer.statement.requestId ^= change;
        else if (field == 1) answer.statement.configHash ^= change;
        else if (field == 2) answer.statement.contextHash ^= change;
        else if (field == 3) answer.statement.issuedAt = uint64(uint256(change) % NOW);
        else if (field == 4) answer.statement.round = uint32(uint256(change) | 1);
        else (answer.statement.outputHash, answer.output) = (keccak256(abi.encode(change)), abi.encode(change));

        bytes32 digest = gate.digestOf(answer.statement);
        expectRefused(
            evidence[0].data,
            abi.encodeWithSelector(
                ISignedVerifier.SignerMismatch.selector,
                vm.addr(KEY_OF_ENCLAVE),
                recovered(digest, evidence[0].data)
            )
        );
    }

    /// @dev Receipts do not travel between gates, registries or chains.
    function test_verify_RevertWhen_ItIsForAnotherGateOrChain() public {
        EvidenceGate elsewhere = new EvidenceGate(models, executors, enclaves, router);
        Evidence[] memory evidence = attested();
        bytes memory mismatch = abi.encodeWithSelector(
            ISignedVerifier.SignerMismatch.selector,
            vm.addr(KEY_OF_ENCLAVE),
            recovered(elsewhere.digestOf(answer.statement), evidence[0].data)
        );
        vm.expectRevert(mismatch);
        elsewhere.verify(answer, anyone, evidence);

        vm.chainId(1337);
        mismatch = abi.encodeWithSelector(
            ISignedVerifier.SignerMismatch.selector,
            vm.addr(KEY_OF_ENCLAVE),
            recovered(gate.digestOf(answer.statement), evidence[0].data)
        );
        expectRefused(evidence[0].data, mismatch);
    }

    function test_verify_RevertWhen_EnclaveIsOfAnotherFamilyOrUnknown() public {
        Evidence[] memory evidence = attested();
        evidence[0].family = SGX;
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.FamilyMismatch.selector, enclaveId, SGX, NITRO));
        gate.verify(answer, anyone, evidence);

        expectRefused(
            attestedBy(KEY_OF_ENCLAVE, NITRO, 0, answer.statement).data,
            abi.encodeWithSelector(ITeeRegistry.EnclaveUnknown.selector, bytes32(0))
        );
    }

    function test_verify_RevertWhen_SomebodyElseOperatesIt() public {
        answer.statement.executor = OWNER;

        expectRefused(
            attested()[0].data,
            abi.encodeWithSelector(ITeeRegistry.OperatorMismatch.selector, enclaveId, OWNER, EXECUTOR)
        );
    }

    function test_verify_RevertWhen_ModelDoesNotNameTheCode() public {
        answer.statement.modelId = packedModel;
        bytes memory refused = abi.encodeWithSelector(
            IEvidenceGate.MeasurementNotAllowed.selector,
            packedModel,
            NITRO,
            MEASUREMENT
        );
        expectRefused(attested()[0].data, refused);

        vm.prank(MODEL_OWNER);
        models.nameMeasurement(packedModel, NamedMeasurement(NITRO, MEASUREMENT));
        vm.warp(NOW + 23 hours);
        expectRefused(attested()[0].data, refused);
    }

    function test_verify_RevertWhen_NameWasTakenBack() public {
        vm.prank(MODEL_OWNER);
        models.unnameMeasurement(model, NamedMeasurement(NITRO, MEASUREMENT));

        expectRefused(
            attested()[0].data,
            abi.encodeWithSelector(IEvidenceGate.MeasurementNotAllowed.selector, model, NITRO, MEASUREMENT)
        );
    }

    /// @dev An enclave that only forwards says nothing of a model that could have run inside, and the reverse.
    function test_verify_RevertWhen_ClaimClassIsNotTheModels() public {
        bytes32 gateway = secondEnclave(NITRO, GATEWAY);
        expectRefused(
            attestedBy(SECOND_KEY, NITRO, gateway, answer.statement).data,
            abi.encodeWithSelector(IEvidenceGate.ClaimClassMismatch.selector, gateway, COMPUTE, GATEWAY)
        );

        answer.statement.modelId = registerAttestable(Semantics.Remote);
        expectRefused(
            attested()[0].data,
            abi.encodeWithSelector(IEvidenceGate.ClaimClassMismatch.selector, enclaveId, GATEWAY, COMPUTE)
        );
        Evidence[] memory evidence = listOf(attestedBy(SECOND_KEY, NITRO, gateway, answer.statement));
        vm.assertEq(gate.verify(answer, anyone, evidence), NITRO_BIT);
    }

    function test_verify_RevertWhen_EnclaveIsNotUsable() public {
        vm.prank(EXECUTOR);
        enclaves.retire(enclaveId);

        expectRefused(
            attested()[0].data,
            abi.encodeWithSelector(ITeeRegistry.EnclaveNotActive.selector, enclaveId, EnclaveState.Retired)
        );
    }

    function test_meetable_needsANamedGoodMeasurementAndAVerifier() public {
        assertMeetable(model, PRESET_TEE, 1 | 4);
        assertMeetable(model, PRESET_ZK_OR_TWO_TEE_VENDORS, 2);
        assertCannotBeMet(packedModel, PRESET_TEE);
        stopFamily(TDX);
        assertMeetable(model, PRESET_TEE, 1);
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Retired, 0);
        assertCannotBeMet(model, PRESET_TEE);
    }

    function test_meetable_countsANameFromItsDay() public {
        vm.prank(MODEL_OWNER);
        models.nameMeasurement(packedModel, NamedMeasurement(SGX, MEASUREMENT));
        assertCannotBeMet(packedModel, PRESET_TEE);

        vm.warp(NOW + 1 days);
        assertMeetable(packedModel, PRESET_TEE, 2);
        assertMeetable(packedModel, PRESET_TEE_AND_ZK, 2);
        vm.prank(MODEL_OWNER);
        models.unnameMeasurement(packedModel, NamedMeasurement(SGX, MEASUREMENT));
        assertCannotBeMet(packedModel, PRESET_TEE);
    }

    /// @dev A remote model has no artifact and no key, and a configuration is fine: the enclave runs it.
    function test_meetable_takesRemoteModelsAndConfigurations() public {
        bytes32 remote = registerAttestable(Semantics.Remote);
        Ask memory ask = anAsk(remote, PRESET_TEE);
        ask.configHash = keccak256("prompt");

        (uint16 clauses, ) = gate.meetable(ask);
        vm.assertEq(clauses, 1 | 4);
    }

    function attested() private view returns (Evidence[] memory) {
        return listOf(attestedBy(KEY_OF_ENCLAVE, NITRO, enclaveId, answer.statement));
    }

    function secondEnclave(uint8 family, uint8 claimClass) private returns (bytes32) {
        Registration memory registration = aRegistration(EXECUTOR);
        (registration.family, registration.keyEpoch, registration.signer) = (family, 2, vm.addr(SECOND_KEY));
        registration.claims.claimClass = claimClass;
        if (claimClass == GATEWAY) registration.claims.upstreamHash = keccak256("api.example");
        bytes memory document = aDocument(anAttestation(registration));
        bytes memory possession = aPossessionBy(SECOND_KEY, registration);
        vm.prank(EXECUTOR);
        return enclaves.register(registration, document, "", possession);
    }

    function nameFor(bytes32 modelId) private {
        vm.prank(MODEL_OWNER);
        models.nameMeasurement(modelId, NamedMeasurement(NITRO, MEASUREMENT));
        vm.warp(NOW + 1 days);
    }

    /// @dev Whom a signature over another digest seems to be by.
    function recovered(bytes32 digest, bytes memory data) private pure returns (address) {
        (, bytes memory signature) = abi.decode(data, (bytes32, bytes));
        (bytes32 r, bytes32 s) = (bytes32(0), bytes32(0));
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(digest, uint8(signature[64]), r, s);
    }

    function expectMalformed(bytes memory data) private {
        expectRefused(data, abi.encodeWithSelector(IEvidenceGate.EvidenceMalformed.selector, NITRO));
    }

    function expectRefused(bytes memory data, bytes memory reason) private {
        Evidence[] memory evidence = listOf(Evidence(NITRO, data));
        vm.expectRevert(reason);
        gate.verify(answer, anyone, evidence);
    }

    function assertMeetable(bytes32 modelId, uint256 policy, uint16 expected) private view {
        (uint16 clauses, ) = gate.meetable(anAsk(modelId, policy));
        vm.assertEq(clauses, expected);
    }

    function assertCannotBeMet(bytes32 modelId, uint256 policy) private {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyCannotBeMet.selector, policy));
        gate.meetable(anAsk(modelId, policy));
    }
}
