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
    | { status: "refused"; error: string; arguments: Readonly<Record<string, string>> }
    | { status: "failed"; requestId: Hex; ended: string }
);

export type DeliveredRow = Extract<DemoRow, { status: "delivered" }>;
