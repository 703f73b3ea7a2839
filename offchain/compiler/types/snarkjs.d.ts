/** What this repository uses of snarkjs, which brings no types. */
declare module "snarkjs" {
    /** A file in memory or its path. */
    type FileLike = string | Uint8Array | { type: "mem"; data?: Uint8Array };
    type ProveOptions = { singleThread?: boolean };

    export interface Groth16Proof {
        pi_a: [string, string, string];
        pi_b: [[string, string], [string, string], [string, string]];
        pi_c: [string, string, string];
        protocol: string;
        curve: string;
    }

    export interface VerificationKeyJson {
        protocol: string;
        curve: string;
        nPublic: number;
        vk_alpha_1: string[];
        vk_beta_2: string[][];
        vk_gamma_2: string[][];
        vk_delta_2: string[][];
        vk_alphabeta_12: string[][][];
        IC: string[][];
    }

    export const groth16: {
        prove(
            zkey: FileLike,
            witness: FileLike,
            logger?: undefined,
            options?: ProveOptions,
        ): Promise<{ proof: Groth16Proof; publicSignals: string[] }>;
        verify(key: VerificationKeyJson, signals: readonly string[], proof: Groth16Proof): Promise<boolean>;
    };
    export const zKey: {
        exportVerificationKey(zkey: FileLike): Promise<VerificationKeyJson>;
    };
    export const wtns: {
        calculate(input: object, wasm: FileLike, witness: FileLike): Promise<void>;
        check(r1cs: FileLike, witness: FileLike): Promise<boolean>;
    };
}
