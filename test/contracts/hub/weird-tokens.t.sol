// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { InferenceHub } from "../../../contracts/hub/InferenceHub.sol";
import { IInferenceHub, RequestKey, Terms } from "../../../contracts/interfaces/IInferenceHub.sol";
import { TestToken } from "../../../contracts/mocks/TestToken.sol";
import { NoReturnToken } from "../../../contracts/mocks/tokens/NoReturnToken.sol";
import {
    BlocklistToken,
    FalseToken,
    FeeOnTopToken,
    FeeOnTransferToken,
    GenerousToken,
    HookToken,
    PretendingToken
} from "../../../contracts/mocks/tokens/WeirdTokens.sol";
import { vm } from "../support/Vm.sol";
import { HubFixture } from "./HubFixture.sol";

/// @notice T-18: whatever the token does, the hub never owes more of it than it has.
contract WeirdTokensTest is HubFixture {
    function test_request_RevertWhen_TokenTakesAFee() public {
        expectRefusal(new FeeOnTransferToken(), notReceived(FEE - FEE / 100));
    }

    function test_request_RevertWhen_TokenGivesMore() public {
        expectRefusal(new GenerousToken(), notReceived(FEE + 1));
    }

    function test_request_RevertWhen_TokenOnlyPretends() public {
        expectRefusal(new PretendingToken(), notReceived(0));
    }

    function test_request_RevertWhen_TokenAnswersFalse() public {
        TestToken weird = new FalseToken();
        expectRefusal(weird, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(weird)));
    }

    function test_request_takesATokenThatReturnsNothing() public {
        NoReturnToken weird = new NoReturnToken();
        use(TestToken(address(weird)));
        (RequestKey memory key, ) = open(termsIn(address(weird)));
        deliver(key);

        vm.prank(executor);
        hub.withdraw(address(weird), executor);

        vm.assertEq(weird.balanceOf(executor), FEE);
    }

    function test_request_isLockedAgainstTheHookOfItsToken() public {
        HookToken weird = new HookToken();
        use(weird);
        (RequestKey memory key, ) = open(termsIn(address(weird)));
        deliver(key);
        Terms memory second = termsIn(address(weird));
        second.feeWei = 2 ether;
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(hub.withdraw, (address(weird), stranger));
        calls[1] = abi.encodeCall(hub.request, (second, SALT, INPUT, ""));
        calls[2] = abi.encodeCall(hub.fulfil, (key, anAnswer(key), evidenceFor(anAnswer(key).statement)));
        calls[3] = abi.encodeCall(hub.retryCallback, (key, OUTPUT));

        for (uint256 i = 0; i < calls.length; ++i) {
            second.feeWei = uint96(3 ether + i);
            weird.setHook(address(hub), calls[i]);
            open(second);
            vm.assertEq(weird.hookError(), abi.encodeWithSelector(IInferenceHub.MoneyIsMoving.selector));
        }
    }

    function test_withdraw_RevertWhen_TokenTakesMoreThanTheAmount() public {
        FeeOnTopToken weird = new FeeOnTopToken();
        use(weird);
        (RequestKey memory key, ) = open(termsIn(address(weird)));
        deliver(key);
        weird.mint(address(hub), FEE); // somebody else's escrow, which must not pay the token's fee
        weird.setVictim(address(hub));

        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.TransferFailed.selector, executor, FEE));
        vm.prank(executor);
        hub.withdraw(address(weird), executor);

        vm.assertEq(hub.creditOf(executor, address(weird)), FEE);
    }

    function test_withdraw_goesElsewhereWhenTokenBlocksTheReceiver() public {
        BlocklistToken weird = new BlocklistToken();
        use(weird);
        (RequestKey memory key, ) = open(termsIn(address(weird)));
        weird.setBlocked(executor);
        deliver(key);

        vm.expectRevert(abi.encodeWithSelector(BlocklistToken.Blocked.selector, executor));
        vm.prank(executor);
        hub.withdraw(address(weird), executor);
        vm.prank(executor);
        hub.withdraw(address(weird), stranger);

        vm.assertEq(weird.balanceOf(stranger), FEE);
    }

    function expectRefusal(TestToken weird, bytes memory reason) private {
        use(weird);
        Terms memory terms = termsIn(address(weird));
        vm.expectRevert(reason);
        vm.prank(requester);
        hub.request(terms, SALT, INPUT, "");
    }

    /// @dev A new hub with this token, and a requester who has some.
    function use(TestToken weird) private {
        hub = new InferenceHub(gate, address(weird));
        weird.mint(requester, 100 ether);
        vm.prank(requester);
        NoReturnToken(address(weird)).approve(address(hub), type(uint256).max); // whatever it returns
    }

    function termsIn(address asset) private view returns (Terms memory terms) {
        terms = aTerms();
        terms.token = asset;
    }

    function notReceived(uint256 received) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.FeeNotReceived.selector, FEE, received);
    }
}
