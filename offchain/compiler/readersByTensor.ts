/** By tensor name the nodes that read it, in their order; a node that reads a tensor twice is there once. */
export function readersByTensor<N extends { inputs: readonly string[] }>(nodes: readonly N[]): Map<string, N[]> {
    const readers = new Map<string, N[]>();
    for (const node of nodes) {
        for (const input of new Set(node.inputs)) {
            const known = readers.get(input);
            if (known === undefined) readers.set(input, [node]);
            else known.push(node);
        }
    }
    return readers;
}
