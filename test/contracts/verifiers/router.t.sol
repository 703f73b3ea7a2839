// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import {
    InitialVerifier,
    IVerifierRouter,
    VerifierEntry,
    VerifierState
} from "../../../contracts/interfaces/IVerifierRouter.sol";
import { TAG_VERIFIER } from "../../../contracts/types/Constants.sol";
import { VerifierRouter } from "../../../contracts/verifiers/VerifierRouter.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract VerifierRouterTest {
    uint40 private constant DELAY = 2 days;
    uint256 private constant NOW = 1_800_000_000;
    uint32 private constant GAS_CAP = 30_000;
    uint8 private constant FAMILY = 4;
    address private constant OWNER = address(0x0117e5);
    address private constant OLD = address(0x01d);
    address private constant NEW = address(0x2e3);

    VerifierRouter private router;
    bytes4 private oldSelector;

    function setUp() public {
        vm.warp(NOW);
        vm.etch(OLD, hex"01");
        vm.etch(NEW, hex"02");
        router = new VerifierRouter(OWNER, DELAY, listOf(InitialVerifier(FAMILY, OLD, GAS_CAP)));
        oldSelector = selectorOf(FAMILY, OLD);
    }

    function test_constructor_makesFirstVerifiersCurrentAtOnce() public view {
        (address verifier, uint32 gasCap) = router.current(FAMILY);

        vm.assertEq(verifier, OLD);
        vm.assertEq(gasCap, GAS_CAP);
        vm.assertTrue(router.isEnabled(FAMILY));
        vm.assertEq(bytes32(router.currentSelector(FAMILY)), bytes32(oldSelector));
        vm.assertEq(router.owner(), OWNER);
        vm.assertEq(router.delaySeconds(), DELAY);
        assertEntry(oldSelector, VerifierState.Active, NOW);
    }

    function test_constructor_RevertWhen_VerifierCodeInvalid() public {
        InitialVerifier[] memory initial = listOf(InitialVerifier(FAMILY, address(0xdead), GAS_CAP));

        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRouter.VerifierCodeInvalid.selector, address(0xdead), bytes32(0))
        );
        new VerifierRouter(OWNER, DELAY, initial);
    }

    function test_constructor_letsTheLaterOfTwoWin() public {
        InitialVerifier[] memory initial = new InitialVerifier[](2);
        initial[0] = InitialVerifier(FAMILY, OLD, GAS_CAP);
        initial[1] = InitialVerifier(FAMILY, NEW, GAS_CAP);

        router = new VerifierRouter(OWNER, DELAY, initial);

        (address verifier, ) = router.current(FAMILY);
        vm.assertEq(verifier, NEW);
        assertState(oldSelector, VerifierState.Stopped);
    }

    function test_propose_storesPendingEntryAndChangesNothingCurrent() public {
        bytes4 selector = selectorOf(FAMILY, NEW);

        vm.expectEmit(address(router));
        emit IVerifierRouter.VerifierProposed(selector, FAMILY, NEW, GAS_CAP, NEW.codehash, uint40(NOW) + DELAY);
        bytes4 returned = propose(FAMILY, NEW);

        vm.assertEq(bytes32(returned), bytes32(selector));
        VerifierEntry memory entry = router.entry(selector);
        vm.assertEq(entry.verifier, NEW);
        vm.assertEq(entry.family, FAMILY);
        vm.assertEq(entry.gasCap, GAS_CAP);
        vm.assertEq(entry.codeHash, NEW.codehash);
        assertEntry(selector, VerifierState.Pending, NOW + DELAY);
        vm.assertEq(bytes32(router.currentSelector(FAMILY)), bytes32(oldSelector));
    }

    function test_propose_RevertWhen_CallerIsNotOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        router.propose(FAMILY, NEW, GAS_CAP);
    }

    function testFuzz_propose_RevertWhen_FamilyInvalid(uint8 family) public {
        vm.assume(family == 7 || family == 8 || family > 9);

        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.FamilyInvalid.selector, family));
        propose(family, NEW);
    }

    function testFuzz_propose_acceptsEveryFamilyOfItems(uint256 family) public {
        uint8[8] memory families = [0, 1, 2, 3, 4, 5, 6, 9];

        assertState(propose(families[family % 8], NEW), VerifierState.Pending);
    }

    function testFuzz_propose_RevertWhen_GasCapInvalid(uint256 gasCap) public {
        uint32 cap = uint32(bound(gasCap, 1 << 24, type(uint32).max));

        expectRevertAsOwner(abi.encodeWithSelector(IVerifierRouter.GasCapInvalid.selector, cap));
        router.propose(FAMILY, NEW, cap);
        expectRevertAsOwner(abi.encodeWithSelector(IVerifierRouter.GasCapInvalid.selector, 0));
        router.propose(FAMILY, NEW, 0);
    }

    function test_propose_RevertWhen_VerifierHasNoCode() public {
        expectRevertAsOwner(
            abi.encodeWithSelector(IVerifierRouter.VerifierCodeInvalid.selector, address(0xbeef), bytes32(0))
        );
        router.propose(FAMILY, address(0xbeef), GAS_CAP);
    }

    /// @dev An account's key can redirect its EIP-7702 delegation at any time.
    function test_propose_RevertWhen_VerifierIsDelegatedAccount() public {
        address account = address(0x7702);
        bytes memory designator = bytes.concat(hex"ef0100", bytes20(NEW));
        vm.etch(account, designator);

        expectRevertAsOwner(
            abi.encodeWithSelector(IVerifierRouter.VerifierCodeInvalid.selector, account, account.codehash)
        );
        router.propose(FAMILY, account, GAS_CAP);
    }

    function test_propose_RevertWhen_SelectorTaken() public {
        expectTaken(oldSelector, VerifierState.Active);
        router.propose(FAMILY, OLD, GAS_CAP);

        bytes4 selector = propose(FAMILY, NEW);
        expectTaken(selector, VerifierState.Pending);
        router.propose(FAMILY, NEW, GAS_CAP + 1);

        vm.prank(OWNER);
        router.stop(selector);
        expectTaken(selector, VerifierState.Stopped);
        router.propose(FAMILY, NEW, GAS_CAP);
    }

    function test_activate_makesItCurrentAndStopsTheReplaced() public {
        bytes4 selector = propose(FAMILY, NEW);
        vm.warp(NOW + DELAY);

        vm.expectEmit(address(router));
        emit IVerifierRouter.VerifierActivated(selector, FAMILY, oldSelector);
        vm.expectEmit(address(router));
        emit IVerifierRouter.VerifierStopped(oldSelector, FAMILY);
        router.activate(selector);

        (address verifier, ) = router.current(FAMILY);
        vm.assertEq(verifier, NEW);
        assertState(selector, VerifierState.Active);
        assertState(oldSelector, VerifierState.Stopped);
    }

    function test_activate_enablesFamilyThatHadNone() public {
        bytes4 selector = propose(1, NEW);
        vm.warp(NOW + DELAY);

        vm.expectEmit(address(router));
        emit IVerifierRouter.VerifierActivated(selector, 1, 0);
        router.activate(selector);

        vm.assertTrue(router.isEnabled(1));
        vm.assertTrue(router.isEnabled(FAMILY));
    }

    function testFuzz_activate_RevertWhen_SelectorUnknown(bytes4 selector) public {
        vm.assume(selector != oldSelector);

        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.SelectorUnknown.selector, selector));
        router.activate(selector);
    }

    function test_activate_RevertWhen_SelectorNotPending() public {
        expectNotPending(oldSelector, VerifierState.Active);
        router.activate(oldSelector);

        vm.prank(OWNER);
        router.stop(oldSelector);
        expectNotPending(oldSelector, VerifierState.Stopped);
        router.activate(oldSelector);
    }

    function testFuzz_activate_RevertWhen_ActivationNotDue(uint256 elapsed) public {
        elapsed = bound(elapsed, 0, DELAY - 1);
        bytes4 selector = propose(FAMILY, NEW);
        vm.warp(NOW + elapsed);

        vm.expectRevert(
            abi.encodeWithSelector(
                IVerifierRouter.ActivationNotDue.selector,
                selector,
                uint40(NOW) + DELAY,
                NOW + elapsed
            )
        );
        router.activate(selector);
    }

    /// @dev T-10: what was reviewed during the delay is what runs.
    function test_activate_RevertWhen_CodeChangedSinceProposal() public {
        bytes4 selector = propose(FAMILY, NEW);
        vm.warp(NOW + DELAY);
        vm.etch(NEW, hex"03");

        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.VerifierCodeInvalid.selector, NEW, keccak256(hex"03")));
        router.activate(selector);
    }

    function test_activate_RevertWhen_SelectorOvertaken() public {
        bytes4 earlier = propose(FAMILY, NEW);
        vm.warp(NOW + 1);
        address newest = address(0x2e4);
        vm.etch(newest, hex"04");
        bytes4 later = propose(FAMILY, newest);
        vm.warp(NOW + 1 + DELAY);
        router.activate(later);

        expectOvertaken(earlier);
        router.activate(earlier);
        vm.prank(OWNER);
        router.stop(later);
        expectOvertaken(earlier);
        router.activate(earlier);
    }

    function test_stop_disablesTheFamilyUntilAnotherIsActivated() public {
        bytes4 selector = propose(FAMILY, NEW);

        vm.expectEmit(address(router));
        emit IVerifierRouter.VerifierStopped(oldSelector, FAMILY);
        vm.prank(OWNER);
        router.stop(oldSelector);

        vm.assertFalse(router.isEnabled(FAMILY));
        vm.assertEq(bytes32(router.currentSelector(FAMILY)), bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, FAMILY));
        router.current(FAMILY);
        vm.warp(NOW + DELAY);
        router.activate(selector);
        vm.assertTrue(router.isEnabled(FAMILY));
    }

    function test_stop_endsPendingSelectorAndKeepsCurrent() public {
        bytes4 selector = propose(FAMILY, NEW);

        vm.prank(OWNER);
        router.stop(selector);

        vm.warp(NOW + DELAY);
        expectNotPending(selector, VerifierState.Stopped);
        router.activate(selector);
        vm.assertEq(bytes32(router.currentSelector(FAMILY)), bytes32(oldSelector));
    }

    function test_stop_RevertWhen_CallerIsNotOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        router.stop(oldSelector);
    }

    function test_stop_RevertWhen_SelectorUnknown() public {
        expectRevertAsOwner(abi.encodeWithSelector(IVerifierRouter.SelectorUnknown.selector, bytes4(0)));
        router.stop(bytes4(0));
    }

    function test_stop_RevertWhen_StoppedAlready() public {
        vm.prank(OWNER);
        router.stop(oldSelector);

        expectTaken(oldSelector, VerifierState.Stopped);
        router.stop(oldSelector);
    }

    function testFuzz_current_RevertWhen_FamilyDisabled(uint8 family) public {
        vm.assume(family != FAMILY);

        vm.assertFalse(router.isEnabled(family));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, family));
        router.current(family);
    }

    /// @dev T-10: code that changes after activation answers nobody.
    function testFuzz_current_RevertWhen_CodeChanged(bytes memory code) public {
        vm.assume(keccak256(code) != OLD.codehash);
        vm.etch(OLD, code);

        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.VerifierCodeInvalid.selector, OLD, OLD.codehash));
        router.current(FAMILY);
    }

    function test_ownership_movesInTwoSteps() public {
        vm.prank(OWNER);
        router.transferOwnership(address(this));

        vm.assertEq(router.owner(), OWNER);
        router.acceptOwnership();
        vm.assertEq(router.owner(), address(this));
    }

    function propose(uint8 family, address verifier) private returns (bytes4) {
        vm.prank(OWNER);
        return router.propose(family, verifier, GAS_CAP);
    }

    function expectRevertAsOwner(bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(OWNER);
    }

    function expectTaken(bytes4 selector, VerifierState state) private {
        expectRevertAsOwner(abi.encodeWithSelector(IVerifierRouter.SelectorTaken.selector, selector, state));
    }

    function expectOvertaken(bytes4 selector) private {
        uint40 due = uint40(NOW) + DELAY;
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.SelectorOvertaken.selector, selector, due, due + 1));
    }

    function expectNotPending(bytes4 selector, VerifierState state) private {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.SelectorNotPending.selector, selector, state));
    }

    function assertState(bytes4 selector, VerifierState state) private view {
        vm.assertEq(uint256(router.entry(selector).state), uint256(state));
    }

    function assertEntry(bytes4 selector, VerifierState state, uint256 activeFrom) private view {
        assertState(selector, state);
        vm.assertEq(router.entry(selector).activeFrom, activeFrom);
    }

    function selectorOf(uint8 family, address verifier) private view returns (bytes4) {
        return bytes4(keccak256(abi.encode(TAG_VERIFIER, family, verifier, verifier.codehash)));
    }

    function listOf(InitialVerifier memory verifier) private pure returns (InitialVerifier[] memory list) {
        list = new InitialVerifier[](1);
        list[0] = verifier;
    }
}
