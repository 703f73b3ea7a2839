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
    event MeasurementPolicyChanged(
        bytes32 indexed measurementId,
        uint32 version,
        Standing standing,
        uint32 maxLifetimeSeconds,
        uint48 epoch
    );

    /// @notice A call that would give trust, or change nothing.
    error StandingNotWorse(bytes32 id, Standing current, Standing wanted);
    /// @notice Nothing is announced for this trait, or its delay is still running.
    error ReinstatementNotDue(bytes32 trait, uint256 dueAt, uint256 timestamp);
    /// @notice A certificate, platform or root of the document was revoked.
    error TraitRevoked(bytes32 trait, Standing standing);

    /// @notice Grows with every restriction: who saw this number has seen all of them.
    function epoch() external view returns (uint48);

    /// @notice Standing of a root, certificate or platform.
    /// @param trait Id of libraries/EnclaveIds.sol.
    function standingOf(bytes32 trait) external view returns (Standing);

    /// @notice Reverts TraitRevoked for the first of these traits whose standing is not Good.
    function requireGood(bytes32[] calldata traits) external view;

    /// @notice Policy of a measurement; version 0 when governance never spoke of it.
    function measurement(bytes32 measurementId) external view returns (MeasurementPolicy memory);
}
