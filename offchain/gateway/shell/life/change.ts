import type { Session } from "@assay/executor/journal";
import type { Piece } from "../../core/model.ts";
import { advance, type LifeEvent } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { saveState } from "../journal/inferences.ts";

/** What a step found out, what it made, and how that is journalled. */
export type Change = {
    event: LifeEvent;
    /** What is new beside the state. */
    made?: Partial<Inference>;
    /** Journals the inference as it is then: by one statement, unless `isMany`. */
    save: (session: Session, next: Inference) => Promise<void>;
    /** Several statements, which need a transaction. */
    isMany?: boolean;
    /** Nothing is left to journal: it had to be in the turn of its sequence, or is journalled only with the statement. */
    isSaved?: boolean;
};

/** What a step works on. It may be performed again after a crash: whatever it does must be safe to do twice. */
export type StepParts = {
    one: Inference;
    /** Aborted when the process ends, or when nobody waits for what nobody paid. */
    signal: AbortSignal;
    onPiece: (piece: Piece) => void;
};

/** Performs one step. A fault that is thrown means: not done, try later. */
export type PerformStep = (parts: StepParts) => Promise<Change>;

/** A change of nothing but the state. */
export function only(event: LifeEvent): Change {
    return { event, save: (session, { id, state }) => saveState(session, { id, state }) };
}

/** The inference after a change. */
export function applied(one: Inference, { event, made }: Pick<Change, "event" | "made">): Inference {
    return { ...one, ...made, state: advance(one.state, event) };
}
