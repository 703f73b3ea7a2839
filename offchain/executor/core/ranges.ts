/** Consecutive ranges of at most `size` blocks that cover `from` to `to`, both included; none when `from` is above `to`. */
export function rangesOf({ from, to, size }: { from: number; to: number; size: number }): {
    fromBlock: number;
    toBlock: number;
}[] {
    const count = Math.max(0, Math.ceil((to - from + 1) / size));
    return Array.from({ length: count }, (_, i) => {
        const fromBlock = from + i * size;
        return { fromBlock, toBlock: Math.min(fromBlock + size - 1, to) };
    });
}
