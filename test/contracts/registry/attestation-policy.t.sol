// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { IAttestationPolicy, MeasurementPolicy, Standing } from "../../../contracts/interfaces/IAttestationPolicy.sol";
import { AttestationPolicy } from "../../../contracts/registry/AttestationPolicy.sol";
import { vm } from "../support/Vm.sol";

contract AttestationPolicyTest {
    address private constant OWNER = address(0x0117e5);
    address private constant STRANGER = address(0x57a4);
    bytes32 private constant TRAIT = keccak256("trait");
    bytes32 private constant MEASUREMENT = keccak256("measurement");
    uint256 private constant NOW = 1_800_000_000;
    uint40 private constant DUE = uint40(NOW + 8 days);

    AttestationPolicy private policy;

    function setUp() public {
        vm.warp(NOW);
        policy = new AttestationPolicy(OWNER);
        vm.startPrank(OWNER);
    }

    function test_revoke_countsAtOnceAndMovesTheEpoch() public {
        vm.expectEmit(address(policy));
        emit IAttestationPolicy.Revoked(TRAIT, Standing.Retired, 1);
        policy.revoke(TRAIT, Standing.Retired);
        assertStanding(Standing.Retired);

        policy.revoke(TRAIT, Standing.Compromised);

        assertStanding(Standing.Compromised);
        vm.assertEq(policy.epoch(), 2);
    }

    function test_revoke_RevertWhen_StandingNotWorse() public {
        expectNotWorse(TRAIT, Standing.Good, Standing.Good);
        policy.revoke(TRAIT, Standing.Good);
        policy.revoke(TRAIT, Standing.Compromised);

        expectNotWorse(TRAIT, Standing.Compromised, Standing.Compromised);
        policy.revoke(TRAIT, Standing.Compromised);
        expectNotWorse(TRAIT, Standing.Compromised, Standing.Retired);
        policy.revoke(TRAIT, Standing.Retired);
        expectNotWorse(TRAIT, Standing.Compromised, Standing.Good);
        policy.revoke(TRAIT, Standing.Good);
    }

    function test_revoke_cancelsAReinstatement() public {
        policy.revoke(TRAIT, Standing.Retired);
        policy.announceReinstatement(TRAIT);

        vm.expectEmit(address(policy));
        emit IAttestationPolicy.AnnouncementCancelled(TRAIT);
        policy.revoke(TRAIT, Standing.Compromised);

        vm.warp(DUE);
        expectNotDue(TRAIT, 0);
        policy.reinstate(TRAIT);
    }

    function test_reinstate_givesBackOnceAfterTheDelay() public {
        policy.revoke(TRAIT, Standing.Compromised);
        vm.expectEmit(address(policy));
        emit IAttestationPolicy.ReinstatementAnnounced(TRAIT, DUE);
        policy.announceReinstatement(TRAIT);
        vm.assertEq(policy.dueAt(TRAIT), DUE);
        vm.warp(DUE);

        vm.expectEmit(address(policy));
        emit IAttestationPolicy.Reinstated(TRAIT);
        policy.reinstate(TRAIT);

        assertStanding(Standing.Good);
        vm.assertEq(policy.epoch(), 1);
        expectNotDue(TRAIT, 0);
        policy.reinstate(TRAIT);
    }

    function test_reinstate_RevertWhen_DelayIsRunning() public {
        expectNotDue(TRAIT, 0);
        policy.reinstate(TRAIT);
        policy.revoke(TRAIT, Standing.Retired);
        policy.announceReinstatement(TRAIT);

        vm.warp(DUE - 1);
        expectNotDue(TRAIT, DUE);
        policy.reinstate(TRAIT);
        policy.announceReinstatement(TRAIT);
        vm.warp(DUE);
        expectNotDue(TRAIT, uint256(DUE) - 1 + 8 days);
        policy.reinstate(TRAIT);
    }

    function test_announceReinstatement_RevertWhen_TraitIsGood() public {
        expectNotWorse(TRAIT, Standing.Good, Standing.Good);
        policy.announceReinstatement(TRAIT);
    }

    function test_restrictMeasurement_countsAtOnce() public {
        vm.expectEmit(address(policy));
        emit IAttestationPolicy.MeasurementPolicyChanged(MEASUREMENT, 1, Standing.Good, 600, 1);
        policy.restrictMeasurement(MEASUREMENT, Standing.Good, 600);
        policy.restrictMeasurement(MEASUREMENT, Standing.Retired, 600);
        policy.restrictMeasurement(MEASUREMENT, Standing.Retired, 60);
        policy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 1);

        assertMeasurement(MeasurementPolicy(Standing.Compromised, 4, 1));
        vm.assertEq(policy.epoch(), 4);
    }

    function test_restrictMeasurement_RevertWhen_StandingNotWorse() public {
        expectNotWorse(MEASUREMENT, Standing.Good, Standing.Good);
        policy.restrictMeasurement(MEASUREMENT, Standing.Good, 0);
        policy.restrictMeasurement(MEASUREMENT, Standing.Retired, 600);

        expectNotWorse(MEASUREMENT, Standing.Retired, Standing.Retired);
        policy.restrictMeasurement(MEASUREMENT, Standing.Retired, 600);
        expectNotWorse(MEASUREMENT, Standing.Retired, Standing.Good);
        policy.restrictMeasurement(MEASUREMENT, Standing.Good, 60);
        expectNotWorse(MEASUREMENT, Standing.Retired, Standing.Compromised);
        policy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 601);
        expectNotWorse(MEASUREMENT, Standing.Retired, Standing.Compromised);
        policy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 0);
    }

    function test_restrictMeasurement_cancelsWhatIsAnnounced() public {
        policy.announceMeasurement(MEASUREMENT, Standing.Good, 0);
        vm.warp(DUE);

        vm.expectEmit(address(policy));
        emit IAttestationPolicy.AnnouncementCancelled(MEASUREMENT);
        policy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 0);

        expectNotDue(MEASUREMENT, 0);
        policy.applyMeasurement(MEASUREMENT);
    }

    function test_applyMeasurement_neverResetsTheVersion() public {
        policy.restrictMeasurement(MEASUREMENT, Standing.Compromised, 60);
        vm.expectEmit(address(policy));
        emit IAttestationPolicy.MeasurementPolicyAnnounced(MEASUREMENT, Standing.Good, 0, DUE);
        policy.announceMeasurement(MEASUREMENT, Standing.Good, 0);
        vm.warp(DUE);

        policy.applyMeasurement(MEASUREMENT);

        assertMeasurement(MeasurementPolicy(Standing.Good, 2, 0));
        vm.assertEq(policy.epoch(), 2);
        expectNotDue(MEASUREMENT, 0);
        policy.applyMeasurement(MEASUREMENT);
    }

    function test_applyMeasurement_RevertWhen_DelayIsRunning() public {
        expectNotDue(MEASUREMENT, 0);
        policy.applyMeasurement(MEASUREMENT);
        policy.announceMeasurement(MEASUREMENT, Standing.Good, 60);

        vm.warp(DUE - 1);
        expectNotDue(MEASUREMENT, DUE);
        policy.applyMeasurement(MEASUREMENT);
    }

    function test_cancelAnnouncement_forgetsWhatWasAnnounced() public {
        expectNotDue(MEASUREMENT, 0);
        policy.cancelAnnouncement(MEASUREMENT);
        policy.announceMeasurement(MEASUREMENT, Standing.Good, 60);

        policy.cancelAnnouncement(MEASUREMENT);

        vm.assertEq(policy.dueAt(MEASUREMENT), 0);
    }

    function test_everyChange_RevertWhen_CallerIsNotTheOwner() public {
        vm.stopPrank();
        bytes[7] memory calls = [
            abi.encodeCall(policy.revoke, (TRAIT, Standing.Retired)),
            abi.encodeCall(policy.announceReinstatement, (TRAIT)),
            abi.encodeCall(policy.reinstate, (TRAIT)),
            abi.encodeCall(policy.restrictMeasurement, (MEASUREMENT, Standing.Retired, 0)),
            abi.encodeCall(policy.announceMeasurement, (MEASUREMENT, Standing.Good, 0)),
            abi.encodeCall(policy.applyMeasurement, (MEASUREMENT)),
            abi.encodeCall(policy.cancelAnnouncement, (MEASUREMENT))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool done, bytes memory reason) = address(policy).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(reason, abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER));
        }
    }

    function test_requireGood_namesTheFirstThatIsNot() public {
        bytes32[] memory traits = new bytes32[](3);
        (traits[0], traits[1], traits[2]) = (keccak256("a"), TRAIT, keccak256("c"));
        policy.requireGood(new bytes32[](0));
        policy.requireGood(traits);
        policy.revoke(traits[2], Standing.Compromised);
        policy.revoke(TRAIT, Standing.Retired);

        vm.expectRevert(abi.encodeWithSelector(IAttestationPolicy.TraitRevoked.selector, TRAIT, Standing.Retired));
        policy.requireGood(traits);
    }

    /// @dev No registration of an enclave lives longer: none ever sees something given back.
    function test_delaySeconds_isLongerThanAnyRegistrationLives() public view {
        vm.assertTrue(policy.delaySeconds() > 7 days);
    }

    function assertStanding(Standing standing) private view {
        vm.assertEq(uint256(policy.standingOf(TRAIT)), uint256(standing));
    }

    function assertMeasurement(MeasurementPolicy memory expected) private view {
        vm.assertEq(abi.encode(policy.measurement(MEASUREMENT)), abi.encode(expected));
    }

    function expectNotWorse(bytes32 id, Standing current, Standing wanted) private {
        vm.expectRevert(abi.encodeWithSelector(IAttestationPolicy.StandingNotWorse.selector, id, current, wanted));
    }

    function expectNotDue(bytes32 id, uint256 dueAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationPolicy.ReinstatementNotDue.selector, id, dueAt, block.timestamp)
        );
    }
}
