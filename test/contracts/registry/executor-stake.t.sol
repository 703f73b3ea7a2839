// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IExecutorRegistry } from "../../../contracts/interfaces/IExecutorRegistry.sol";
import { ExecutorRegistry } from "../../../contracts/registry/ExecutorRegistry.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract ExecutorStakeTest {
    uint256 private constant NOW = 1_800_000_000;
    address private constant EXECUTOR = address(0xe8ec);

    ExecutorRegistry private registry;

    receive() external payable {}

    function setUp() public {
        vm.warp(NOW);
        registry = new ExecutorRegistry();
        vm.deal(EXECUTOR, 100 ether);
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

    function expectNothingAnnounced() private {
        expectRevertAs(EXECUTOR, abi.encodeWithSelector(IExecutorRegistry.NothingAnnounced.selector, EXECUTOR));
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
