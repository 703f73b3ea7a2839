import type { Hex } from "../../hex.ts";

/** Under whose root a quote must be signed. */
export type DcapProfile =
    | {
          /** A vendor's root: its quotes count, with the collateral of their platform. */
          tier: "hardware";
          /** x‖y of the root's P-256 key. */
          rootKey: Hex;
      }
    | {
          /** A development root, whose private key everybody has: there is no vendor and no collateral. */
          tier: "simulated";
          rootKey: Hex;
          /** Identifier (hex of its DER content) of the extension that every certificate must have, and critical. */
          marker: Hex;
      };

/** The key of the Intel SGX Root CA, which signs for SGX and TDX alike; 2018 to 2049. */
export const INTEL_DCAP = {
    tier: "hardware",
    rootKey:
        "0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
} as const satisfies DcapProfile;
