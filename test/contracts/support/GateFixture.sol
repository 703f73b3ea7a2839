// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EvidenceGate } from "../../../contracts/gate/EvidenceGate.sol";
import {
    KnownAnswer,
    ModelSpec,
    Publication,
    Semantics,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { InitialVerifier } from "../../../contracts/interfaces/IVerifierRouter.sol";
import { AttestationPolicy } from "../../../contracts/registry/AttestationPolicy.sol";
import { ExecutorRegistry } from "../../../contracts/registry/ExecutorRegistry.sol";
import { ModelRegistry } from "../../../contracts/registry/ModelRegistry.sol";
import { TeeRegistry } from "../../../contracts/registry/TeeRegistry.sol";
import { Groth16Verifier } from "../../../contracts/verifiers/groth16/Groth16Verifier.sol";
import { SignedVerifier } from "../../../contracts/verifiers/signed/SignedVerifier.sol";
import { VerifierRouter } from "../../../contracts/verifiers/VerifierRouter.sol";
import { Answer, Ask, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { ForgeableKey } from "./ForgeableKey.sol";
import { PlainSignals } from "./PlainSignals.sol";
import { vm } from "./Vm.sol";

/// @title  GateFixture
/// @notice The truth contracts deployed together, one executor, a packed and a bound model with forgeable keys, and
/// builders with defaults.
abstract contract GateFixture {
    uint32 internal constant SIGNED_GAS_CAP = 30_000;
    uint32 internal constant GROTH16_GAS_CAP = 400_000;
    uint40 internal constant DELAY = 2 days;
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant KEY_OF_EXECUTOR = 0xe8ec;
    address internal constant OWNER = address(0x0117e5);
    address internal constant EXECUTOR = address(0xe8ec0705);
    address internal constant MODEL_OWNER = address(0x30de1);
    uint256 internal constant PACKED_SEED = 1;
    uint256 internal constant BOUND_SEED = 2;

    SignedVerifier internal signedVerifier;
    Groth16Verifier internal groth16Verifier;
    VerifierRouter internal router;
    ModelRegistry internal models;
    ExecutorRegistry internal executors;
    AttestationPolicy internal attestationPolicy;
    TeeRegistry internal enclaves;
    EvidenceGate internal gate;
    bytes32 internal packedModel;
    bytes32 internal boundModel;

    function deployGate() internal {
        vm.warp(NOW);
        signedVerifier = new SignedVerifier();
        groth16Verifier = new Groth16Verifier();
        attestationPolicy = new AttestationPolicy(OWNER);
        router = new VerifierRouter(OWNER, DELAY, initialVerifiers());
        models = new ModelRegistry(router);
        executors = new ExecutorRegistry();
        enclaves = new TeeRegistry(attestationPolicy, router);
        gate = new EvidenceGate(models, executors, enclaves, router);

        vm.prank(EXECUTOR);
        executors.setKey(vm.addr(KEY_OF_EXECUTOR), 0, type(uint40).max);
        packedModel = register(PACKED_SEED, packedInput(), packedOutput(), SetupKind.Single);
        boundModel = register(BOUND_SEED, boundInput(), boundOutput(), SetupKind.Single);
    }

    /// @dev The router's first set.
    function initialVerifiers() internal virtual returns (InitialVerifier[] memory initial) {
        initial = new InitialVerifier[](2);
        initial[0] = InitialVerifier(0, address(signedVerifier), SIGNED_GAS_CAP);
        initial[1] = InitialVerifier(4, address(groth16Verifier), GROTH16_GAS_CAP);
    }

    /// @dev A publication that names no measurement.
    function publishedAt(string memory uri) internal pure returns (Publication memory publication) {
        publication.uri = uri;
    }

    /// @dev 16 int8 in, 2 int16 out: two words, packed.
    function packedInput() internal pure returns (PlainSignals.Side memory) {
        return PlainSignals.Side(3, 1, true, 16);
    }

    function packedOutput() internal pure returns (PlainSignals.Side memory) {
        return PlainSignals.Side(5, 2, true, 2);
    }

    /// @dev 784 uint8 in, 10 int32 out: 26 + 2 words, bound.
    function boundInput() internal pure returns (PlainSignals.Side memory) {
        return PlainSignals.Side(2, 1, false, 784);
    }

    function boundOutput() internal pure returns (PlainSignals.Side memory) {
        return PlainSignals.Side(6, 4, true, 10);
    }

    function register(
        uint256 seed,
        PlainSignals.Side memory input,
        PlainSignals.Side memory output,
        SetupKind kind
    ) internal returns (bytes32) {
        bytes memory key = keyOf(seed, input, output);
        ModelSpec memory spec = aSpec(input, output, keccak256(key));
        KnownAnswer memory known = aKnownAnswer(seed, input, output);
        vm.prank(MODEL_OWNER);
        return models.register(spec, Setup(kind, 0), key, known, publishedAt("ipfs://model"));
    }

    function keyOf(
        uint256 seed,
        PlainSignals.Side memory input,
        PlainSignals.Side memory output
    ) internal view returns (bytes memory) {
        uint256 words =
            PlainSignals.words(input, someBytes(input, 1)).length +
                PlainSignals.words(output, someBytes(output, 2)).length;
        return ForgeableKey.keyBytes(seed, words > 4 ? 4 : words + 1);
    }

    function aSpec(
        PlainSignals.Side memory input,
        PlainSignals.Side memory output,
        bytes32 vkHash
    ) internal pure returns (ModelSpec memory) {
        return
            ModelSpec({
                artifactDigest: sha256("model.onnx"),
                ioSpec: PlainSignals.ioSpec(input, output),
                schemaHash: keccak256("schema"),
                semantics: Semantics.ExactInt,
                vkHash: vkHash,
                derivedFrom: 0
            });
    }

    function aKnownAnswer(
        uint256 seed,
        PlainSignals.Side memory input,
        PlainSignals.Side memory output
    ) internal view returns (KnownAnswer memory known) {
        bytes32 vkHash = keccak256(keyOf(seed, input, output));
        uint256 bind = uint256(keccak256(abi.encode(keccak256("assay.unbound.v1"), vkHash))) >> 3;
        known.input = someBytes(input, 1);
        known.output = someBytes(output, 2);
        known.c = 5;
        known.proof = ForgeableKey.prove(
            seed,
            PlainSignals.signalsOf(input, output, known.input, known.output, vkHash, bind, known.c),
            0
        );
    }

    /// @dev Bytes of the right length for a side.
    function someBytes(PlainSignals.Side memory side, uint256 seed) internal pure returns (bytes memory data) {
        data = new bytes(uint256(side.count) * side.size);
        for (uint256 i; i < data.length; ++i) data[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
    }

    function anAnswer(bytes32 modelId) internal view returns (Answer memory answer) {
        bool bound = modelId == boundModel;
        answer.input = someBytes(bound ? boundInput() : packedInput(), 3);
        answer.output = someBytes(bound ? boundOutput() : packedOutput(), 4);
        answer.statement = Statement({
            requestId: keccak256("request"),
            modelId: modelId,
            configHash: 0,
            inputHash: keccak256(answer.input),
            outputHash: keccak256(answer.output),
            contextHash: 0,
            executor: EXECUTOR,
            issuedAt: uint64(NOW),
            round: 0,
            resultCode: 0
        });
    }

    function anAsk(bytes32 modelId, uint256 policy) internal pure returns (Ask memory) {
        return Ask(modelId, 0, policy, named(EXECUTOR));
    }

    function named(address executor) internal pure returns (Signers memory signers) {
        signers.executors = new address[](1);
        signers.executors[0] = executor;
    }

    function signedBy(uint256 privateKey, Statement memory statement) internal view returns (Evidence memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, gate.digestOf(statement));
        return Evidence(0, abi.encodePacked(r, s, v));
    }

    function proven(Answer memory answer) internal view returns (Evidence memory) {
        uint256 bind = uint256(gate.digestOf(answer.statement)) >> 3;
        if (answer.statement.modelId != boundModel) {
            return Evidence(4, abi.encode(proofOf(PACKED_SEED, packedInput(), packedOutput(), answer, bind, 0)));
        }
        return Evidence(4, abi.encode(proofOf(BOUND_SEED, boundInput(), boundOutput(), answer, bind, 9), uint256(9)));
    }

    function proofOf(
        uint256 seed,
        PlainSignals.Side memory input,
        PlainSignals.Side memory output,
        Answer memory answer,
        uint256 bind,
        uint256 c
    ) internal view returns (uint256[8] memory) {
        bytes32 vkHash = keccak256(keyOf(seed, input, output));
        return
            ForgeableKey.prove(
                seed,
                PlainSignals.signalsOf(input, output, answer.input, answer.output, vkHash, bind, c),
                0
            );
    }

    function listOf(Evidence memory item) internal pure returns (Evidence[] memory list) {
        list = new Evidence[](1);
        list[0] = item;
    }

    function listOf(Evidence memory first, Evidence memory second) internal pure returns (Evidence[] memory list) {
        list = new Evidence[](2);
        (list[0], list[1]) = (first, second);
    }
}
