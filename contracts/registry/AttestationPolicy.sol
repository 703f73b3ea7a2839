// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";

import { IAttestationPolicy, MeasurementPolicy, Standing } from "../interfaces/IAttestationPolicy.sol";

/// @title  AttestationPolicy
/// @notice What attestation documents may no longer rest on. Governance restricts at once and gives back with a delay.
contract AttestationPolicy is IAttestationPolicy, Ownable2Step {
    /// @notice What is announced for a trait or measurement. 1 slot.
    struct Announcement {
        uint40 dueAt; // unix seconds, inclusive; 0 = nothing
        Standing standing; // of a trait always Good
        uint32 maxLifetimeSeconds; // of a trait always 0
        bool isTrait; // and not a measurement
    }

    uint40 private constant DELAY_SECONDS = 8 days;

    mapping(bytes32 trait => Standing) private _standings;
    mapping(bytes32 measurementId => MeasurementPolicy) private _measurements;
    /// @dev Traits and measurements are hashed under different tags, so no id is both.
    mapping(bytes32 id => Announcement) private _announced;
    /// @inheritdoc IAttestationPolicy
    uint48 public override epoch;
    /// @inheritdoc IAttestationPolicy
    uint40 public override restrictedAt;

    constructor(address owner) Ownable(owner) {}

    /// @inheritdoc IAttestationPolicy
    function revoke(bytes32 trait, Standing standing) external onlyOwner {
        Standing current = _standings[trait];
        if (standing <= current) revert StandingNotWorse(trait, current, standing);

        _standings[trait] = standing;
        _cancel(trait);
        emit Revoked(trait, standing, _nextEpoch());
    }

    /// @inheritdoc IAttestationPolicy
    function announceReinstatement(bytes32 trait) external onlyOwner {
        Standing current = _standings[trait];
        if (current == Standing.Good) revert StandingNotWorse(trait, current, Standing.Good);

        uint40 due = _announce(trait, Standing.Good, 0, true);
        emit ReinstatementAnnounced(trait, due);
    }

    /// @inheritdoc IAttestationPolicy
    function reinstate(bytes32 trait) external onlyOwner {
        _takeDue(trait, true);
        if (_standings[trait] == Standing.Good) revert StandingNotWorse(trait, Standing.Good, Standing.Good);

        delete _standings[trait];
        emit Reinstated(trait);
    }

    /// @inheritdoc IAttestationPolicy
    function restrictMeasurement(
        bytes32 measurementId,
        Standing standing,
        uint32 maxLifetimeSeconds
    ) external onlyOwner {
        MeasurementPolicy memory current = _measurements[measurementId];
        bool isWorse = standing > current.standing;
        bool isShorter = _lifetime(maxLifetimeSeconds) < _lifetime(current.maxLifetimeSeconds);
        bool isBetter = standing < current.standing;
        bool isLonger = _lifetime(maxLifetimeSeconds) > _lifetime(current.maxLifetimeSeconds);
        if (isBetter || isLonger || !(isWorse || isShorter)) {
            revert StandingNotWorse(measurementId, current.standing, standing);
        }

        _cancel(measurementId);
        _setMeasurement(measurementId, standing, maxLifetimeSeconds);
    }

    /// @inheritdoc IAttestationPolicy
    function announceMeasurement(
        bytes32 measurementId,
        Standing standing,
        uint32 maxLifetimeSeconds
    ) external onlyOwner {
        uint40 due = _announce(measurementId, standing, maxLifetimeSeconds, false);
        emit MeasurementPolicyAnnounced(measurementId, standing, maxLifetimeSeconds, due);
    }

    /// @inheritdoc IAttestationPolicy
    function applyMeasurement(bytes32 measurementId) external onlyOwner {
        Announcement memory announced = _takeDue(measurementId, false);
        _setMeasurement(measurementId, announced.standing, announced.maxLifetimeSeconds);
    }

    /// @inheritdoc IAttestationPolicy
    function cancelAnnouncement(bytes32 id) external onlyOwner {
        if (_announced[id].dueAt == 0) revert ReinstatementNotDue(id, 0, block.timestamp);
        _cancel(id);
    }

    /// @inheritdoc IAttestationPolicy
    function standingOf(bytes32 trait) external view returns (Standing) {
        return _standings[trait];
    }

    /// @inheritdoc IAttestationPolicy
    function requireGood(bytes32[] calldata traits) external view {
        for (uint256 i; i < traits.length; ++i) {
            Standing standing = _standings[traits[i]];
            if (standing != Standing.Good) revert TraitRevoked(traits[i], standing);
        }
    }

    /// @inheritdoc IAttestationPolicy
    function measurement(bytes32 measurementId) external view returns (MeasurementPolicy memory) {
        return _measurements[measurementId];
    }

    /// @inheritdoc IAttestationPolicy
    function dueAt(bytes32 id) external view returns (uint40) {
        return _announced[id].dueAt;
    }

    /// @inheritdoc IAttestationPolicy
    function delaySeconds() external pure returns (uint40) {
        return DELAY_SECONDS;
    }

    function _announce(
        bytes32 id,
        Standing standing,
        uint32 maxLifetimeSeconds,
        bool isTrait
    ) private returns (uint40 due) {
        due = uint40(block.timestamp) + DELAY_SECONDS;
        _announced[id] = Announcement(due, standing, maxLifetimeSeconds, isTrait);
    }

    function _cancel(bytes32 id) private {
        if (_announced[id].dueAt == 0) return;
        delete _announced[id];
        emit AnnouncementCancelled(id);
    }

    /// @dev The announcement that is due, once. Nothing is given back under the name of something else: who watches for
    /// reinstatements of a trait does not look for policies of a measurement with its id.
    function _takeDue(bytes32 id, bool isTrait) private returns (Announcement memory announced) {
        announced = _announced[id];
        if (announced.isTrait != isTrait) revert ReinstatementNotDue(id, 0, block.timestamp);
        if (announced.dueAt == 0 || block.timestamp < announced.dueAt) {
            revert ReinstatementNotDue(id, announced.dueAt, block.timestamp);
        }
        delete _announced[id];
    }

    /// @dev An announced policy may be stricter in one respect than the current one, so every change moves the epoch.
    function _setMeasurement(bytes32 measurementId, Standing standing, uint32 maxLifetimeSeconds) private {
        MeasurementPolicy storage current = _measurements[measurementId];
        uint32 version = current.version + 1;
        (current.standing, current.version, current.maxLifetimeSeconds) = (standing, version, maxLifetimeSeconds);
        emit MeasurementPolicyChanged(measurementId, version, standing, maxLifetimeSeconds, _nextEpoch());
    }

    function _nextEpoch() private returns (uint48) {
        restrictedAt = uint40(block.timestamp);
        return ++epoch;
    }

    /// @dev 0 means the registry's own maximum, which is below any number that means infinity.
    function _lifetime(uint32 maxLifetimeSeconds) private pure returns (uint256) {
        return maxLifetimeSeconds == 0 ? type(uint256).max : maxLifetimeSeconds;
    }
}
