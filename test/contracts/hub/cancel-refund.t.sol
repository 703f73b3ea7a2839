// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceHub, RequestKey, Status, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

contract CancelRefundTest is HubFixture {
    RequestKey private key;
    bytes32 private requestId;

    function setUp() public override {
        super.setUp();
        (key, requestId) = open(aTerms());
    }

    function test_cancel_announcesFirst() public {
        vm.expectEmit(address(hub));
        emit IInferenceHub.CancelAnnounced(requestId, START + 600);
        cancel();

        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Open));
        vm.assertEq(hub.requestOf(requestId).cancelAt, START + 600);
        vm.assertEq(hub.creditOf(refundee, address(0)), 0);
    }

    function test_cancel_refundsAfter600Seconds() public {
        cancel();
        vm.warp(START + 600);

        vm.expectEmit(address(hub));
        emit IInferenceHub.Refunded(requestId, refundee, true);
        cancel();

        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Refunded));
        vm.assertEq(hub.requestOf(requestId).escrowThenOutputHash, bytes32(0));
        vm.assertEq(hub.creditOf(refundee, address(0)), FEE);
    }

    function test_cancel_RevertWhen_NotDue() public {
        cancel();
        vm.warp(START + 599);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.CancelNotDue.selector, START + 600, START + 599));
        cancel();
    }

    function test_cancel_RevertWhen_NotRequester() public {
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.NotRequester.selector, requester, stranger));
        vm.prank(stranger);
        hub.cancel(key);
    }

    function test_cancel_losesAgainstADelivery() public {
        cancel();
        vm.warp(START + 600);
        deliver(key);

        expectNotOpen(Status.Final);
        cancel();
        vm.assertEq(hub.creditOf(executor, address(0)), FEE);
        vm.assertEq(hub.creditOf(refundee, address(0)), 0);
    }

    function test_cancel_RevertWhen_RequestUnknown() public {
        key.salt = keccak256("other salt");
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.RequestUnknown.selector, hub.requestIdOf(key)));
        cancel();
    }

    function test_refund_isForAnyoneAfterTheDeadline() public {
        vm.warp(key.terms.deadline + 1);

        vm.expectEmit(address(hub));
        emit IInferenceHub.Refunded(requestId, refundee, false);
        vm.prank(stranger);
        hub.refund(key);

        vm.assertEq(hub.creditOf(refundee, address(0)), FEE);
        vm.assertEq(hub.creditOf(stranger, address(0)), 0);
        vm.assertEq(uint256(hub.requestOf(requestId).status), uint256(Status.Refunded));
    }

    function test_refund_creditsTheToken() public {
        Terms memory terms = aTerms();
        terms.token = address(token);
        (RequestKey memory inToken, ) = open(terms);
        vm.warp(terms.deadline + 1);

        hub.refund(inToken);

        vm.assertEq(hub.creditOf(refundee, address(token)), FEE);
    }

    function test_refund_RevertWhen_DeadlineNotPassed() public {
        vm.warp(key.terms.deadline);
        vm.expectRevert(
            abi.encodeWithSelector(IInferenceHub.DeadlineNotPassed.selector, key.terms.deadline, key.terms.deadline)
        );
        hub.refund(key);
    }

    function test_refund_RevertWhen_RefundedAlready() public {
        vm.warp(key.terms.deadline + 1);
        hub.refund(key);

        expectNotOpen(Status.Refunded);
        hub.refund(key);
        vm.assertEq(hub.creditOf(refundee, address(0)), FEE);
    }

    function test_refund_RevertWhen_Final() public {
        deliver(key);
        vm.warp(key.terms.deadline + 1);

        expectNotOpen(Status.Final);
        hub.refund(key);
    }

    function test_refund_RevertWhen_RequestUnknown() public {
        key.terms.deadline -= 1;
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.RequestUnknown.selector, hub.requestIdOf(key)));
        hub.refund(key);
    }

    function expectNotOpen(Status status) private {
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.RequestNotOpen.selector, requestId, status));
    }

    function cancel() private {
        vm.prank(requester);
        hub.cancel(key);
    }
}
