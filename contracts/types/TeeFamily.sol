// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { FAMILY_TEE_NITRO, FAMILY_TEE_TDX } from "./Constants.sol";

/// @notice Whether evidence of a family is an enclave's signature.
/// @param family A FAMILY_* of types/Constants.sol.
function isTee(uint8 family) pure returns (bool) {
    // Nitro, SGX, TDX: three numbers in a row.
    return family >= FAMILY_TEE_NITRO && family <= FAMILY_TEE_TDX;
}
