// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry, MeasurementName, NamedMeasurement } from "../interfaces/IModelRegistry.sol";
import { isTee } from "../types/TeeFamily.sol";

/// @title  NamedMeasurements
/// @notice Which code may attest a model version: named by its owner, late enough for everybody to see it.
/// @dev An attestation shows what code runs, never which weights that code loads. The owner vouches for that link, so
/// without a name no enclave can speak for the version.
abstract contract NamedMeasurements is IModelRegistry {
    /// @notice Where one name stands. 1 slot.
    struct Name {
        uint40 countsFrom; // unix seconds, inclusive
        uint8 place; // in the list of its family, from 1; 0 = not named
    }

    /// @dev From naming a measurement to its counting, seconds: who relies on a version can leave before.
    uint40 private constant NAMING_DELAY = 1 days;
    /// @dev A request looks through the list.
    uint256 private constant MAX_MEASUREMENTS = 16;

    mapping(bytes32 modelId => mapping(uint8 family => mapping(bytes32 measurementId => Name))) private _names;
    mapping(bytes32 modelId => mapping(uint8 family => bytes32[] measurementIds)) private _lists;

    /// @inheritdoc IModelRegistry
    function nameMeasurement(bytes32 modelId, NamedMeasurement calldata named) external {
        _requireOwner(modelId);
        _name(modelId, named, uint40(block.timestamp) + NAMING_DELAY);
    }

    /// @inheritdoc IModelRegistry
    function unnameMeasurement(bytes32 modelId, NamedMeasurement calldata named) external {
        _requireOwner(modelId);
        (uint8 family, bytes32 measurementId) = (named.family, named.measurementId);
        uint8 place = _names[modelId][family][measurementId].place;
        if (place == 0) revert MeasurementNotNamed(modelId, family, measurementId);

        // The last of the list takes its place.
        bytes32[] storage list = _lists[modelId][family];
        bytes32 last = list[list.length - 1];
        list[place - 1] = last;
        list.pop();
        _names[modelId][family][last].place = place;
        delete _names[modelId][family][measurementId];
        emit MeasurementUnnamed(modelId, family, measurementId);
    }

    /// @inheritdoc IModelRegistry
    function mayAttest(bytes32 modelId, uint8 family, bytes32 measurementId) external view returns (bool) {
        // Nothing is named at time 0.
        uint40 countsFrom = _names[modelId][family][measurementId].countsFrom;
        return countsFrom != 0 && countsFrom <= block.timestamp;
    }

    /// @inheritdoc IModelRegistry
    function measurementsOf(bytes32 modelId, uint8 family) external view returns (MeasurementName[] memory names) {
        bytes32[] storage list = _lists[modelId][family];
        names = new MeasurementName[](list.length);
        for (uint256 i; i < names.length; ++i) {
            names[i] = MeasurementName(list[i], _names[modelId][family][list[i]].countsFrom);
        }
    }

    /// @dev At registration nobody relies on the version yet, so what is named then counts at once.
    function _nameAtOnce(bytes32 modelId, NamedMeasurement[] calldata measurements) internal {
        for (uint256 i; i < measurements.length; ++i) _name(modelId, measurements[i], uint40(block.timestamp));
    }

    /// @dev Owner of a version; reverts UnknownModel.
    function _ownerOf(bytes32 modelId) internal view virtual returns (address);

    function _name(bytes32 modelId, NamedMeasurement calldata named, uint40 countsFrom) private {
        (uint8 family, bytes32 measurementId) = (named.family, named.measurementId);
        if (!isTee(family)) revert FamilyNotATee(family);
        Name storage name = _names[modelId][family][measurementId];
        if (name.place != 0) revert MeasurementAlreadyNamed(modelId, family, measurementId);
        bytes32[] storage list = _lists[modelId][family];
        if (list.length == MAX_MEASUREMENTS) revert TooManyMeasurements(modelId, family, MAX_MEASUREMENTS);

        list.push(measurementId);
        // At most MAX_MEASUREMENTS.
        (name.countsFrom, name.place) = (countsFrom, uint8(list.length));
        emit MeasurementNamed(modelId, family, measurementId, countsFrom);
    }

    function _requireOwner(bytes32 modelId) private view {
        address owner = _ownerOf(modelId);
        if (owner != msg.sender) revert NotModelOwner(modelId, owner, msg.sender);
    }
}
