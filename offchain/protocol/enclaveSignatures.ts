import { bytes32, hashWords, type Uint, uint } from "./_abi.ts";
import { concat, type Hex, hexToBytes, keccak256 } from "./hex.ts";
import { domainSeparator } from "./statement.ts";

const POSSESSION_TYPEHASH: Hex = hashText("Possession(bytes32 bindingHash)");
const HEARTBEAT_TYPEHASH: Hex = hashText("Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)");

/** Where a registry's EIP-712 signatures belong. */
export interface RegistryDomain {
    chainId: Uint;
    /** The TeeRegistry. */
    registry: Hex;
}

/** EIP-712 digest by which an enclave key shows, beside the document that names it, that it is there and was asked. */
export function possessionDigest({ bindingHash, ...domain }: RegistryDomain & { bindingHash: Hex }): Hex {
    return typedDigest({ domain, structHash: hashWords(bytes32(POSSESSION_TYPEHASH), bytes32(bindingHash)) });
}

/** EIP-712 digest by which an enclave key shows that it was alive after a block. */
export function heartbeatDigest({
    enclaveId,
    blockHash,
    blockNumber,
    ...domain
}: RegistryDomain & { enclaveId: Hex; blockHash: Hex; blockNumber: Uint }): Hex {
    const words = [bytes32(enclaveId), bytes32(blockHash), uint(blockNumber, 64)];
    return typedDigest({ domain, structHash: hashWords(bytes32(HEARTBEAT_TYPEHASH), ...words) });
}

function typedDigest({ domain, structHash }: { domain: RegistryDomain; structHash: Hex }): Hex {
    const separator = domainSeparator({ chainId: domain.chainId, gate: domain.registry });
    return keccak256(concat(Uint8Array.of(0x19, 0x01), hexToBytes(separator), hexToBytes(structHash)));
}

function hashText(text: string): Hex {
    return keccak256(new TextEncoder().encode(text));
}
