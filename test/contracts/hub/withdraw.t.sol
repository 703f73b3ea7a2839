// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IInferenceHub, RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MoodyConsumer, ReenteringConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { Answer } from "../../../contracts/types/Evidence.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

contract WithdrawTest is HubFixture {
    address private purse = address(0x9045E);

    function test_withdraw_paysAllOfTheCredit() public {
        earn(address(0));

        vm.expectEmit(address(hub));
        emit IInferenceHub.Withdrawn(executor, address(0), purse, FEE);
        vm.prank(executor);
        hub.withdraw(address(0), purse);

        vm.assertEq(purse.balance, FEE);
        vm.assertEq(hub.creditOf(executor, address(0)), 0);
    }

    function test_withdraw_paysTheToken() public {
        earn(address(token));

        vm.prank(executor);
        hub.withdraw(address(token), purse);

        vm.assertEq(token.balanceOf(purse), FEE);
        vm.assertEq(token.balanceOf(address(hub)), 0);
    }

    function test_withdraw_RevertWhen_NothingToWithdraw() public {
        earn(address(0));
        expectNothing(executor, address(token));
        vm.prank(executor);
        hub.withdraw(address(token), purse);

        vm.prank(executor);
        hub.withdraw(address(0), purse);
        expectNothing(executor, address(0));
        vm.prank(executor);
        hub.withdraw(address(0), purse);
    }

    function test_withdraw_RevertWhen_ReceiverIsZeroOrTheHub() public {
        earn(address(token));
        expectTransferFailed(address(0));
        vm.prank(executor);
        hub.withdraw(address(token), address(0));

        expectTransferFailed(address(hub));
        vm.prank(executor);
        hub.withdraw(address(token), address(hub));
    }

    function test_withdraw_RevertWhen_ReceiverRefuses() public {
        earn(address(0));
        address refusing = address(new MoodyConsumer());

        expectTransferFailed(refusing);
        vm.prank(executor);
        hub.withdraw(address(0), refusing);

        vm.assertEq(hub.creditOf(executor, address(0)), FEE);
    }

    function test_withdraw_isLockedAgainstItsReceiver() public {
        ReenteringConsumer again = new ReenteringConsumer();
        Terms memory terms = aTerms();
        terms.refundee = address(again);
        (RequestKey memory key, ) = open(terms);
        vm.warp(terms.deadline + 1);
        hub.refund(key);
        terms.deadline += 3_600;
        (RequestKey memory other, ) = open(terms);
        Answer memory answer = anAnswer(other);
        again.then(address(hub), 0, abi.encodeCall(hub.withdraw, (address(0), address(again))));
        again.then(address(hub), FEE, abi.encodeCall(hub.request, (terms, keccak256("new"), INPUT, "")));
        again.then(address(hub), 0, abi.encodeCall(hub.fulfil, (other, answer, evidenceFor(answer.statement))));
        again.then(address(hub), 0, abi.encodeCall(hub.retryCallback, (other, OUTPUT)));

        again.act(address(hub), 0, abi.encodeCall(hub.withdraw, (address(0), address(again))));

        vm.assertEq(address(again).balance, FEE);
        bytes memory locked = abi.encodeWithSelector(IInferenceHub.MoneyIsMoving.selector);
        for (uint256 i = 0; i < 4; ++i) vm.assertEq(again.returned(i), locked);
    }

    function earn(address asset) private {
        Terms memory terms = aTerms();
        terms.token = asset;
        (RequestKey memory key, ) = open(terms);
        deliver(key);
    }

    function expectNothing(address account, address asset) private {
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.NothingToWithdraw.selector, account, asset));
    }

    function expectTransferFailed(address to) private {
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.TransferFailed.selector, to, FEE));
    }
}
