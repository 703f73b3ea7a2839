// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";

import { InitialVerifier, IVerifierRouter, VerifierEntry, VerifierState } from "../interfaces/IVerifierRouter.sol";
import { FAMILY_OPTIMISTIC, FAMILY_QUORUM, FAMILY_REEXEC, TAG_VERIFIER } from "../types/Constants.sol";

/// @title  VerifierRouter
/// @notice Which code verifies a family. Governance adds with a delay and stops at once; a stopped selector stays dead.
/// @dev A selector commits to the code's hash, and `current` compares it at every use: a verifier whose code changed
/// answers nobody.
contract VerifierRouter is IVerifierRouter, Ownable2Step {
    /// @notice What the gate reads of a family in one slot (20 + 3 + 9 = 32 bytes).
    struct Current {
        address verifier; // 0 = family disabled
        uint24 gasCap;
        bytes9 codeHashHead; // first 72 bits of the code hash: enough, since nobody can choose among 2^72 codes
    }

    /// @dev EIP-7825: no transaction has more gas than this.
    uint32 private constant MAX_GAS_CAP = type(uint24).max;

    /// @dev How the code of an EIP-7702 account starts; no deployed contract can start with 0xef (EIP-3541).
    bytes3 private constant DELEGATION = hex"ef0100";

    /// @inheritdoc IVerifierRouter
    uint40 public immutable override delaySeconds;

    mapping(uint8 family => Current) private _current;
    /// @inheritdoc IVerifierRouter
    mapping(uint8 family => bytes4 selector) public override currentSelector;
    mapping(bytes4 selector => VerifierEntry) private _entries;
    /// @dev activeFrom of the selector that was activated last, stopped or not; unix seconds.
    mapping(uint8 family => uint40) private _newestActiveFrom;

    /// @param owner         Governance: proposes and stops.
    /// @param delay         Seconds between proposing and activating.
    /// @param initial       The first verifiers, current at once: nobody relies on them yet.
    constructor(address owner, uint40 delay, InitialVerifier[] memory initial) Ownable(owner) {
        delaySeconds = delay;
        for (uint256 i; i < initial.length; ++i) {
            bytes4 selector = _propose(initial[i].family, initial[i].verifier, initial[i].gasCap, 0);
            _activate(selector, _entries[selector]);
        }
    }

    /// @inheritdoc IVerifierRouter
    function propose(uint8 family, address verifier, uint32 gasCap) external onlyOwner returns (bytes4 selector) {
        return _propose(family, verifier, gasCap, delaySeconds);
    }

    /// @inheritdoc IVerifierRouter
    function activate(bytes4 selector) external {
        VerifierEntry storage entry_ = _known(selector);
        if (entry_.state != VerifierState.Pending) revert SelectorNotPending(selector, entry_.state);
        if (block.timestamp < entry_.activeFrom) {
            revert ActivationNotDue(selector, entry_.activeFrom, block.timestamp);
        }

        _activate(selector, entry_);
    }

    /// @inheritdoc IVerifierRouter
    function stop(bytes4 selector) external onlyOwner {
        VerifierEntry storage entry_ = _known(selector);
        if (entry_.state == VerifierState.Stopped) revert SelectorTaken(selector, entry_.state);

        uint8 family = entry_.family;
        if (currentSelector[family] == selector) {
            delete currentSelector[family];
            delete _current[family];
        }
        _stop(selector, entry_);
    }

    /// @inheritdoc IVerifierRouter
    function current(uint8 family) external view returns (address verifier, uint32 gasCap) {
        Current memory now_ = _current[family];
        if (now_.verifier == address(0)) revert FamilyDisabled(family);
        bytes32 codeHash = now_.verifier.codehash;
        if (bytes9(codeHash) != now_.codeHashHead) revert VerifierCodeInvalid(now_.verifier, codeHash);
        return (now_.verifier, now_.gasCap);
    }

    /// @inheritdoc IVerifierRouter
    function isEnabled(uint8 family) external view returns (bool) {
        return _current[family].verifier != address(0);
    }

    /// @inheritdoc IVerifierRouter
    function entry(bytes4 selector) external view returns (VerifierEntry memory) {
        return _entries[selector];
    }

    /// @dev Announces code for a family that items of evidence can have.
    function _propose(uint8 family, address verifier, uint32 gasCap, uint40 delay) private returns (bytes4 selector) {
        if (family > FAMILY_REEXEC || family == FAMILY_OPTIMISTIC || family == FAMILY_QUORUM) {
            revert FamilyInvalid(family);
        }
        if (gasCap == 0 || gasCap > MAX_GAS_CAP) revert GasCapInvalid(gasCap);
        bytes32 codeHash = _codeHashOf(verifier);
        selector = bytes4(keccak256(abi.encode(TAG_VERIFIER, family, verifier, codeHash)));
        VerifierState state = _entries[selector].state;
        if (state != VerifierState.None || selector == 0) revert SelectorTaken(selector, state);

        uint40 activeFrom = uint40(block.timestamp) + delay;
        _entries[selector] = VerifierEntry(verifier, family, gasCap, activeFrom, VerifierState.Pending, codeHash);
        emit VerifierProposed(selector, family, verifier, gasCap, codeHash, activeFrom);
    }

    /// @dev Makes a pending selector current and stops the one it replaces.
    function _activate(bytes4 selector, VerifierEntry storage entry_) private {
        bytes32 codeHash = _codeHashOf(entry_.verifier);
        if (codeHash != entry_.codeHash) revert VerifierCodeInvalid(entry_.verifier, codeHash);

        // Anybody may activate: without this, somebody could bring back what governance has moved on from.
        uint8 family = entry_.family;
        uint40 newest = _newestActiveFrom[family];
        if (entry_.activeFrom < newest) revert SelectorOvertaken(selector, entry_.activeFrom, newest);

        bytes4 replaced = currentSelector[family];
        _newestActiveFrom[family] = entry_.activeFrom;
        entry_.state = VerifierState.Active;
        currentSelector[family] = selector;
        _current[family] = Current(entry_.verifier, uint24(entry_.gasCap), bytes9(codeHash));
        emit VerifierActivated(selector, family, replaced);
        if (replaced != 0) _stop(replaced, _entries[replaced]);
    }

    /// @dev For ever.
    function _stop(bytes4 selector, VerifierEntry storage entry_) private {
        entry_.state = VerifierState.Stopped;
        emit VerifierStopped(selector, entry_.family);
    }

    function _known(bytes4 selector) private view returns (VerifierEntry storage entry_) {
        entry_ = _entries[selector];
        if (entry_.state == VerifierState.None) revert SelectorUnknown(selector);
    }

    /// @dev Hash of code that is there and stays: no empty account, no EIP-7702 delegation, which its key can redirect.
    function _codeHashOf(address verifier) private view returns (bytes32 codeHash) {
        codeHash = verifier.codehash;
        bytes memory code = verifier.code;
        if (code.length == 0 || bytes3(code) == DELEGATION) revert VerifierCodeInvalid(verifier, codeHash);
    }
}
