// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    CallbackState,
    IInferenceHub,
    RequestKey,
    Status,
    Terms
} from "../../../contracts/interfaces/IInferenceHub.sol";
import {
    BombConsumer,
    BurningConsumer,
    MoodyConsumer,
    ReenteringConsumer
} from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { RESULT_MODEL_FAILED } from "../../../contracts/types/Constants.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { Log, vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

contract CallbackTest is HubFixture {
    uint32 private constant GAS = 2_000_000;

    MoodyConsumer private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new MoodyConsumer();
        consumer.setWilling(true);
    }

    function test_callback_isNotMadeUnlessAskedFor() public {
        (RequestKey memory key, bytes32 requestId) = open(aTerms());
        deliver(key);
        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.None));
    }

    function test_callback_passesTheAnswer() public {
        (RequestKey memory key, bytes32 requestId) = openFor(address(consumer));

        deliver(key);

        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Done));
        vm.assertEq(consumer.lastRequestId(), requestId);
        vm.assertEq(consumer.lastResultCode(), 0);
        vm.assertTrue(consumer.lastIsFinal());
        vm.assertEq(consumer.lastPresentMask(), 1);
        vm.assertEq(consumer.lastOutput(), OUTPUT);
    }

    function test_callback_passesTheFailure() public {
        (RequestKey memory key, ) = openFor(address(consumer));
        Answer memory answer = aFailure(key, RESULT_MODEL_FAILED);

        hub.fulfil(key, answer, evidenceFor(answer.statement));

        vm.assertEq(consumer.lastResultCode(), RESULT_MODEL_FAILED);
        vm.assertEq(consumer.lastOutput(), "");
    }

    function test_callback_failsWithoutBlockingWhenTargetReverts() public {
        consumer.setWilling(false);
        (, bytes32 requestId) = expectFailedCallback(
            address(consumer),
            abi.encodeWithSelector(MoodyConsumer.NotNow.selector, hub.requestIdOf(keyFor(address(consumer))))
        );
        vm.assertEq(hub.creditOf(executor, address(0)), FEE);
        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Final));
    }

    function test_callback_failsWithoutBlockingWhenTargetBurnsAllGas() public {
        expectFailedCallback(address(new BurningConsumer()), "");
    }

    function test_callback_failsWithoutBlockingWhenTargetHasNoCode() public {
        expectFailedCallback(address(0x123456), "");
    }

    function test_callback_copiesAtMost132BytesOfARevertBomb() public {
        bytes memory copied = new bytes(132);
        for (uint256 i = 0; i < 32; ++i) copied[i] = 0xff;
        expectFailedCallback(address(new BombConsumer(true, 200_000)), copied);
    }

    function test_callback_copiesAtMost132BytesOfAReturnBomb() public {
        (RequestKey memory key, bytes32 requestId) = openFor(address(new BombConsumer(false, 200_000)));
        deliverRecorded(key, 132);
        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Done));
    }

    function test_callback_mayOpenARequest() public {
        ReenteringConsumer again = new ReenteringConsumer();
        vm.deal(address(again), FEE);
        again.then(address(hub), FEE, abi.encodeCall(hub.request, (aTerms(), SALT, INPUT, "")));
        (RequestKey memory key, ) = openFor(address(again));

        deliver(key);

        vm.assertTrue(again.succeeded(0));
        bytes32 opened = hub.requestIdOf(RequestKey(address(again), SALT, aTerms()));
        vm.assertEq(uint256(hub.requestOf(opened).status), uint256(Status.Open));
    }

    function test_callback_cannotBePaidTwice() public {
        ReenteringConsumer again = new ReenteringConsumer();
        (RequestKey memory key, bytes32 requestId) = openFor(address(again));
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceFor(answer.statement);
        again.then(address(hub), 0, abi.encodeCall(hub.fulfil, (key, answer, evidence)));
        again.then(address(hub), 0, abi.encodeCall(hub.refund, (key)));
        again.then(address(hub), 0, abi.encodeCall(hub.cancel, (key)));
        again.then(address(hub), 0, abi.encodeCall(hub.retryCallback, (key, OUTPUT)));

        hub.fulfil(key, answer, evidence);

        bytes memory notOpen = abi.encodeWithSelector(IInferenceHub.RequestNotOpen.selector, requestId, Status.Final);
        for (uint256 i = 0; i < 3; ++i) vm.assertEq(again.returned(i), notOpen);
        vm.assertEq(again.returned(3), notRetriable(requestId, CallbackState.Pending));
        vm.assertEq(hub.creditOf(executor, address(0)), FEE);
        vm.assertEq(hub.creditOf(refundee, address(0)), 0);
    }

    function test_retryCallback_isForAnyoneAndOnce() public {
        consumer.setWilling(false);
        (RequestKey memory key, bytes32 requestId) = openFor(address(consumer));
        deliver(key);
        vm.prank(stranger);
        hub.retryCallback(key, OUTPUT);
        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Failed));
        consumer.setWilling(true);

        vm.prank(stranger);
        hub.retryCallback(key, OUTPUT);

        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Done));
        vm.assertEq(consumer.calls(), 1);
        vm.expectRevert(notRetriable(requestId, CallbackState.Done));
        hub.retryCallback(key, OUTPUT);
    }

    function test_retryCallback_bringsAFailureAgain() public {
        consumer.setWilling(false);
        (RequestKey memory key, ) = openFor(address(consumer));
        Answer memory answer = aFailure(key, RESULT_MODEL_FAILED);
        hub.fulfil(key, answer, evidenceFor(answer.statement));
        consumer.setWilling(true);

        bytes32 given = keccak256(OUTPUT);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.OutputHashMismatch.selector, bytes32(0), given));
        hub.retryCallback(key, OUTPUT);
        hub.retryCallback(key, "");

        vm.assertEq(consumer.lastResultCode(), RESULT_MODEL_FAILED);
    }

    function test_retryCallback_worksOnceTheTargetExists() public {
        address later = address(0x123456);
        (RequestKey memory key, bytes32 requestId) = openFor(later);
        deliver(key);
        vm.etch(later, address(consumer).code);
        MoodyConsumer(later).setWilling(true);

        hub.retryCallback(key, OUTPUT);

        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Done));
    }

    function test_retryCallback_cannotRunWithinItself() public {
        address later = address(0x123456);
        (RequestKey memory key, bytes32 requestId) = openFor(later);
        deliver(key);
        vm.etch(later, address(new ReenteringConsumer()).code);
        ReenteringConsumer again = ReenteringConsumer(payable(later));
        again.then(address(hub), 0, abi.encodeCall(hub.retryCallback, (key, OUTPUT)));

        hub.retryCallback(key, OUTPUT);

        vm.assertEq(again.returned(0), notRetriable(requestId, CallbackState.Pending));
    }

    function test_retryCallback_RevertWhen_OutputIsAnother() public {
        consumer.setWilling(false);
        (RequestKey memory key, ) = openFor(address(consumer));
        deliver(key);
        bytes4 selector = IInferenceHub.OutputHashMismatch.selector;

        vm.expectRevert(abi.encodeWithSelector(selector, keccak256(OUTPUT), keccak256("other")));
        hub.retryCallback(key, "other");
        vm.expectRevert(abi.encodeWithSelector(selector, keccak256(OUTPUT), keccak256("")));
        hub.retryCallback(key, "");
    }

    function test_retryCallback_RevertWhen_NotFailed() public {
        (RequestKey memory key, bytes32 requestId) = openFor(address(consumer));
        vm.expectRevert(notRetriable(requestId, CallbackState.None));
        hub.retryCallback(key, OUTPUT);
    }

    function test_retryCallback_RevertWhen_RequestUnknown() public {
        RequestKey memory key = keyFor(address(consumer));
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.RequestUnknown.selector, hub.requestIdOf(key)));
        hub.retryCallback(key, OUTPUT);
    }

    function keyFor(address target) private view returns (RequestKey memory) {
        Terms memory terms = aTerms();
        (terms.callback, terms.callbackGas) = (target, GAS);
        return keyOf(terms);
    }

    function openFor(address target) private returns (RequestKey memory, bytes32) {
        return open(keyFor(target).terms);
    }

    function expectFailedCallback(
        address target,
        bytes memory returnData
    ) private returns (RequestKey memory key, bytes32 requestId) {
        (key, requestId) = openFor(target);
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceFor(answer.statement);

        vm.expectEmit(address(hub));
        emit IInferenceHub.CallbackAttempted(requestId, false, returnData);
        hub.fulfil(key, answer, evidence);

        vm.assertEq(uint256(stateOf(requestId)), uint256(CallbackState.Failed));
    }

    function deliverRecorded(RequestKey memory key, uint256 copiedBytes) private {
        vm.recordLogs();
        deliver(key);
        Log[] memory logs = vm.getRecordedLogs();
        (bool succeeded, bytes memory returnData) = abi.decode(logs[logs.length - 1].data, (bool, bytes));
        vm.assertTrue(succeeded);
        vm.assertEq(returnData.length, copiedBytes);
    }

    function stateOf(bytes32 requestId) private view returns (CallbackState) {
        return hub.requestOf(requestId).callback;
    }

    function notRetriable(bytes32 requestId, CallbackState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.CallbackNotRetriable.selector, requestId, state);
    }
}
