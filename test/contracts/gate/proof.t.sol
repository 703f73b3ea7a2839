// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IGroth16Verifier } from "../../../contracts/interfaces/IGroth16Verifier.sol";
import {
    IModelRegistry,
    KnownAnswer,
    ModelSpec,
    Semantics,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { EvidenceGate } from "../../../contracts/gate/EvidenceGate.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { Answer, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { Statement } from "../../../contracts/types/Statement.sol";
import { bound } from "../support/Bound.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";

/// @notice EvidenceGate.verify with ZK_GROTH16 items. Proofs are forged from known secrets, so they are proofs of
/// whatever a test needs; that the gate rebuilds the right signals is what is tested.
contract GateProofTest is GateFixture {
    Answer private answer;
    Answer private boundAnswer;
    Evidence[] private evidence;
    Signers private anyone;

    function setUp() public {
        deployGate();
        answer = anAnswer(packedModel);
        boundAnswer = anAnswer(boundModel);
        evidence.push(proven(answer));
    }

    function test_verify_acceptsPackedProof() public view {
        vm.assertEq(gate.verify(answer, anyone, evidence), 1 << 4);
    }

    function test_verify_acceptsBoundProof() public {
        evidence[0] = proven(boundAnswer);

        vm.assertEq(gate.verify(boundAnswer, anyone, evidence), 1 << 4);
    }

    function test_verify_acceptsSignatureAndProofTogether() public {
        evidence.push(evidence[0]);
        evidence[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), (1 << 4) | 1);
    }

    /// @dev T-16: two items over different outputs cannot both hold for one statement.
    function test_verify_RevertWhen_ItemsSpeakOfDifferentOutputs() public {
        Answer memory other = answer;
        other.output = someBytes(packedOutput(), 77);
        other.statement.outputHash = keccak256(other.output);
        evidence.push(evidence[0]);
        evidence[0] = signedBy(KEY_OF_EXECUTOR, other.statement);
        evidence[1] = proven(answer);

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
        gate.verify(other, named(EXECUTOR), evidence);
    }

    function test_verify_marksDevelopmentSetups() public {
        bytes32 devModel = registerUnder(SetupKind.Dev);
        answer.statement.modelId = devModel;
        evidence[0] = proven(answer);

        vm.assertEq(gate.verify(answer, anyone, evidence), (1 << 14) | (1 << 4));
        evidence[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);
        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    /// @dev T-06, T-07: executor, request, configuration, context, time and round are in `bind`; each changed alone.
    function testFuzz_verify_RevertWhen_AnyFieldOfTheStatementChanges(uint256 which, bytes32 change) public {
        bytes32 before = gate.digestOf(answer.statement);
        this.changeField(bound(which, 0, 4), change);
        vm.assume(gate.digestOf(answer.statement) != before && answer.statement.executor != address(0));

        expectInvalid();
        gate.verify(answer, anyone, evidence);
    }

    function testFuzz_verify_RevertWhen_InputOrOutputChanges(uint256 position, uint8 change, bool bound_) public {
        vm.assume(change != 0);
        Answer memory a = bound_ ? boundAnswer : answer;
        evidence[0] = proven(a);
        if (position % 2 == 0) a.input[(position >> 1) % a.input.length] ^= bytes1(change);
        else a.output[(position >> 1) % a.output.length] ^= bytes1(change);
        (a.statement.inputHash, a.statement.outputHash) = (keccak256(a.input), keccak256(a.output));

        expectInvalid();
        gate.verify(a, anyone, evidence);
    }

    /// @dev T-07: another model version with the same key and ioSpec is another model.
    function test_verify_RevertWhen_ProofIsForAnotherModelVersion() public {
        answer.statement.modelId = registerUnder(SetupKind.Single);

        expectInvalid();
        gate.verify(answer, anyone, evidence);
    }

    function test_verify_RevertWhen_ProofIsForAnotherGateOrChain() public {
        EvidenceGate elsewhere = new EvidenceGate(models, executors, enclaves, router);

        expectInvalid();
        elsewhere.verify(answer, anyone, evidence);
        vm.chainId(1);
        expectInvalid();
        gate.verify(answer, anyone, evidence);
    }

    function testFuzz_verify_RevertWhen_CommitmentIsAnother(uint256 c) public {
        c = bound(c, 0, Bn254.P - 1);
        vm.assume(c != 9);
        bytes memory data = proven(boundAnswer).data;
        assembly ("memory-safe") {
            mstore(add(data, 0x120), c)
        }
        evidence[0] = Evidence(4, data);

        expectInvalid();
        gate.verify(boundAnswer, anyone, evidence);
    }

    /// @dev T-03: c is the one signal that comes with the proof.
    function testFuzz_verify_RevertWhen_CommitmentIsNotInField(uint256 c) public {
        c = bound(c, Bn254.P, type(uint256).max);
        uint256[8] memory proof;
        evidence[0] = Evidence(4, abi.encode(proof, c));

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, 0, c));
        gate.verify(boundAnswer, anyone, evidence);
    }

    function testFuzz_verify_RevertWhen_CoordinateIsAliased(uint256 index) public {
        index = bound(index, 0, 7);
        uint256[8] memory proof = abi.decode(evidence[0].data, (uint256[8]));
        proof[index] += Bn254.Q;
        evidence[0].data = abi.encode(proof);

        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.CoordinateNotInField.selector, index, proof[index]));
        gate.verify(answer, anyone, evidence);
    }

    /// @dev T-04: a proof has one length.
    function testFuzz_verify_RevertWhen_EvidenceMalformed(bytes memory data, bool bound_) public {
        vm.assume(data.length != (bound_ ? 288 : 256));
        evidence[0].data = data;

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.EvidenceMalformed.selector, 4));
        gate.verify(bound_ ? boundAnswer : answer, anyone, evidence);
    }

    function test_verify_RevertWhen_ProofHasTheFormOfTheOtherMode() public {
        Evidence memory packed = evidence[0];
        evidence[0] = proven(boundAnswer);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.EvidenceMalformed.selector, 4));
        gate.verify(answer, anyone, evidence);
        evidence[0] = packed;
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.EvidenceMalformed.selector, 4));
        gate.verify(boundAnswer, anyone, evidence);
    }

    function test_verify_RevertWhen_ZkNotApplicable() public {
        answer.statement.configHash = keccak256("config");
        expectNotApplicable(0, answer.statement.configHash);
        answer.statement.configHash = 0;
        (answer.statement.resultCode, answer.statement.outputHash, answer.output) = (5, 0, "");
        expectNotApplicable(5, 0);
    }

    function test_verify_RevertWhen_InputMissing() public {
        answer.input = "";

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.InputMissing.selector));
        gate.verify(answer, anyone, evidence);
    }

    function test_verify_RevertWhen_ModelHasNoKey() public {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), 0);
        KnownAnswer memory none;
        bytes32 keyless = models.register(spec, Setup(SetupKind.None, 0), "", none, publishedAt(""));
        answer.statement.modelId = keyless;

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.ModelHasNoKey.selector, keyless));
        gate.verify(answer, anyone, evidence);
    }

    function test_verify_acceptsSignatureForKeylessModelOfAnyLength() public {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), 0);
        spec.semantics = Semantics.Float;
        KnownAnswer memory none;
        answer.statement.modelId = models.register(spec, Setup(SetupKind.None, 0), "", none, publishedAt(""));
        (answer.input, answer.output) = ("a question", "an answer");
        (answer.statement.inputHash, answer.statement.outputHash) = (keccak256(answer.input), keccak256(answer.output));
        evidence[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    function test_verify_RevertWhen_KeyBroken() public {
        KnownAnswer memory canary = aKnownAnswer(PACKED_SEED, packedInput(), packedOutput());
        bytes32 vkHash = models.record(packedModel).vkHash;
        uint256 ioSpec = models.record(packedModel).ioSpec;
        models.breakCanary(vkHash, ioSpec, canary, aClaim(canary, vkHash));

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.KeyBroken.selector, vkHash, ioSpec));
        gate.verify(answer, anyone, evidence);
        evidence[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);
        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    /// @dev A known answer is bound to nothing: no statement has its bind.
    function test_verify_RevertWhen_KnownAnswerIsBroughtAsEvidence() public {
        KnownAnswer memory known = aKnownAnswer(PACKED_SEED, packedInput(), packedOutput());
        (answer.input, answer.output) = (known.input, known.output);
        (answer.statement.inputHash, answer.statement.outputHash) = (keccak256(known.input), keccak256(known.output));
        evidence[0].data = abi.encode(known.proof);

        expectInvalid();
        gate.verify(answer, anyone, evidence);
    }

    /// @dev T-09: a bad point burns the verifier's cap at most.
    function test_verify_boundsWhatABadPointCosts() public {
        uint256[8] memory proof;
        for (uint256 i; i < 8; ++i) proof[i] = i + 1;
        evidence[0].data = abi.encode(proof);
        bytes memory call_ = abi.encodeCall(gate.verify, (answer, anyone, evidence));

        uint256 gasBefore = gasleft();
        (bool ok, bytes memory reason) = address(gate).staticcall(call_);

        vm.assertFalse(ok);
        vm.assertEq(reason, abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
        vm.assertLt(gasBefore - gasleft(), GROTH16_GAS_CAP + 60_000);
    }

    function changeField(uint256 field, bytes32 change) external {
        Statement storage s = answer.statement;
        if (field == 0) s.requestId = change;
        else if (field == 1) s.contextHash = change;
        else if (field == 2) s.executor = address(uint160(uint256(change)));
        else if (field == 3) s.issuedAt = uint64(uint256(change) % NOW);
        else s.round = uint32(uint256(change));
    }

    function registerUnder(SetupKind kind) private returns (bytes32) {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), models.record(packedModel).vkHash);
        spec.schemaHash = keccak256("another");
        KnownAnswer memory none;
        return models.register(spec, Setup(kind, 0), "", none, publishedAt(""));
    }

    function aClaim(KnownAnswer memory canary, bytes32 vkHash) private view returns (KnownAnswer memory) {
        bytes32 tag = keccak256("assay.canary.v1");
        uint256 bind = uint256(keccak256(abi.encode(tag, block.chainid, models, vkHash, address(this)))) >> 3;
        bytes memory output = someBytes(packedOutput(), 99);
        uint256[] memory signals = PlainSignals.signalsOf(
            packedInput(),
            packedOutput(),
            canary.input,
            output,
            vkHash,
            bind,
            0
        );
        return KnownAnswer(canary.input, output, ForgeableKey.prove(PACKED_SEED, signals, 0), 0);
    }

    function expectInvalid() private {
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
    }

    function expectNotApplicable(uint8 resultCode, bytes32 configHash) private {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.ZkNotApplicable.selector, resultCode, configHash));
        gate.verify(answer, anyone, evidence);
    }
}
