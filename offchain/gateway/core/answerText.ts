/** Passes an answer on while it is made: stops before a stop sequence, and cuts white space around it if it is to. */
export type AnswerText = {
    /** What can be said for sure after one more piece. */
    push: (piece: string) => string;
    /** What was held back and belongs to the answer after all. */
    end: () => string;
    /** Whether a stop sequence came; nothing comes after it. */
    isStopped: () => boolean;
};

/** Text that could be the beginning of a stop sequence, or white space at the end, is held back until more is known. */
export function createAnswerText({ stops, trim }: { stops: readonly string[]; trim: boolean }): AnswerText {
    let held = "";
    let space = "";
    let isStarted = !trim;
    let isStopped = false;

    const trimmed = (text: string): string => {
        if (!trim) return text;
        const begun = isStarted ? space + text : text.trimStart();
        const said = begun.trimEnd();
        isStarted ||= said !== "";
        space = isStarted ? begun.slice(said.length) : "";
        return said;
    };
    return {
        push: (piece) => {
            if (isStopped) return "";
            held += piece;
            const at = firstOf({ text: held, stops });
            isStopped = at !== undefined;
            const said = held.slice(0, at ?? held.length - openLength({ text: held, stops }));
            held = isStopped ? "" : held.slice(said.length);
            return trimmed(said);
        },
        end: () => {
            const rest = held;
            held = "";
            return trimmed(rest);
        },
        isStopped: () => isStopped,
    };
}

/** Where the first stop sequence begins. */
function firstOf({ text, stops }: { text: string; stops: readonly string[] }): number | undefined {
    const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
}

/** Length of the longest end of the text that a stop sequence could begin with. */
function openLength({ text, stops }: { text: string; stops: readonly string[] }): number {
    const longest = Math.max(0, ...stops.map(({ length }) => length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
        const end = text.slice(-length);
        if (stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
}
