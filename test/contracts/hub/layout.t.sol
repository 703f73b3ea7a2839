// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { CallbackState, RequestKey, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { RESULT_MODEL_FAILED } from "../../../contracts/types/Constants.sol";
import { Answer } from "../../../contracts/types/Evidence.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

/// @notice S10: a request takes two slots, drawn in IInferenceHub.Request; where they are and what lies where is
/// pinned.
contract LayoutTest is HubFixture {
    uint256 private constant CREDITS_SLOT = 0;
    uint256 private constant REQUESTS_SLOT = 1;

    function test_layout_requestTakesTwoSlots() public {
        (, bytes32 requestId) = open(aTerms());

        vm.assertEq(wordOf(requestId, 0), uint256(uint160(refundee)) | (uint256(Status.Open) << 248));
        vm.assertEq(wordOf(requestId, 1), FEE);
        vm.assertEq(wordOf(requestId, 2), 0);
    }

    function test_layout_everyFieldHasItsPlace() public {
        Terms memory terms = aTerms();
        (terms.callback, terms.callbackGas) = (address(new MoodyConsumer()), 50_000);
        (RequestKey memory key, bytes32 requestId) = open(terms);
        vm.prank(requester);
        hub.cancel(key);
        Answer memory answer = aFailure(key, RESULT_MODEL_FAILED);
        gate.setExtraPresent(1 << 15);
        hub.fulfil(key, answer, evidenceFor(answer.statement));

        uint256 expected =
            uint256(uint160(refundee)) |
                (uint256(START + 600) << 160) | // cancelAt, 40 bits
                (uint256(0) << 200) | // round, 16 bits
                (uint256(0x8001) << 216) | // presentMask, 16 bits
                (uint256(RESULT_MODEL_FAILED) << 232) | // resultCode, 8 bits
                (uint256(CallbackState.Failed) << 240) | // callback, 8 bits
                (uint256(Status.Errored) << 248); // status, 8 bits
        vm.assertEq(wordOf(requestId, 0), expected);
        vm.assertEq(wordOf(requestId, 1), 0);
    }

    function test_layout_finalRequestKeepsTheOutputHashWhereTheEscrowWas() public {
        (RequestKey memory key, bytes32 requestId) = open(aTerms());
        deliver(key);

        vm.assertEq(bytes32(wordOf(requestId, 1)), keccak256(OUTPUT));
    }

    function test_layout_creditsLieUnderAccountAndAsset() public {
        (RequestKey memory key, ) = open(aTerms());
        deliver(key);

        bytes32 ofAccount = keccak256(abi.encode(executor, CREDITS_SLOT));
        bytes32 ofAsset = keccak256(abi.encode(address(0), ofAccount));
        vm.assertEq(uint256(vm.load(address(hub), ofAsset)), FEE);
    }

    function wordOf(bytes32 requestId, uint256 index) private view returns (uint256) {
        uint256 base = uint256(keccak256(abi.encode(requestId, REQUESTS_SLOT)));
        return uint256(vm.load(address(hub), bytes32(base + index)));
    }
}
