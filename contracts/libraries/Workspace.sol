// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  Workspace
/// @notice Memory at fixed addresses, for arithmetic that reads tens of thousands of words: at a fixed address a word
/// costs 6 gas, through a pointer 12.
/// @dev Only for contracts that do nothing else: one workspace at a time, taken before other memory grows into it.
library Workspace {
    /// @notice Memory from the workspace on was in use already.
    error WorkspaceOccupied(uint256 freePointer);

    /// @notice Where every workspace begins: what the compiler keeps in memory has its place before.
    uint256 internal constant START = 0x400;

    /// @notice Takes the memory from START to `end`, whatever it holds.
    function reserve(uint256 end) internal pure {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        if (free > START) revert WorkspaceOccupied(free);

        // Moving the free memory pointer from before START to `end` allocates all between.
        assembly ("memory-safe") {
            mstore(0x40, end)
        }
    }
}
