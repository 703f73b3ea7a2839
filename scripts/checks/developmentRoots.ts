/** Finds what belongs to the development roots of the TEE stand-ins where production code could come to trust them. */
import { globSync, readFileSync } from "node:fs";
import { DEVELOPMENT_SEED } from "../../offchain/enclave/simulated/keys.ts";
import { SIMULATED_MARK_OID } from "../../offchain/enclave/simulated/mark.ts";
import * as roots from "../../offchain/protocol/attestation/simulatedRoots.ts";

/** The files that are about the stand-ins, and what is deployed by tests alone. */
const OWN = [
    "contracts/verifiers/tee/simulated/**",
    "contracts/mocks/**",
    "offchain/protocol/attestation/simulated*.ts",
    "offchain/enclave/simulated/**",
    "**/node_modules/**",
];
const PRODUCTION = ["contracts/**/*.sol", "offchain/**/*.{ts,tsx,json}", "ignition/**/*.ts"];

/** The constants by value, however they are written, and by name; numbers are no secrets of theirs. */
const VALUES = [
    ...Object.values(roots).filter((value) => typeof value === "string"),
    SIMULATED_MARK_OID,
    DEVELOPMENT_SEED,
].map((value) => value.replace(/^0x/, "").toLowerCase());
const NAMES = /\bSIMULATED_(?:MARK_OID|\w*ROOT_\w+)\b|\bSimulatedRoots\b|\bDEVELOPMENT_SEED\b/;
/** A contract that so much as imports a stand-in could route to it. */
const STAND_INS = /\bSimulated(?:Nitro|Tdx)\w*/;

/** "file: what is in it" of every trace. */
export function developmentRootTraces(): string[] {
    return globSync(PRODUCTION, { exclude: OWN }).flatMap((file) => {
        const found = traceIn({ file, text: readFileSync(file, "utf8") });
        return found === undefined ? [] : [`${file}: ${found}`];
    });
}

/** What a file holds of the development roots; undefined = nothing. */
export function traceIn({ file, text }: { file: string; text: string }): string | undefined {
    const lower = text.toLowerCase();
    const value = VALUES.find((one) => lower.includes(one));
    const name = NAMES.exec(text) ?? (file.endsWith(".sol") ? STAND_INS.exec(text) : null);
    return value ?? name?.[0];
}
