/** Two columns, the first padded: what most verbs print about one thing. */
export function facts(rows: readonly (readonly [name: string, value: string])[]): string {
    const width = Math.max(0, ...rows.map(([name]) => name.length));
    return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

/** A time in unix seconds as people read it, in UTC. */
export function timeText(seconds: number): string {
    return new Date(seconds * 1_000).toISOString().replace(".000", "");
}

/** A plain table with a ruled head; every row has as many cells as the head. */
export function table({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }): string {
    const widths = head.map((title, column) =>
        Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
    );
    const line = (cells: readonly string[]) =>
        cells
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd();
    const rule = widths.map((width) => "-".repeat(width)).join("  ");
    return [line(head), rule, ...rows.map(line)].join("\n");
}
