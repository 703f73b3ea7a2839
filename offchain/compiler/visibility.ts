import type { IoSpec } from "@assay/protocol";
import { lower } from "./circuit/lower.ts";
import type { Options } from "./options.ts";
import type { Candidate } from "./quantise/search.ts";

/** The same inference with the sides committed that are to stay private, and the circuit of it. */
export function withVisibility({
    candidate,
    options: { inputVisibility, outputVisibility },
}: {
    candidate: Candidate;
    options: Options;
}): Candidate {
    const visible = { input: inputVisibility === "public", output: outputVisibility === "public" };
    if (visible.input && visible.output) return candidate;
    const ioSpec = committedAs({
        ioSpec: candidate.ioSpec,
        like: { input: { committed: !visible.input }, output: { committed: !visible.output } },
    });
    return { ...candidate, ioSpec, plan: lower({ analysis: candidate.analysis, ioSpec }) };
}

type Modes = { input: { committed: boolean }; output: { committed: boolean } };

/** An ioSpec with the modes of another one. */
export function committedAs({ ioSpec: { input, output }, like }: { ioSpec: IoSpec; like: Modes }): IoSpec {
    return {
        input: { ...input, committed: like.input.committed },
        output: { ...output, committed: like.output.committed },
    };
}
