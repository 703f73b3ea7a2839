// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { KnownAnswer, ModelSpec, Setup, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { PRESET_SIGNED, PRESET_SIGNED_AND_ZK, PRESET_ZK } from "../../../contracts/types/Constants.sol";
import { Answer, Ask, Evidence } from "../../../contracts/types/Evidence.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice X12: what truth costs. Keys, proofs and signatures follow from constants, so figures are exact.
contract GateGasTest is GateFixture {
    uint256 private constant SEED = 9;
    uint256 private constant MAX_CODE_BYTES = 24_576;

    function setUp() public {
        deployGate();
    }

    function test_gas_checkSigned() public {
        Answer memory answer = anAnswer(packedModel);
        Evidence[] memory evidence = listOf(signedBy(KEY_OF_EXECUTOR, answer.statement));

        gate.check(answer, anAsk(packedModel, PRESET_SIGNED), evidence);

        vm.snapshotGasLastCall("EvidenceGate.check signed");
    }

    function test_gas_checkPackedProof() public {
        Answer memory answer = anAnswer(packedModel);
        Evidence[] memory evidence = listOf(proven(answer));

        gate.check(answer, anAsk(packedModel, PRESET_ZK), evidence);

        vm.snapshotGasLastCall("EvidenceGate.check packed proof");
    }

    function test_gas_checkBoundProof() public {
        Answer memory answer = anAnswer(boundModel);
        Evidence[] memory evidence = listOf(proven(answer));

        gate.check(answer, anAsk(boundModel, PRESET_ZK), evidence);

        vm.snapshotGasLastCall("EvidenceGate.check bound proof of 784 bytes");
    }

    function test_gas_checkSignatureAndBoundProof() public {
        Answer memory answer = anAnswer(boundModel);
        Evidence[] memory evidence = listOf(signedBy(KEY_OF_EXECUTOR, answer.statement), proven(answer));

        gate.check(answer, anAsk(boundModel, PRESET_SIGNED_AND_ZK), evidence);

        vm.snapshotGasLastCall("EvidenceGate.check signature and bound proof");
    }

    function test_gas_meetable() public {
        Ask memory ask = anAsk(packedModel, PRESET_SIGNED_AND_ZK);

        gate.meetable(ask);

        vm.snapshotGasLastCall("EvidenceGate.meetable signed and ZK");
    }

    function test_gas_registerWithNewKey() public {
        bytes memory key = keyOf(SEED, packedInput(), packedOutput());
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), keccak256(key));
        KnownAnswer memory known = aKnownAnswer(SEED, packedInput(), packedOutput());

        models.register(spec, Setup(SetupKind.Single, 0), key, known, publishedAt("ipfs://model"));

        vm.snapshotGasLastCall("ModelRegistry.register new packed key");
    }

    function test_gas_registerWithStoredKey() public {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), models.record(packedModel).vkHash);
        KnownAnswer memory none;

        models.register(spec, Setup(SetupKind.Single, 0), "", none, publishedAt("ipfs://model"));

        vm.snapshotGasLastCall("ModelRegistry.register stored key");
    }

    function test_size_everyContractFitsTheLimit() public view {
        address[6] memory contracts = [
            address(gate),
            address(models),
            address(executors),
            address(router),
            address(signedVerifier),
            address(groth16Verifier)
        ];
        for (uint256 i; i < contracts.length; ++i) vm.assertLe(contracts[i].code.length, MAX_CODE_BYTES);
    }
}
