// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";
import { TeeHandler } from "./TeeHandler.t.sol";

/// @notice X11: whatever operators, governance and time do in whatever order, a record only ever gets weaker.
contract TeeInvariants is TeeFixture {
    TeeHandler private handler;

    function setUp() public {
        deployTee();
        handler = new TeeHandler(enclaves, attestationPolicy, router);
    }

    /// @dev Read by the runner: only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 80
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_recordsNeverReviveAndLivesNeverGrow() public view {
        vm.assertFalse(handler.revived());
        vm.assertFalse(handler.grew());
        vm.assertFalse(handler.replayed());
    }

    /// @dev A sequence by hand that reaches every action, so that the invariant above is known to have been asked.
    function test_handler_reachesEveryAction() public {
        handler.enrol(1, 601, 0, 9 days);
        handler.enrol(2, 0, 1, 9 days);
        handler.enrol(3, 0, 7, 9 days);
        handler.enrol(2, 0, 2, 9 days);
        handler.wait_(300);
        handler.beat(0, 1);
        handler.replay(0);
        handler.revokeTrait(4, false);
        handler.refresh(1);
        handler.revokeTrait(1, true);
        handler.giveBack(1);
        handler.restrict(2, 0, 600);
        handler.loosen(2, 0);
        handler.end(4, false);
        handler.replaceVerifier(1);
        handler.replaceVerifier(3);
        for (uint256 i; i < 12; ++i) handler.wait_(12 hours);
        handler.giveBack(1);
        handler.loosen(2, 0);
        string[10] memory actions = [
            "enrol",
            "beat",
            "replay",
            "revoke",
            "refresh",
            "give back",
            "restrict",
            "loosen",
            "end",
            "replace"
        ];

        for (uint256 i; i < actions.length; ++i) vm.assertLt(0, handler.successes(actions[i]));
        vm.assertEq(handler.count(), 4);
        vm.assertLt(0, handler.successes("stop"));
        invariant_recordsNeverReviveAndLivesNeverGrow();
    }
}
