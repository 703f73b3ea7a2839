import type { Hex, Verdict } from "@assay/protocol";

/** One line of the demo's table. */
export type DemoRow = {
    policy: string;
    trueDigit: number;
    /** Whether everything about it is as the demo promises. */
    asExpected: boolean;
} & (
    | {
          status: "delivered";
          requestId: Hex;
          /** Families that the gate verified, and loudly what stands in for something real. */
          present: string;
          developmentSetup: boolean;
          /** An enclave whose attestation everybody could have made. */
          simulated: boolean;
          predictedDigit: number;
          /** Gas of the delivery, whole transaction, callback included. */
          gas: bigint;
          /** From the question's block to the answer's. */
          seconds: number;
          /** The receipt, rebuilt from the chain alone and verified here. */
          receipt: Pick<Verdict, "accepted" | "code" | "policyMet">;
      }
    | {
          /** Over HTTP, paid per call. */
          status: "paid";
          requestId: Hex;
          present: string;
          predictedDigit: number;
          /** Units of the payment token. */
          paidUnits: bigint;
          /** From the question to the verified answer. */
          seconds: number;
          /** As the gateway gave it once its batch was in the log, against the chain. */
          receipt: Pick<Verdict, "accepted" | "code" | "policyMet">;
          /** Where the log holds it. */
          batch: { root: Hex; sequence: number };
      }
    | { status: "refused"; error: string; arguments: Readonly<Record<string, string>> }
    | { status: "failed"; requestId: Hex; ended: string }
);

export type PaidRow = Extract<DemoRow, { status: "paid" }>;
export type DeliveredRow = Extract<DemoRow, { status: "delivered" }>;
