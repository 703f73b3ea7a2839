// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "./IAttestationErrors.sol";
import { IAttestationPolicy } from "./IAttestationPolicy.sol";
import { IAttestationVerifier } from "./IAttestationVerifier.sol";

/// @title  TdxVerifier
/// @notice Verifies quotes of Intel TDX domains, or stand-ins of that form.
/// @dev The certificates that a quote carries as PEM are outside of every signature of it, so they come a second time,
/// as DER, and those of the quote are not read.
interface ITdxVerifier is IAttestationVerifier, IAttestationErrors {
    /// @notice The quote is not one of version 4 for a TDX 1.0 domain.
    /// @param offset Where in the quote.
    error QuoteInvalid(uint256 offset);
    /// @notice Not exactly abi.encode(leaf, intermediate).
    error CollateralInvalid(uint256 length);
    /// @notice The report of the quoting enclave is not signed by the platform's key, or does not name the attestation
    /// key.
    error QuotingEnclaveInvalid();
    /// @notice The domain runs with attributes, or under a module, that are not allowed.
    /// @param tdAttributes   As they stand in the quote, least significant byte first; likewise the next.
    /// @param seamAttributes Of the TDX module; zero for a production module.
    error PlatformConfigInvalid(bytes8 tdAttributes, bytes8 seamAttributes);

    /// @notice Says what was revoked.
    function policy() external view returns (IAttestationPolicy);
}
