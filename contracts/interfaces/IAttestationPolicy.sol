// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice How much something attested is worth. Retired and compromised things are refused alike on chain; receipts
/// made before a retirement stay good, those of something compromised do not.
enum Standing {
    Good,
    Retired, // replaced in the ordinary course
    Compromised // somebody else may hold its keys
}

/// @notice What governance says of one measurement. 1 slot.
struct MeasurementPolicy {
    Standing standing;
    uint32 version; // grows by one with every change and never goes back
    uint32 maxLifetimeSeconds; // of a registration; 0 = the registry's own maximum
}

/// @title  IAttestationPolicy
/// @notice What attestation documents may no longer rest on. Governance can take trust away at once; it gives back only
/// after a delay, and never gives what a document itself does not show.
interface IAttestationPolicy {
    event Revoked(bytes32 indexed trait, Standing standing, uint48 epoch);
    event ReinstatementAnnounced(bytes32 indexed trait, uint40 dueAt);
    event Reinstated(bytes32 indexed trait);
    event MeasurementPolicyAnnounced(
        bytes32 indexed measurementId,
        Standing standing,
        uint32 maxLifetimeSeconds,
        uint40 dueAt
    );
    /// @notice What was announced for a trait or measurement no longer is.
    event AnnouncementCancelled(bytes32 indexed id);
    event MeasurementPolicyChanged(
        bytes32 indexed measurementId,
        uint32 version,
        Standing standing,
        uint32 maxLifetimeSeconds,
        uint48 epoch
    );

    /// @notice A call that would give trust, or change nothing.
    error StandingNotWorse(bytes32 id, Standing current, Standing wanted);
    /// @notice Nothing is announced for this trait or measurement as such (dueAt 0), or its delay is still running.
    error ReinstatementNotDue(bytes32 id, uint256 dueAt, uint256 timestamp);
    /// @notice A certificate, platform or root of the document was revoked.
    error TraitRevoked(bytes32 trait, Standing standing);

    /// @notice Takes trust away from a root, certificate, platform or enclave, at once; owner only. What was announced
    /// for it is cancelled.
    /// @param standing Worse than the current one.
    function revoke(bytes32 trait, Standing standing) external;

    /// @notice Announces that a trait will be good again; owner only. Announcing again starts the delay again.
    function announceReinstatement(bytes32 trait) external;

    /// @notice Gives back what was announced, once it is due; owner only.
    function reinstate(bytes32 trait) external;

    /// @notice Restricts a measurement at once; owner only. What was announced for it is cancelled.
    /// @param standing           Not better than the current one.
    /// @param maxLifetimeSeconds Not longer than the current one, of which 0 is the longest; one of both is stricter.
    function restrictMeasurement(bytes32 measurementId, Standing standing, uint32 maxLifetimeSeconds) external;

    /// @notice Announces any other policy of a measurement; owner only. Announcing again starts the delay again.
    function announceMeasurement(bytes32 measurementId, Standing standing, uint32 maxLifetimeSeconds) external;

    /// @notice Applies the announced policy, once it is due; owner only.
    function applyMeasurement(bytes32 measurementId) external;

    /// @notice Cancels what is announced for a trait or measurement; owner only.
    function cancelAnnouncement(bytes32 id) external;

    /// @notice From announcing to giving back, seconds: longer than any registration of an enclave lives, so that none
    /// ever comes back.
    function delaySeconds() external view returns (uint40);

    /// @notice When the announced change of a trait or measurement is due, unix seconds, inclusive; 0 = none announced.
    function dueAt(bytes32 id) external view returns (uint40);

    /// @notice Grows with every change of a measurement and every revoked trait: who saw this number has seen all of
    /// them.
    function epoch() external view returns (uint48);

    /// @notice When the epoch last grew, unix seconds; 0 = never. Whatever was found good after that second still is.
    function restrictedAt() external view returns (uint40);

    /// @notice Standing of a root, certificate, platform or enclave.
    /// @param trait Id of libraries/EnclaveIds.sol.
    function standingOf(bytes32 trait) external view returns (Standing);

    /// @notice Reverts TraitRevoked for the first of these traits whose standing is not Good.
    function requireGood(bytes32[] calldata traits) external view;

    /// @notice Policy of a measurement; version 0 when governance never spoke of it.
    function measurement(bytes32 measurementId) external view returns (MeasurementPolicy memory);
}
