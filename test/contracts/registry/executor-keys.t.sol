// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IExecutorRegistry, KeyState, SigningKey } from "../../../contracts/interfaces/IExecutorRegistry.sol";
import { ExecutorRegistry } from "../../../contracts/registry/ExecutorRegistry.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract ExecutorKeysTest {
    uint256 private constant NOW = 1_800_000_000;
    uint40 private constant FROM = uint40(NOW - 100);
    uint40 private constant UNTIL = uint40(NOW + 100);
    address private constant EXECUTOR = address(0xe8ec);
    address private constant FIRST = address(0xf1);
    address private constant SECOND = address(0xf2);

    ExecutorRegistry private registry;

    function setUp() public {
        vm.warp(NOW);
        registry = new ExecutorRegistry();
    }

    function test_setKey_makesKeyCurrent() public {
        vm.expectEmit(address(registry));
        emit IExecutorRegistry.KeySet(EXECUTOR, FIRST, FROM, UNTIL);
        setKey(FIRST);

        SigningKey memory record = registry.keyRecord(EXECUTOR);
        vm.assertEq(registry.currentKey(EXECUTOR), FIRST);
        vm.assertTrue(registry.canSign(EXECUTOR));
        vm.assertEq(record.notBefore, FROM);
        vm.assertEq(record.notAfter, UNTIL);
        assertState(FIRST, KeyState.Active);
    }

    function test_setKey_RevertWhen_KeyIsZero() public {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.KeyIsZero.selector));
        registry.setKey(address(0), FROM, UNTIL);
    }

    function test_setKey_RevertWhen_WindowInvalid() public {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.WindowInvalid.selector, UNTIL, UNTIL - 1));
        registry.setKey(FIRST, UNTIL, UNTIL - 1);
        expectRevertAs(
            EXECUTOR,
            abi.encodeWithSelector(IExecutorRegistry.WindowInvalid.selector, FROM, uint40(NOW - 1))
        );
        registry.setKey(FIRST, FROM, uint40(NOW - 1));
    }

    function test_setKey_RevertWhen_KeySpent() public {
        setKey(FIRST);
        vm.prank(EXECUTOR);
        registry.retireKey();
        expectSpent(FIRST, KeyState.Retired);
        registry.setKey(FIRST, FROM, UNTIL);

        setKey(SECOND);
        expectSpent(FIRST, KeyState.Retired);
        registry.setKey(FIRST, FROM, UNTIL);
        report(SECOND);
        expectSpent(SECOND, KeyState.Compromised);
        registry.setKey(SECOND, FROM, UNTIL);
    }

    function test_setKey_retiresTheOneBefore() public {
        setKey(FIRST);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.KeyRetired(EXECUTOR, FIRST);
        setKey(SECOND);

        vm.assertEq(registry.currentKey(EXECUTOR), SECOND);
        assertState(FIRST, KeyState.Retired);
        assertState(SECOND, KeyState.Active);
    }

    function test_setKey_changesTheWindowOfTheSameKey() public {
        setKey(FIRST);

        vm.prank(EXECUTOR);
        registry.setKey(FIRST, FROM, UNTIL + 1000);

        vm.warp(UNTIL + 1000);
        vm.assertEq(registry.currentKey(EXECUTOR), FIRST);
        assertState(FIRST, KeyState.Active);
    }

    function test_setKey_isOfEachExecutorAlone() public {
        setKey(FIRST);
        vm.prank(EXECUTOR);
        registry.retireKey();

        registry.setKey(FIRST, FROM, UNTIL);

        vm.assertEq(registry.currentKey(address(this)), FIRST);
        assertState(FIRST, KeyState.Retired);
    }

    function test_retireKey_endsTheKey() public {
        setKey(FIRST);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.KeyRetired(EXECUTOR, FIRST);
        vm.prank(EXECUTOR);
        registry.retireKey();

        expectNotValid(FIRST, KeyState.Retired);
        registry.currentKey(EXECUTOR);
        vm.assertFalse(registry.canSign(EXECUTOR));
    }

    function test_retireKey_RevertWhen_NoKey() public {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.NoKey.selector, EXECUTOR));
        registry.retireKey();
        setKey(FIRST);
        vm.prank(EXECUTOR);
        registry.retireKey();
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.NoKey.selector, EXECUTOR));
        registry.retireKey();
    }

    function test_reportCompromised_endsTheCurrentKey() public {
        setKey(FIRST);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.KeyCompromised(EXECUTOR, FIRST);
        report(FIRST);

        expectNotValid(FIRST, KeyState.Compromised);
        registry.currentKey(EXECUTOR);
        assertState(FIRST, KeyState.Compromised);
    }

    function test_reportCompromised_marksPastKeyAndKeepsCurrent() public {
        setKey(FIRST);
        setKey(SECOND);

        report(FIRST);

        assertState(FIRST, KeyState.Compromised);
        vm.assertEq(registry.currentKey(EXECUTOR), SECOND);
    }

    function test_reportCompromised_outlivesTheNextKey() public {
        setKey(FIRST);
        report(FIRST);

        setKey(SECOND);

        assertState(FIRST, KeyState.Compromised);
    }

    function test_reportCompromised_RevertWhen_NoKey() public {
        setKey(FIRST);

        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.NoKey.selector, EXECUTOR));
        registry.reportCompromised(SECOND);
    }

    function test_reportCompromised_RevertWhen_KeySpent() public {
        setKey(FIRST);
        report(FIRST);

        expectSpent(FIRST, KeyState.Compromised);
        registry.reportCompromised(FIRST);
    }

    function testFuzz_currentKey_isValidInsideItsWindowOnly(uint256 time) public {
        setKey(FIRST);
        time = bound(time, FROM - 1000, UNTIL + 1000);
        vm.warp(time);
        bool inside = FROM <= time && time <= UNTIL;

        vm.assertEq(registry.canSign(EXECUTOR), inside);
        if (!inside) expectNotValid(FIRST, KeyState.Active);
        registry.currentKey(EXECUTOR);
    }

    function test_currentKey_RevertWhen_ThereIsNone() public {
        vm.expectRevert(
            abi.encodeWithSelector(IExecutorRegistry.KeyNotValid.selector, EXECUTOR, address(0), KeyState.None, 0, 0)
        );
        registry.currentKey(EXECUTOR);
    }

    function setKey(address key) private {
        vm.prank(EXECUTOR);
        registry.setKey(key, FROM, UNTIL);
    }

    function report(address key) private {
        vm.prank(EXECUTOR);
        registry.reportCompromised(key);
    }

    function expectRevertAs(address caller, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
    }

    function expectSpent(address key, KeyState state) private {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.KeySpent.selector, EXECUTOR, key, state));
    }

    function expectNotValid(address key, KeyState state) private {
        vm.expectRevert(
            abi.encodeWithSelector(IExecutorRegistry.KeyNotValid.selector, EXECUTOR, key, state, FROM, UNTIL)
        );
    }

    function assertState(address key, KeyState state) private view {
        vm.assertEq(uint256(registry.keyState(EXECUTOR, key)), uint256(state));
    }
}
