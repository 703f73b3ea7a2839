/** What this repository uses of ffjavascript, which brings no types. */
declare module "ffjavascript" {
    /** Montgomery, little-endian; affine: x‖y, Jacobian: x‖y‖z. */
    type PointBytes = Uint8Array;

    export interface WasmGroup {
        /** Bytes of the generator, affine. */
        gAffine: PointBytes;
        /** Bytes of one coordinate. */
        F: { n8: number };
        /** Affine coordinates as integers and the z that says finite (1) or infinite (0). */
        toObject(point: PointBytes): (bigint | bigint[])[];
        fromObject(point: readonly (bigint | readonly bigint[])[]): PointBytes;
    }

    export interface Bn128 {
        name: string;
        G1: WasmGroup;
        G2: WasmGroup;
        Gt: { toObject(element: Uint8Array): bigint[][][] };
        pairing(g1: PointBytes, g2: PointBytes): Promise<Uint8Array>;
        tm: {
            memory: WebAssembly.Memory;
            /** Word 0 is the pointer to free memory; both views die when the memory grows. */
            u8: Uint8Array;
            u32: Uint32Array;
            instance: { exports: Record<string, (...pointers: number[]) => number> };
        };
        terminate(): Promise<void>;
    }

    /** `singleThread`: a fresh instance without workers; else the process-wide one, whose workers live until terminate(). */
    export function buildBn128(singleThread?: boolean): Promise<Bn128>;
}
