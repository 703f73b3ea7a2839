// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationPolicy, Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { ISignedVerifier } from "../../../contracts/interfaces/ISignedVerifier.sol";
import {
    EnclaveRecord,
    EnclaveState,
    ITeeRegistry,
    Registration
} from "../../../contracts/interfaces/ITeeRegistry.sol";
import { MockAttestationVerifier } from "../../../contracts/mocks/MockAttestationVerifier.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

contract TeeUseTest is TeeFixture {
    address private constant STRANGER = address(0x57a4);
    uint32 private constant SILENCE = 600;
    uint256 private constant END = NOW + 1 days;

    bytes32 private enclaveId;

    function setUp() public {
        deployTee();
        enclaveId = anEnclave(NITRO);
    }

    function test_keyOf_givesWhatMaySign() public view {
        (address signer, bytes32 measurementId, uint8 claimClass, bool simulated) = enclaves.keyOf(
            enclaveId,
            NITRO,
            EXECUTOR
        );

        vm.assertEq(signer, vm.addr(KEY_OF_ENCLAVE));
        vm.assertEq(measurementId, MEASUREMENT);
        vm.assertEq(claimClass, COMPUTE);
        vm.assertFalse(simulated);
    }

    function test_keyOf_RevertWhen_EnclaveUnknown() public {
        bytes32 nobody = keccak256("nobody");
        bytes memory unknown = abi.encodeWithSelector(ITeeRegistry.EnclaveUnknown.selector, nobody);
        vm.expectRevert(unknown);
        enclaves.keyOf(nobody, NITRO, EXECUTOR);
        vm.expectRevert(unknown);
        enclaves.enclave(nobody);
        vm.expectRevert(unknown);
        enclaves.traitsOf(nobody);
    }

    function test_keyOf_RevertWhen_FamilyOrOperatorIsAnother() public {
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.FamilyMismatch.selector, enclaveId, SGX, NITRO));
        enclaves.keyOf(enclaveId, SGX, EXECUTOR);
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.OperatorMismatch.selector, enclaveId, STRANGER, EXECUTOR));
        enclaves.keyOf(enclaveId, NITRO, STRANGER);
    }

    function test_keyOf_RevertWhen_LifeIsOver() public {
        vm.warp(END);
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);

        vm.warp(END + 1);
        expectUnusable(abi.encodeWithSelector(ITeeRegistry.EnclaveExpired.selector, enclaveId, END, END + 1));
    }

    function test_keyOf_RevertWhen_StandInIsOffItsChains() public {
        bytes32 standIn = aSecondEnclave(TDX, 0);
        (, , , bool simulated) = enclaves.keyOf(standIn, TDX, EXECUTOR);
        vm.assertTrue(simulated);

        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.NotADevelopmentChain.selector, 1));
        enclaves.keyOf(standIn, TDX, EXECUTOR);
    }

    function test_keyOf_RevertWhen_VerifierWasStoppedOrReplaced() public {
        bytes4 selector = router.currentSelector(NITRO);
        address vendor = vm.addr(KEY_OF_VENDOR);
        MockAttestationVerifier next = new MockAttestationVerifier(NITRO, false, vendor, attestationPolicy);
        vm.prank(OWNER);
        bytes4 replacement = router.propose(NITRO, address(next), TEE_GAS_CAP);
        stopFamily(NITRO);
        expectUnusable(
            abi.encodeWithSelector(ITeeRegistry.VerifierNotCurrent.selector, enclaveId, selector, bytes4(0))
        );

        vm.warp(NOW + DELAY);
        router.activate(replacement);
        bytes32 another = aSecondEnclave(NITRO, 0);
        enclaves.keyOf(another, NITRO, EXECUTOR);
        vm.warp(NOW);
        expectUnusable(
            abi.encodeWithSelector(ITeeRegistry.VerifierNotCurrent.selector, enclaveId, selector, replacement)
        );
    }

    function test_keyOf_walksWhatGovernanceRestrictedSince() public {
        revoke(keccak256("somebody else's certificate"));
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);

        bytes32[3] memory traits = [enclaveId, PLATFORM, ROOT];
        for (uint256 i; i < 3; ++i) {
            revoke(traits[i]);
            expectUnusable(
                abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, traits[i], Standing.Compromised)
            );
        }
    }

    function test_keyOf_RevertWhen_MeasurementWasRevoked() public {
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Retired, 0);

        expectUnusable(abi.encodeWithSelector(ITeeRegistry.MeasurementRevoked.selector, MEASUREMENT, Standing.Retired));
    }

    function test_keyOf_RevertWhen_LifeWasShortened() public {
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Good, 600);
        vm.warp(NOW + 600);
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);

        vm.warp(NOW + 601);
        expectUnusable(abi.encodeWithSelector(ITeeRegistry.EnclaveExpired.selector, enclaveId, NOW + 600, NOW + 601));
    }

    /// @dev What governance gives back comes after every life that it could have touched.
    function test_keyOf_neverRevivesWhatWasRevoked() public {
        bytes32 longest = aSecondEnclave(SGX, 0);
        revoke(PLATFORM);
        vm.prank(OWNER);
        attestationPolicy.announceReinstatement(PLATFORM);
        vm.warp(NOW + 8 days);
        vm.prank(OWNER);
        attestationPolicy.reinstate(PLATFORM);

        vm.expectRevert(
            abi.encodeWithSelector(ITeeRegistry.EnclaveExpired.selector, longest, NOW + 7 days, NOW + 8 days)
        );
        enclaves.keyOf(longest, SGX, EXECUTOR);
    }

    function test_refresh_notesTheTime() public {
        revoke(keccak256("somebody else's certificate"));
        vm.warp(NOW + 1);

        vm.expectEmit(address(enclaves));
        emit ITeeRegistry.EnclaveRefreshed(enclaveId, uint40(END), uint40(END));
        vm.prank(STRANGER);
        enclaves.refresh(enclaveId);

        vm.assertEq(enclaves.enclave(enclaveId).checkedAt, NOW + 1);
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);
        revoke(PLATFORM);
        expectUnusable(
            abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, PLATFORM, Standing.Compromised)
        );
    }

    function test_refresh_shortensALifeForGood() public {
        vm.prank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Good, 600);
        enclaves.refresh(enclaveId);

        EnclaveRecord memory record = enclaves.enclave(enclaveId);
        vm.assertEq(record.notAfter, NOW + 600);
        vm.assertEq(record.validUntil, NOW + 600);
    }

    function test_refresh_RevertWhen_EnclaveIsNotUsable() public {
        revoke(PLATFORM);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, PLATFORM, Standing.Compromised)
        );
        enclaves.refresh(enclaveId);
        vm.warp(END + 1);
        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.EnclaveExpired.selector, enclaveId, END, END + 1));
        enclaves.refresh(enclaveId);
    }

    function test_retire_endsTheKey() public {
        vm.expectEmit(address(enclaves));
        emit ITeeRegistry.EnclaveRetired(enclaveId);
        vm.prank(EXECUTOR);
        enclaves.retire(enclaveId);
        expectNotActive(EnclaveState.Retired);

        vm.expectRevert(notActive(EnclaveState.Retired));
        vm.prank(EXECUTOR);
        enclaves.retire(enclaveId);
        vm.expectEmit(address(enclaves));
        emit ITeeRegistry.EnclaveCompromised(enclaveId);
        vm.prank(EXECUTOR);
        enclaves.reportCompromised(enclaveId);
        expectNotActive(EnclaveState.Compromised);
    }

    function test_reportCompromised_endsTheKeyAlsoAfterItsLife() public {
        vm.warp(END + 1);
        vm.prank(EXECUTOR);
        enclaves.reportCompromised(enclaveId);

        vm.prank(EXECUTOR);
        vm.expectRevert(notActive(EnclaveState.Compromised));
        enclaves.reportCompromised(enclaveId);
        vm.prank(EXECUTOR);
        vm.expectRevert(notActive(EnclaveState.Compromised));
        enclaves.retire(enclaveId);
        expectNotActive(EnclaveState.Compromised);
    }

    function test_retire_RevertWhen_CallerIsNotTheOperator() public {
        bytes memory mismatch = abi.encodeWithSelector(
            ITeeRegistry.OperatorMismatch.selector,
            enclaveId,
            address(this),
            EXECUTOR
        );
        vm.expectRevert(mismatch);
        enclaves.retire(enclaveId);
        vm.expectRevert(mismatch);
        enclaves.reportCompromised(enclaveId);
    }

    function test_heartbeat_movesTheEndOfSilenceOnly() public {
        bytes32 heard = aSecondEnclave(NITRO, SILENCE);
        pass(SILENCE, 10);

        vm.expectEmit(address(enclaves));
        emit ITeeRegistry.EnclaveHeard(heard, uint64(BLOCK + 9), uint40(NOW + 2 * SILENCE));
        vm.prank(STRANGER);
        beat(heard, BLOCK + 9);

        EnclaveRecord memory record = enclaves.enclave(heard);
        vm.assertEq(record.notAfter, END);
        vm.assertEq(record.heartbeatBlock, BLOCK + 9);
        while (record.validUntil < END) {
            pass(SILENCE, 1);
            beat(heard, block.number - 1);
            record = enclaves.enclave(heard);
        }
        vm.assertEq(record.validUntil, END);
        vm.assertEq(record.notAfter, END);
    }

    function test_heartbeat_RevertWhen_EnclaveWasSilentForTooLong() public {
        bytes32 heard = aSecondEnclave(NITRO, SILENCE);
        pass(SILENCE + 1, 10);
        bytes memory missed = abi.encodeWithSelector(
            ITeeRegistry.HeartbeatMissed.selector,
            heard,
            NOW + SILENCE,
            NOW + SILENCE + 1
        );

        vm.expectRevert(missed);
        enclaves.keyOf(heard, NITRO, EXECUTOR);
        expectBeatRefused(heard, BLOCK + 9, missed);
        vm.expectRevert(missed);
        enclaves.refresh(heard);
    }

    function test_heartbeat_RevertWhen_NoneIsAsked() public {
        pass(1, 1);
        expectBeatRefused(enclaveId, BLOCK, abi.encodeWithSelector(ITeeRegistry.HeartbeatNotAsked.selector, enclaveId));
    }

    function test_heartbeat_RevertWhen_BlockIsOldStaleOrNotThere() public {
        bytes32 heard = aSecondEnclave(NITRO, SILENCE);
        pass(1, 300);
        expectBlockRefused(heard, BLOCK + 43, BLOCK + 44, BLOCK + 299);
        expectBlockRefused(heard, BLOCK + 300, BLOCK + 44, BLOCK + 299);
        beat(heard, BLOCK + 44);

        expectBlockRefused(heard, BLOCK + 44, BLOCK + 45, BLOCK + 299);
        beat(heard, BLOCK + 299);
        expectBlockRefused(heard, BLOCK + 299, BLOCK + 300, BLOCK + 299);
    }

    function test_heartbeat_RevertWhen_ItIsNotTheEnclavesOwn() public {
        bytes32 heard = aSecondEnclave(NITRO, SILENCE);
        pass(1, 3);
        bytes memory another = heartbeatOf(KEY_OF_ENCLAVE, heard, uint64(BLOCK + 1));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignedVerifier.SignerMismatch.selector,
                vm.addr(KEY_OF_ENCLAVE + 1),
                vm.addr(KEY_OF_ENCLAVE)
            )
        );
        enclaves.heartbeat(heard, uint64(BLOCK + 1), another);

        bytes memory own = heartbeatOf(KEY_OF_ENCLAVE + 1, heard, uint64(BLOCK + 1));
        vm.expectRevert(mismatchOf(heard, BLOCK + 2, own));
        enclaves.heartbeat(heard, uint64(BLOCK + 2), own);
        vm.chainId(1337);
        vm.expectRevert(mismatchOf(heard, BLOCK + 1, own));
        enclaves.heartbeat(heard, uint64(BLOCK + 1), own);
    }

    /// @dev A second key of the executor, one epoch on.
    function aSecondEnclave(uint8 family, uint32 heartbeatSeconds) private returns (bytes32) {
        Registration memory registration = aRegistration(EXECUTOR);
        registration.family = family;
        registration.signer = vm.addr(KEY_OF_ENCLAVE + 1);
        registration.keyEpoch = 2;
        registration.heartbeatSeconds = heartbeatSeconds;
        bytes memory document = aDocument(anAttestation(registration));
        bytes memory possession = aPossessionBy(KEY_OF_ENCLAVE + 1, registration);
        vm.prank(EXECUTOR);
        return enclaves.register(registration, document, "", possession);
    }

    function pass(uint256 seconds_, uint256 blocks) private {
        vm.warp(block.timestamp + seconds_);
        vm.roll(block.number + blocks);
    }

    function beat(bytes32 id, uint256 blockNumber) private {
        enclaves.heartbeat(id, uint64(blockNumber), heartbeatOf(KEY_OF_ENCLAVE + 1, id, uint64(blockNumber)));
    }

    function mismatchOf(bytes32 id, uint256 blockNumber, bytes memory signature) private view returns (bytes memory) {
        bytes32 typeHash = keccak256("Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)");
        bytes32 structHash = keccak256(abi.encode(typeHash, id, blockhash(blockNumber), blockNumber));
        return
            abi.encodeWithSelector(
                ISignedVerifier.SignerMismatch.selector,
                vm.addr(KEY_OF_ENCLAVE + 1),
                recover(structHash, signature)
            );
    }

    function expectBeatRefused(bytes32 id, uint256 blockNumber, bytes memory reason) private {
        bytes memory signature = heartbeatOf(KEY_OF_ENCLAVE + 1, id, uint64(blockNumber));
        vm.expectRevert(reason);
        enclaves.heartbeat(id, uint64(blockNumber), signature);
    }

    function expectBlockRefused(bytes32 id, uint256 blockNumber, uint256 oldest, uint256 newest) private {
        expectBeatRefused(
            id,
            blockNumber,
            abi.encodeWithSelector(ITeeRegistry.HeartbeatBlockInvalid.selector, blockNumber, oldest, newest)
        );
    }

    function expectUnusable(bytes memory reason) private {
        vm.expectRevert(reason);
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);
    }

    function expectNotActive(EnclaveState state) private {
        expectUnusable(notActive(state));
    }

    function notActive(EnclaveState state) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITeeRegistry.EnclaveNotActive.selector, enclaveId, state);
    }
}
