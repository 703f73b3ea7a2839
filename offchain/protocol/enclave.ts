import { address, bytes32, hashWords, type Uint, uint } from "./_abi.ts";
import { concat, type Hex, keccak256 } from "./hex.ts";
import { tag } from "./ids.ts";

/** What an enclave says of itself beside its key; measured code put it into the attested binding. */
export interface EnclaveClaims {
    /** CLAIM_CLASSES: 1 COMPUTE (the model ran inside), 2 GATEWAY (the enclave forwarded to somebody else). */
    claimClass: number;
    /** GATEWAY: keccak256 of the upstream's host name; COMPUTE: zero. */
    upstreamHash: Hex;
    /** keccak256(JCS(configuration it was started with)); zero = none. */
    configHash: Hex;
    /** sha256 of the program. */
    binaryDigest: Hex;
}

/** What binds an enclave's key to one registration and to nothing else. */
export interface EnclaveBinding {
    chainId: Uint;
    registry: Hex;
    /** Registers it, answers for it and is paid. */
    operator: Hex;
    /** The key made inside. */
    signer: Hex;
    keyEpoch: Uint;
    /** Issued by the registry, good once. */
    challenge: Hex;
    /** Unix seconds, inclusive. */
    deadline: Uint;
    claims: EnclaveClaims;
}

/** What an attestation document must contain: 32 bytes that commit to all of a registration. */
export function enclaveBindingHash({ claims, ...binding }: EnclaveBinding): Hex {
    return hashWords(
        bytes32(tag("enclave")),
        uint(binding.chainId),
        address(binding.registry),
        address(binding.operator),
        address(binding.signer),
        uint(binding.keyEpoch, 64),
        bytes32(binding.challenge),
        uint(binding.deadline, 64),
        uint(claims.claimClass, 8),
        bytes32(claims.upstreamHash),
        bytes32(claims.configHash),
        bytes32(claims.binaryDigest),
    );
}

/** Id of one registered enclave key. */
export function enclaveIdOf(parts: {
    chainId: Uint;
    registry: Hex;
    family: Uint;
    measurementId: Hex;
    signer: Hex;
    keyEpoch: Uint;
}): Hex {
    return hashWords(
        bytes32(tag("enclave.id")),
        uint(parts.chainId),
        address(parts.registry),
        uint(parts.family, 8),
        bytes32(parts.measurementId),
        address(parts.signer),
        uint(parts.keyEpoch, 64),
    );
}

/** Id of a measurement: the registers that name the code, each of its fixed length, in the order of contracts/libraries/EnclaveIds.sol. */
export function measurementIdOf({
    kind,
    registers,
}: {
    kind: "nitro" | "tdx" | "sgx" | "snp";
    registers: readonly Uint8Array[];
}): Hex {
    return hashWords(bytes32(tag(`measurement.${kind}`)), bytes32(keccak256(concat(...registers))));
}

/** Id of a vendor's root key (uncompressed x‖y, or the modulus of an RSA key), which is also the trait by which it is halted. */
export function rootIdOf(key: Uint8Array): Hex {
    return hashWords(bytes32(tag("trait.root")), bytes32(keccak256(key)));
}

/** Trait of a certificate: issuer's name (DER) and serial number (content bytes of the INTEGER). */
export function certificateTraitOf({ issuer, serial }: { issuer: Uint8Array; serial: Uint8Array }): Hex {
    return hashWords(bytes32(tag("trait.certificate")), bytes32(keccak256(issuer)), bytes32(keccak256(serial)));
}

/** Trait of a platform: Nitro module_id, or the instance id in it; TDX and SGX: PPID ‖ FMSPC; SNP: chip_id. */
export function platformTraitOf(platform: Uint8Array): Hex {
    return hashWords(bytes32(tag("trait.platform")), bytes32(keccak256(platform)));
}
