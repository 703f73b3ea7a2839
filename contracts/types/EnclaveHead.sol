// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EnclaveRecord, EnclaveState } from "../interfaces/ITeeRegistry.sol";

/// @notice All that can end an enclave's key by itself, and the key, in one slot, from the low end:
///
///   bits   0..159  signer             bits 160..192  validUntil, unix seconds (until the year 2242)
///   bits 193..224  router selector    bits 225..248  lowest 24 bits of checkedAt, unix seconds
///   bits 249..250  state (0 = none)   bits 251..252  family (1..3)
///   bits 253..254  claim class        bit       255  simulated
///
/// @dev A value and not a struct: read once, taken apart by shifts, since every delivery pays for it. A record lives a
/// week at most, and 2^24 seconds are 27 weeks, so of a living one the low bits of checkedAt tell all of it.
type EnclaveHead is uint256;

using {
    signer,
    validUntil,
    selector,
    checkedAt,
    wasCheckedAfter,
    state,
    family,
    claimClass,
    simulated
} for EnclaveHead global;

uint256 constant VALID_UNTIL_MASK = (1 << 33) - 1;
uint256 constant CHECKED_AT_MASK = (1 << 24) - 1;

/// @notice Packs what a record says of use. Its validUntil must be below 2^33, its family and claim class below 4.
function packHead(EnclaveRecord memory record) pure returns (EnclaveHead) {
    return
        EnclaveHead.wrap(
            uint160(record.signer) |
                (uint256(record.validUntil) << 160) |
                (uint256(uint32(record.selector)) << 193) |
                ((record.checkedAt & CHECKED_AT_MASK) << 225) |
                (uint256(record.state) << 249) |
                (uint256(record.family) << 251) |
                (uint256(record.claimClass) << 253) |
                (record.simulated ? 1 << 255 : 0)
        );
}

function signer(EnclaveHead head) pure returns (address) {
    return address(uint160(EnclaveHead.unwrap(head)));
}

function validUntil(EnclaveHead head) pure returns (uint40) {
    return uint40((EnclaveHead.unwrap(head) >> 160) & VALID_UNTIL_MASK);
}

function selector(EnclaveHead head) pure returns (bytes4) {
    return bytes4(uint32(EnclaveHead.unwrap(head) >> 193));
}

/// @notice When the record was last compared with AttestationPolicy, unix seconds.
/// @param registeredAt Unix seconds, at most 2^24 before.
function checkedAt(EnclaveHead head, uint256 registeredAt) pure returns (uint256) {
    uint256 low = (EnclaveHead.unwrap(head) >> 225) & CHECKED_AT_MASK;
    // The bit above keeps the difference from going below 0, and is masked away.
    return registeredAt + ((low + CHECKED_AT_MASK + 1 - (registeredAt & CHECKED_AT_MASK)) & CHECKED_AT_MASK);
}

/// @notice Whether a living record was last compared with AttestationPolicy after a second, and not in it.
/// @param time Unix seconds.
function wasCheckedAfter(EnclaveHead head, uint256 time) view returns (bool) {
    uint256 low = (EnclaveHead.unwrap(head) >> 225) & CHECKED_AT_MASK;
    unchecked {
        // The low bits of a difference are those of the low bits' difference, also when that wraps below 0; a comparison
        // never lies ahead. `time` has 40 bits, ageSeconds 24: their sum does not wrap.
        uint256 ageSeconds = (block.timestamp - low) & CHECKED_AT_MASK;
        return time + ageSeconds < block.timestamp;
    }
}

function state(EnclaveHead head) pure returns (EnclaveState) {
    return EnclaveState((EnclaveHead.unwrap(head) >> 249) & 3);
}

function family(EnclaveHead head) pure returns (uint8) {
    return uint8((EnclaveHead.unwrap(head) >> 251) & 3);
}

function claimClass(EnclaveHead head) pure returns (uint8) {
    return uint8((EnclaveHead.unwrap(head) >> 253) & 3);
}

function simulated(EnclaveHead head) pure returns (bool) {
    return EnclaveHead.unwrap(head) >> 255 != 0;
}
