// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice One version of a named configuration.
struct ConfigVersion {
    bytes32 configHash; // keccak256(JCS(configuration)); the configHash of statements and requests
    address author; // who published it: the owner, or an editor the owner named
    uint40 inForceFrom; // unix seconds of the block that published it, inclusive
    string uri; // where the configuration can be read; may be empty when it is private
}

/// @title  ConfigRegistry
/// @notice Which prompt, template, sampling and processing a name stood for, and when. Versions are only ever added, so
/// nobody can say later that another one was in force.
/// @dev A name belongs to (owner, name): anybody's names are their own, and no two owners meet. The registry never sees
/// a configuration itself; whoever has it hashes it and compares.
interface IConfigRegistry {
    event ConfigPublished(
        address indexed owner,
        bytes32 indexed nameHash,
        bytes32 indexed configHash,
        string name,
        uint256 version,
        address author,
        string uri
    );
    event EditorSet(address indexed owner, bytes32 indexed nameHash, address indexed editor, string name, bool allowed);

    error ConfigHashIsZero();
    error NameInvalid(uint256 bytesLong);
    /// @notice The newest version is this one already.
    error ConfigUnchanged(uint256 version, bytes32 configHash);
    error NotAnEditor(address owner, string name, address caller);
    error ConfigUnknown(address owner, string name);
    error VersionUnknown(address owner, string name, uint256 version, uint256 versions);
    /// @notice The name had no version yet at that time, or the time is still to come: anything may happen until then.
    error NotInForce(address owner, string name, uint256 time);

    /// @notice Publishes a version of one of the caller's own names; it is in force from this block on.
    /// @param name       1 to 64 bytes of UTF-8.
    /// @param configHash keccak256(JCS(configuration)), never 0.
    /// @return version Counts from 1 without gaps.
    function publish(string calldata name, bytes32 configHash, string calldata uri) external returns (uint256 version);

    /// @notice Publishes a version of somebody else's name, as an editor that its owner named.
    function publishFor(
        address owner,
        string calldata name,
        bytes32 configHash,
        string calldata uri
    ) external returns (uint256 version);

    /// @notice Names, or no longer names, who else may publish versions of one of the caller's names.
    function setEditor(string calldata name, address editor, bool allowed) external;

    /// @notice The version in force at a time that has passed; of several in one block the last.
    /// @param time Unix seconds, at most the block's.
    function configAt(
        address owner,
        string calldata name,
        uint256 time
    ) external view returns (uint256 version, ConfigVersion memory config);

    /// @notice One version; reverts VersionUnknown.
    function configOf(
        address owner,
        string calldata name,
        uint256 version
    ) external view returns (ConfigVersion memory);

    /// @notice How many versions a name has; 0 = it does not exist.
    function versionsOf(address owner, string calldata name) external view returns (uint256);

    function isEditor(address owner, string calldata name, address editor) external view returns (bool);
}
