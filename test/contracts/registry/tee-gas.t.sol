// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Semantics } from "../../../contracts/interfaces/IModelRegistry.sol";
import { Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { PRESET_TEE } from "../../../contracts/types/Constants.sol";
import { Answer, Ask, Evidence } from "../../../contracts/types/Evidence.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice X12: what the registry adds to a document, and what an enclave's word costs. Keys follow from constants.
contract TeeGasTest is TeeFixture {
    uint256 private constant MAX_CODE_BYTES = 24_576;

    function setUp() public {
        deployTee();
    }

    function test_gas_register() public {
        Registration memory registration = aRegistration(EXECUTOR);
        bytes memory document = aDocument(anAttestation(registration));
        bytes memory possession = aPossession(registration);

        vm.prank(EXECUTOR);
        enclaves.register(registration, document, "", possession);

        vm.snapshotGasLastCall("TeeRegistry.register with a small document");
    }

    function test_gas_heartbeat() public {
        Registration memory registration = aRegistration(EXECUTOR);
        registration.heartbeatSeconds = 600;
        bytes32 enclaveId = registerAs(EXECUTOR, registration);
        vm.roll(BLOCK + 2);
        bytes memory signature = heartbeatOf(KEY_OF_ENCLAVE, enclaveId, uint64(BLOCK + 1));

        enclaves.heartbeat(enclaveId, uint64(BLOCK + 1), signature);

        vm.snapshotGasLastCall("TeeRegistry.heartbeat");
    }

    function test_gas_checkAttested() public {
        (Answer memory answer, Ask memory ask, Evidence[] memory evidence) = anAttestedAnswer();

        gate.check(answer, ask, evidence);

        vm.snapshotGasLastCall("EvidenceGate.check attested");
    }

    /// @dev What every delivery pays after a restriction until somebody refreshes the record.
    function test_gas_checkAttestedAfterARestriction() public {
        (Answer memory answer, Ask memory ask, Evidence[] memory evidence) = anAttestedAnswer();
        revoke(keccak256("somebody else's certificate"));

        gate.check(answer, ask, evidence);

        vm.snapshotGasLastCall("EvidenceGate.check attested after a restriction");
    }

    function test_gas_meetable() public {
        Ask memory ask = anAsk(registerAttestable(Semantics.ExactInt), PRESET_TEE);

        gate.meetable(ask);

        vm.snapshotGasLastCall("EvidenceGate.meetable TEE");
    }

    function test_size_everyContractFitsTheLimit() public view {
        vm.assertLe(address(enclaves).code.length, MAX_CODE_BYTES);
        vm.assertLe(address(attestationPolicy).code.length, MAX_CODE_BYTES);
        vm.assertLe(address(gate).code.length, MAX_CODE_BYTES);
        vm.assertLe(address(models).code.length, MAX_CODE_BYTES);
    }

    function anAttestedAnswer() private returns (Answer memory answer, Ask memory ask, Evidence[] memory evidence) {
        bytes32 model = registerAttestable(Semantics.ExactInt);
        bytes32 enclaveId = anEnclave(NITRO);
        answer = anAnswer(model);
        ask = anAsk(model, PRESET_TEE);
        evidence = listOf(attestedBy(KEY_OF_ENCLAVE, NITRO, enclaveId, answer.statement));
    }
}
