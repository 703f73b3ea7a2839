// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGroth16Verifier } from "../interfaces/IGroth16Verifier.sol";
import { Groth16 } from "../libraries/Groth16.sol";

/// @title  MockGroth16Verifier
/// @notice A Groth16 verifier without cryptography: the first coordinate of a proof is the hash of key and signals.
/// @dev It keeps every other promise of IGroth16Verifier: field checks, key length, ProofInvalid. It can be told to be
/// careless about one signal, to need gas, or to answer something else than its magic value.
contract MockGroth16Verifier is IGroth16Verifier {
    bytes4 private _magic = IGroth16Verifier.verify.selector;
    uint256 private _ignored = type(uint256).max;
    uint256 private _neededGas;

    /// @notice From now on this signal may be anything.
    function ignoreSignal(uint256 index) external {
        _ignored = index;
    }

    /// @notice From now on it says ProofInvalid with less gas than this, as the real one does when its pairing starves.
    function needGas(uint256 gasUnits) external {
        _neededGas = gasUnits;
    }

    /// @notice From now on success answers this.
    function answerWith(bytes4 magic) external {
        _magic = magic;
    }

    /// @inheritdoc IGroth16Verifier
    function verify(
        address pointer,
        uint256[] calldata signals,
        uint256[8] calldata proof
    ) external view override returns (bytes4 magic) {
        Groth16.requireInField(signals, proof);
        Groth16.load(pointer, signals.length);
        if (gasleft() < _neededGas || proof[0] != _commitment(signals)) revert ProofInvalid();
        return _magic;
    }

    /// @notice What this verifier takes for a proof of `signals`.
    function proofOf(uint256[] calldata signals) external view returns (uint256[8] memory proof) {
        proof[0] = _commitment(signals);
    }

    /// @dev Below the base field order.
    function _commitment(uint256[] memory signals) private view returns (uint256) {
        if (_ignored < signals.length) signals[_ignored] = 0;
        return uint256(keccak256(abi.encode(signals))) >> 3;
    }
}
