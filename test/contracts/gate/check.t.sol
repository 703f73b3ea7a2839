// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { KnownAnswer, ModelSpec, Semantics, Setup, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import {
    PRESET_LAZY_ZK,
    PRESET_QUORUM_3_OF_5,
    PRESET_SIGNED,
    PRESET_SIGNED_AND_TEE,
    PRESET_SIGNED_AND_ZK,
    PRESET_TEE_AND_ZK,
    PRESET_TWO_OF_THREE,
    PRESET_ZK
} from "../../../contracts/types/Constants.sol";
import { Answer, Ask, Evidence } from "../../../contracts/types/Evidence.sol";
import { StatementField } from "../../../contracts/types/Statement.sol";
import { bound } from "../support/Bound.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice EvidenceGate.check and checkPull: what was asked for.
contract GateCheckTest is GateFixture {
    uint16 private constant SIGNED = 1;
    uint16 private constant ZK = 1 << 4;
    bytes32 private constant SALT = keccak256("salt");

    Answer private answer;
    Evidence[] private signature;
    Evidence[] private proof;
    Evidence[] private both;

    function setUp() public {
        deployGate();
        answer = anAnswer(packedModel);
        makeEvidence();
    }

    function test_check_acceptsWhatEachPolicyAsksFor() public view {
        vm.assertEq(check(PRESET_SIGNED, signature), SIGNED);
        vm.assertEq(check(PRESET_ZK, proof), ZK);
        vm.assertEq(check(PRESET_SIGNED_AND_ZK, both), SIGNED | ZK);
        vm.assertEq(check(PRESET_TWO_OF_THREE, both), SIGNED | ZK);
    }

    function test_check_givesWhatWasBroughtBeyondThePolicy() public view {
        vm.assertEq(check(PRESET_SIGNED, both), SIGNED | ZK);
    }

    function test_check_RevertWhen_PolicyNotMet() public {
        expectNotMet(PRESET_ZK, SIGNED);
        check(PRESET_ZK, signature);
        expectNotMet(PRESET_SIGNED_AND_ZK, SIGNED);
        check(PRESET_SIGNED_AND_ZK, signature);
        expectNotMet(PRESET_SIGNED_AND_ZK, ZK);
        check(PRESET_SIGNED_AND_ZK, proof);
        expectNotMet(PRESET_SIGNED_AND_TEE, SIGNED | ZK);
        check(PRESET_SIGNED_AND_TEE, both);
        // T-43: nothing stands for a missing family.
        expectNotMet(PRESET_TEE_AND_ZK, SIGNED | ZK);
        check(PRESET_TEE_AND_ZK, both);
    }

    function test_check_RevertWhen_StatementMismatch() public {
        Ask memory ask = anAsk(boundModel, PRESET_SIGNED);
        expectMismatch(StatementField.ModelId, boundModel, packedModel);
        gate.check(answer, ask, signature);
        ask = anAsk(packedModel, PRESET_SIGNED);
        ask.configHash = keccak256("config");
        expectMismatch(StatementField.ConfigHash, ask.configHash, 0);
        gate.check(answer, ask, signature);
    }

    /// @dev T-17.
    function testFuzz_check_RevertWhen_PolicyNotCanonical(uint256 bit) public {
        uint256 policy = PRESET_SIGNED | (1 << bound(bit, 245, 247));

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyNotCanonical.selector, policy));
        check(policy, signature);
    }

    function test_check_RevertWhen_PolicyUnavailable() public {
        uint256[4] memory policies = [
            PRESET_LAZY_ZK,
            PRESET_QUORUM_3_OF_5,
            PRESET_ZK | (1 << 242),
            PRESET_ZK | (1 << 244)
        ];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyUnavailable.selector, policies[i]));
            check(policies[i], proof);
        }
    }

    function testFuzz_check_looksAtAge(uint256 age) public {
        uint256 policy = PRESET_SIGNED | (10 << 216);
        age = bound(age, 0, 2000);
        vm.warp(NOW + age);

        if (age > 600) {
            vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.EvidenceTooOld.selector, NOW, 600, NOW + age));
        }
        check(policy, signature);
        vm.assertEq(check(PRESET_SIGNED, signature), SIGNED);
    }

    /// @dev All deadlines are inclusive.
    function test_check_acceptsEvidenceOfExactlyTheGreatestAge() public {
        vm.warp(NOW + 600);

        vm.assertEq(check(PRESET_SIGNED | (10 << 216), signature), SIGNED);
    }

    function test_check_dropsClausesOfInexactModels() public {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), 0);
        spec.semantics = Semantics.Float;
        KnownAnswer memory none;
        answer.statement.modelId = models.register(spec, Setup(SetupKind.None, 0), "", none, publishedAt(""));
        signature[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);
        uint256 exact = PRESET_SIGNED | (1 << 243);

        vm.assertEq(check(PRESET_SIGNED, signature), SIGNED);
        expectNotMet(exact, SIGNED);
        check(exact, signature);
    }

    function test_check_RevertWhen_BadItemIsBeyondThePolicy() public {
        both[0] = signedBy(0xbad, answer.statement);

        vm.expectRevert(
            abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, vm.addr(KEY_OF_EXECUTOR), vm.addr(0xbad))
        );
        check(PRESET_ZK, both);
    }

    function test_check_leavesRequestContextAndRoundToTheCaller() public {
        answer.statement.contextHash = keccak256("context");
        answer.statement.round = 7;
        makeEvidence();

        vm.assertEq(check(PRESET_SIGNED, signature), SIGNED);
    }

    function test_checkPull_acceptsTheCallersOwnSalt() public {
        pull();

        vm.assertEq(gate.checkPull(answer, anAsk(packedModel, PRESET_SIGNED_AND_ZK), SALT, both), SIGNED | ZK);
    }

    function test_checkPull_RevertWhen_CallerOrSaltIsAnother() public {
        pull();
        Ask memory ask = anAsk(packedModel, PRESET_SIGNED);
        bytes32 own = answer.statement.requestId;

        expectMismatch(StatementField.RequestId, pullIdOf(address(0xa), SALT), own);
        vm.prank(address(0xa));
        gate.checkPull(answer, ask, SALT, signature);
        expectMismatch(StatementField.RequestId, pullIdOf(address(this), keccak256("other")), own);
        gate.checkPull(answer, ask, keccak256("other"), signature);
    }

    function test_checkPull_RevertWhen_ContextOrRoundIsSet() public {
        pull();
        Ask memory ask = anAsk(packedModel, PRESET_SIGNED);

        answer.statement.contextHash = keccak256("context");
        expectMismatch(StatementField.ContextHash, 0, answer.statement.contextHash);
        gate.checkPull(answer, ask, SALT, signature);
        (answer.statement.contextHash, answer.statement.round) = (0, 1);
        expectMismatch(StatementField.Round, 0, bytes32(uint256(1)));
        gate.checkPull(answer, ask, SALT, signature);
    }

    function test_checkPull_RevertWhen_ResultIsFailure() public {
        (answer.statement.resultCode, answer.statement.outputHash, answer.output) = (3, 0, "");
        pull();

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.ResultIsFailure.selector, 3));
        gate.checkPull(answer, anAsk(packedModel, PRESET_SIGNED), SALT, signature);
    }

    function test_checkPull_checksThePolicyToo() public {
        pull();

        expectNotMet(PRESET_ZK, SIGNED);
        gate.checkPull(answer, anAsk(packedModel, PRESET_ZK), SALT, signature);
    }

    function makeEvidence() private {
        Evidence memory s = signedBy(KEY_OF_EXECUTOR, answer.statement);
        delete signature;
        signature.push(s);
        if (answer.statement.resultCode != 0) return;
        Evidence memory z = proven(answer);
        delete proof;
        delete both;
        proof.push(z);
        both.push(s);
        both.push(z);
    }

    function pull() private {
        answer.statement.requestId = pullIdOf(address(this), SALT);
        makeEvidence();
    }

    function pullIdOf(address consumer, bytes32 salt) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256("assay.request.pull.v1"), block.chainid, gate, consumer, salt));
    }

    function check(uint256 policy, Evidence[] memory evidence) private view returns (uint16) {
        return gate.check(answer, anAsk(answer.statement.modelId, policy), evidence);
    }

    function expectNotMet(uint256 policy, uint16 present) private {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyNotMet.selector, policy, present));
    }

    function expectMismatch(StatementField field, bytes32 expected, bytes32 actual) private {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.StatementMismatch.selector, field, expected, actual));
    }
}
