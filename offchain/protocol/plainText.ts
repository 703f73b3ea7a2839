/** Controls but line end and tab, formats (such as marks that turn the direction of text), halves of pairs, separators of lines. */
const OBEYED = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that may have come from somebody else, with nothing in it that a terminal would obey.
 *
 * @example
 * plainText("a\u001b[2Jb"); // "a?[2Jb"
 */
export function plainText(text: string): string {
    return text.replaceAll(OBEYED, "?");
}
