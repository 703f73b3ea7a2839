// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ModelSpec, Semantics } from "../../../contracts/interfaces/IModelRegistry.sol";
import { ModelIds } from "../../../contracts/libraries/ModelIds.sol";
import { vm } from "../support/Vm.sol";

contract ModelIdsTest {
    /// @dev Rows of ids.json and statement.json, members in alphabetical order, as the cheat code gives them.
    struct ModelRow {
        bytes32 artifactDigest;
        bytes32 contentHash;
        bytes32 derivedFrom;
        bytes32 ioSpec;
        bytes32 modelId;
        address owner;
        bytes32 schemaHash;
        uint256 semantics;
        bytes32 vkHash;
    }

    struct CanaryRow {
        bytes32 bind;
        uint256 chainId;
        address claimant;
        address registry;
        bytes32 vkHash;
    }

    struct UnboundRow {
        bytes32 bind;
        bytes32 vkHash;
    }

    function test_vectors_modelIdsAgree() public view {
        bytes memory encoded = vm.parseJson(vm.readFile("test/vectors/ids.json"), "$.models");
        ModelRow[] memory rows = abi.decode(encoded, (ModelRow[]));
        vm.assertGe(rows.length, 6);
        for (uint256 i; i < rows.length; ++i) {
            ModelSpec memory spec = ModelSpec({
                artifactDigest: rows[i].artifactDigest,
                ioSpec: uint256(rows[i].ioSpec),
                schemaHash: rows[i].schemaHash,
                semantics: Semantics(rows[i].semantics),
                vkHash: rows[i].vkHash,
                derivedFrom: rows[i].derivedFrom
            });
            vm.assertEq(this.contentHash(spec), rows[i].contentHash);
            vm.assertEq(ModelIds.modelId(rows[i].owner, rows[i].contentHash), rows[i].modelId);
        }
    }

    function test_vectors_bindsAgree() public {
        string memory json = vm.readFile("test/vectors/statement.json");
        UnboundRow memory unbound = abi.decode(vm.parseJson(json, "$.unbound"), (UnboundRow));
        CanaryRow memory canary = abi.decode(vm.parseJson(json, "$.canary"), (CanaryRow));
        vm.chainId(canary.chainId);

        vm.assertEq(bytes32(ModelIds.unboundBind(unbound.vkHash)), unbound.bind);
        vm.assertEq(bytes32(ModelIds.canaryBind(canary.registry, canary.vkHash, canary.claimant)), canary.bind);
    }

    function contentHash(ModelSpec calldata spec) external pure returns (bytes32) {
        return ModelIds.contentHash(spec);
    }
}
