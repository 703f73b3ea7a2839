// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  ModuleId
/// @notice Names of enclaves: prefix, hex digits of the instance, "-enc", hex digits of the enclave; lower case.
library ModuleId {
    bytes4 private constant SEPARATOR = "-enc";

    /// @notice How many bytes of a name are the instance's own; 0 when it is no name of an enclave.
    /// @param prefix Left-aligned.
    /// @param prefixBytes How many bytes of it, at most 32.
    function instanceBytes(
        bytes calldata moduleId,
        bytes32 prefix,
        uint256 prefixBytes
    ) internal pure returns (uint256) {
        if (moduleId.length < prefixBytes || bytes32(moduleId[:prefixBytes]) != prefix) return 0;
        uint256 end = _hexEnd(moduleId, prefixBytes);
        uint256 enclaveStart = end + SEPARATOR.length;
        // A shorter name could not hold the separator and a digit.
        if (end == prefixBytes || moduleId.length <= enclaveStart) return 0;
        if (bytes4(moduleId[end:enclaveStart]) != SEPARATOR) return 0;
        return _hexEnd(moduleId, enclaveStart) == moduleId.length ? end : 0;
    }

    function _hexEnd(bytes calldata text, uint256 start) private pure returns (uint256 end) {
        for (end = start; end < text.length; ++end) {
            bytes1 character = text[end];
            bool isDigit = character >= "0" && character <= "9";
            if (!isDigit && (character < "a" || character > "f")) return end;
        }
    }
}
