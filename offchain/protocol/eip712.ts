import { concat, type Hex, hashOfText, hexToBytes, keccak256 } from "./hex.ts";

/** EIP-712 type hash of a struct without structs in it. */
export function typeHash(name: string, fields: readonly { name: string; type: string }[]): Hex {
    return hashOfText(`${name}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`);
}

/** EIP-712 digest of a struct under a domain: what is signed. */
export function typedDigest({ separator, structHash }: { separator: Hex; structHash: Hex }): Hex {
    return keccak256(concat(Uint8Array.of(0x19, 0x01), hexToBytes(separator), hexToBytes(structHash)));
}
