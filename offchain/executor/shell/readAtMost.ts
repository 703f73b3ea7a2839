/** A whole body; undefined as soon as it is longer than `limit` bytes. */
export async function readAtMost({
    body,
    limit,
}: {
    body: ReadableStream<Uint8Array>;
    limit: number;
}): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
        length += chunk.length;
        if (length > limit) return undefined;
        chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
}
