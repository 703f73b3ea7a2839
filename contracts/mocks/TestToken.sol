// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title  TestToken
/// @notice An ordinary ERC-20 that anybody may mint: the fee token of development chains.
contract TestToken is ERC20 {
    constructor() ERC20("Assay Test Token", "TEST") {}

    /// @notice Gives `amount` to `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
