import type { Hex } from "../../hex.ts";

/** Whose documents are accepted: one root certificate, byte for byte. */
export type NitroProfile =
    | {
          /** A vendor's root, whose documents count. */
          tier: "hardware";
          /** keccak256 of the root certificate's DER. */
          rootHash: Hex;
      }
    | {
          /** A development root, whose key everybody has. */
          tier: "simulated";
          rootHash: Hex;
          /** Identifier (hex of its DER content) of the extension that every certificate must have, and critical. */
          marker: Hex;
      };

/** The root of AWS Nitro Enclaves, CN=aws.nitro-enclaves, 2019 to 2049. */
export const AWS_NITRO = {
    tier: "hardware",
    rootHash: "0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185",
} as const satisfies NitroProfile;
