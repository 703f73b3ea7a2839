// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  CodeStore
/// @notice Bytes kept as the code of a contract that can never run: reading costs one account access, not a slot per word.
/// @dev The code is STOP followed by the data, so a call does nothing and the contract can never destroy itself.
library CodeStore {
    /// @notice The data could not be stored; at most 24,575 bytes fit (EIP-170).
    error StoreFailed(uint256 length);

    /// @notice Deploys a contract that holds `data` behind one leading zero byte.
    function write(bytes memory data) internal returns (address pointer) {
        uint256 codeLength = data.length + 1;
        if (codeLength > type(uint16).max) revert StoreFailed(data.length);
        // PUSH2 codeLength, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: ten bytes, the code itself follows.
        bytes memory creation = abi.encodePacked(hex"61", uint16(codeLength), hex"80600a5f395ff3", hex"00", data);
        assembly ("memory-safe") {
            pointer := create(0, add(creation, 0x20), mload(creation))
        }
        if (pointer == address(0)) revert StoreFailed(data.length);
    }

    /// @notice The data at `pointer`, which must have been written here.
    function read(address pointer) internal view returns (bytes memory data) {
        uint256 length = pointer.code.length - 1;
        data = new bytes(length);
        // `data` has exactly `length` bytes.
        assembly ("memory-safe") {
            extcodecopy(pointer, add(data, 0x20), 1, length)
        }
    }

    /// @notice keccak256 of the data at `pointer`, which must have been written here.
    /// @dev Cheaper than keeping the hash in a slot whenever the data is read in the same transaction anyway.
    function hashOf(address pointer) internal view returns (bytes32 hash) {
        uint256 length = pointer.code.length - 1;
        // Works behind the free memory pointer and leaves it where it is.
        assembly ("memory-safe") {
            let data := mload(0x40)
            extcodecopy(pointer, data, 1, length)
            hash := keccak256(data, length)
        }
    }
}
