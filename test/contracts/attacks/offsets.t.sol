// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { InferenceHub } from "../../../contracts/hub/InferenceHub.sol";
import { IInferenceHub, RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { Answer, Evidence } from "../../../contracts/types/Evidence.sol";
import { HubFixture } from "../hub/HubFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Offsets inside calldata are signed: one that points in front of the arguments is well-formed, and the hub and
/// the gate have different bytes there.
contract OffsetAttacks is HubFixture {
    uint256 private constant SELECTOR_BYTES = 4;
    /// @dev Bytes that stand in front of the arguments in the gate's call and not in the hub's.
    uint256 private constant MOVED_BYTES = 0x60;
    /// @dev In the gate's call: the last byte of the ask's offset and all but the last of the evidence's.
    uint256 private constant LENGTH_AT = 0x43;
    /// @dev The evidence's offset in the gate's call is its offset in the hub's and this.
    uint256 private constant EVIDENCE_MOVED = 0x24 + 0x3c;

    MoodyConsumer private consumer;
    RequestKey private key;

    function setUp() public override {
        super.setUp();
        consumer = new MoodyConsumer();
        consumer.setWilling(true);
        Terms memory terms = aTerms();
        (terms.callback, terms.callbackGas) = (address(consumer), 500_000);
        (key, ) = open(terms);
    }

    /// @dev The gate would read the honest output out of its own head, one byte long; the hub, and with it the
    /// callback, would read none.
    function test_fulfil_RevertWhen_HubAndGateReadOtherOutputs() public {
        Answer memory answer = anAnswer(key);
        bytes memory call_ = callWithOutputInTheHead(answer, evidenceFor(answer.statement));

        vm.prank(stranger);
        (bool ok, bytes memory reason) = address(hub).call(call_);

        vm.assertFalse(ok);
        vm.assertEq(reason, abi.encodeWithSelector(IInferenceHub.OutputMisplaced.selector));
        vm.assertEq(consumer.calls(), 0);
    }

    /// @dev Wherever the output is said to lie, the gate saw what the hub passes on, or nothing is delivered.
    function testFuzz_fulfil_passesOnWhatTheGateSaw(uint256 outputAt, bool around) public {
        Answer memory answer = anAnswer(key);
        Evidence[] memory evidence = evidenceFor(answer.statement);
        bytes memory call_ = abi.encodeCall(hub.fulfil, (key, answer, evidence));
        uint256 answerAt = uint256(wordOf(call_, SELECTOR_BYTES + 0x20)) + SELECTOR_BYTES;
        // Around: within 512 bytes of the calldata's start, on either side.
        unchecked {
            if (around) outputAt = (outputAt % 1024) - 512 - answerAt;
        }
        assembly ("memory-safe") {
            mstore(add(add(call_, 0x20), add(answerAt, 0x160)), outputAt) // behind the statement and input's offset
        }

        (bool ok, ) = address(hub).call(call_);

        vm.assertEq(consumer.calls(), ok ? 1 : 0);
        if (ok) vm.assertEq(consumer.lastOutput(), OUTPUT);
    }

    /// @dev The id is hashed from calldata as it lies there, and no gate reads the second name: were dirt in it let
    /// through, terms that nobody else can encode would hold the fee.
    function test_request_RevertWhen_SecondExecutorHasDirtyBits() public {
        Terms memory terms = aTerms();
        terms.executors = new address[](2);
        (terms.executors[0], terms.executors[1]) = (executor, stranger);
        bytes memory call_ = abi.encodeCall(hub.request, (terms, SALT, INPUT, ""));
        // selector, four arguments, twelve words of terms, length, first name: then the upper bytes of the second.
        call_[SELECTOR_BYTES + (4 + 12 + 1 + 1) * 0x20] = 0x01;

        vm.prank(requester);
        (bool ok, bytes memory reason) = address(hub).call{ value: FEE }(call_);

        vm.assertFalse(ok);
        vm.assertEq(reason.length, 0); // the decoder's own
    }

    /// @dev Terms in front of the calldata: fields read there wrap around, bytes copied from there are zero.
    function test_refund_RevertWhen_TermsLieInFrontOfTheCalldata() public {
        bytes memory body = tail(abi.encode(key));
        for (uint256 back = 1; back <= 0x1a0; ++back) {
            uint256 termsAt;
            unchecked {
                termsAt = 0 - back - (SELECTOR_BYTES + 0x20);
            }
            assembly ("memory-safe") {
                mstore(add(body, 0x60), termsAt) // behind requester and salt
            }
            bytes memory call_ = bytes.concat(InferenceHub.refund.selector, bytes32(uint256(0x20)), body);

            vm.warp(START + 3_601);
            (bool ok, ) = address(hub).call(call_);

            vm.assertFalse(ok);
        }
        vm.assertEq(hub.creditOf(refundee, address(0)), 0);
    }

    /// @dev selector · offsets · filling · evidence · key · answer · filling; the lengths of both fillings make the
    /// gate's head hold the word 1 and behind it the output.
    function callWithOutputInTheHead(
        Answer memory answer,
        Evidence[] memory evidence
    ) private view returns (bytes memory call_) {
        uint256 evidenceAt = 0x100 * OUTPUT.length + uint8(OUTPUT[0]) - EVIDENCE_MOVED;
        bytes memory evidenceBody = tail(abi.encode(evidence));
        bytes memory keyBody = tail(abi.encode(key));
        uint256 keyAt = evidenceAt + evidenceBody.length;
        uint256 answerAt = keyAt + keyBody.length;
        bytes memory answerBody = tail(abi.encode(answer));
        uint256 outputAt;
        unchecked {
            outputAt = LENGTH_AT - MOVED_BYTES - (SELECTOR_BYTES + answerAt);
        }
        assembly ("memory-safe") {
            mstore(add(answerBody, 0x180), outputAt) // behind ten words of statement and the offset of input
        }
        uint256 end = answerAt + answerBody.length;
        uint256 filling = 0x100 - ((end + MOVED_BYTES) % 0x100);
        call_ = bytes.concat(
            bytes.concat(InferenceHub.fulfil.selector, abi.encode(keyAt, answerAt, evidenceAt)),
            new bytes(evidenceAt - 0x60),
            evidenceBody,
            keyBody,
            answerBody,
            new bytes(filling)
        );
    }

    function wordOf(bytes memory data, uint256 from) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), from))
        }
    }

    /// @dev What an argument looks like behind its offset.
    function tail(bytes memory encoded) private pure returns (bytes memory rest) {
        rest = new bytes(encoded.length - 0x20);
        for (uint256 i; i < rest.length; ++i) rest[i] = encoded[i + 0x20];
    }
}
