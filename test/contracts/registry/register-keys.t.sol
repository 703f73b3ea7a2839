// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IGroth16Verifier } from "../../../contracts/interfaces/IGroth16Verifier.sol";
import { IModelRegistry, KeyFault, KnownAnswer } from "../../../contracts/interfaces/IModelRegistry.sol";
import { InitialVerifier, IVerifierRouter } from "../../../contracts/interfaces/IVerifierRouter.sol";
import { MockGroth16Verifier } from "../../../contracts/mocks/MockGroth16Verifier.sol";
import { ModelRegistry } from "../../../contracts/registry/ModelRegistry.sol";
import { VerifierRouter } from "../../../contracts/verifiers/VerifierRouter.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";
import { RegisterFixture } from "./RegisterFixture.sol";

/// @notice How a key that is new here is tried.
contract RegisterKeyTest is RegisterFixture {
    function test_register_RevertWhen_KeyMissing() public {
        key = "";

        expectRefused(abi.encodeWithSelector(IModelRegistry.KeyMissing.selector, spec.vkHash, spec.ioSpec));
    }

    function test_register_RevertWhen_VkHashMismatch() public {
        bytes memory other = ForgeableKey.keyBytes(SEED + 1, 3);
        key = other;

        expectRefused(abi.encodeWithSelector(IModelRegistry.VkHashMismatch.selector, spec.vkHash, keccak256(other)));
    }

    function test_register_RevertWhen_BadVerifyingKey() public {
        key = ForgeableKey.keyBytesWith(
            SEED,
            3,
            ForgeableKey.betaPoint(),
            ForgeableKey.gammaPoint(),
            ForgeableKey.gammaPoint()
        );
        spec.vkHash = keccak256(key);

        expectRefused(abi.encodeWithSelector(IModelRegistry.BadVerifyingKey.selector, KeyFault.GammaEqualsDelta, 3));
    }

    function test_register_RevertWhen_KeyIsForOtherSignals() public {
        key = ForgeableKey.keyBytes(SEED, 4);
        spec.vkHash = keccak256(key);

        expectRefused(abi.encodeWithSelector(IModelRegistry.BadVerifyingKey.selector, KeyFault.Length, 768));
    }

    function test_register_RevertWhen_KnownAnswerInvalid() public {
        bytes memory reason = abi.encodeWithSelector(IModelRegistry.KnownAnswerInvalid.selector);
        KnownAnswer memory good = known;

        known.output[0] ^= 0x01;
        expectRefused(reason);
        known = good;
        known.input = bytes.concat(good.input, hex"00");
        expectRefused(reason);
        known = good;
        known.output = hex"";
        expectRefused(reason);
        known = good;
        known.proof = ForgeableKey.prove(SEED, someSignals(), 0);
        expectRefused(reason);
    }

    /// @dev Only UNBOUND proofs are portable: one bound to a statement is no known answer.
    function test_register_RevertWhen_KnownAnswerIsBoundToSomething() public {
        uint256[] memory signals = PlainSignals.signalsOf(
            packedInput(),
            packedOutput(),
            known.input,
            known.output,
            spec.vkHash,
            uint256(keccak256("digest")) >> 3,
            0
        );
        known.proof = ForgeableKey.prove(SEED, signals, 0);

        expectRefused(abi.encodeWithSelector(IModelRegistry.KnownAnswerInvalid.selector));
    }

    function test_register_RevertWhen_ProofIsNotInField() public {
        known.proof[3] = type(uint256).max;

        expectRefused(abi.encodeWithSelector(IGroth16Verifier.CoordinateNotInField.selector, 3, type(uint256).max));
    }

    function test_register_RevertWhen_FlippedOutputAccepted() public {
        MockGroth16Verifier careless = new MockGroth16Verifier();
        careless.ignoreSignal(0);
        useVerifier(address(careless));
        known.proof = careless.proofOf(someSignalsOfKnown());

        expectRefused(abi.encodeWithSelector(IModelRegistry.FlippedOutputAccepted.selector));
    }

    function test_register_RevertWhen_VerifierAnswersWithoutMagic() public {
        MockGroth16Verifier mute = new MockGroth16Verifier();
        mute.answerWith(bytes4(0x01020304));
        useVerifier(address(mute));
        known.proof = mute.proofOf(someSignalsOfKnown());

        expectRefused(abi.encodeWithSelector(IModelRegistry.VerifierAnswerInvalid.selector, bytes4(0x01020304)));
    }

    function test_register_RevertWhen_FamilyDisabled() public {
        bytes4 selector = router.currentSelector(4);
        vm.prank(OWNER);
        router.stop(selector);

        expectRefused(abi.encodeWithSelector(IVerifierRouter.FamilyDisabled.selector, 4));
    }

    /// @dev T-79: at no gas limit does a starved verifier count as one that refused the known answer.
    function testFuzz_register_neverTakesStarvationForInvalidity(uint256 gasLimit) public {
        (bool ok, bytes memory reason) = registerWithGas(300_000 + (gasLimit % 1_500_000));

        vm.assertTrue(ok || bytes4(reason) != IModelRegistry.KnownAnswerInvalid.selector);
    }

    /// @dev T-79: nor as one that refused the flipped output, which would let a careless key in.
    function testFuzz_register_neverTakesStarvationForRefusal(uint256 gasLimit) public {
        MockGroth16Verifier careless = new MockGroth16Verifier();
        careless.ignoreSignal(0);
        careless.needGas(200_000);
        useVerifier(address(careless));
        known.proof = careless.proofOf(someSignalsOfKnown());

        (bool ok, ) = registerWithGas(300_000 + (gasLimit % 1_500_000));

        vm.assertFalse(ok);
        vm.assertFalse(models.keyPointer(spec.vkHash) != address(0));
    }

    function test_register_RevertWhen_InsufficientVerifierGas() public {
        bytes memory reason;
        for (uint256 gasLimit = 600_000; gasLimit < 1_000_000; gasLimit += 20_000) {
            (, reason) = registerWithGas(gasLimit);
            if (bytes4(reason) == IModelRegistry.InsufficientVerifierGas.selector) return;
        }
        vm.assertTrue(false, "no gas limit met the check");
    }

    function registerWithGas(uint256 gasLimit) private returns (bool ok, bytes memory reason) {
        return
            address(models).call{ gas: gasLimit }(
                abi.encodeCall(models.register, (spec, setup, key, known, publishedAt("")))
            );
    }

    /// @dev A registry of its own whose router knows this verifier only.
    function useVerifier(address verifier) private {
        InitialVerifier[] memory initial = new InitialVerifier[](1);
        initial[0] = InitialVerifier(4, verifier, GROTH16_GAS_CAP);
        models = new ModelRegistry(new VerifierRouter(OWNER, DELAY, initial));
    }

    function someSignalsOfKnown() private view returns (uint256[] memory) {
        return
            PlainSignals.signalsOf(
                packedInput(),
                packedOutput(),
                known.input,
                known.output,
                spec.vkHash,
                uint256(keccak256(abi.encode(keccak256("assay.unbound.v1"), spec.vkHash))) >> 3,
                0
            );
    }

    function someSignals() private pure returns (uint256[] memory signals) {
        signals = new uint256[](3);
        (signals[0], signals[1], signals[2]) = (1, 2, 3);
    }
}
