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
    type Logger = Record<"error" | "warn" | "info" | "debug", (line: string) => void>;

    export const zKey: {
        exportVerificationKey(zkey: FileLike): Promise<VerificationKeyJson>;
        /** Hash of the circuit, or -1 with an error logged. */
        newZKey(r1cs: FileLike, ptau: FileLike, to: FileLike, logger?: Logger): Promise<Uint8Array | -1>;
        /** Hash of the contribution. */
        contribute(from: FileLike, to: FileLike, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
        /** Hash of the contribution, or false with an error logged. */
        beacon(
            from: FileLike,
            to: FileLike,
            name: string,
            value: string,
            iterationsLog2: number,
            logger?: Logger,
        ): Promise<Uint8Array | false>;
        verifyFromInit(start: FileLike, ptau: FileLike, zkey: FileLike, logger?: Logger): Promise<boolean>;
    };
    export const powersOfTau: {
        newAccumulator(curve: unknown, power: number, to: FileLike): Promise<Uint8Array>;
        contribute(from: FileLike, to: FileLike, name: string, entropy: string): Promise<Uint8Array>;
        preparePhase2(from: FileLike, to: FileLike): Promise<void>;
        verify(ptau: FileLike, logger?: Logger): Promise<boolean>;
    };
    export const wtns: {
        /** A logger is needed where the answer may be no. */
        check(r1cs: FileLike, witness: FileLike, logger?: Logger): Promise<boolean>;
    };
}
