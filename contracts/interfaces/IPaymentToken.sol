// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IERC3009, IERC3009Cancel } from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title  PaymentToken
/// @notice What a token has that x402 can be paid in: EIP-3009 with both forms of signatures, and the name and version
/// of its EIP-712 domain, to be held against DOMAIN_SEPARATOR instead of assumed.
/// @dev All times are unix seconds, and both bounds are exclusive. The forms that take bytes also accept ERC-1271
/// signatures of contracts; 65 bytes are r, s, v.
interface IPaymentToken is IERC20Metadata, IERC20Permit, IERC3009, IERC3009Cancel {
    /// @notice Moves tokens that `from` signed away; anybody may bring the signature.
    /// @param value       Units of the token.
    /// @param validAfter  The authorization counts in blocks later than this.
    /// @param validBefore The authorization counts in blocks earlier than this.
    /// @param nonce       Any 32 bytes that `from` has not used or cancelled.
    /// @param signature   Over TransferWithAuthorization, by `from`.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice The same for a caller that is the payee: nobody else can bring it, so nobody can come first.
    /// @param value       Units of the token.
    /// @param validAfter  The authorization counts in blocks later than this.
    /// @param validBefore The authorization counts in blocks earlier than this.
    /// @param nonce       Any 32 bytes that `from` has not used or cancelled.
    /// @param signature   Over ReceiveWithAuthorization, by `from`.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Uses up a nonce without moving anything.
    /// @param signature Over CancelAuthorization, by `authorizer`.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice Version of the EIP-712 domain.
    function version() external view returns (string memory);
}
