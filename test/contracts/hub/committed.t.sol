// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import {
    CallbackState,
    IInferenceHub,
    RequestKey,
    Status,
    Terms
} from "../../../contracts/interfaces/IInferenceHub.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { RESULT_MODEL_FAILED } from "../../../contracts/types/Constants.sol";
import { Answer } from "../../../contracts/types/Evidence.sol";
import { StatementField } from "../../../contracts/types/Statement.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

/// @notice Requests whose input or output stays private: only commitments travel.
contract HubCommittedTest is HubFixture {
    bytes32 private constant INPUT_HASH = bytes32(uint256(333));
    bytes32 private constant OUTPUT_HASH = bytes32(uint256(444));

    MoodyConsumer private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new MoodyConsumer();
        consumer.setWilling(true);
    }

    function test_request_takesACommitmentWithoutInput() public {
        gate.setCommitted(true, false);

        bytes32 requestId = requestWith(INPUT_HASH, "", "");

        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Open));
    }

    function test_request_takesAUriBesideTheCommitment() public {
        gate.setCommitted(true, false);

        bytes32 requestId = requestWith(INPUT_HASH, "", "https://example.org/encrypted");

        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Open));
    }

    function test_request_RevertWhen_CommittedInputIsBrought() public {
        gate.setCommitted(true, false);

        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.InputMustStayPrivate.selector, aTerms().modelId));
        requestWith(keccak256(INPUT), INPUT, "");
    }

    function test_request_RevertWhen_CommitmentIsNotInField() public {
        gate.setCommitted(true, false);
        bytes32 outside = bytes32(Bn254.P);

        vm.expectRevert(
            abi.encodeWithSelector(IEvidenceGate.CommitmentInvalid.selector, StatementField.InputHash, outside)
        );
        requestWith(outside, "", "");
    }

    function test_request_RevertWhen_UriBesideTheCommitmentIsTooLarge() public {
        gate.setCommitted(true, false);

        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.InputTooLarge.selector, 4097, 4096));
        requestWith(INPUT_HASH, "", string(new bytes(4097)));
    }

    function test_fulfil_storesTheCommitmentAndCallsBackWithoutOutput() public {
        gate.setCommitted(false, true);
        (RequestKey memory key, bytes32 requestId) = openWithCallback();
        Answer memory answer = committedAnswer(key);

        vm.expectEmit(address(hub));
        emit IInferenceHub.Delivered(requestId, executor, 1, START, 0, OUTPUT_HASH, "");
        hub.fulfil(key, answer, evidenceFor(answer.statement));

        (, bool isFinal, , bytes32 outputHash) = hub.resultOf(requestId);
        vm.assertTrue(isFinal);
        vm.assertEq(outputHash, OUTPUT_HASH);
        vm.assertEq(consumer.calls(), 1);
        vm.assertEq(consumer.lastOutput(), "");
    }

    function test_retryCallback_needsNoOutputOfACommittedModel() public {
        gate.setCommitted(false, true);
        consumer.setWilling(false);
        (RequestKey memory key, bytes32 requestId) = openWithCallback();
        Answer memory answer = committedAnswer(key);
        hub.fulfil(key, answer, evidenceFor(answer.statement));
        consumer.setWilling(true);

        hub.retryCallback(key, "");

        vm.assertEq(uint256(hub.requestOf(requestId).callback), uint256(CallbackState.Done));
        vm.assertEq(consumer.lastOutput(), "");
    }

    function test_retryCallback_RevertWhen_CommittedOutputIsGivenBytes() public {
        gate.setCommitted(false, true);
        consumer.setWilling(false);
        (RequestKey memory key, ) = openWithCallback();
        Answer memory answer = committedAnswer(key);
        hub.fulfil(key, answer, evidenceFor(answer.statement));

        vm.expectRevert(
            abi.encodeWithSelector(IInferenceHub.OutputHashMismatch.selector, OUTPUT_HASH, keccak256(OUTPUT))
        );
        hub.retryCallback(key, OUTPUT);
    }

    function test_retryCallback_passesAFailureOfACommittedModel() public {
        gate.setCommitted(true, true);
        consumer.setWilling(false);
        Terms memory terms = callbackTerms();
        terms.inputHash = INPUT_HASH;
        RequestKey memory key = keyOf(terms);
        vm.prank(requester);
        hub.request{ value: FEE }(terms, SALT, "", "");
        Answer memory failure = aFailure(key, RESULT_MODEL_FAILED);
        hub.fulfil(key, failure, evidenceFor(failure.statement));
        consumer.setWilling(true);

        hub.retryCallback(key, "");

        vm.assertEq(consumer.lastResultCode(), RESULT_MODEL_FAILED);
    }

    function requestWith(bytes32 inputHash, bytes memory input, string memory uri) private returns (bytes32) {
        Terms memory terms = aTerms();
        terms.inputHash = inputHash;
        vm.prank(requester);
        return hub.request{ value: FEE }(terms, SALT, input, uri);
    }

    function callbackTerms() private view returns (Terms memory terms) {
        terms = aTerms();
        (terms.callback, terms.callbackGas) = (address(consumer), 500_000);
    }

    function openWithCallback() private returns (RequestKey memory, bytes32) {
        return open(callbackTerms());
    }

    function committedAnswer(RequestKey memory key) private view returns (Answer memory answer) {
        answer = anAnswer(key);
        (answer.statement.outputHash, answer.output) = (OUTPUT_HASH, "");
    }
}
