// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IEvidenceGate } from "../../../contracts/interfaces/IEvidenceGate.sol";
import {
    IModelRegistry,
    KnownAnswer,
    ModelSpec,
    Semantics,
    Setup,
    SetupKind
} from "../../../contracts/interfaces/IModelRegistry.sol";
import {
    PRESET_LAZY_ZK,
    PRESET_QUORUM_3_OF_5,
    PRESET_SIGNED,
    PRESET_SIGNED_AND_ZK,
    PRESET_TEE,
    PRESET_TEE_AND_ZK,
    PRESET_TWO_OF_THREE,
    PRESET_ZK,
    PRESET_ZK_OR_TWO_TEE_VENDORS
} from "../../../contracts/types/Constants.sol";
import { Ask, Signers } from "../../../contracts/types/Evidence.sol";
import { ForgeableKey } from "../support/ForgeableKey.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { PlainSignals } from "../support/PlainSignals.sol";
import { vm } from "../support/Vm.sol";

contract GateMeetableTest is GateFixture {
    Ask private ask;

    function setUp() public {
        deployGate();
        ask = anAsk(packedModel, PRESET_SIGNED);
    }

    function test_meetable_namesTheClausesThatCanBeMet() public {
        assertMeetable(PRESET_SIGNED, 1);
        assertMeetable(PRESET_ZK, 1);
        assertMeetable(PRESET_SIGNED_AND_ZK, 1);
        // {SIGNED, NITRO}, {SIGNED, ZK}, {NITRO, ZK}
        assertMeetable(PRESET_TWO_OF_THREE, 2);
        // {NITRO, SGX}, {NITRO, TDX}, {ZK}
        assertMeetable(PRESET_ZK_OR_TWO_TEE_VENDORS, 4);
    }

    function test_meetable_RevertWhen_PolicyNotCanonical() public {
        ask.policy = 1;

        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyNotCanonical.selector, 1));
        gate.meetable(ask);
    }

    function test_meetable_RevertWhen_PolicyUnavailable() public {
        uint256[4] memory policies = [
            PRESET_LAZY_ZK,
            PRESET_QUORUM_3_OF_5,
            PRESET_ZK | (1 << 242),
            PRESET_ZK | (1 << 244)
        ];
        for (uint256 i; i < 4; ++i) {
            ask.policy = policies[i];
            vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyUnavailable.selector, policies[i]));
            gate.meetable(ask);
        }
    }

    function test_meetable_RevertWhen_UnknownModel() public {
        ask.modelId = keccak256("nobody's");

        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, ask.modelId));
        gate.meetable(ask);
    }

    function test_meetable_RevertWhen_NoMeasurementIsNamed() public {
        assertCannotBeMet(PRESET_TEE);
        assertCannotBeMet(PRESET_TEE_AND_ZK);
    }

    function test_meetable_RevertWhen_NobodyCanSign() public {
        ask.signers = Signers(new address[](0), 0);
        assertCannotBeMet(PRESET_SIGNED);
        assertMeetable(PRESET_ZK, 1);
        ask.signers = named(address(0xa));
        assertCannotBeMet(PRESET_SIGNED);
        assertMeetable(PRESET_ZK, 1);
        ask.signers = named(EXECUTOR);
        vm.prank(EXECUTOR);
        executors.retireKey();
        assertCannotBeMet(PRESET_SIGNED);
    }

    function test_meetable_acceptsOneOfManyNamed() public {
        ask.signers.executors.push(address(0xa));
        (ask.signers.executors[0], ask.signers.executors[1]) = (address(0xa), EXECUTOR);

        assertMeetable(PRESET_SIGNED, 1);
    }

    function test_meetable_acceptsAskForStakeOfWhomever() public {
        ask.signers = Signers(new address[](0), 1 ether);

        assertMeetable(PRESET_SIGNED, 1);
    }

    function test_meetable_RevertWhen_NobodyNamedHasTheStake() public {
        ask.signers.minStakeWei = 1 ether;
        assertCannotBeMet(PRESET_SIGNED);
        assertCannotBeMet(PRESET_ZK);

        vm.deal(EXECUTOR, 1 ether);
        vm.prank(EXECUTOR);
        executors.deposit{ value: 1 ether }();
        assertMeetable(PRESET_SIGNED, 1);
        assertMeetable(PRESET_ZK, 1);
    }

    /// @dev Key and stake must be of the same executor.
    function test_meetable_RevertWhen_OneHasTheKeyAndAnotherTheStake() public {
        ask.signers.executors.push(address(this));
        ask.signers.minStakeWei = 1 ether;
        executors.deposit{ value: 1 ether }();

        assertCannotBeMet(PRESET_SIGNED);
        assertMeetable(PRESET_ZK, 1);
    }

    function test_meetable_RevertWhen_ModelHasNoKey() public {
        ask.modelId = registerFloat();

        assertCannotBeMet(PRESET_ZK);
        assertCannotBeMet(PRESET_SIGNED_AND_ZK);
        assertMeetable(PRESET_SIGNED, 1);
    }

    function test_meetable_RevertWhen_ConfigurationMeetsProof() public {
        ask.configHash = keccak256("config");

        assertCannotBeMet(PRESET_ZK);
        assertMeetable(PRESET_SIGNED, 1);
    }

    function test_meetable_RevertWhen_FamilyIsDisabled() public {
        stopFamily(4);
        assertCannotBeMet(PRESET_ZK);
        assertMeetable(PRESET_SIGNED, 1);
        stopFamily(0);
        assertCannotBeMet(PRESET_SIGNED);
    }

    function test_meetable_RevertWhen_KeyWasBroken() public {
        breakPackedKey();

        assertCannotBeMet(PRESET_ZK);
        assertMeetable(PRESET_SIGNED, 1);
    }

    function test_meetable_RevertWhen_ExactIntegersAreAskedOfAnotherModel() public {
        uint256 exact = PRESET_SIGNED | (1 << 243);
        assertMeetable(exact, 1);
        ask.modelId = registerFloat();

        assertCannotBeMet(exact);
    }

    function assertMeetable(uint256 policy, uint16 clauses) private {
        ask.policy = policy;
        (uint16 met, bool inputCommitted) = gate.meetable(ask);
        vm.assertEq(met, clauses);
        vm.assertFalse(inputCommitted);
    }

    function assertCannotBeMet(uint256 policy) private {
        ask.policy = policy;
        vm.expectRevert(abi.encodeWithSelector(IEvidenceGate.PolicyCannotBeMet.selector, policy));
        gate.meetable(ask);
    }

    function stopFamily(uint8 family) private {
        bytes4 selector = router.currentSelector(family);
        vm.prank(OWNER);
        router.stop(selector);
    }

    function registerFloat() private returns (bytes32) {
        ModelSpec memory spec = aSpec(packedInput(), packedOutput(), 0);
        spec.semantics = Semantics.Float;
        KnownAnswer memory none;
        return models.register(spec, Setup(SetupKind.None, 0), "", none, publishedAt(""));
    }

    function breakPackedKey() private {
        KnownAnswer memory canary = aKnownAnswer(PACKED_SEED, packedInput(), packedOutput());
        bytes32 vkHash = models.record(packedModel).vkHash;
        bytes32 tag = keccak256("assay.canary.v1");
        uint256 bind = uint256(keccak256(abi.encode(tag, block.chainid, models, vkHash, address(this)))) >> 3;
        bytes memory output = someBytes(packedOutput(), 99);
        uint256[] memory signals = PlainSignals.signalsOf(
            packedInput(),
            packedOutput(),
            canary.input,
            output,
            vkHash,
            bind,
            0
        );
        KnownAnswer memory claim = KnownAnswer(canary.input, output, ForgeableKey.prove(PACKED_SEED, signals, 0), 0);
        models.breakCanary(vkHash, models.record(packedModel).ioSpec, canary, claim);
    }
}
