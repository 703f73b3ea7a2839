// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Life of one selector; only moves forward. Stopped is for ever.
enum VerifierState {
    None,
    Pending,
    Active,
    Stopped
}

/// @notice Verifier code of one family.
struct VerifierEntry {
    address verifier;
    uint8 family;
    uint32 gasCap;
    uint40 activeFrom; // unix seconds; activation is possible from then on
    VerifierState state;
    bytes32 codeHash;
}

/// @notice One verifier of the set that a router starts with.
struct InitialVerifier {
    uint8 family;
    address verifier;
    uint32 gasCap;
}

/// @title  VerifierRouter
/// @notice selector -> verifier code of one family, governed with a delay; each family has at most one current selector.
interface IVerifierRouter {
    event VerifierProposed(
        bytes4 indexed selector,
        uint8 indexed family,
        address verifier,
        uint32 gasCap,
        bytes32 codeHash,
        uint40 activeFrom
    );
    event VerifierActivated(bytes4 indexed selector, uint8 indexed family, bytes4 replaced);
    event VerifierStopped(bytes4 indexed selector, uint8 indexed family);

    /// @notice The family has no current verifier: never had one, or it was stopped.
    error FamilyDisabled(uint8 family);
    error SelectorUnknown(bytes4 selector);
    /// @notice The selector was used before; one implementation per selector, for ever.
    error SelectorTaken(bytes4 selector, VerifierState state);
    error SelectorNotPending(bytes4 selector, VerifierState state);
    error ActivationNotDue(bytes4 selector, uint40 activeFrom, uint256 timestamp);
    /// @notice One proposed later was current already; governance has moved on from this one.
    error SelectorOvertaken(bytes4 selector, uint40 activeFrom, uint40 newestActiveFrom);
    /// @notice The verifier has no code, code that can change (EIP-7702), or code other than announced.
    error VerifierCodeInvalid(address verifier, bytes32 codeHash);
    error FamilyInvalid(uint8 family);
    error GasCapInvalid(uint32 gasCap);

    /// @notice Announces verifier code for a family; it can be activated after the delay.
    function propose(uint8 family, address verifier, uint32 gasCap) external returns (bytes4 selector);
    /// @notice Makes a due selector current; the replaced one is stopped for ever. Anyone may call.
    function activate(bytes4 selector) external;
    /// @notice Stops a selector for ever; if it is current, its family is disabled until another is activated.
    function stop(bytes4 selector) external;
    /// @notice The family's current verifier and the gas it may use; reverts FamilyDisabled.
    function current(uint8 family) external view returns (address verifier, uint32 gasCap);
    /// @notice Seconds between proposing and activating.
    function delaySeconds() external view returns (uint40);
    /// @notice Whether the family has a current verifier.
    function isEnabled(uint8 family) external view returns (bool);
    /// @notice Current selector of a family; 0 = disabled.
    function currentSelector(uint8 family) external view returns (bytes4);
    /// @notice The entry as stored.
    function entry(bytes4 selector) external view returns (VerifierEntry memory);
}
