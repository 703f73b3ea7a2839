/** What the tests use of r1csfile, which brings no types. */
declare module "r1csfile" {
    type LinearCombination = Record<number, bigint>;
    type Field = { p: bigint; fromRprLE(bytes: Uint8Array, offset: number): bigint };

    export function readR1cs(
        file: { type: "mem"; data: Uint8Array },
        options: { F: Field },
    ): Promise<{
        nVars: number;
        nConstraints: number;
        constraints: [LinearCombination, LinearCombination, LinearCombination][];
    }>;
}
