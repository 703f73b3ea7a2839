// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { TAG_MEASUREMENT_TDX } from "../types/Constants.sol";
import { EnclaveIds } from "./EnclaveIds.sol";

/// @title  TdReport
/// @notice Fields of the report of a TDX 1.0 domain, which has 584 bytes.
library TdReport {
    uint256 private constant SIGNER_SEAM_OFFSET = 64;
    uint256 private constant SEAM_ATTRIBUTES_OFFSET = 112;
    uint256 private constant ATTRIBUTES_OFFSET = 120;
    uint256 private constant XFAM_OFFSET = 128;
    uint256 private constant MR_TD_OFFSET = 136;
    uint256 private constant CONFIG_OFFSET = 184;
    uint256 private constant RTMR_OFFSET = 328;
    uint256 private constant REPORT_DATA_OFFSET = 520;

    /// @dev Bits 0 to 7: whoever runs the machine can look inside.
    bytes8 private constant DEBUG = hex"ff";
    /// @dev Bit 28, SEPT_VE_DISABLE: without it the host can inject faults into the domain.
    bytes8 private constant REQUIRED = hex"0000001000000000";
    /// @dev Beside it LASS (27), PKS (30), KL (31) and PERFMON (63); MIGRATABLE (29) is not among them.
    bytes8 private constant ALLOWED = hex"000000d800000080";

    /// @notice Whether the domain runs in debug mode.
    function isDebug(bytes calldata report) internal pure returns (bool) {
        return tdAttributes(report) & DEBUG != 0;
    }

    /// @notice Whether the domain's attributes are those of production, and its module is Intel's in production mode.
    function isProduction(bytes calldata report) internal pure returns (bool) {
        bytes8 attributes = tdAttributes(report);
        bytes calldata signer = report[SIGNER_SEAM_OFFSET:SEAM_ATTRIBUTES_OFFSET];
        return
            attributes & REQUIRED == REQUIRED &&
            attributes & ~ALLOWED == 0 &&
            seamAttributes(report) == 0 &&
            keccak256(signer) == keccak256(new bytes(signer.length));
    }

    /// @notice Least significant byte first, as they stand.
    function tdAttributes(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(report[ATTRIBUTES_OFFSET:XFAM_OFFSET]);
    }

    /// @notice Of the TDX module.
    function seamAttributes(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(report[SEAM_ATTRIBUTES_OFFSET:ATTRIBUTES_OFFSET]);
    }

    /// @notice The 64 bytes of the domain's own choice.
    function reportData(bytes calldata report) internal pure returns (bytes calldata) {
        return report[REPORT_DATA_OFFSET:];
    }

    /// @notice Id of the code: mrTd, rtmr0..3, mrConfigId, mrOwner, mrOwnerConfig, xfam, tdAttributes.
    function measurementIdOf(bytes calldata report) internal pure returns (bytes32) {
        return
            EnclaveIds.measurementIdOf(
                TAG_MEASUREMENT_TDX,
                bytes.concat(
                    report[MR_TD_OFFSET:CONFIG_OFFSET],
                    report[RTMR_OFFSET:REPORT_DATA_OFFSET],
                    report[CONFIG_OFFSET:RTMR_OFFSET],
                    report[XFAM_OFFSET:MR_TD_OFFSET],
                    report[ATTRIBUTES_OFFSET:XFAM_OFFSET]
                )
            );
    }
}
