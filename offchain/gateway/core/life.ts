import type { JsonObject, Receipt } from "@assay/protocol";
import type { Piece } from "./model.ts";
import type { Route } from "./order.ts";
import type { Challenge } from "./payment.ts";

/** One HTTP call for an inference, parsed. */
export type Call = {
    route: Route;
    /** undefined: none, or no JSON object; whoever did not pay is still told the price. */
    body: JsonObject | undefined;
    /** Of the resource, as the caller reaches it. */
    url: string;
    /** PAYMENT-SIGNATURE, as it came. */
    payment: string | undefined;
    /** Aborted when the caller goes away; what is paid for is then still finished and kept. */
    signal: AbortSignal;
    /** Where pieces of a streamed answer go, once the first is there. */
    sink?: { start: (head: Head) => void; piece: (piece: Piece) => void };
};

/** What is known before the first piece of an answer. */
export type Head = { id: string; modelName: string; createdAt: number; paymentResponse: string | undefined };

/** What becomes of a call; faults are thrown as ProtocolError. */
export type Reply =
    | { status: "unpaid"; challenge: Challenge; error: string | undefined }
    | ({
          status: "served";
          answer: JsonObject;
          usage: JsonObject | null;
          receipt: Receipt;
          /** served: a proof is still to come; proven: all evidence is there. */
          stands: "served" | "proven";
      } & Head)
    /** Settling is under way or unknown, or the evidence that was paid for is still to come: ask for the receipt. */
    | ({ status: "pending"; reason: string } & Head)
    /** Paid, but it could not be had: the money goes back. */
    | ({ status: "refunding"; reason: string } & Head);

/** Where an inference stands: what anyone who polls is told. */
export type Standing = {
    id: string;
    /** served: output and signature; proven: all evidence; settled: in a posted batch. */
    status: "accepted" | "paying" | "running" | "served" | "proven" | "settled" | "failed" | "refunded";
    /** Why, for failed and refunded. */
    reason: string | undefined;
    receipt: Receipt | undefined;
    /** The transaction that gave the money back. */
    refund: { transaction: string | undefined; amount: string } | undefined;
    /** Whether contents were deleted: only hashes are left. */
    isErased: boolean;
};

/** Inferences from order to receipt. */
export type Life = {
    serve: (call: Call) => Promise<Reply>;
    /** By id; undefined = unknown. */
    standing: (id: string) => Promise<Standing | undefined>;
    /** By requestId: hashes and verdict only, for everybody. */
    publicStanding: (requestId: string) => Promise<JsonObject | undefined>;
    /** Calls back at every change until the signal; first with the present state. */
    watch: (id: string, parts: { onChange: (standing: Standing) => void; signal: AbortSignal }) => Promise<void>;
    /** Deletes contents and keeps hashes; false = unknown. */
    erase: (id: string) => Promise<boolean>;
    /** Inferences between order and end: for health and metrics. */
    underWay: () => number;
    /** Takes up what was left, then works on what comes later: proofs, refunds, reconciling. */
    start: () => Promise<void>;
    stop: () => Promise<void>;
};
