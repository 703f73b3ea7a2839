// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IExecutorRegistry, KeyState } from "../../../contracts/interfaces/IExecutorRegistry.sol";
import { IModelRegistry, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import { InitialVerifier, IVerifierRouter } from "../../../contracts/interfaces/IVerifierRouter.sol";
import { EvidenceGate } from "../../../contracts/gate/EvidenceGate.sol";
import { Answer, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { Statement, StatementField } from "../../../contracts/types/Statement.sol";
import { VerifierRouter } from "../../../contracts/verifiers/VerifierRouter.sol";
import { bound } from "../support/Bound.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice EvidenceGate.verify with SIGNED items, and everything that every item needs.
contract GateSignedTest is GateFixture {
    Answer private answer;
    Evidence[] private evidence;

    function setUp() public {
        deployGate();
        answer = anAnswer(packedModel);
        evidence.push(signedBy(KEY_OF_EXECUTOR, answer.statement));
    }

    function test_verify_acceptsTheNamedExecutorsSignature() public view {
        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    function test_verify_needsNoInputWithoutProof() public {
        answer.input = "";

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    function test_verify_acceptsAnyoneOfTheNamed() public view {
        Signers memory signers = named(address(0xa));
        address[] memory three = new address[](3);
        (three[0], three[1], three[2]) = (address(0xa), address(0xb), EXECUTOR);
        signers.executors = three;

        vm.assertEq(gate.verify(answer, signers, evidence), 1);
    }

    function test_verify_acceptsWhoeverHasTheStake() public {
        stake(2 ether);

        vm.assertEq(gate.verify(answer, Signers(new address[](0), 2 ether), evidence), 1);
    }

    function test_verify_RevertWhen_ExecutorIsZero() public {
        answer.statement.executor = address(0);

        expectRefused(abi.encodeWithSelector(IEvidenceGate.ExecutorIsZero.selector));
    }

    function testFuzz_verify_RevertWhen_IssuedInFuture(uint64 issuedAt) public {
        issuedAt = uint64(bound(issuedAt, NOW + 61, type(uint64).max));
        answer.statement.issuedAt = issuedAt;

        expectRefused(abi.encodeWithSelector(IEvidenceGate.IssuedInFuture.selector, issuedAt, NOW));
    }

    function test_verify_acceptsABlockThatRunsSixtySecondsAhead() public {
        answer.statement.issuedAt = uint64(NOW + 60);
        sign(KEY_OF_EXECUTOR);

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    function test_verify_RevertWhen_BytesAreNotTheStatements() public {
        bytes32 inputHash = answer.statement.inputHash;
        bytes memory input = answer.input;

        answer.input = someBytes(packedInput(), 77);
        expectMismatch(StatementField.InputHash, inputHash, keccak256(answer.input));
        answer.input = input;
        answer.output = someBytes(packedOutput(), 77);
        expectMismatch(StatementField.OutputHash, answer.statement.outputHash, keccak256(answer.output));
        answer.output = "";
        expectMismatch(StatementField.OutputHash, answer.statement.outputHash, keccak256(""));
    }

    function test_verify_RevertWhen_FailureHasOutput() public {
        answer.statement.resultCode = 3;
        expectRefused(abi.encodeWithSelector(IEvidenceGate.FailureHasOutput.selector));
        answer.output = "";
        expectRefused(abi.encodeWithSelector(IEvidenceGate.FailureHasOutput.selector));
        answer.output = someBytes(packedOutput(), 4);
        answer.statement.outputHash = 0;
        expectRefused(abi.encodeWithSelector(IEvidenceGate.FailureHasOutput.selector));
    }

    function test_verify_acceptsFailureAboutInputOfAnyLength() public {
        answer.input = hex"0102";
        answer.output = "";
        answer.statement.inputHash = keccak256(answer.input);
        answer.statement.outputHash = 0;
        answer.statement.resultCode = 1;
        sign(KEY_OF_EXECUTOR);

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
    }

    function test_verify_RevertWhen_EvidenceMissing() public {
        evidence.pop();

        expectRefused(abi.encodeWithSelector(IEvidenceGate.EvidenceMissing.selector));
    }

    /// @dev T-15: one item never counts twice.
    function test_verify_RevertWhen_EvidenceOrder() public {
        evidence.push(evidence[0]);
        expectRefused(abi.encodeWithSelector(IEvidenceGate.EvidenceOrder.selector, 1));
        evidence[0] = proven(answer);
        expectRefused(abi.encodeWithSelector(IEvidenceGate.EvidenceOrder.selector, 1));
        evidence[1] = evidence[0];
        expectRefused(abi.encodeWithSelector(IEvidenceGate.EvidenceOrder.selector, 1));
    }

    function testFuzz_verify_RevertWhen_FamilyNotAnItem(uint8 family) public {
        vm.assume(family == 7 || family == 8 || family > 9);
        evidence[0].family = family;

        expectRefused(abi.encodeWithSelector(IEvidenceGate.FamilyNotAnItem.selector, family));
    }

    function test_verify_RevertWhen_FamilyHasNoVerifierHere() public {
        uint8[3] memory families = [5, 6, 9];
        for (uint256 i; i < families.length; ++i) {
            evidence[0].family = families[i];
            expectRefused(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, families[i]));
        }
    }

    function test_verify_RevertWhen_SignersUnspecified() public {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.SignersUnspecified.selector));
        gate.verify(answer, Signers(new address[](0), 0), evidence);
    }

    function test_verify_RevertWhen_ExecutorNotNamed() public {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.ExecutorNotNamed.selector, EXECUTOR));
        gate.verify(answer, named(address(0xa)), evidence);
    }

    function test_verify_RevertWhen_StakeTooLow() public {
        stake(1 ether);

        expectStakeTooLow(1 ether, 1 ether + 1);
        gate.verify(answer, Signers(new address[](0), 1 ether + 1), evidence);
        Signers memory both = named(EXECUTOR);
        both.minStakeWei = 1 ether + 1;
        expectStakeTooLow(1 ether, 1 ether + 1);
        gate.verify(answer, both, evidence);
    }

    function test_verify_RevertWhen_StakeIsOnItsWayOut() public {
        stake(1 ether);
        vm.prank(EXECUTOR);
        executors.announceWithdrawal(1);

        expectStakeTooLow(1 ether - 1, 1 ether);
        gate.verify(answer, Signers(new address[](0), 1 ether), evidence);
    }

    function test_verify_RevertWhen_UnknownModel() public {
        answer.statement.modelId = keccak256("nobody's");

        expectRefused(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, answer.statement.modelId));
    }

    function test_verify_RevertWhen_LengthMismatch() public {
        answer.output = bytes.concat(answer.output, hex"00");
        answer.statement.outputHash = keccak256(answer.output);
        expectRefused(abi.encodeWithSelector(IEvidenceGate.LengthMismatch.selector, StatementField.OutputHash, 4, 5));
        answer = anAnswer(packedModel);
        answer.input = hex"01";
        answer.statement.inputHash = keccak256(answer.input);
        expectRefused(abi.encodeWithSelector(IEvidenceGate.LengthMismatch.selector, StatementField.InputHash, 16, 1));
    }

    function test_verify_RevertWhen_KeyIsOutsideItsWindow() public {
        uint40 notBefore = uint40(NOW + 10);
        vm.prank(EXECUTOR);
        executors.setKey(vm.addr(KEY_OF_EXECUTOR), notBefore, notBefore + 10);

        expectKeyNotValid(KEY_OF_EXECUTOR, KeyState.Active, notBefore, notBefore + 10);
        gate.verify(answer, named(EXECUTOR), evidence);
        vm.warp(notBefore + 10);
        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
        vm.warp(notBefore + 11);
        expectKeyNotValid(KEY_OF_EXECUTOR, KeyState.Active, notBefore, notBefore + 10);
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    function test_verify_RevertWhen_KeyWasRotated() public {
        vm.prank(EXECUTOR);
        executors.setKey(vm.addr(0xbeef), 0, type(uint40).max);

        expectSignerMismatch(vm.addr(0xbeef), vm.addr(KEY_OF_EXECUTOR));
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    function test_verify_RevertWhen_KeyIsRetiredOrCompromised() public {
        vm.prank(EXECUTOR);
        executors.retireKey();
        expectKeyNotValid(KEY_OF_EXECUTOR, KeyState.Retired, 0, type(uint40).max);
        gate.verify(answer, named(EXECUTOR), evidence);

        vm.prank(EXECUTOR);
        executors.reportCompromised(vm.addr(KEY_OF_EXECUTOR));
        expectKeyNotValid(KEY_OF_EXECUTOR, KeyState.Compromised, 0, type(uint40).max);
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    function test_verify_RevertWhen_SignatureIsBySomebodyElse() public {
        sign(0xbad);

        expectSignerMismatch(vm.addr(KEY_OF_EXECUTOR), vm.addr(0xbad));
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    /// @dev The signature covers every field: each one changed alone makes another digest.
    function testFuzz_verify_RevertWhen_AnyFieldOfTheStatementChanges(uint256 which, bytes32 change) public {
        vm.assume(change != 0);
        stake(1 ether);
        bytes32 before = gate.digestOf(answer.statement);
        Signers memory anyone = Signers(new address[](0), 1);
        this.changeField(bound(which, 0, 9), change);
        vm.assume(gate.digestOf(answer.statement) != before);

        (bool ok, ) = address(gate).staticcall(abi.encodeCall(gate.verify, (answer, anyone, evidence)));

        vm.assertFalse(ok);
    }

    /// @dev T-44: the same executor, key and statement under another gate or on another chain.
    function test_verify_RevertWhen_SignatureIsForAnotherGateOrChain() public {
        EvidenceGate elsewhere = new EvidenceGate(models, executors, enclaves, router);
        bytes32 digest = elsewhere.digestOf(answer.statement);
        vm.assertNotEq(digest, gate.digestOf(answer.statement));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_OF_EXECUTOR, digest);
        bytes memory here = evidence[0].data;

        evidence[0].data = abi.encodePacked(r, s, v);
        expectAnySignerMismatch();
        vm.assertEq(elsewhere.verify(answer, named(EXECUTOR), evidence), 1);
        evidence[0].data = here;
        vm.chainId(1);
        expectAnySignerMismatch();
    }

    /// @dev T-14.
    function test_verify_RevertWhen_VerifierWasStopped() public {
        bytes4 selector = router.currentSelector(0);
        vm.prank(OWNER);
        router.stop(selector);

        expectRefused(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, 0));
    }

    /// @dev T-10.
    function test_verify_RevertWhen_VerifiersCodeChanged() public {
        vm.etch(address(signedVerifier), hex"01");

        expectRefused(
            abi.encodeWithSelector(
                IVerifierRouter.VerifierCodeInvalid.selector,
                address(signedVerifier),
                keccak256(hex"01")
            )
        );
    }

    function test_verify_RevertWhen_VerifierAnswerInvalid() public {
        gate = gateWith(address(new YesVerifier()), SIGNED_GAS_CAP);
        sign(KEY_OF_EXECUTOR);

        expectRefused(abi.encodeWithSelector(IEvidenceGate.VerifierAnswerInvalid.selector, 0, bytes4(uint32(1))));
    }

    /// @dev T-12: a verifier gets its cap and no more, and what it returns is not copied beyond one word.
    function test_verify_boundsWhatAHostileVerifierCosts() public {
        gate = gateWith(address(new GasBurner()), SIGNED_GAS_CAP);
        sign(KEY_OF_EXECUTOR);
        bytes memory call_ = abi.encodeCall(gate.verify, (answer, named(EXECUTOR), evidence));

        uint256 gasBefore = gasleft();
        (bool ok, ) = address(gate).staticcall(call_);

        vm.assertFalse(ok);
        vm.assertLt(gasBefore - gasleft(), 100_000);
    }

    function changeField(uint256 field, bytes32 change) external {
        Statement storage s = answer.statement;
        if (field == 0) s.requestId ^= change;
        else if (field == 1) s.modelId = boundModel;
        else if (field == 2) s.configHash ^= change;
        else if (field == 3) (s.inputHash, answer.input) = (s.inputHash ^ change, "");
        else if (field == 4) (s.outputHash, answer.output) = (keccak256(abi.encode(change)), abi.encode(change));
        else if (field == 5) s.contextHash ^= change;
        else if (field == 6) s.executor = address(uint160(uint256(change)));
        else if (field == 7) s.issuedAt = uint64(uint256(change) % NOW);
        else if (field == 8) s.round ^= uint32(uint256(change));
        else (s.resultCode, s.outputHash, answer.output) = (uint8(1 + (uint256(change) % 255)), 0, "");
    }

    function sign(uint256 privateKey) private {
        evidence[0] = signedBy(privateKey, answer.statement);
    }

    function stake(uint96 amount) private {
        vm.deal(EXECUTOR, amount);
        vm.prank(EXECUTOR);
        executors.deposit{ value: amount }();
    }

    function gateWith(address verifier, uint32 gasCap) private returns (EvidenceGate) {
        InitialVerifier[] memory initial = new InitialVerifier[](1);
        initial[0] = InitialVerifier(0, verifier, gasCap);
        return new EvidenceGate(models, executors, enclaves, new VerifierRouter(OWNER, DELAY, initial));
    }

    function expectRefused(bytes memory reason) private {
        Signers memory signers = named(answer.statement.executor);
        vm.expectRevert(reason);
        gate.verify(answer, signers, evidence);
    }

    function expectMismatch(StatementField field, bytes32 expected, bytes32 actual) private {
        expectRefused(abi.encodeWithSelector(IEvidenceGate.StatementMismatch.selector, field, expected, actual));
    }

    function expectSignerMismatch(address expected, address recovered) private {
        vm.expectRevert(abi.encodeWithSelector(ISignedVerifier.SignerMismatch.selector, expected, recovered));
    }

    /// @dev Whom a foreign signature recovers to is anybody.
    function expectAnySignerMismatch() private view {
        try gate.verify(answer, named(EXECUTOR), evidence) {
            revert("accepted");
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(ISignedVerifier.SignerMismatch.selector));
        }
    }

    function expectStakeTooLow(uint256 stakeWei, uint256 minStakeWei) private {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.StakeTooLow.selector, EXECUTOR, stakeWei, minStakeWei));
    }

    function expectKeyNotValid(uint256 key, KeyState state, uint40 notBefore, uint40 notAfter) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IExecutorRegistry.KeyNotValid.selector,
                EXECUTOR,
                vm.addr(key),
                state,
                notBefore,
                notAfter
            )
        );
    }
}

/// @notice Says yes in its own way, as a verifier of another protocol would.
contract YesVerifier {
    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(bytes4(uint32(1)));
    }
}

/// @notice Burns all it gets.
contract GasBurner {
    fallback() external {
        while (true) {}
    }
}
