// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import { IPaymentToken } from "../../interfaces/IPaymentToken.sol";

/// @title  TestUsd
/// @notice Stands in for a dollar on development chains: whatever x402 asks of a token, and anybody may mint it.
contract TestUsd is IPaymentToken, ERC20Permit, ERC3009 {
    string private constant NAME = "Assay Test USD";

    constructor() ERC20(NAME, "TUSD") ERC20Permit(NAME) {}

    /// @notice Gives `amount` units to `to`; a million units are one dollar.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc IPaymentToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes memory terms = abi.encode(from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, bytes.concat(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, terms), signature);

        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IPaymentToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (to != msg.sender) revert ERC20InvalidReceiver(to);
        bytes memory terms = abi.encode(from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, bytes.concat(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, terms), signature);

        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IPaymentToken
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        _requireSigned(authorizer, abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce), signature);

        _cancelAuthorization(authorizer, nonce);
    }

    /// @inheritdoc IPaymentToken
    function version() external view returns (string memory) {
        return _EIP712Version();
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IERC20Metadata
    function decimals() public pure override(ERC20, IERC20Metadata) returns (uint8) {
        return 6;
    }

    /// @dev Unix seconds and nothing else, as EIP-3009 has it: the base also reads some values as block numbers.
    function _checkValidity(uint256 validAfter, uint256 validBefore) internal view override {
        if (block.timestamp > validAfter && block.timestamp < validBefore) return;
        revert ERC3009InvalidAuthorizationTime(validAfter, validBefore);
    }

    /// @dev Signed by an account, or by a contract in the way of ERC-1271.
    function _requireSigned(address signer, bytes memory encoded, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(encoded));
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) revert ERC3009InvalidSignature();
    }
}
