// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy, MeasurementPolicy, Standing } from "../interfaces/IAttestationPolicy.sol";
import { EnclaveRecord, EnclaveState, ITeeRegistry } from "../interfaces/ITeeRegistry.sol";
import { IVerifierRouter } from "../interfaces/IVerifierRouter.sol";
import { CodeStore } from "../libraries/CodeStore.sol";
import { isDevelopmentChain } from "../types/Constants.sol";
import { EnclaveHead, packHead } from "../types/EnclaveHead.sol";

/// @title  EnclaveRecords
/// @notice Records of enclave keys, and everything that can speak against one at the moment of its use.
/// @dev A record never revives: validUntil passed stays passed, a stopped selector is dead for ever, and AttestationPolicy
/// gives back only after longer than any record lives.
abstract contract EnclaveRecords is ITeeRegistry {
    /// @notice What every use reads of a record. 2 slots, found by enclave and operator, so that the operator need not be
    /// read to be compared.
    struct Use {
        // slot 0
        EnclaveHead head; // 0 = nothing of this operator
        // slot 1
        bytes32 measurementId;
    }

    /// @notice The rest of a record. 3 slots, the last one only with heartbeats.
    struct Origin {
        // slot 0 (20 + 5 + 5 = 30 bytes)
        address operator; // 0 = no such enclave
        uint40 notAfter; // unix seconds, inclusive
        uint40 registeredAt; // unix seconds
        // slot 1 (20 + 4 + 8 = 32 bytes)
        address traitsPointer;
        uint32 heartbeatSeconds;
        uint64 keyEpoch;
        // slot 2
        uint64 heartbeatBlock;
    }

    /// @inheritdoc ITeeRegistry
    IAttestationPolicy public immutable override policy;
    /// @inheritdoc ITeeRegistry
    IVerifierRouter public immutable override router;

    mapping(bytes32 enclaveId => mapping(address operator => Use)) private _uses;
    mapping(bytes32 enclaveId => Origin) private _origins;

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
        Use storage use = _uses[enclaveId][operator];
        EnclaveHead head = use.head;
        if (EnclaveHead.unwrap(head) == 0) revert OperatorMismatch(enclaveId, operator, _known(enclaveId).operator);
        if (head.family() != family) revert FamilyMismatch(enclaveId, family, head.family());

        _requireUsable(enclaveId, head);
        return (head.signer(), use.measurementId, head.claimClass(), head.simulated());
    }

    /// @inheritdoc ITeeRegistry
    function enclave(bytes32 enclaveId) external view returns (EnclaveRecord memory) {
        return _load(enclaveId);
    }

    /// @inheritdoc ITeeRegistry
    function traitsOf(bytes32 enclaveId) external view returns (bytes32[] memory) {
        return _traitsAt(_known(enclaveId).traitsPointer);
    }

    /// @dev All of a record; reverts EnclaveUnknown.
    function _load(bytes32 enclaveId) internal view returns (EnclaveRecord memory record) {
        Origin memory origin = _known(enclaveId);
        Use storage use = _uses[enclaveId][origin.operator];
        EnclaveHead head = use.head;
        record.signer = head.signer();
        record.validUntil = head.validUntil();
        record.notAfter = origin.notAfter;
        record.family = head.family();
        record.state = head.state();
        record.operator = origin.operator;
        record.selector = head.selector();
        record.claimClass = head.claimClass();
        record.simulated = head.simulated();
        record.measurementId = use.measurementId;
        record.traitsPointer = origin.traitsPointer;
        record.heartbeatSeconds = origin.heartbeatSeconds;
        record.registeredAt = origin.registeredAt;
        // At most a week behind registeredAt, which fits 40 bits.
        record.checkedAt = uint40(head.checkedAt(origin.registeredAt));
        record.keyEpoch = origin.keyEpoch;
        record.heartbeatBlock = origin.heartbeatBlock;
    }

    /// @dev Writes a record; its operator never changes.
    function _save(bytes32 enclaveId, EnclaveRecord memory record) internal {
        _uses[enclaveId][record.operator] = Use(packHead(record), record.measurementId);
        _origins[enclaveId] = Origin({
            operator: record.operator,
            notAfter: record.notAfter,
            registeredAt: record.registeredAt,
            traitsPointer: record.traitsPointer,
            heartbeatSeconds: record.heartbeatSeconds,
            keyEpoch: record.keyEpoch,
            heartbeatBlock: record.heartbeatBlock
        });
    }

    /// @dev Reverts with the first thing that speaks against a record now.
    function _requireUsable(bytes32 enclaveId, EnclaveHead head) internal view {
        _requireRunning(enclaveId, head);
        if (!head.wasCheckedAfter(policy.restrictedAt())) _requireUnrestricted(enclaveId);
    }

    /// @dev All but what governance restricted since the record was last compared with that.
    function _requireRunning(bytes32 enclaveId, EnclaveHead head) internal view {
        if (head.state() != EnclaveState.Active) revert EnclaveNotActive(enclaveId, head.state());
        if (block.timestamp > head.validUntil()) _refuseDead(enclaveId, head.validUntil());
        if (head.simulated()) _requireDevelopmentChain();
        bytes4 current = router.currentSelector(head.family());
        if (current != head.selector()) revert VerifierNotCurrent(enclaveId, head.selector(), current);
    }

    /// @dev Reverts unless no trait and no measurement of the record is revoked, and its life is not shortened to now.
    /// @return notAfter Unix seconds: the end of its life as governance has it now, never later than the record's.
    function _requireUnrestricted(bytes32 enclaveId) internal view returns (uint40 notAfter) {
        Origin memory origin = _origins[enclaveId];
        bytes32 measurementId = _uses[enclaveId][origin.operator].measurementId;
        MeasurementPolicy memory measured = _requireGoodMeasurement(measurementId);
        notAfter = origin.notAfter;
        uint256 end = uint256(origin.registeredAt) + measured.maxLifetimeSeconds;
        if (measured.maxLifetimeSeconds != 0 && end < notAfter) notAfter = uint40(end);
        if (block.timestamp > notAfter) revert EnclaveExpired(enclaveId, notAfter, block.timestamp);

        policy.requireGood(_traitsAt(origin.traitsPointer));
    }

    function _requireGoodMeasurement(bytes32 measurementId) internal view returns (MeasurementPolicy memory measured) {
        measured = policy.measurement(measurementId);
        if (measured.standing != Standing.Good) revert MeasurementRevoked(measurementId, measured.standing);
    }

    function _requireDevelopmentChain() internal view {
        if (!isDevelopmentChain(block.chainid)) revert NotADevelopmentChain(block.chainid);
    }

    function _known(bytes32 enclaveId) private view returns (Origin memory origin) {
        origin = _origins[enclaveId];
        if (origin.operator == address(0)) revert EnclaveUnknown(enclaveId);
    }

    /// @dev validUntil never lies behind notAfter; before that, only a missed heartbeat can have ended the record.
    function _refuseDead(bytes32 enclaveId, uint40 validUntil) private view {
        uint40 notAfter = _origins[enclaveId].notAfter;
        if (block.timestamp > notAfter) revert EnclaveExpired(enclaveId, notAfter, block.timestamp);
        revert HeartbeatMissed(enclaveId, validUntil, block.timestamp);
    }

    function _traitsAt(address pointer) private view returns (bytes32[] memory) {
        return abi.decode(CodeStore.read(pointer), (bytes32[]));
    }
}
