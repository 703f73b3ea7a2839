import { bytes32, hashWords, type Uint, uint } from "./_abi.ts";
import { typedDigest } from "./eip712.ts";
import { type Hex, hashOfText } from "./hex.ts";
import { domainSeparator } from "./statement.ts";

const POSSESSION_TYPEHASH: Hex = hashOfText("Possession(bytes32 bindingHash)");
const HEARTBEAT_TYPEHASH: Hex = hashOfText("Heartbeat(bytes32 enclaveId,bytes32 blockHash,uint64 blockNumber)");

/** Where a registry's EIP-712 signatures belong. */
export interface RegistryDomain {
    chainId: Uint;
    /** The TeeRegistry. */
    registry: Hex;
}

/** EIP-712 digest by which an enclave key shows, beside the document that names it, that it is there and was asked. */
export function possessionDigest({ bindingHash, ...domain }: RegistryDomain & { bindingHash: Hex }): Hex {
    const structHash = hashWords(bytes32(POSSESSION_TYPEHASH), bytes32(bindingHash));
    return typedDigest({ separator: separatorOf(domain), structHash });
}

/** EIP-712 digest by which an enclave key shows that it was alive after a block. */
export function heartbeatDigest({
    enclaveId,
    blockHash,
    blockNumber,
    ...domain
}: RegistryDomain & { enclaveId: Hex; blockHash: Hex; blockNumber: Uint }): Hex {
    const words = [bytes32(enclaveId), bytes32(blockHash), uint(blockNumber, 64)];
    const structHash = hashWords(bytes32(HEARTBEAT_TYPEHASH), ...words);
    return typedDigest({ separator: separatorOf(domain), structHash });
}

function separatorOf({ chainId, registry }: RegistryDomain): Hex {
    return domainSeparator({ chainId, gate: registry });
}
