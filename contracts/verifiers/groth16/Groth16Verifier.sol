// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGroth16Verifier } from "../../interfaces/IGroth16Verifier.sol";
import { Groth16 } from "../../libraries/Groth16.sol";

/// @title  Groth16Verifier
/// @notice One verifier for every key: it has no key, no state and no owner of its own.
contract Groth16Verifier is IGroth16Verifier {
    /// @inheritdoc IGroth16Verifier
    function verify(
        address pointer,
        uint256[] calldata signals,
        uint256[8] calldata proof
    ) external view returns (bytes4 magic) {
        Groth16.requireInField(signals, proof);
        uint256 key = Groth16.load(pointer, signals.length);

        if (!Groth16.holds(key, signals, proof)) revert ProofInvalid();
        return IGroth16Verifier.verify.selector;
    }
}
