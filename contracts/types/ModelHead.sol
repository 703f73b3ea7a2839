// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Semantics, SetupKind } from "../interfaces/IModelRegistry.sol";

/// @notice All that the gate needs of a model version besides its key, in one slot, from the low end:
///
///   bits   0..119  ioSpec            bits 120..127  semantics (0 = no such version)
///   bits 128..135  setup kind        bits 136..175  registeredAt, unix seconds
///   bits 176..223  key number, 0 = no key; a number because the hash of a key would take a slot of its own
///
/// @dev A value and not a struct: read once, taken apart by shifts, since every delivery pays for it.
type ModelHead is uint256;

using { ioSpec, semantics, setupKind, registeredAt, keyNumber } for ModelHead global;

/// @notice Packs a head. `spec` must be canonical or 0, so that it fits 120 bits.
function packHead(
    uint256 spec,
    Semantics semantics_,
    SetupKind kind,
    uint40 registeredAt_,
    uint48 keyNumber_
) pure returns (ModelHead) {
    return
        ModelHead.wrap(
            spec |
                (uint256(semantics_) << 120) |
                (uint256(kind) << 128) |
                (uint256(registeredAt_) << 136) |
                (uint256(keyNumber_) << 176)
        );
}

function ioSpec(ModelHead head) pure returns (uint256) {
    return uint120(ModelHead.unwrap(head));
}

function semantics(ModelHead head) pure returns (Semantics) {
    return Semantics(uint8(ModelHead.unwrap(head) >> 120));
}

function setupKind(ModelHead head) pure returns (SetupKind) {
    return SetupKind(uint8(ModelHead.unwrap(head) >> 128));
}

function registeredAt(ModelHead head) pure returns (uint40) {
    return uint40(ModelHead.unwrap(head) >> 136);
}

function keyNumber(ModelHead head) pure returns (uint48) {
    return uint48(ModelHead.unwrap(head) >> 176);
}
