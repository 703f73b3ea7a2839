// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    IModelRegistry,
    KnownAnswer,
    ModelSpec,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { IGroth16Verifier } from "../../../contracts/interfaces/IGroth16Verifier.sol";
import { Bn254 } from "../../../contracts/libraries/Bn254.sol";
import { CommittedFixture } from "../support/CommittedFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Keys of models with committed sides: known answer, flipped output and canary keep their meaning.
contract CommittedKeysTest is CommittedFixture {
    address private constant CLAIMANT = address(0xc1a1);

    function setUp() public {
        deployGate();
    }

    function test_register_takesCommitmentsAsKnownAnswer() public {
        for (uint256 sides = 1; sides < 4; ++sides) {
            bytes32 modelId = registerCommitted(sides);

            vm.assertTrue(models.canProve(modelId));
            vm.assertEq(models.record(modelId).ioSpec, ioSpecOf(sides));
        }
    }

    function test_register_RevertWhen_KnownAnswerHasBytesOfACommittedSide() public {
        KnownAnswer memory known = knownOf(BOTH_SIDES);
        known.output = someBytes(packedOutput(), 2);

        expectRefused(BOTH_SIDES, known, abi.encodeWithSelector(IModelRegistry.KnownAnswerInvalid.selector));
    }

    function test_register_RevertWhen_KnownAnswerIsOfAnotherCommitment() public {
        for (uint256 sides = 1; sides < 4; ++sides) {
            KnownAnswer memory known = knownOf(sides);
            if (sides & INPUT_SIDE != 0) known.input = abi.encode(uint256(112));
            else known.output = abi.encode(uint256(223));

            expectRefused(sides, known, abi.encodeWithSelector(IModelRegistry.KnownAnswerInvalid.selector));
        }
    }

    function test_register_RevertWhen_CommitmentIsNotInField() public {
        KnownAnswer memory known = knownOf(OUTPUT_SIDE);
        known.output = abi.encode(Bn254.P);
        // c, e, r, then the output's hash
        bytes memory reason = abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, 3, Bn254.P);

        expectRefused(OUTPUT_SIDE, known, reason);
    }

    /// @dev The largest commitment is flipped within the field.
    function test_register_flipsTheLargestCommitmentToZero() public {
        KnownAnswer memory known = knownOf(OUTPUT_SIDE);
        known.output = abi.encode(Bn254.P - 1);
        known.proof = proofFor(OUTPUT_SIDE, known.input, known.output, unboundBind(OUTPUT_SIDE));

        vm.assertTrue(models.canProve(registerWith(OUTPUT_SIDE, known)));
    }

    /// @dev For one input commitment nobody can honestly prove two outputs.
    function test_breakCanary_ofCommittedInputTakesAnotherPublicOutput() public {
        bytes32 modelId = registerCommitted(INPUT_SIDE);
        KnownAnswer memory canary = knownOf(INPUT_SIDE);

        breakAs(INPUT_SIDE, aClaim(INPUT_SIDE, canary.input, someBytes(packedOutput(), 99)));

        vm.assertFalse(models.canProve(modelId));
    }

    function test_breakCanary_RevertWhen_CommittedInputIsAnother() public {
        registerCommitted(INPUT_SIDE);

        expectNotBroken(INPUT_SIDE, aClaim(INPUT_SIDE, abi.encode(uint256(112)), someBytes(packedOutput(), 99)));
    }

    /// @dev A commitment that nobody can open is broken by whoever knows the key's secrets, and by nobody else.
    function test_breakCanary_ofCommittedOutputTakesACommitmentNobodyCanOpen() public {
        for (uint256 sides = 2; sides < 4; ++sides) {
            bytes32 modelId = registerCommitted(sides);

            breakAs(sides, aClaim(sides, knownOf(sides).input, abi.encode(canaryBind(sides, CLAIMANT))));

            vm.assertFalse(models.canProve(modelId));
        }
    }

    /// @dev An honest prover has a proof of every commitment that it can open: those of other salts break nothing.
    function test_breakCanary_RevertWhen_CommitmentIsMerelyAnother() public {
        registerCommitted(OUTPUT_SIDE);

        expectNotBroken(OUTPUT_SIDE, aClaim(OUTPUT_SIDE, knownOf(OUTPUT_SIDE).input, abi.encode(uint256(223))));
    }

    /// @dev The commitment is the claimant's own, so that one claim serves nobody else.
    function test_breakCanary_RevertWhen_CommitmentIsOfAnotherClaimant() public {
        registerCommitted(OUTPUT_SIDE);
        bytes memory output = abi.encode(canaryBind(OUTPUT_SIDE, address(0xbad)));

        expectNotBroken(OUTPUT_SIDE, aClaim(OUTPUT_SIDE, knownOf(OUTPUT_SIDE).input, output));
    }

    function test_breakCanary_RevertWhen_ClaimIsNotProven() public {
        registerCommitted(OUTPUT_SIDE);
        KnownAnswer memory claim = knownOf(OUTPUT_SIDE);
        claim.output = abi.encode(canaryBind(OUTPUT_SIDE, CLAIMANT));

        expectNotBroken(OUTPUT_SIDE, claim);
    }

    function registerWith(uint256 sides, KnownAnswer memory known) private returns (bytes32) {
        return models.register(specOf(sides), Setup(SetupKind.Single, 0), keyFor(sides), known, publishedAt(""));
    }

    function expectRefused(uint256 sides, KnownAnswer memory known, bytes memory reason) private {
        ModelSpec memory spec = specOf(sides);
        bytes memory key = keyFor(sides);
        vm.expectRevert(reason);
        models.register(spec, Setup(SetupKind.Single, 0), key, known, publishedAt(""));
    }

    function aClaim(
        uint256 sides,
        bytes memory input,
        bytes memory output
    ) private view returns (KnownAnswer memory claim) {
        claim = knownOf(sides);
        (claim.input, claim.output) = (input, output);
        claim.proof = proofFor(sides, input, output, canaryBind(sides, CLAIMANT));
    }

    function breakAs(uint256 sides, KnownAnswer memory claim) private {
        (bytes32 vkHash, uint256 ioSpec, KnownAnswer memory canary) = canaryOf(sides);
        vm.prank(CLAIMANT);
        models.breakCanary(vkHash, ioSpec, canary, claim);
    }

    function expectNotBroken(uint256 sides, KnownAnswer memory claim) private {
        (bytes32 vkHash, uint256 ioSpec, KnownAnswer memory canary) = canaryOf(sides);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CanaryNotBroken.selector));
        vm.prank(CLAIMANT);
        models.breakCanary(vkHash, ioSpec, canary, claim);
    }

    function canaryOf(uint256 sides) private view returns (bytes32, uint256, KnownAnswer memory) {
        return (keccak256(keyFor(sides)), ioSpecOf(sides), knownOf(sides));
    }

    function canaryBind(uint256 sides, address claimant) private view returns (uint256) {
        bytes32 tag = keccak256("assay.canary.v1");
        bytes32 vkHash = keccak256(keyFor(sides));
        return uint256(keccak256(abi.encode(tag, block.chainid, models, vkHash, claimant))) >> 3;
    }
}
