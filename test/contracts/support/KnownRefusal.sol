// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAttestationErrors } from "../../../contracts/interfaces/IAttestationErrors.sol";
import { vm } from "./Vm.sol";

/// @notice Fails unless this is one of the refusals that a reader of documents may answer with: never a panic, never
/// nothing.
function requireKnownRefusal(bytes memory refusal) pure {
    bytes4[15] memory known = [
        IAttestationErrors.BadLength.selector,
        IAttestationErrors.CoseInvalid.selector,
        IAttestationErrors.CborInvalid.selector,
        IAttestationErrors.CborTruncated.selector,
        IAttestationErrors.CborNotMinimal.selector,
        IAttestationErrors.CborDuplicateKey.selector,
        IAttestationErrors.CborTrailing.selector,
        IAttestationErrors.FieldMissing.selector,
        IAttestationErrors.FieldInvalid.selector,
        IAttestationErrors.NotAnEnclave.selector,
        IAttestationErrors.DerInvalid.selector,
        IAttestationErrors.PublicKeyInvalid.selector,
        IAttestationErrors.ExtensionDuplicate.selector,
        IAttestationErrors.UnknownCriticalExtension.selector,
        IAttestationErrors.NotSimulated.selector
    ];
    bool found;
    for (uint256 i; i < known.length; ++i) {
        if (refusal.length >= 4 && bytes4(refusal) == known[i]) found = true;
    }
    vm.assertTrue(found, "an answer that is no refusal of a document");
}
