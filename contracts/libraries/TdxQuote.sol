// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ITdxVerifier } from "../interfaces/ITdxVerifier.sol";
import { ByteRange } from "../types/ByteRange.sol";

/// @title  TdxQuote
/// @notice Takes apart quotes of version 4 for TDX 1.0 domains, in which everything before the quoting enclave's own data
/// stands at a fixed place. offchain/protocol/attestation/dcap reads the same.
library TdxQuote {
    uint256 private constant MAX_QUOTE_BYTES = 65_536;
    uint256 private constant VENDOR_OFFSET = 12;
    uint256 private constant BODY_OFFSET = 48;
    uint256 private constant LENGTH_OFFSET = 632;
    uint256 private constant SIGNATURE_OFFSET = 636;
    uint256 private constant KEY_OFFSET = 700;
    uint256 private constant WRAPPER_OFFSET = 764;
    uint256 private constant REPORT_OFFSET = 770;
    uint256 private constant REPORT_DATA_OFFSET = 1090;
    uint256 private constant REPORT_SIGNATURE_OFFSET = 1154;
    uint256 private constant AUTH_LENGTH_OFFSET = 1218;
    uint256 private constant AUTH_OFFSET = 1220;
    /// @dev Type and size of certification data.
    uint256 private constant CERTIFICATION_HEAD_BYTES = 6;

    /// @dev Version 4, ECDSA P-256, TDX; what follows up to the vendor is reserved.
    bytes8 private constant HEAD = hex"0400020081000000";
    bytes16 private constant INTEL = hex"939a7233f79c4ca9940a0db3957f0607";
    bytes2 private constant QE_REPORT_TYPE = hex"0600";
    bytes2 private constant PEM_CHAIN_TYPE = hex"0500";

    /// @notice Reverts QuoteInvalid unless every length in the quote is right and only zeros follow it.
    /// @return authData The data that the quoting enclave reports beside the attestation key.
    function read(bytes calldata quote) internal pure returns (ByteRange memory authData) {
        if (quote.length < AUTH_OFFSET || quote.length > MAX_QUOTE_BYTES) {
            revert ITdxVerifier.QuoteInvalid(quote.length);
        }
        if (bytes8(quote[:8]) != HEAD) revert ITdxVerifier.QuoteInvalid(0);
        if (bytes16(quote[VENDOR_OFFSET:]) != INTEL) revert ITdxVerifier.QuoteInvalid(VENDOR_OFFSET);

        uint256 end = SIGNATURE_OFFSET + _little(quote[LENGTH_OFFSET:SIGNATURE_OFFSET]);
        if (end > quote.length) revert ITdxVerifier.QuoteInvalid(LENGTH_OFFSET);
        for (uint256 i = end; i < quote.length; ++i) {
            if (quote[i] != 0) revert ITdxVerifier.QuoteInvalid(i);
        }

        _requireHead(quote, WRAPPER_OFFSET, end, QE_REPORT_TYPE);
        if (end < AUTH_OFFSET) revert ITdxVerifier.QuoteInvalid(LENGTH_OFFSET);
        authData = ByteRange({ start: AUTH_OFFSET, end: AUTH_OFFSET + _little(quote[AUTH_LENGTH_OFFSET:AUTH_OFFSET]) });
        _requireHead(quote, authData.end, end, PEM_CHAIN_TYPE);
    }

    /// @notice What the attestation key signs: header and report of the domain.
    function signedBytes(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[:LENGTH_OFFSET];
    }

    /// @notice r‖s under the attestation key.
    function signature(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[SIGNATURE_OFFSET:KEY_OFFSET];
    }

    /// @notice x‖y.
    function attestationKey(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[KEY_OFFSET:WRAPPER_OFFSET];
    }

    /// @notice Report of the quoting enclave.
    function qeReport(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[REPORT_OFFSET:REPORT_SIGNATURE_OFFSET];
    }

    /// @notice r‖s over that report, under the platform's key.
    function qeReportSignature(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[REPORT_SIGNATURE_OFFSET:AUTH_LENGTH_OFFSET];
    }

    /// @notice The 64 bytes of the quoting enclave's own choice.
    function qeReportData(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[REPORT_DATA_OFFSET:REPORT_SIGNATURE_OFFSET];
    }

    /// @notice Report of the domain (584 bytes).
    function body(bytes calldata quote) internal pure returns (bytes calldata) {
        return quote[BODY_OFFSET:LENGTH_OFFSET];
    }

    /// @dev Certification data of this type must fill the rest.
    function _requireHead(bytes calldata quote, uint256 offset, uint256 end, bytes2 wanted) private pure {
        uint256 start = offset + CERTIFICATION_HEAD_BYTES;
        if (
            start > end || bytes2(quote[offset:offset + 2]) != wanted || start + _little(quote[offset + 2:start]) != end
        ) {
            revert ITdxVerifier.QuoteInvalid(offset);
        }
    }

    /// @dev An unsigned integer, least significant byte first.
    function _little(bytes calldata digits) private pure returns (uint256 value) {
        for (uint256 i = digits.length; i > 0; --i) {
            value = (value << 8) | uint8(digits[i - 1]);
        }
    }
}
