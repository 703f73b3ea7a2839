// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {
    IModelRegistry,
    KnownAnswer,
    ModelRecord,
    Semantics,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";
import { RegisterFixture } from "./RegisterFixture.sol";

contract RegisterTest is RegisterFixture {
    function test_register_storesVersionAndKey() public {
        bytes32 content = keccak256(abi.encode(keccak256("assay.content.v1"), spec));
        bytes32 expectedId = keccak256(abi.encode(keccak256("assay.model.v1"), MODEL_OWNER, content));

        vm.expectEmit(address(models));
        emit IModelRegistry.ModelRegistered(expectedId, MODEL_OWNER, spec.vkHash, spec, setup, "ipfs://x");
        bytes32 modelId = registerAs(MODEL_OWNER);

        ModelRecord memory record = models.record(modelId);
        vm.assertEq(modelId, expectedId);
        vm.assertTrue(models.exists(modelId));
        vm.assertEq(record.owner, MODEL_OWNER);
        vm.assertEq(record.ioSpec, spec.ioSpec);
        vm.assertEq(record.vkHash, spec.vkHash);
        vm.assertEq(uint256(record.semantics), uint256(Semantics.ExactInt));
        vm.assertEq(uint256(record.setupKind), uint256(SetupKind.Single));
        vm.assertEq(record.registeredAt, NOW);
        vm.assertFalse(record.broken);
        vm.assertEq(record.keyPointer, models.keyPointer(spec.vkHash));
        vm.assertEq(record.keyPointer.code, bytes.concat(hex"00", key));
        vm.assertTrue(models.canProve(modelId));
    }

    function test_register_storesVersionWithoutKey() public {
        (spec.vkHash, spec.ioSpec, spec.semantics) = (0, 0, Semantics.Remote);
        setup.kind = SetupKind.None;

        bytes32 modelId = registerAs(MODEL_OWNER);

        (Semantics semantics, bool hasKey, uint256 ioSpec) = models.outline(modelId);
        vm.assertEq(uint256(semantics), uint256(Semantics.Remote));
        vm.assertFalse(hasKey);
        vm.assertEq(ioSpec, 0);
        vm.assertFalse(models.canProve(modelId));
        vm.assertEq(models.keyOf(modelId).pointer, address(0));
    }

    function test_register_storesFloatVersionWithIoSpecOfAnyType() public {
        (spec.vkHash, spec.semantics) = (0, Semantics.Float);
        spec.ioSpec = PlainSignals.ioSpec(PlainSignals.Side(10, 2, false, 4), PlainSignals.Side(11, 8, false, 1));
        setup.kind = SetupKind.None;

        bytes32 modelId = registerAs(MODEL_OWNER);

        vm.assertEq(models.record(modelId).ioSpec, spec.ioSpec);
    }

    function test_register_linksToParent() public {
        spec.derivedFrom = packedModel;

        vm.assertTrue(models.exists(registerAs(MODEL_OWNER)));
    }

    function test_register_storesKeyOfTwoOwnersOnce() public {
        bytes32 first = registerAs(MODEL_OWNER);
        vm.recordLogs();
        (key, known) = ("", emptyAnswer());

        bytes32 second = registerAs(address(this));

        vm.assertNotEq(first, second);
        vm.assertEq(vm.getRecordedLogs().length, 1);
        vm.assertEq(models.record(first).keyPointer, models.record(second).keyPointer);
    }

    function test_register_triesKeyAgainUnderAnotherIoSpec() public {
        registerAs(MODEL_OWNER);
        address pointer = models.keyPointer(spec.vkHash);
        PlainSignals.Side memory other = PlainSignals.Side(2, 1, false, 20);
        spec.ioSpec = PlainSignals.ioSpec(other, packedOutput());

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.KnownAnswerInvalid.selector));
        registerAs(MODEL_OWNER);
        known = aKnownAnswer(SEED, other, packedOutput());
        bytes32 modelId = registerAs(MODEL_OWNER);

        vm.assertEq(models.record(modelId).keyPointer, pointer);
    }

    function test_register_storesBoundKey() public {
        bytes32 vkHash = keccak256(keyOf(SEED, boundInput(), boundOutput()));

        bytes32 modelId = register(SEED, boundInput(), boundOutput(), SetupKind.Single);

        vm.assertEq(models.record(modelId).vkHash, vkHash);
        vm.assertEq(models.keyOf(modelId).pointer, models.keyPointer(vkHash));
    }

    function test_register_locksBounty() public {
        vm.deal(MODEL_OWNER, 3 ether);

        vm.expectEmit(address(models));
        emit IModelRegistry.BountyAdded(spec.vkHash, spec.ioSpec, MODEL_OWNER, 1 ether);
        vm.prank(MODEL_OWNER);
        models.register{ value: 1 ether }(spec, setup, key, known, publishedAt(""));
        spec.schemaHash = keccak256("another");
        vm.prank(MODEL_OWNER);
        models.register{ value: 2 ether }(spec, setup, "", known, publishedAt(""));

        vm.assertEq(models.bountyOf(spec.vkHash, spec.ioSpec), 3 ether);
        vm.assertEq(address(models).balance, 3 ether);
    }

    function test_register_RevertWhen_SpecInvalid() public {
        bytes memory reason = abi.encodeWithSelector(IModelRegistry.SpecInvalid.selector);

        spec.semantics = Semantics.None;
        expectRefused(reason);
        spec.semantics = Semantics.Float;
        expectRefused(reason);
        spec.semantics = Semantics.Remote;
        expectRefused(reason);
        (spec.semantics, spec.artifactDigest) = (Semantics.ExactInt, 0);
        expectRefused(reason);
    }

    function test_register_RevertWhen_IoSpecInvalid() public {
        uint256 good = spec.ioSpec;
        PlainSignals.Side memory float16 = PlainSignals.Side(10, 2, false, 4);
        uint256[4] memory bad = [0, good ^ 1, good | (1 << 120), PlainSignals.ioSpec(float16, float16)];
        for (uint256 i; i < bad.length; ++i) {
            spec.ioSpec = bad[i];
            expectRefused(abi.encodeWithSelector(IModelRegistry.IoSpecInvalid.selector, bad[i]));
        }
        (spec.ioSpec, spec.vkHash, setup.kind) = (2, 0, SetupKind.None);
        expectRefused(abi.encodeWithSelector(IModelRegistry.IoSpecInvalid.selector, 2));
        spec.ioSpec = good | PlainSignals.COMMITTED_OUTPUT; // without a key nothing makes commitments
        expectRefused(abi.encodeWithSelector(IModelRegistry.IoSpecInvalid.selector, spec.ioSpec));
    }

    function test_register_RevertWhen_SetupInvalid() public {
        expectSetupRefused(SetupKind.None, 0);
        expectSetupRefused(SetupKind.None, keccak256("transcript"));
        expectSetupRefused(SetupKind.Dev, keccak256("transcript"));
        expectSetupRefused(SetupKind.Ceremony, 0);
        spec.vkHash = 0;
        expectSetupRefused(SetupKind.Single, 0);
        expectSetupRefused(SetupKind.None, keccak256("transcript"));
    }

    function testFuzz_register_RevertWhen_DevSetupForbidden(uint32 chainId) public {
        vm.assume(chainId != 31337 && chainId != 1337 && chainId != 0);
        setup.kind = SetupKind.Dev;
        vm.chainId(chainId);

        expectRefused(abi.encodeWithSelector(IModelRegistry.DevSetupForbidden.selector, chainId));
    }

    function test_register_allowsDevSetupOnDevelopmentChains() public {
        setup.kind = SetupKind.Dev;

        vm.assertTrue(models.exists(registerAs(MODEL_OWNER)));
        vm.chainId(1337);
        vm.assertTrue(models.exists(registerAs(address(this))));
    }

    function test_register_RevertWhen_UnknownParent() public {
        spec.derivedFrom = keccak256("nobody's");

        expectRefused(abi.encodeWithSelector(IModelRegistry.UnknownParent.selector, spec.derivedFrom));
    }

    function test_register_RevertWhen_ModelExists() public {
        bytes32 modelId = registerAs(MODEL_OWNER);

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, modelId));
        registerAs(MODEL_OWNER);
    }

    function test_register_RevertWhen_BountyForbidden() public {
        setup.kind = SetupKind.Dev;
        expectBountyRefused();
        (setup.kind, spec.vkHash) = (SetupKind.None, 0);
        expectBountyRefused();
    }

    function test_views_RevertWhen_UnknownModel() public {
        bytes32 nobodys = keccak256("nobody's");
        bytes memory reason = abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, nobodys);

        vm.assertFalse(models.exists(nobodys));
        vm.expectRevert(reason);
        models.record(nobodys);
        vm.expectRevert(reason);
        models.outline(nobodys);
        vm.expectRevert(reason);
        models.keyOf(nobodys);
        vm.expectRevert(reason);
        models.canProve(nobodys);
    }

    function expectSetupRefused(SetupKind kind, bytes32 transcriptHash) private {
        setup = Setup(kind, transcriptHash);
        expectRefused(abi.encodeWithSelector(IModelRegistry.SetupInvalid.selector, kind, spec.vkHash));
    }

    function expectBountyRefused() private {
        vm.deal(MODEL_OWNER, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BountyForbidden.selector, setup.kind));
        vm.prank(MODEL_OWNER);
        models.register{ value: 1 ether }(spec, setup, key, known, publishedAt(""));
    }

    function emptyAnswer() private pure returns (KnownAnswer memory empty) {}
}
