// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { KnownAnswer, ModelSpec, Setup, SetupKind } from "../../../contracts/interfaces/IModelRegistry.sol";
import { GateFixture } from "../support/GateFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice A registration that would succeed: tests change one thing of it.
abstract contract RegisterFixture is GateFixture {
    uint256 internal constant SEED = 9;

    ModelSpec internal spec;
    bytes internal key;
    Setup internal setup;
    KnownAnswer internal known;

    function setUp() public {
        deployGate();
        key = keyOf(SEED, packedInput(), packedOutput());
        spec = aSpec(packedInput(), packedOutput(), keccak256(key));
        setup = Setup(SetupKind.Single, 0);
        known = aKnownAnswer(SEED, packedInput(), packedOutput());
    }

    function registerAs(address owner) internal returns (bytes32) {
        vm.prank(owner);
        return models.register(spec, setup, key, known, publishedAt("ipfs://x"));
    }

    function expectRefused(bytes memory reason) internal {
        vm.expectRevert(reason);
        registerAs(MODEL_OWNER);
    }
}
