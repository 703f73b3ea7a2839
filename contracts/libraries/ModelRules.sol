// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IModelRegistry, ModelSpec, Semantics, Setup, SetupKind } from "../interfaces/IModelRegistry.sol";
import { isDevelopmentChain } from "../types/Constants.sol";
import { IoSpecLib } from "../types/IoSpec.sol";

/// @title  ModelRules
/// @notice What a version may say of itself, before anything is looked up or proven.
library ModelRules {
    using IoSpecLib for uint256;

    /// @notice Reverts unless content and setup fit together and are allowed on this chain.
    function requireSound(ModelSpec calldata spec, Setup calldata setup) internal view {
        bool hasKey = spec.vkHash != 0;
        bool keyFits = !hasKey || spec.semantics == Semantics.ExactInt;
        if (spec.semantics == Semantics.None || spec.artifactDigest == 0 || !keyFits) {
            revert IModelRegistry.SpecInvalid();
        }
        if (!_isIoSpecSound(spec.ioSpec, hasKey)) revert IModelRegistry.IoSpecInvalid(spec.ioSpec);
        if (!_isSetupSound(setup, hasKey)) revert IModelRegistry.SetupInvalid(setup.kind, spec.vkHash);
        if (setup.kind == SetupKind.Dev && !isDevelopmentChain(block.chainid)) {
            revert IModelRegistry.DevSetupForbidden(block.chainid);
        }
    }

    /// @dev With a key, the gate must be able to rebuild its signals from bytes and commitments; without one, no ioSpec
    /// is fine too, but nothing is committed: only a circuit makes commitments.
    function _isIoSpecSound(uint256 ioSpec, bool hasKey) private pure returns (bool) {
        if (hasKey) return ioSpec.isProvable();
        return ioSpec == 0 || (ioSpec.isCanonical() && ioSpec.committedSides() == 0);
    }

    /// @dev A key has a setup, a ceremony has a transcript, a development setup has none.
    function _isSetupSound(Setup calldata setup, bool hasKey) private pure returns (bool) {
        if (hasKey != (setup.kind != SetupKind.None)) return false;
        if (setup.kind == SetupKind.Ceremony) return setup.transcriptHash != 0;
        return setup.kind == SetupKind.Single || setup.transcriptHash == 0;
    }
}
