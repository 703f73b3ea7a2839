// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IInferenceHub, Request, RequestKey, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import {
    FAMILY_SIGNED,
    FAMILY_TEE_TDX,
    FAMILY_ZK_GROTH16,
    PRESET_SIGNED,
    PRESET_ZK,
    RESULT_INPUT_SHAPE
} from "../../../contracts/types/Constants.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { StatementField } from "../../../contracts/types/Statement.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

contract FulfilTest is HubFixture {
    RequestKey private key;
    bytes32 private requestId;

    function setUp() public override {
        super.setUp();
        (key, requestId) = open(aTerms());
    }

    function test_fulfil_paysExecutorAndIsFinal() public {
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceFor(answer.statement);

        vm.expectEmit(address(hub));
        emit IInferenceHub.Delivered(requestId, executor, 1, START, 0, keccak256(OUTPUT), OUTPUT);
        vm.prank(stranger);
        hub.fulfil(key, answer, evidence);

        Request memory r = hub.requestOf(requestId);
        vm.assertEq(uint256(r.status), uint256(Status.Final));
        vm.assertEq(r.presentMask, 1 << FAMILY_SIGNED);
        vm.assertEq(r.escrowThenOutputHash, keccak256(OUTPUT));
        vm.assertEq(hub.creditOf(executor, address(0)), FEE);
        vm.assertEq(hub.creditOf(stranger, address(0)), 0);
    }

    function test_fulfil_isReadableInOneCall() public {
        (, bool isFinal, , ) = hub.resultOf(requestId);
        vm.assertFalse(isFinal);

        deliver(key);

        (uint8 code, bool isFinalNow, uint16 present, bytes32 outputHash) = hub.resultOf(requestId);
        vm.assertTrue(isFinalNow);
        vm.assertEq(code, 0);
        vm.assertEq(present, 1);
        vm.assertEq(outputHash, keccak256(OUTPUT));
    }

    function test_fulfil_paysInTheToken() public {
        Terms memory terms = aTerms();
        terms.token = address(token);
        (RequestKey memory inToken, ) = open(terms);

        deliver(inToken);

        vm.assertEq(hub.creditOf(executor, address(token)), FEE);
        vm.assertEq(hub.creditOf(executor, address(0)), 0);
    }

    function test_fulfil_winsAtTheDeadline() public {
        vm.warp(key.terms.deadline);
        deliver(key);
        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Final));
    }

    function test_fulfil_RevertWhen_RequestUnknown() public {
        RequestKey memory other = key;
        other.terms.feeWei += 1;
        Answer memory answer = anAnswer(other);
        expectRefusal(
            other,
            answer,
            abi.encodeWithSelector(IInferenceHub.RequestUnknown.selector, hub.requestIdOf(other))
        );
    }

    function test_fulfil_RevertWhen_DeliveredAlready() public {
        deliver(key);
        expectRefusal(key, anAnswer(key), notOpen(Status.Final));
    }

    function test_fulfil_RevertWhen_Refunded() public {
        vm.warp(key.terms.deadline + 1);
        hub.refund(key);
        expectRefusal(key, anAnswer(key), notOpen(Status.Refunded));
    }

    function test_fulfil_RevertWhen_DeadlinePassed() public {
        vm.warp(key.terms.deadline + 1);
        expectRefusal(
            key,
            anAnswer(key),
            abi.encodeWithSelector(IInferenceHub.DeadlinePassed.selector, key.terms.deadline, key.terms.deadline + 1)
        );
    }

    function test_fulfil_RevertWhen_StatementIsOfAnotherRequest() public {
        Answer memory answer = anAnswer(key);
        answer.statement.requestId = keccak256("other");
        expectRefusal(key, answer, mismatch(StatementField.RequestId, requestId, keccak256("other")));
    }

    function test_fulfil_RevertWhen_InputIsAnother() public {
        Answer memory answer = anAnswer(key);
        answer.statement.inputHash = keccak256("other");
        expectRefusal(key, answer, mismatch(StatementField.InputHash, key.terms.inputHash, keccak256("other")));
    }

    function test_fulfil_RevertWhen_ContextIsNotZero() public {
        Answer memory answer = anAnswer(key);
        answer.statement.contextHash = keccak256("context");
        expectRefusal(key, answer, mismatch(StatementField.ContextHash, 0, keccak256("context")));
    }

    function test_fulfil_RevertWhen_RoundIsAnother() public {
        Answer memory answer = anAnswer(key);
        answer.statement.round = 1;
        expectRefusal(key, answer, mismatch(StatementField.Round, 0, bytes32(uint256(1))));
    }

    function test_fulfil_RevertWhen_ExecutorIsZero() public {
        Answer memory answer = anAnswer(key);
        answer.statement.executor = address(0);
        expectRefusal(key, answer, abi.encodeWithSelector(IEvidenceGate.ExecutorIsZero.selector));
    }

    function test_fulfil_RevertWhen_GateRefuses() public {
        Answer memory answer = anAnswer(key);
        answer.statement.modelId = keccak256("other");
        expectRefusal(key, answer, mismatch(StatementField.ModelId, key.terms.modelId, keccak256("other")));

        answer = anAnswer(key);
        answer.output = hex"08";
        expectRefusal(key, answer, mismatch(StatementField.OutputHash, keccak256(hex"08"), keccak256(OUTPUT)));
    }

    function test_fulfil_RevertWhen_PolicyNotMet() public {
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceOf(answer.statement, FAMILY_ZK_GROTH16);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyNotMet.selector, PRESET_SIGNED, 1 << 4));
        hub.fulfil(key, answer, evidence);
    }

    function test_fulfil_failureRefundsEverythingWhateverThePolicy() public {
        Terms memory terms = aTerms();
        terms.policy = PRESET_ZK;
        (RequestKey memory zk, bytes32 zkId) = open(terms);
        Answer memory answer = aFailure(zk, RESULT_INPUT_SHAPE);
        Evidence[] memory evidence = evidenceFor(answer.statement);

        vm.expectEmit(address(hub));
        emit IInferenceHub.Errored(zkId, executor, RESULT_INPUT_SHAPE, 1, START, 0);
        hub.fulfil(zk, answer, evidence);

        (uint8 code, bool isFinal, uint16 present, bytes32 outputHash) = hub.resultOf(zkId);
        vm.assertEq(code, RESULT_INPUT_SHAPE);
        vm.assertTrue(isFinal);
        vm.assertEq(present, 1);
        vm.assertEq(outputHash, bytes32(0));
        vm.assertEq(hub.creditOf(refundee, address(0)), FEE);
        vm.assertEq(hub.creditOf(executor, address(0)), 0);
        vm.assertEq(uint256(hub.requestOf(zkId).status), uint256(Status.Errored));
    }

    function test_fulfil_failureMayComeFromAnEnclave() public {
        Answer memory answer = aFailure(key, RESULT_INPUT_SHAPE);
        hub.fulfil(key, answer, evidenceOf(answer.statement, FAMILY_TEE_TDX));
        vm.assertEq(hub.requestOf(requestId).presentMask, 1 << FAMILY_TEE_TDX);
    }

    function test_fulfil_RevertWhen_FailureIsOfAnotherModelOrConfig() public {
        Answer memory answer = aFailure(key, RESULT_INPUT_SHAPE);
        answer.statement.modelId = keccak256("other");
        expectRefusal(key, answer, mismatch(StatementField.ModelId, key.terms.modelId, keccak256("other")));

        answer = aFailure(key, RESULT_INPUT_SHAPE);
        answer.statement.configHash = keccak256("other");
        expectRefusal(key, answer, mismatch(StatementField.ConfigHash, 0, keccak256("other")));
    }

    function test_fulfil_RevertWhen_FailureIsByNobodyNamed() public {
        Answer memory answer = aFailure(key, RESULT_INPUT_SHAPE);
        answer.statement.executor = stranger;
        bytes memory notNamed = abi.encodeWithSelector(IInferenceHub.FailureNotByNamedExecutor.selector, stranger);
        expectRefusal(key, answer, notNamed);
    }

    function test_fulfil_RevertWhen_NobodyIsNamedForAFailure() public {
        Terms memory terms = aTerms();
        terms.executors = new address[](0);
        (RequestKey memory anybody, ) = open(terms);
        Answer memory answer = aFailure(anybody, RESULT_INPUT_SHAPE);
        bytes memory notNamed = abi.encodeWithSelector(IInferenceHub.FailureNotByNamedExecutor.selector, executor);
        expectRefusal(anybody, answer, notNamed);
    }

    function test_fulfil_RevertWhen_FailureIsProvenOrMissingOrDouble() public {
        Answer memory answer = aFailure(key, RESULT_INPUT_SHAPE);
        bytes memory invalid = abi.encodeWithSelector(IInferenceHub.FailureEvidenceInvalid.selector);
        Evidence[] memory none = new Evidence[](0);
        Evidence[] memory proof = evidenceOf(answer.statement, FAMILY_ZK_GROTH16);
        Evidence[] memory both = new Evidence[](2);
        (both[0], both[1]) = (evidenceFor(answer.statement)[0], proof[0]);

        vm.expectRevert(invalid);
        hub.fulfil(key, answer, none);
        vm.expectRevert(invalid);
        hub.fulfil(key, answer, proof);
        vm.expectRevert(invalid);
        hub.fulfil(key, answer, both);
    }

    function test_fulfil_RevertWhen_FailureHasOutput() public {
        Answer memory answer = aFailure(key, RESULT_INPUT_SHAPE);
        answer.output = OUTPUT;
        expectRefusal(key, answer, abi.encodeWithSelector(IEvidenceGate.FailureHasOutput.selector));
    }

    function expectRefusal(RequestKey memory k, Answer memory answer, bytes memory reason) private {
        Evidence[] memory evidence = evidenceFor(answer.statement);
        vm.expectRevert(reason);
        hub.fulfil(k, answer, evidence);
    }

    function notOpen(Status status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.RequestNotOpen.selector, requestId, status);
    }

    function mismatch(StatementField field, bytes32 expected, bytes32 actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEvidenceGate.StatementMismatch.selector, field, expected, actual);
    }
}
