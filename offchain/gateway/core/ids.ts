/** An inference's id as it was made: 32 lower-case hex digits, of which nobody can guess one. */
const PLAIN = /^(?:rcpt_|chatcmpl-)?([0-9a-f]{32})$/;

/** The id under which a receipt is asked for. */
export function receiptIdOf(id: string): `rcpt_${string}` {
    return `rcpt_${id}`;
}

/** The id of a chat completion. */
export function chatIdOf(id: string): `chatcmpl-${string}` {
    return `chatcmpl-${id}`;
}

/** The id behind either name, or itself; undefined = no id at all. */
export function idFrom(text: string): string | undefined {
    return PLAIN.exec(text)?.[1];
}
