// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationPolicy, MeasurementPolicy, Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { ITeeRegistry } from "../../../contracts/interfaces/ITeeRegistry.sol";
import { TeeFixture } from "../support/TeeFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Whoever holds governance's key may take trust away at once, and must not be able to give any back before eight
/// days in public: not by the number of its acts, and not under the name of another act.
contract EnclaveGovernanceAttacks is TeeFixture {
    /// @dev Of AttestationPolicy: epoch in the lowest 48 bits.
    bytes32 private constant EPOCH_SLOT = bytes32(uint256(5));

    bytes32 private enclaveId;

    function setUp() public {
        deployTee();
        enclaveId = anEnclave(NITRO);
    }

    /// @dev A restriction costs some 6,000 gas when a contract makes thousands of them, so that 2^24 of them fit into a
    /// day of a cheap chain. Whatever a record remembers of the policy must not come round.
    function testFuzz_keyOf_RevertWhen_GovernanceActsUntilItsNumberComesRound(uint8 bits, uint16 more) public {
        revoke(PLATFORM);
        uint256 word = uint256(vm.load(address(attestationPolicy), EPOCH_SLOT));
        uint256 acts = (uint256(1) << (bits % 47)) - 1 + (more % 3);
        vm.store(address(attestationPolicy), EPOCH_SLOT, bytes32(word + acts));

        vm.expectRevert(
            abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, PLATFORM, Standing.Compromised)
        );
        enclaves.keyOf(enclaveId, NITRO, EXECUTOR);
    }

    /// @dev Whoever watches for reinstatements of a platform would see a measurement announced instead.
    function test_reinstate_RevertWhen_SomethingElseWasAnnounced() public {
        revoke(PLATFORM);
        vm.startPrank(OWNER);
        attestationPolicy.announceMeasurement(PLATFORM, Standing.Compromised, 1);
        vm.warp(NOW + 8 days);

        expectNotDue(PLATFORM);
        attestationPolicy.reinstate(PLATFORM);
        vm.assertEq(uint256(attestationPolicy.standingOf(PLATFORM)), uint256(Standing.Compromised));
    }

    function test_applyMeasurement_RevertWhen_SomethingElseWasAnnounced() public {
        vm.startPrank(OWNER);
        attestationPolicy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 0);
        attestationPolicy.revoke(MEASUREMENT, Standing.Retired);
        attestationPolicy.announceReinstatement(MEASUREMENT);
        vm.warp(NOW + 8 days);

        expectNotDue(MEASUREMENT);
        attestationPolicy.applyMeasurement(MEASUREMENT);
        MeasurementPolicy memory measured = attestationPolicy.measurement(MEASUREMENT);
        vm.assertEq(uint256(measured.standing), uint256(Standing.Compromised));
    }

    /// @dev A document for a challenge that anybody can compute beforehand may be older than the challenge.
    function test_requestChallenge_RevertWhen_TheChainDoesNotKnowItsLastBlock() public {
        vm.setBlockhash(BLOCK - 1, 0);

        vm.expectRevert(abi.encodeWithSelector(ITeeRegistry.ChallengeForeseeable.selector, BLOCK - 1));
        enclaves.requestChallenge();
    }

    function expectNotDue(bytes32 id) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationPolicy.ReinstatementNotDue.selector, id, 0, block.timestamp)
        );
    }
}
