// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy, MeasurementPolicy, Standing } from "../interfaces/IAttestationPolicy.sol";
import { EnclaveRecord, EnclaveState, ITeeRegistry } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { CodeStore } from "../libraries/CodeStore.sol";
import { isDevelopmentChain } from "../types/Constants.sol";

/// @title  EnclaveRecords
/// @notice Records of enclave keys, and everything that can speak against one at the moment of its use.
/// @dev A record never revives: validUntil passed stays passed, a stopped selector is dead for ever, and AttestationPolicy
/// gives back only after longer than any record lives.
abstract contract EnclaveRecords is ITeeRegistry {
    /// @inheritdoc ITeeRegistry
    IAttestationPolicy public immutable override policy;
    /// @inheritdoc ITeeRegistry
    IVerifierRouter public immutable override router;

    mapping(bytes32 enclaveId => EnclaveRecord) internal _enclaves;

    constructor(IAttestationPolicy attestationPolicy, IVerifierRouter verifierRouter) {
        policy = attestationPolicy;
        router = verifierRouter;
    }

    /// @inheritdoc ITeeRegistry
    function keyOf(
        bytes32 enclaveId,
        uint8 family,
        address operator
    ) external view returns (address signer, bytes32 measurementId, uint8 claimClass, bool simulated) {
        EnclaveRecord storage record = _known(enclaveId);
        if (record.family != family) revert FamilyMismatch(enclaveId, family, record.family);
        if (record.operator != operator) revert OperatorMismatch(enclaveId, operator, record.operator);

        _requireUsable(enclaveId, record);
        return (record.signer, record.measurementId, record.claimClass, record.simulated);
    }

    /// @inheritdoc ITeeRegistry
    function enclave(bytes32 enclaveId) external view returns (EnclaveRecord memory) {
        return _known(enclaveId);
    }

    /// @inheritdoc ITeeRegistry
    function traitsOf(bytes32 enclaveId) external view returns (bytes32[] memory) {
        return _traitsOf(_known(enclaveId));
    }

    function _known(bytes32 enclaveId) internal view returns (EnclaveRecord storage record) {
        record = _enclaves[enclaveId];
        if (record.state == EnclaveState.None) revert EnclaveUnknown(enclaveId);
    }

    /// @dev Reverts with the first thing that speaks against a record now.
    function _requireUsable(bytes32 enclaveId, EnclaveRecord storage record) internal view {
        _requireRunning(enclaveId, record);
        if (policy.epoch() != record.epoch) _requireUnrestricted(enclaveId, record);
    }

    /// @dev All but what governance restricted since the record was last compared with that.
    function _requireRunning(bytes32 enclaveId, EnclaveRecord storage record) internal view {
        if (record.state != EnclaveState.Active) revert EnclaveNotActive(enclaveId, record.state);
        _requireAlive(enclaveId, record.validUntil, record.notAfter);
        if (record.simulated) _requireDevelopmentChain();
        bytes4 current = router.currentSelector(record.family);
        if (current != record.selector) revert VerifierNotCurrent(enclaveId, record.selector, current);
    }

    /// @dev Reverts unless no trait and no measurement of the record is revoked, and its life is not shortened to now.
    /// @return notAfter Unix seconds: the end of its life as governance has it now, never later than the record's.
    function _requireUnrestricted(
        bytes32 enclaveId,
        EnclaveRecord storage record
    ) internal view returns (uint40 notAfter) {
        MeasurementPolicy memory measured = _requireGoodMeasurement(record.measurementId);
        notAfter = record.notAfter;
        uint256 end = uint256(record.registeredAt) + measured.maxLifetimeSeconds;
        if (measured.maxLifetimeSeconds != 0 && end < notAfter) notAfter = uint40(end);
        if (block.timestamp > notAfter) revert EnclaveExpired(enclaveId, notAfter, block.timestamp);

        policy.requireGood(_traitsOf(record));
    }

    function _requireGoodMeasurement(bytes32 measurementId) internal view returns (MeasurementPolicy memory measured) {
        measured = policy.measurement(measurementId);
        if (measured.standing != Standing.Good) revert MeasurementRevoked(measurementId, measured.standing);
    }

    function _requireDevelopmentChain() internal view {
        if (!isDevelopmentChain(block.chainid)) revert NotADevelopmentChain(block.chainid);
    }

    /// @dev validUntil never lies behind notAfter; before it, only a missed heartbeat can have ended the record.
    function _requireAlive(bytes32 enclaveId, uint40 validUntil, uint40 notAfter) private view {
        if (block.timestamp <= validUntil) return;
        if (block.timestamp > notAfter) revert EnclaveExpired(enclaveId, notAfter, block.timestamp);
        revert HeartbeatMissed(enclaveId, validUntil, block.timestamp);
    }

    function _traitsOf(EnclaveRecord storage record) private view returns (bytes32[] memory) {
        return abi.decode(CodeStore.read(record.traitsPointer), (bytes32[]));
    }
}
