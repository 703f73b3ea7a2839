// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IP384Verifier } from "../interfaces/IP384Verifier.sol";
import { P384 } from "../libraries/P384.sol";

/// @title  RefusingP384
/// @notice Refuses every signature, at once: for documents of which none can be right.
contract RefusingP384 is IP384Verifier {
    /// @inheritdoc IP384Verifier
    function verify(uint256, uint256, bytes calldata, bytes calldata) external pure returns (bool valid) {
        return false;
    }

    /// @inheritdoc IP384Verifier
    function isOnCurve(bytes calldata key) external pure returns (bool valid) {
        return
            P384.isOnCurve(
                uint128(bytes16(key[:16])),
                uint256(bytes32(key[16:48])),
                uint128(bytes16(key[48:64])),
                uint256(bytes32(key[64:]))
            );
    }
}
