/** Text that is safe as HTML content and as an attribute: names in ONNX files are anybody's. */
export function escapeHtml(text: string): string {
    return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A table of text; numbers are aligned by `numeric` columns. */
export function htmlTable({
    head,
    rows,
    numeric = [],
}: {
    head: readonly string[];
    rows: readonly (readonly string[])[];
    numeric?: readonly number[];
}): string {
    const cell = (tag: string) => (text: string, column: number) =>
        `<${tag}${numeric.includes(column) ? ' class="number"' : ""}>${escapeHtml(text)}</${tag}>`;
    const line = (cells: readonly string[], tag: string) => `<tr>${cells.map(cell(tag)).join("")}</tr>`;
    return `<table><thead>${line(head, "th")}</thead><tbody>${rows.map((row) => line(row, "td")).join("\n")}</tbody></table>`;
}

/** Names and values, one under the other. */
export function htmlFacts(rows: readonly (readonly [name: string, value: string])[]): string {
    return `<dl>${rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}</dl>`;
}

/** A number with few digits. */
export function shortNumber(value: number): string {
    if (value === 0) return "0";
    const size = Math.abs(value);
    return size >= 0.001 && size < 1e6 ? `${Number(value.toPrecision(4))}` : value.toExponential(2);
}
