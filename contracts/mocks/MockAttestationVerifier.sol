// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAttestationPolicy } from "../interfaces/IAttestationPolicy.sol";
import { Attestation, IAttestationVerifier } from "../interfaces/IAttestationVerifier.sol";
import { Signatures } from "../libraries/Signatures.sol";

/// @title  MockAttestationVerifier
/// @notice An attestation verifier without certificates: a document is abi.encode(attestation, signature) by a vendor's
/// secp256k1 key over keccak256(abi.encode(attestation)).
/// @dev It keeps every other promise of IAttestationVerifier: signature, end of validity, revocation. It can be told to
/// answer something else than its magic value, or to call back while it verifies.
contract MockAttestationVerifier is IAttestationVerifier {
    error DocumentExpired(uint64 notAfter, uint256 timestamp);

    /// @inheritdoc IAttestationVerifier
    uint8 public immutable override family;
    /// @inheritdoc IAttestationVerifier
    bool public immutable override isSimulated;
    /// @notice Who signs documents.
    address public immutable vendor;
    /// @notice What governance revoked.
    IAttestationPolicy public immutable policy;

    bytes4 private _magic = IAttestationVerifier.verify.selector;
    address private _calledBack;
    bytes private _callback;

    constructor(uint8 family_, bool isSimulated_, address vendor_, IAttestationPolicy policy_) {
        family = family_;
        isSimulated = isSimulated_;
        vendor = vendor_;
        policy = policy_;
    }

    /// @notice From now on success answers this.
    function answerWith(bytes4 magic) external {
        _magic = magic;
    }

    /// @notice From now on it makes this call before it judges a document, and passes its revert on.
    function callBack(address target, bytes calldata data) external {
        (_calledBack, _callback) = (target, data);
    }

    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata document,
        bytes calldata
    ) external returns (bytes4 magic, Attestation memory attestation) {
        if (_calledBack != address(0)) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool done, bytes memory reason) = _calledBack.call(_callback);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
        }
        bytes memory signature;
        (attestation, signature) = abi.decode(document, (Attestation, bytes));
        this.requireSigned(keccak256(abi.encode(attestation)), signature);
        if (attestation.notAfter < block.timestamp) revert DocumentExpired(attestation.notAfter, block.timestamp);
        policy.requireGood(attestation.traits);
        return (_magic, attestation);
    }

    /// @notice Reverts unless the vendor signed this.
    function requireSigned(bytes32 digest, bytes calldata signature) external view {
        Signatures.requireSigned(digest, vendor, signature);
    }
}
