// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { InferenceHub } from "../../../contracts/hub/InferenceHub.sol";
import { Request, Status } from "../../../contracts/interfaces/IInferenceHub.sol";
import { MockGate } from "../../../contracts/mocks/MockGate.sol";
import { TestToken } from "../../../contracts/mocks/TestToken.sol";
import { BurningConsumer, MoodyConsumer } from "../../../contracts/mocks/consumers/HostileConsumers.sol";
import { vm } from "../support/Vm.sol";
import { HubHandler } from "./HubHandler.t.sol";

/// @notice X11, T-28: whatever happens in whatever order, money is conserved and every request ends at most once.
contract HubInvariants {
    InferenceHub private hub;
    TestToken private token;
    HubHandler private handler;

    function setUp() public {
        MockGate gate = new MockGate();
        token = new TestToken();
        hub = new InferenceHub(gate, address(token));
        MoodyConsumer willing = new MoodyConsumer();
        willing.setWilling(true);
        address[] memory callbacks = new address[](4);
        callbacks[0] = address(willing);
        callbacks[1] = address(new MoodyConsumer());
        callbacks[2] = address(new BurningConsumer());
        callbacks[3] = address(0xDEAD);
        vm.warp(1_800_000_000);
        handler = new HubHandler(hub, gate, token, callbacks);
    }

    /// @dev Read by the runner: only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// hardhat-config: invariant.runs = 32
    /// hardhat-config: invariant.depth = 100
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_escrowAndCreditsEqualBalances() public view {
        vm.assertEq(address(hub).balance, handler.escrowed(address(0)) + handler.credits(address(0)));
        address asset = address(token);
        vm.assertEq(token.balanceOf(address(hub)), handler.escrowed(asset) + handler.credits(asset));
    }

    /// hardhat-config: invariant.runs = 32
    /// hardhat-config: invariant.depth = 100
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_whatCameInIsStillThereOrWentOut() public view {
        vm.assertEq(
            handler.deposited(address(0)),
            handler.withdrawn(address(0)) + handler.escrowed(address(0)) + handler.credits(address(0))
        );
        address asset = address(token);
        vm.assertEq(
            handler.deposited(asset),
            handler.withdrawn(asset) + handler.escrowed(asset) + handler.credits(asset)
        );
    }

    /// hardhat-config: invariant.runs = 32
    /// hardhat-config: invariant.depth = 100
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_statusOnlyMovesForwardAndRequestsEndOnce() public view {
        vm.assertFalse(handler.wentBackwards());
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            bytes32 requestId = handler.requestIdAt(i);
            Request memory r = hub.requestOf(requestId);
            vm.assertEq(handler.endings(requestId), r.status == Status.Open ? 0 : 1);
            vm.assertEq(uint256(r.status), uint256(handler.lastStatus(requestId)));
        }
    }

    /// @dev A sequence by hand that reaches every action, so that the invariants above are known to have been asked.
    function test_handler_reachesEveryAction() public {
        for (uint256 i = 0; i < 4; ++i) handler.request(i, 1 ether, i % 2 == 0, 2 * i, 1_000);
        handler.fulfil(0, 1, false, 0x07);
        handler.fulfil(1, 1, true, 0x00);
        handler.cancel(2);
        handler.wait_(600);
        handler.cancel(2);
        handler.wait_(600);
        handler.refund(3, 1);
        for (uint256 i = 0; i < 12; ++i) handler.withdraw(i, i < 6);
        string[5] memory actions = ["request", "deliver", "fail", "cancel", "refund"];

        for (uint256 i = 0; i < actions.length; ++i) vm.assertLt(0, handler.successes(actions[i]));
        vm.assertLt(0, handler.successes("withdraw"));
        invariant_escrowAndCreditsEqualBalances();
        invariant_whatCameInIsStillThereOrWentOut();
        invariant_statusOnlyMovesForwardAndRequestsEndOnce();
    }
}
