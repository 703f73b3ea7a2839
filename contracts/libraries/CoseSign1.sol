// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../interfaces/IAttestationErrors.sol";

/// @title  CoseSign1
/// @notice The envelope of a Nitro document, of which only the length of the payload and an optional tag vary:
/// [d2] 84 44a1013822 a0 59LLLL payload 5860 r48‖s48, that is COSE_Sign1 of ES384 without unprotected headers.
library CoseSign1 {
    uint256 private constant SIGNATURE_BYTES = 96;
    /// @dev Before the payload, with its length; and after it, with the signature.
    uint256 private constant HEAD_BYTES = 10;
    uint256 private constant TAIL_BYTES = 98;
    /// @dev A shorter payload would be written with a shorter length.
    uint256 private constant MIN_PAYLOAD_BYTES = 256;
    uint256 private constant LENGTH_BYTES = 2;

    bytes1 private constant TAG = 0xd2;
    bytes8 private constant HEAD = hex"8444a1013822a059";
    bytes2 private constant SIGNATURE_HEAD = 0x5860;
    /// @dev Sig_structure of RFC 9052 up to the payload: "Signature1", the protected headers, no external data.
    bytes private constant SIGNED_HEAD = hex"846a5369676e61747572653144a101382240";

    /// @notice Checks the whole envelope.
    /// @return start Where the payload starts; it ends TAIL_BYTES before the end.
    function payloadStart(bytes calldata document) internal pure returns (uint256 start) {
        uint256 length = document.length;
        if (length < HEAD_BYTES + MIN_PAYLOAD_BYTES + TAIL_BYTES) revert IAttestationErrors.BadLength(length);
        uint256 offset = document[0] == TAG ? 1 : 0;
        if (bytes8(document[offset:offset + HEAD.length]) != HEAD) revert IAttestationErrors.CoseInvalid(offset);
        start = offset + HEAD_BYTES;
        uint256 payloadBytes = uint16(bytes2(document[start - LENGTH_BYTES:start]));
        if (payloadBytes < MIN_PAYLOAD_BYTES) revert IAttestationErrors.CoseInvalid(start - LENGTH_BYTES);
        if (length != start + payloadBytes + TAIL_BYTES) revert IAttestationErrors.BadLength(length);
        uint256 end = start + payloadBytes;
        if (bytes2(document[end:end + SIGNATURE_HEAD.length]) != SIGNATURE_HEAD) {
            revert IAttestationErrors.CoseInvalid(end);
        }
    }

    /// @notice The payload of a checked envelope.
    function payloadOf(bytes calldata document, uint256 start) internal pure returns (bytes calldata) {
        return document[start:document.length - TAIL_BYTES];
    }

    /// @notice What the signature of a checked envelope is over.
    function signedBytes(bytes calldata document, uint256 start) internal pure returns (bytes memory) {
        // The payload's own head (59 LL LL) is part of it and stands right before it.
        return bytes.concat(SIGNED_HEAD, document[start - 1 - LENGTH_BYTES:document.length - TAIL_BYTES]);
    }

    /// @notice r‖s of a checked envelope.
    function signatureOf(bytes calldata document) internal pure returns (bytes calldata) {
        return document[document.length - SIGNATURE_BYTES:];
    }
}
