// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import { IGroth16Verifier } from "../../../contracts/interfaces/IGroth16Verifier.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { PRESET_SIGNED } from "../../../contracts/types/Constants.sol";
import { Answer, Evidence, Signers } from "../../../contracts/types/Evidence.sol";
import { StatementField } from "../../../contracts/types/Statement.sol";
import { CommittedFixture } from "../support/CommittedFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice EvidenceGate over models with committed sides: no bytes, and hashes that are public signals.
contract GateCommittedTest is CommittedFixture {
    Signers private anyone;
    bytes32[4] private modelOf;

    function setUp() public {
        deployGate();
        for (uint256 sides = 1; sides < 4; ++sides) modelOf[sides] = registerCommitted(sides);
    }

    function test_verify_acceptsProofOfCommittedSides() public view {
        for (uint256 sides = 1; sides < 4; ++sides) {
            Answer memory answer = committedAnswer(modelOf[sides], sides);

            vm.assertEq(gate.verify(answer, anyone, listOf(provenCommitted(answer, sides))), 1 << 4);
        }
    }

    function test_verify_acceptsSignatureOverCommittedSides() public view {
        for (uint256 sides = 1; sides < 4; ++sides) {
            Answer memory answer = committedAnswer(modelOf[sides], sides);
            Evidence memory signature = signedBy(KEY_OF_EXECUTOR, answer.statement);

            vm.assertEq(gate.verify(answer, named(EXECUTOR), listOf(signature)), 1);
        }
    }

    function test_verify_RevertWhen_CommitmentIsAnother() public {
        for (uint256 sides = 1; sides < 4; ++sides) {
            Answer memory answer = committedAnswer(modelOf[sides], sides);
            Answer memory proved = committedAnswer(modelOf[sides], sides);
            if (sides & INPUT_SIDE != 0) proved.statement.inputHash = bytes32(uint256(334));
            else proved.statement.outputHash = bytes32(uint256(445));
            // Bound to the digest of `answer`, but over another commitment.
            bytes memory input = sides & INPUT_SIDE != 0 ? abi.encode(proved.statement.inputHash) : answer.input;
            bytes memory output = sides & OUTPUT_SIDE != 0 ? abi.encode(proved.statement.outputHash) : answer.output;
            uint256 bind = uint256(gate.digestOf(answer.statement)) >> 3;
            uint256[8] memory proof = proofFor(sides, input, output, bind);
            Evidence memory item = Evidence(
                4,
                sides == OUTPUT_SIDE ? abi.encode(proof, uint256(6)) : abi.encode(proof)
            );

            vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
            gate.verify(answer, anyone, listOf(item));
        }
    }

    function test_verify_RevertWhen_CommittedSideHasBytes() public {
        Answer memory answer = committedAnswer(modelOf[BOTH_SIDES], BOTH_SIDES);
        Evidence[] memory evidence = listOf(provenCommitted(answer, BOTH_SIDES));
        bytes4 selector = IEvidenceGate.LengthMismatch.selector;

        answer.input = hex"0102";
        vm.expectRevert(abi.encodeWithSelector(selector, StatementField.InputHash, 0, 2));
        gate.verify(answer, anyone, evidence);
        (answer.input, answer.output) = ("", hex"010203");
        vm.expectRevert(abi.encodeWithSelector(selector, StatementField.OutputHash, 0, 3));
        gate.verify(answer, anyone, evidence);
    }

    /// @dev Whatever the families: nobody could open such a hash, and no proof could have it.
    function test_verify_RevertWhen_CommitmentIsNotInField() public {
        Answer memory answer = committedAnswer(modelOf[BOTH_SIDES], BOTH_SIDES);
        bytes4 selector = IEvidenceGate.CommitmentInvalid.selector;
        bytes32 outside = bytes32(Bn254.P);

        answer.statement.inputHash = outside;
        Evidence[] memory evidence = listOf(signedBy(KEY_OF_EXECUTOR, answer.statement));
        vm.expectRevert(abi.encodeWithSelector(selector, StatementField.InputHash, outside));
        gate.verify(answer, named(EXECUTOR), evidence);
        (answer.statement.inputHash, answer.statement.outputHash) = (0, outside);
        evidence[0] = signedBy(KEY_OF_EXECUTOR, answer.statement);
        vm.expectRevert(abi.encodeWithSelector(selector, StatementField.OutputHash, outside));
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    function test_verify_RevertWhen_PublicSideBesideCommittedOneIsAnother() public {
        Answer memory answer = committedAnswer(modelOf[OUTPUT_SIDE], OUTPUT_SIDE);
        Evidence[] memory evidence = listOf(provenCommitted(answer, OUTPUT_SIDE));

        answer.input = "";
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.InputMissing.selector));
        gate.verify(answer, anyone, evidence);
        answer.input = someBytes(boundInput(), 5);
        answer.statement.inputHash = keccak256(answer.input);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.ProofInvalid.selector));
        gate.verify(answer, anyone, evidence);
    }

    /// @dev What was asked may be what is wrong: a failure may speak of a hash that is no commitment.
    function test_verify_acceptsFailureOfCommittedModel() public {
        Answer memory answer = committedAnswer(modelOf[BOTH_SIDES], BOTH_SIDES);
        (answer.statement.resultCode, answer.statement.outputHash) = (5, 0);
        answer.statement.inputHash = bytes32(Bn254.P);
        Evidence[] memory evidence = listOf(signedBy(KEY_OF_EXECUTOR, answer.statement));

        vm.assertEq(gate.verify(answer, named(EXECUTOR), evidence), 1);
        answer.input = hex"01";
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.LengthMismatch.selector, StatementField.InputHash, 0, 1));
        gate.verify(answer, named(EXECUTOR), evidence);
    }

    function test_committedSides_areThoseOfTheIoSpec() public view {
        for (uint256 sides = 1; sides < 4; ++sides) {
            (bool input, bool output) = gate.committedSides(modelOf[sides]);
            vm.assertEq(input, sides & INPUT_SIDE != 0);
            vm.assertEq(output, sides & OUTPUT_SIDE != 0);

            (, bool inputCommitted) = gate.meetable(anAsk(modelOf[sides], PRESET_SIGNED));
            vm.assertEq(inputCommitted, input);
        }
        (bool first, bool second) = gate.committedSides(packedModel);
        vm.assertFalse(first);
        vm.assertFalse(second);
    }
}
