// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ModelSpec } from "../interfaces/IModelRegistry.sol";
import { TAG_CANARY, TAG_CONTENT, TAG_MODEL, TAG_UNBOUND } from "../types/Constants.sol";

/// @title  ModelIds
/// @notice How a modelId commits to owner and content, and the two binds that no statement can have.
library ModelIds {
    /// @notice Hash of what a version is, whoever owns it.
    function contentHash(ModelSpec calldata spec) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG_CONTENT, spec));
    }

    /// @notice Id of a version; the same on every chain.
    function modelId(address owner, bytes32 content) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG_MODEL, owner, content));
    }

    /// @notice Bind of a known answer: portable, so that it comes in the manifest.
    function unboundBind(bytes32 vkHash) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(TAG_UNBOUND, vkHash))) >> 3;
    }

    /// @notice Bind of a claim against a canary: only `claimant` can bring it, only to `registry` on this chain.
    function canaryBind(address registry, bytes32 vkHash, address claimant) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(TAG_CANARY, block.chainid, registry, vkHash, claimant))) >> 3;
    }
}
