// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationPolicy, Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { EnclaveRecord, ITeeRegistry, Registration } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { bound } from "../support/Bound.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice What an operator can do to keep an enclave alive that is not: hoard its heartbeats, choose the moment of a
/// refresh, put a verifier's own calls between the checks of a registration.
contract EnclaveLifeAttacks is TeeFixture {
    uint256 private constant BLOCK_SECONDS = 12;
    uint256 private constant KNOWN_BLOCKS = 256;

    function setUp() public {
        deployTee();
    }

    /// @dev An enclave that died has signed all blocks up to its death. Its operator brings one signature at the end of
    /// each silence, the oldest that still counts: the record outlives the enclave by 256 blocks and one silence.
    function test_heartbeat_hoardedOnesEndWithTheirBlocks() public {
        assertHoardEnds(1 minutes);
    }

    function test_heartbeat_hoardedOnesEndWithTheirBlocksUnderLongSilences() public {
        assertHoardEnds(20 minutes);
    }

    /// @dev Within one second a restriction may come before or after: what a record noted in it counts for nothing.
    function testFuzz_refresh_cannotRaceARestrictionOfTheSameSecond(uint32 later, bool before) public {
        bytes32 enclaveId = anEnclaveOf(0);
        vm.warp(NOW + bound(later, 1, 1 days));
        revoke(keccak256("somebody else's"));
        if (before) revoke(PLATFORM);
        bytes memory revoked = abi.encodeWithSelector(
            IAttestationPolicy.TraitRevoked.selector,
            PLATFORM,
            Standing.Compromised
        );

        if (before) vm.expectRevert(revoked);
        enclaves.refresh(enclaveId);
        if (!before) revoke(PLATFORM);

        vm.expectRevert(revoked);
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);
    }

    /// @dev A verifier that changes state could have governance act while it verifies: what is judged before it is called
    /// must not count.
    function test_register_RevertWhen_GovernanceRestrictsWhileTheVerifierRuns() public {
        actWhileVerifying(abi.encodeCall(attestationPolicy.revoke, (PLATFORM, Standing.Compromised)));
        expectRefused(abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, PLATFORM, Standing.Compromised));

        actWhileVerifying(
            abi.encodeCall(attestationPolicy.restrictMeasurement, (MEASUREMENT, Standing.Compromised, 0))
        );
        expectRefused(
            abi.encodeWithSelector(ITeeRegistry.MeasurementRevoked.selector, MEASUREMENT, Standing.Compromised)
        );
    }

    /// @dev A registration that notes a verifier which is no longer the family's is worth nothing from the start.
    function test_register_isWorthNothingWhenItsVerifierIsStoppedWhileItRuns() public {
        bytes4 selector = router.currentSelector(NITRO);
        vm.prank(OWNER);
        router.transferOwnership(address(nitroVerifier));
        vm.prank(address(nitroVerifier));
        router.acceptOwnership();
        nitroVerifier.callBack(address(router), abi.encodeCall(router.stop, (selector)));

        bytes32 enclaveId = anEnclaveOf(0);

        vm.expectRevert(
            abi.encodeWithSelector(ITeeRegistry.VerifierNotCurrent.selector, enclaveId, selector, bytes4(0))
        );
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);
    }

    function assertHoardEnds(uint32 silence) private {
        bytes32 enclaveId = anEnclaveOf(silence);
        uint256 diedAt = block.number + KNOWN_BLOCKS;
        bytes[] memory hoard = hoardUntil(enclaveId, diedAt);
        uint256 deathTime = block.timestamp;

        while (true) {
            EnclaveRecord memory record = enclaves.enclave(enclaveId);
            uint256 blocks = (record.validUntil - block.timestamp) / BLOCK_SECONDS;
            pass(blocks == 0 ? 1 : blocks);
            uint256 oldest = block.number - KNOWN_BLOCKS;
            if (oldest <= record.heartbeatBlock) oldest = record.heartbeatBlock + 1;
            if (oldest > diedAt || block.timestamp > record.validUntil) break;
            enclaves.heartbeat(enclaveId, uint64(oldest), hoard[oldest + KNOWN_BLOCKS - diedAt]);
        }

        uint256 end = enclaves.enclave(enclaveId).validUntil;
        vm.assertGe(end, deathTime + 2 * silence);
        vm.assertLe(end, deathTime + (KNOWN_BLOCKS + 1) * BLOCK_SECONDS + silence);
    }

    function anEnclaveOf(uint32 silence) private returns (bytes32) {
        Registration memory registration = aRegistration(EXECUTOR);
        registration.heartbeatSeconds = silence;
        return registerAs(EXECUTOR, registration);
    }

    /// @dev Signatures of all blocks from now on up to `diedAt`; brings one whenever a silence ends, to stay alive.
    function hoardUntil(bytes32 enclaveId, uint256 diedAt) private returns (bytes[] memory hoard) {
        hoard = new bytes[](KNOWN_BLOCKS + 1);
        EnclaveRecord memory record = enclaves.enclave(enclaveId);
        while (block.number <= diedAt) {
            if (block.timestamp + BLOCK_SECONDS > record.validUntil && block.number > record.heartbeatBlock + 1) {
                uint64 newest = uint64(block.number - 1);
                enclaves.heartbeat(enclaveId, newest, heartbeatOf(KEY_OF_ENCLAVE, enclaveId, newest));
                record = enclaves.enclave(enclaveId);
            }
            pass(1);
            hoard[block.number - 1 + KNOWN_BLOCKS - diedAt] = heartbeatOf(
                KEY_OF_ENCLAVE,
                enclaveId,
                uint64(block.number - 1)
            );
        }
    }

    function actWhileVerifying(bytes memory act) private {
        if (attestationPolicy.owner() != address(nitroVerifier)) {
            vm.prank(OWNER);
            attestationPolicy.transferOwnership(address(nitroVerifier));
            vm.prank(address(nitroVerifier));
            attestationPolicy.acceptOwnership();
        }
        nitroVerifier.callBack(address(attestationPolicy), act);
    }

    function expectRefused(bytes memory reason) private {
        Registration memory registration = aRegistration(EXECUTOR);
        bytes memory document = aDocument(anAttestation(registration));
        bytes memory possession = aPossession(registration);
        vm.prank(EXECUTOR);
        vm.expectRevert(reason);
        enclaves.register(registration, document, "", possession);
    }

    function pass(uint256 blocks) private {
        vm.warp(block.timestamp + blocks * BLOCK_SECONDS);
        vm.roll(block.number + blocks);
    }
}
