// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IInferenceHub, Request, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { PRESET_QUORUM_3_OF_5, PRESET_SIGNED } from "../../../contracts/types/Constants.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

contract RequestTest is HubFixture {
    function test_request_opensAndKeepsTheFee() public {
        Terms memory terms = aTerms();
        bytes32 expected = hub.requestIdOf(keyOf(terms));

        vm.expectEmit(address(hub));
        emit IInferenceHub.Requested(expected, requester, terms.modelId, SALT, terms, INPUT, "", 1);
        (, bytes32 requestId) = open(terms);

        Request memory r = hub.requestOf(requestId);
        vm.assertEq(requestId, expected);
        vm.assertEq(r.refundee, refundee);
        vm.assertEq(uint256(r.status), uint256(Status.Open));
        vm.assertEq(uint256(r.escrowThenOutputHash), FEE);
        vm.assertEq(address(hub).balance, FEE);
    }

    function test_request_takesTheToken() public {
        Terms memory terms = aTerms();
        terms.token = address(token);

        open(terms);

        vm.assertEq(token.balanceOf(address(hub)), FEE);
        vm.assertEq(address(hub).balance, 0);
    }

    function test_request_takesNoFee() public {
        Terms memory terms = aTerms();
        terms.feeWei = 0;

        (, bytes32 requestId) = open(terms);

        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Open));
    }

    function test_request_takesUriInsteadOfInput() public {
        Terms memory terms = aTerms();
        terms.inputHash = keccak256("somewhere else");
        bytes32 expected = hub.requestIdOf(keyOf(terms));

        vm.expectEmit(address(hub));
        emit IInferenceHub.Requested(expected, requester, terms.modelId, SALT, terms, "", "ipfs://input", 1);
        vm.prank(requester);
        hub.request{ value: FEE }(terms, SALT, "", "ipfs://input");
    }

    function test_request_takesExactly4096BytesOfInput() public {
        Terms memory terms = aTerms();
        bytes memory input = new bytes(4096);
        terms.inputHash = keccak256(input);

        vm.prank(requester);
        hub.request{ value: FEE }(terms, SALT, input, "");
    }

    function test_request_takesDeadlinesFromNowTo30Days() public {
        Terms memory terms = aTerms();
        terms.deadline = START;
        open(terms);

        terms.deadline = START + 30 days;
        open(terms);
    }

    function test_request_takes64ExecutorsAndTwoMillionGas() public {
        Terms memory terms = aTerms();
        terms.executors = new address[](64);
        (terms.callback, terms.callbackGas) = (stranger, 2_000_000);
        open(terms);
    }

    function test_request_RevertWhen_RequestExists() public {
        Terms memory terms = aTerms();
        (, bytes32 requestId) = open(terms);

        expectRefusal(terms, INPUT, "", abi.encodeWithSelector(IInferenceHub.RequestExists.selector, requestId));
    }

    function test_request_RevertWhen_DeadlineOutOfRange() public {
        Terms memory terms = aTerms();
        terms.deadline = START - 1;
        expectRefusal(terms, INPUT, "", outOfRange(START - 1));

        terms.deadline = START + 30 days + 1;
        expectRefusal(terms, INPUT, "", outOfRange(START + 30 days + 1));
    }

    function test_request_RevertWhen_RefundeeIsZero() public {
        Terms memory terms = aTerms();
        terms.refundee = address(0);
        expectRefusal(terms, INPUT, "", abi.encodeWithSelector(IInferenceHub.RefundeeIsZero.selector));
    }

    function test_request_RevertWhen_TooManyExecutors() public {
        Terms memory terms = aTerms();
        terms.executors = new address[](65);
        expectRefusal(terms, INPUT, "", abi.encodeWithSelector(IInferenceHub.TooManyExecutors.selector, 65, 64));
    }

    function test_request_RevertWhen_CallbackInvalid() public {
        Terms memory terms = aTerms();
        (terms.callback, terms.callbackGas) = (stranger, 0);
        expectRefusal(terms, INPUT, "", callbackInvalid(stranger, 0));

        (terms.callback, terms.callbackGas) = (address(0), 1);
        expectRefusal(terms, INPUT, "", callbackInvalid(address(0), 1));

        (terms.callback, terms.callbackGas) = (stranger, 2_000_001);
        expectRefusal(terms, INPUT, "", callbackInvalid(stranger, 2_000_001));
    }

    function test_request_RevertWhen_InputMissing() public {
        expectRefusal(aTerms(), "", "", abi.encodeWithSelector(IInferenceHub.InputMissing.selector));
    }

    function test_request_RevertWhen_InputTooLarge() public {
        Terms memory terms = aTerms();
        bytes memory input = new bytes(4090);
        terms.inputHash = keccak256(input);
        bytes memory tooLarge = abi.encodeWithSelector(IInferenceHub.InputTooLarge.selector, 4097, 4096);
        expectRefusal(terms, input, "ipfs://", tooLarge);
    }

    function test_request_RevertWhen_InputHashMismatch() public {
        bytes memory mismatch = abi.encodeWithSelector(
            IInferenceHub.InputHashMismatch.selector,
            keccak256(INPUT),
            keccak256("x")
        );
        expectRefusal(aTerms(), "x", "", mismatch);
    }

    function test_request_RevertWhen_PolicyNotCanonical() public {
        Terms memory terms = aTerms();
        terms.policy = 1;
        expectRefusal(terms, INPUT, "", notCanonical(1));
    }

    function test_request_RevertWhen_PolicyUnavailable() public {
        Terms memory terms = aTerms();
        terms.policy = PRESET_QUORUM_3_OF_5;
        bytes memory unavailable = abi.encodeWithSelector(
            IEvidenceGate.PolicyUnavailable.selector,
            PRESET_QUORUM_3_OF_5
        );
        expectRefusal(terms, INPUT, "", unavailable);
    }

    function test_request_RevertWhen_ValueIsNotTheFee() public {
        uint256[2] memory values = [uint256(FEE) - 1, uint256(FEE) + 1];
        for (uint256 i = 0; i < values.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IInferenceHub.FeeMismatch.selector, FEE, values[i]));
            vm.prank(requester);
            hub.request{ value: values[i] }(aTerms(), SALT, INPUT, "");
        }
    }

    function test_request_RevertWhen_ValueComesWithToken() public {
        Terms memory terms = aTerms();
        terms.token = address(token);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.FeeMismatch.selector, 0, 1));
        vm.prank(requester);
        hub.request{ value: 1 }(terms, SALT, INPUT, "");
    }

    function test_request_RevertWhen_TokenNotAccepted() public {
        Terms memory terms = aTerms();
        terms.token = address(gate);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.TokenNotAccepted.selector, address(gate)));
        vm.prank(requester);
        hub.request(terms, SALT, INPUT, "");
    }

    function testFuzz_request_idCommitsToEveryTerm(uint256 field, uint256 change) public view {
        Terms memory terms = aTerms();
        bytes32 before = hub.requestIdOf(keyOf(terms));
        uint160 delta = uint160((change % type(uint32).max) + 1);
        unchecked {
            if (field % 12 == 0) terms.modelId = bytes32(uint256(terms.modelId) + delta);
            if (field % 12 == 1) terms.configHash = bytes32(uint256(terms.configHash) + delta);
            if (field % 12 == 2) terms.inputHash = bytes32(uint256(terms.inputHash) + delta);
            if (field % 12 == 3) terms.policy = PRESET_SIGNED + delta;
            if (field % 12 == 4) terms.executors[0] = address(uint160(executor) + delta);
            if (field % 12 == 5) terms.minStakeWei += uint96(delta);
            if (field % 12 == 6) terms.feeWei += uint96(delta);
            if (field % 12 == 7) terms.token = address(uint160(terms.token) + delta);
            if (field % 12 == 8) terms.deadline += uint40(delta);
            if (field % 12 == 9) terms.callback = address(uint160(terms.callback) + delta);
            if (field % 12 == 10) terms.callbackGas += uint32(delta);
            if (field % 12 == 11) terms.refundee = address(uint160(terms.refundee) + delta);
        }

        vm.assertNotEq(hub.requestIdOf(keyOf(terms)), before);
    }

    function expectRefusal(
        Terms memory terms,
        bytes memory input,
        string memory inputUri,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        vm.prank(requester);
        hub.request{ value: terms.feeWei }(terms, SALT, input, inputUri);
    }

    function outOfRange(uint40 deadline) private view returns (bytes memory) {
        bytes4 selector = IInferenceHub.DeadlineOutOfRange.selector;
        return abi.encodeWithSelector(selector, deadline, block.timestamp, block.timestamp + 30 days);
    }

    function callbackInvalid(address callback, uint32 callbackGas) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.CallbackInvalid.selector, callback, callbackGas);
    }
}
