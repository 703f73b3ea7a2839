// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { RESULT_MODEL_FAILED } from "../../../contracts/types/Constants.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

/// @notice X12: the hub's own gas, over a gate without cryptography. Whole transactions: test/vectors/gas-snapshot.json.
contract HubGasTest is HubFixture {
    function test_gas_request() public {
        open(aTerms());
        vm.snapshotGasLastCall("InferenceHub.request");
    }

    function test_gas_requestInToken() public {
        Terms memory terms = aTerms();
        terms.token = address(token);
        open(terms);
        vm.snapshotGasLastCall("InferenceHub.request in the token");
    }

    function test_gas_fulfil() public {
        (RequestKey memory key, ) = open(aTerms());
        deliver(key);
        vm.snapshotGasLastCall("InferenceHub.fulfil");
    }

    function test_gas_fulfilWithFailure() public {
        (RequestKey memory key, ) = open(aTerms());
        Answer memory answer = aFailure(key, RESULT_MODEL_FAILED);
        Evidence[] memory evidence = evidenceFor(answer.statement);
        hub.fulfil(key, answer, evidence);
        vm.snapshotGasLastCall("InferenceHub.fulfil with a failure");
    }

    function test_gas_retryCallback() public {
        Terms memory terms = aTerms();
        MoodyConsumer consumer = new MoodyConsumer();
        (terms.callback, terms.callbackGas) = (address(consumer), 200_000);
        (RequestKey memory key, ) = open(terms);
        deliver(key);
        consumer.setWilling(true);
        hub.retryCallback(key, OUTPUT);
        vm.snapshotGasLastCall("InferenceHub.retryCallback");
    }

    function test_gas_cancelAndRefund() public {
        (RequestKey memory key, ) = open(aTerms());
        vm.prank(requester);
        hub.cancel(key);
        vm.snapshotGasLastCall("InferenceHub.cancel announced");
        vm.warp(key.terms.deadline + 1);
        hub.refund(key);
        vm.snapshotGasLastCall("InferenceHub.refund");
    }

    function test_gas_withdraw() public {
        (RequestKey memory key, ) = open(aTerms());
        deliver(key);
        vm.prank(executor);
        hub.withdraw(address(0), executor);
        vm.snapshotGasLastCall("InferenceHub.withdraw");
    }
}
