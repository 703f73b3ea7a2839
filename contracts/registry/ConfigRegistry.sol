// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ConfigVersion, IConfigRegistry } from "../interfaces/IConfigRegistry.sol";

/// @title  ConfigRegistry
/// @notice Append-only versions of named configurations. Nobody can change or remove one; there is no admin.
contract ConfigRegistry is IConfigRegistry {
    /// @notice A name's versions, and who may add to them.
    struct Name {
        ConfigVersion[] versions; // version n is at n - 1; their times never fall
        mapping(address editor => bool) editors;
    }

    uint256 private constant MAX_NAME_BYTES = 64;

    mapping(address owner => mapping(bytes32 nameHash => Name)) private _names;

    /// @inheritdoc IConfigRegistry
    function publish(string calldata name, bytes32 configHash, string calldata uri) external returns (uint256 version) {
        return _publish(msg.sender, name, configHash, uri);
    }

    /// @inheritdoc IConfigRegistry
    function publishFor(
        address owner,
        string calldata name,
        bytes32 configHash,
        string calldata uri
    ) external returns (uint256 version) {
        if (!isEditor(owner, name, msg.sender)) revert NotAnEditor(owner, name, msg.sender);

        return _publish(owner, name, configHash, uri);
    }

    /// @inheritdoc IConfigRegistry
    function setEditor(string calldata name, address editor, bool allowed) external {
        bytes32 nameHash = _hashOf(name);

        _names[msg.sender][nameHash].editors[editor] = allowed;
        emit EditorSet(msg.sender, nameHash, editor, name, allowed);
    }

    /// @inheritdoc IConfigRegistry
    function configAt(
        address owner,
        string calldata name,
        uint256 time
    ) external view returns (uint256 version, ConfigVersion memory config) {
        ConfigVersion[] storage versions = _versions(owner, name);
        if (versions.length == 0) revert ConfigUnknown(owner, name);
        if (time > block.timestamp) revert NotInForce(owner, name, time);

        version = _countUntil(versions, time);
        if (version == 0) revert NotInForce(owner, name, time);
        config = versions[version - 1];
    }

    /// @inheritdoc IConfigRegistry
    function configOf(
        address owner,
        string calldata name,
        uint256 version
    ) external view returns (ConfigVersion memory) {
        ConfigVersion[] storage versions = _versions(owner, name);
        if (version == 0 || version > versions.length) revert VersionUnknown(owner, name, version, versions.length);
        return versions[version - 1];
    }

    /// @inheritdoc IConfigRegistry
    function versionsOf(address owner, string calldata name) external view returns (uint256) {
        return _versions(owner, name).length;
    }

    /// @inheritdoc IConfigRegistry
    function isEditor(address owner, string calldata name, address editor) public view returns (bool) {
        return _names[owner][keccak256(bytes(name))].editors[editor];
    }

    function _publish(
        address owner,
        string calldata name,
        bytes32 configHash,
        string calldata uri
    ) private returns (uint256 version) {
        bytes32 nameHash = _hashOf(name);
        if (configHash == 0) revert ConfigHashIsZero();
        ConfigVersion[] storage versions = _names[owner][nameHash].versions;
        uint256 newest = versions.length;
        if (newest != 0 && versions[newest - 1].configHash == configHash) revert ConfigUnchanged(newest, configHash);

        versions.push(ConfigVersion(configHash, msg.sender, uint40(block.timestamp), uri));
        version = newest + 1;
        emit ConfigPublished(owner, nameHash, configHash, name, version, msg.sender, uri);
    }

    /// @dev Versions published at this time or before: binary search, since times never fall.
    function _countUntil(ConfigVersion[] storage versions, uint256 time) private view returns (uint256 low) {
        uint256 high = versions.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (versions[middle].inForceFrom <= time) low = middle + 1;
            else high = middle;
        }
    }

    function _versions(address owner, string calldata name) private view returns (ConfigVersion[] storage) {
        return _names[owner][keccak256(bytes(name))].versions;
    }

    function _hashOf(string calldata name) private pure returns (bytes32) {
        uint256 bytesLong = bytes(name).length;
        if (bytesLong == 0 || bytesLong > MAX_NAME_BYTES) revert NameInvalid(bytesLong);
        return keccak256(bytes(name));
    }
}
