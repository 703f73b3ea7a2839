// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title  AcceptingWallet
/// @notice A wallet whose only valid signature of a digest is the digest itself.
contract AcceptingWallet is IERC1271 {
    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata signature) external pure returns (bytes4) {
        bool isValid = keccak256(signature) == keccak256(abi.encode(digest));
        return isValid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
