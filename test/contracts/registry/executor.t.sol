// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IExecutorRegistry, KeyState, SigningKey } from "../../../contracts/interfaces/IExecutorRegistry.sol";
import { ExecutorRegistry } from "../../../contracts/registry/ExecutorRegistry.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract ExecutorRegistryTest {
    uint256 private constant NOW = 1_800_000_000;
    uint40 private constant FROM = uint40(NOW - 100);
    uint40 private constant UNTIL = uint40(NOW + 100);
    address private constant EXECUTOR = address(0xe8ec);
    address private constant FIRST = address(0xf1);
    address private constant SECOND = address(0xf2);

    ExecutorRegistry private registry;

    receive() external payable {}

    function setUp() public {
        vm.warp(NOW);
        registry = new ExecutorRegistry();
        vm.deal(EXECUTOR, 100 ether);
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

    function testFuzz_deposit_addsToTheStake(uint96 first, uint96 second) public {
        first = uint96(bound(first, 1, 10 ether));
        second = uint96(bound(second, 1, 10 ether));
        deposit(first);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.StakeDeposited(EXECUTOR, second, uint256(first) + second);
        deposit(second);

        vm.assertEq(registry.stakeOf(EXECUTOR), uint256(first) + second);
    }

    function test_deposit_RevertWhen_AmountIsZero() public {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.AmountIsZero.selector));
        registry.deposit();
    }

    function testFuzz_announceWithdrawal_stopsCountingAtOnce(uint96 amount) public {
        deposit(10 ether);
        amount = uint96(bound(amount, 1, 10 ether));

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.WithdrawalAnnounced(EXECUTOR, amount, uint40(NOW + 7 days));
        announce(amount);

        (uint256 announced, uint40 availableAt) = registry.withdrawalOf(EXECUTOR);
        vm.assertEq(registry.stakeOf(EXECUTOR), 10 ether - amount);
        vm.assertEq(announced, amount);
        vm.assertEq(availableAt, NOW + 7 days);
    }

    function test_announceWithdrawal_startsTheDelayAgain() public {
        deposit(10 ether);
        announce(1 ether);
        vm.warp(NOW + 6 days);
        announce(2 ether);
        vm.warp(NOW + 7 days);

        expectRevertAs(
            EXECUTOR,
            abi.encodeWithSelector(IExecutorRegistry.WithdrawalNotDue.selector, NOW + 13 days, NOW + 7 days)
        );
        registry.withdraw(EXECUTOR);
    }

    function test_announceWithdrawal_RevertWhen_AmountIsZero() public {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.AmountIsZero.selector));
        registry.announceWithdrawal(0);
    }

    function test_announceWithdrawal_RevertWhen_StakeInsufficient() public {
        deposit(3 ether);
        announce(2 ether);

        expectRevertAs(
            EXECUTOR,
            abi.encodeWithSelector(IExecutorRegistry.StakeInsufficient.selector, 1 ether + 1, 1 ether)
        );
        registry.announceWithdrawal(1 ether + 1);
    }

    function test_cancelWithdrawal_countsAllOfItAgain() public {
        deposit(3 ether);
        announce(2 ether);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.WithdrawalCancelled(EXECUTOR, 2 ether);
        vm.prank(EXECUTOR);
        registry.cancelWithdrawal();

        vm.assertEq(registry.stakeOf(EXECUTOR), 3 ether);
        expectNothingAnnounced();
        registry.cancelWithdrawal();
    }

    function test_withdraw_paysWhatWasAnnouncedOnce() public {
        deposit(3 ether);
        announce(2 ether);
        vm.warp(NOW + 7 days);

        vm.expectEmit(address(registry));
        emit IExecutorRegistry.StakeWithdrawn(EXECUTOR, address(0xbeef), 2 ether);
        vm.prank(EXECUTOR);
        registry.withdraw(address(0xbeef));

        vm.assertEq(address(0xbeef).balance, 2 ether);
        vm.assertEq(address(registry).balance, 1 ether);
        expectNothingAnnounced();
        registry.withdraw(address(0xbeef));
    }

    function test_withdraw_RevertWhen_NothingAnnounced() public {
        deposit(3 ether);

        expectNothingAnnounced();
        registry.withdraw(EXECUTOR);
    }

    function testFuzz_withdraw_RevertWhen_WithdrawalNotDue(uint256 elapsed) public {
        elapsed = bound(elapsed, 0, 7 days - 1);
        deposit(3 ether);
        announce(2 ether);
        vm.warp(NOW + elapsed);

        expectRevertAs(
            EXECUTOR,
            abi.encodeWithSelector(IExecutorRegistry.WithdrawalNotDue.selector, NOW + 7 days, NOW + elapsed)
        );
        registry.withdraw(EXECUTOR);
    }

    function test_withdraw_RevertWhen_TransferFailed() public {
        deposit(3 ether);
        announce(2 ether);
        vm.warp(NOW + 7 days);

        expectRevertAs(
            EXECUTOR,
            abi.encodeWithSelector(IExecutorRegistry.TransferFailed.selector, address(registry), 2 ether)
        );
        registry.withdraw(address(registry));
        (uint256 announced, ) = registry.withdrawalOf(EXECUTOR);
        vm.assertEq(announced, 2 ether);
    }

    function test_withdraw_paysOnceWhenCalledBack() public {
        Reenterer reenterer = new Reenterer(registry);
        vm.deal(address(this), 5 ether);
        deposit(5 ether);
        reenterer.stake{ value: 2 ether }();
        vm.warp(NOW + 7 days);

        reenterer.depart();

        vm.assertEq(address(reenterer).balance, 2 ether);
        vm.assertEq(address(registry).balance, 5 ether);
    }

    /// @dev X11: what is held is what all executors have staked or announced.
    function testFuzz_stake_isConserved(uint256 seed) public {
        for (uint256 i; i < 20; ++i) {
            uint256 action = (seed >> (i * 8)) & 3;
            (uint256 announced, uint40 availableAt) = registry.withdrawalOf(EXECUTOR);
            uint256 counting = registry.stakeOf(EXECUTOR);
            if (action == 0) deposit(uint96(1 + ((seed >> (i * 8)) % 1 ether)));
            else if (action == 1 && counting != 0) announce(uint96(1 + ((seed >> (i * 7)) % counting)));
            else if (action == 2 && announced != 0) leaveOrStay(availableAt, seed >> (i * 3));
            (announced, ) = registry.withdrawalOf(EXECUTOR);
            vm.assertEq(address(registry).balance, registry.stakeOf(EXECUTOR) + announced);
        }
    }

    function leaveOrStay(uint40 availableAt, uint256 seed) private {
        if (seed & 1 == 0) {
            vm.prank(EXECUTOR);
            registry.cancelWithdrawal();
            return;
        }
        if (block.timestamp < availableAt) vm.warp(availableAt);
        vm.prank(EXECUTOR);
        registry.withdraw(EXECUTOR);
    }

    function setKey(address key) private {
        vm.prank(EXECUTOR);
        registry.setKey(key, FROM, UNTIL);
    }

    function report(address key) private {
        vm.prank(EXECUTOR);
        registry.reportCompromised(key);
    }

    function deposit(uint96 amount) private {
        vm.prank(EXECUTOR);
        registry.deposit{ value: amount }();
    }

    function announce(uint96 amount) private {
        vm.prank(EXECUTOR);
        registry.announceWithdrawal(amount);
    }

    function expectRevertAs(address caller, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
    }

    function expectSpent(address key, KeyState state) private {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.KeySpent.selector, EXECUTOR, key, state));
    }

    function expectNothingAnnounced() private {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.NothingAnnounced.selector, EXECUTOR));
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

/// @notice An executor that withdraws again while it is being paid.
contract Reenterer {
    ExecutorRegistry private immutable registry;

    constructor(ExecutorRegistry executorRegistry) {
        registry = executorRegistry;
    }

    receive() external payable {
        try registry.withdraw(address(this)) {
            revert("paid twice");
        } catch (bytes memory reason) {
            require(bytes4(reason) == IExecutorRegistry.NothingAnnounced.selector, "another error");
        }
    }

    function stake() external payable {
        registry.deposit{ value: msg.value }();
        registry.announceWithdrawal(uint96(msg.value));
    }

    function depart() external {
        registry.withdraw(address(this));
    }
}
