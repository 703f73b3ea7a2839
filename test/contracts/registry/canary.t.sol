// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    IModelRegistry,
    KnownAnswer,
    ModelSpec,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { ModelRegistry } from "../../../contracts/registry/ModelRegistry.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";

/// @dev T-70. The key's secrets are known here, so any claim can be proven.
contract CanaryTest is GateFixture {
    uint256 private constant SEED = 9;
    uint256 private constant BOUNTY = 1 ether;
    address private constant CLAIMANT = address(0xc1a1);

    bytes32 private modelId;
    bytes32 private vkHash;
    uint256 private ioSpec;
    KnownAnswer private canary;

    function setUp() public {
        deployGate();
        bytes memory key = keyOf(SEED, packedInput(), packedOutput());
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), keccak256(key));
        (vkHash, ioSpec) = (spec.vkHash, spec.ioSpec);
        canary = aKnownAnswer(SEED, packedInput(), packedOutput());
        vm.deal(MODEL_OWNER, BOUNTY);
        vm.prank(MODEL_OWNER);
        modelId = models.register{ value: BOUNTY }(spec, Setup(SetupKind.Single, 0), key, canary, publishedAt(""));
    }

    function test_breakCanary_endsTheKeyAndCreditsTheClaimant() public {
        KnownAnswer memory claim = aClaim(otherOutput());

        vm.expectEmit(address(models));
        emit IModelRegistry.CanaryBroken(vkHash, ioSpec, CLAIMANT, BOUNTY);
        breakAs(CLAIMANT, claim);

        vm.assertTrue(models.record(modelId).broken);
        vm.assertFalse(models.canProve(modelId));
        vm.assertEq(models.creditOf(CLAIMANT), BOUNTY);
        vm.assertEq(models.bountyOf(vkHash, ioSpec), 0);
        expectBroken();
        models.keyOf(modelId);
        expectBroken();
        breakAs(CLAIMANT, claim);
    }

    function test_breakCanary_endsTheKeyForLaterRegistrationsToo() public {
        breakAs(CLAIMANT, aClaim(otherOutput()));
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), vkHash);

        expectBroken();
        models.register(spec, Setup(SetupKind.Single, 0), "", canary, publishedAt(""));
    }

    /// @dev Somebody's key under a false ioSpec dies alone: the same words cut otherwise are another output there.
    function test_breakCanary_endsTheKeyForThisIoSpecAlone() public {
        PlainSignals.Side memory falseInput = PlainSignals.Side(2, 1, false, 20);
        KnownAnswer memory falseCanary = aKnownAnswer(SEED, falseInput, packedOutput());
        ModelSpec memory spec = aSpec(falseInput, packedOutput(), vkHash);
        bytes memory key = keyOf(SEED, packedInput(), packedOutput());
        bytes32 falseModel = models.register(spec, Setup(SetupKind.Single, 0), key, falseCanary, publishedAt(""));
        KnownAnswer memory claim = aClaimOf(falseCanary, falseInput, otherOutput(), bindFor(address(models), CLAIMANT));

        vm.prank(CLAIMANT);
        models.breakCanary(vkHash, spec.ioSpec, falseCanary, claim);

        vm.assertFalse(models.canProve(falseModel));
        vm.assertTrue(models.canProve(modelId));
        vm.assertEq(models.bountyOf(vkHash, ioSpec), BOUNTY);
    }

    function test_breakCanary_RevertWhen_KeyMissing() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.KeyMissing.selector, vkHash, ioSpec + 1));
        models.breakCanary(vkHash, ioSpec + 1, canary, canary);
    }

    function test_breakCanary_RevertWhen_CanaryMismatch() public {
        KnownAnswer memory other = canary;
        bytes32 stored = keccak256(abi.encode(other));
        other.c += 1;
        KnownAnswer memory claim = aClaim(otherOutput());

        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.CanaryMismatch.selector, stored, keccak256(abi.encode(other)))
        );
        models.breakCanary(vkHash, ioSpec, other, claim);
    }

    function test_breakCanary_RevertWhen_OutputIsTheSame() public {
        expectNotBroken(aClaim(canary.output));
    }

    function test_breakCanary_RevertWhen_OutputHasAnotherLength() public {
        KnownAnswer memory claim = aClaim(otherOutput());
        claim.output = bytes.concat(claim.output, hex"00");

        expectNotBroken(claim);
    }

    function test_breakCanary_RevertWhen_InputIsAnother() public {
        KnownAnswer memory other = canary;
        other.input = someBytes(packedInput(), 77);

        expectNotBroken(aClaimOf(other, packedInput(), otherOutput(), bindFor(address(models), CLAIMANT)));
    }

    /// @dev A claim seen on its way cannot be taken by somebody else.
    function test_breakCanary_RevertWhen_ClaimIsOfAnotherClaimant() public {
        KnownAnswer memory claim = aClaim(otherOutput());

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CanaryNotBroken.selector));
        breakAs(address(0xbad), claim);
    }

    function test_breakCanary_RevertWhen_ClaimIsForAnotherRegistryOrChain() public {
        ModelRegistry elsewhere = new ModelRegistry(router);
        KnownAnswer memory claim = aClaimOf(
            canary,
            packedInput(),
            otherOutput(),
            bindFor(address(elsewhere), CLAIMANT)
        );
        expectNotBroken(claim);

        claim = aClaim(otherOutput());
        vm.chainId(1);
        expectNotBroken(claim);
    }

    function test_breakCanary_RevertWhen_ClaimIsUnbound() public {
        uint256 unbound = uint256(keccak256(abi.encode(keccak256("assay.unbound.v1"), vkHash))) >> 3;

        expectNotBroken(aClaimOf(canary, packedInput(), otherOutput(), unbound));
    }

    function test_withdrawBounty_paysOnce() public {
        breakAs(CLAIMANT, aClaim(otherOutput()));

        vm.expectEmit(address(models));
        emit IModelRegistry.BountyWithdrawn(CLAIMANT, address(0xbeef), BOUNTY);
        vm.prank(CLAIMANT);
        models.withdrawBounty(address(0xbeef));

        vm.assertEq(address(0xbeef).balance, BOUNTY);
        vm.assertEq(address(models).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NothingToWithdraw.selector, CLAIMANT));
        vm.prank(CLAIMANT);
        models.withdrawBounty(address(0xbeef));
    }

    function test_withdrawBounty_RevertWhen_NothingToWithdraw() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NothingToWithdraw.selector, address(this)));
        models.withdrawBounty(address(this));
    }

    function test_withdrawBounty_RevertWhen_TransferFailed() public {
        breakAs(CLAIMANT, aClaim(otherOutput()));

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.TransferFailed.selector, address(gate), BOUNTY));
        vm.prank(CLAIMANT);
        models.withdrawBounty(address(gate));
        vm.assertEq(models.creditOf(CLAIMANT), BOUNTY);
    }

    function test_withdrawBounty_paysOnceWhenCalledBack() public {
        BountyReenterer claimant = new BountyReenterer(models);
        KnownAnswer memory claim = aClaimOf(
            canary,
            packedInput(),
            otherOutput(),
            bindFor(address(models), address(claimant))
        );
        vm.deal(address(models), 5 ether);
        breakAs(address(claimant), claim);

        claimant.withdraw();

        vm.assertEq(address(claimant).balance, BOUNTY);
        vm.assertEq(address(models).balance, 4 ether);
    }

    function breakAs(address claimant, KnownAnswer memory claim) private {
        vm.prank(claimant);
        models.breakCanary(vkHash, ioSpec, canary, claim);
    }

    function expectNotBroken(KnownAnswer memory claim) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CanaryNotBroken.selector));
        breakAs(CLAIMANT, claim);
    }

    function expectBroken() private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.KeyBroken.selector, vkHash, ioSpec));
    }

    function aClaim(bytes memory output) private view returns (KnownAnswer memory) {
        return aClaimOf(canary, packedInput(), output, bindFor(address(models), CLAIMANT));
    }

    function aClaimOf(
        KnownAnswer memory known,
        PlainSignals.Side memory side,
        bytes memory output,
        uint256 bind
    ) private view returns (KnownAnswer memory claim) {
        uint256[] memory signals = PlainSignals.signalsOf(
            side,
            packedOutput(),
            known.input,
            output,
            vkHash,
            bind,
            known.c
        );
        return KnownAnswer(known.input, output, ForgeableKey.prove(SEED, signals, 0), known.c);
    }

    function bindFor(address registry, address claimant) private view returns (uint256) {
        bytes32 tag = keccak256("assay.canary.v1");
        return uint256(keccak256(abi.encode(tag, block.chainid, registry, vkHash, claimant))) >> 3;
    }

    function otherOutput() private pure returns (bytes memory) {
        return someBytes(packedOutput(), 99);
    }
}

/// @notice A claimant that withdraws again while it is being paid.
contract BountyReenterer {
    ModelRegistry private immutable models;

    constructor(ModelRegistry registry) {
        models = registry;
    }

    receive() external payable {
        try models.withdrawBounty(address(this)) {
            revert("paid twice");
        } catch (bytes memory reason) {
            require(bytes4(reason) == IModelRegistry.NothingToWithdraw.selector, "another error");
        }
    }

    function withdraw() external {
        models.withdrawBounty(address(this));
    }
}
