import { table } from "../io/text.ts";
import type { DemoRow } from "./row.ts";

const HEAD = [
    "request",
    "policy",
    "families present",
    "predicted",
    "true",
    "gas",
    "seconds",
    "receipt",
    "not real",
    "",
];

/** The test token has six decimals. */
const UNITS_PER_USD = 1_000_000;

/** The demo's table; a row that is not as it must be is marked. */
export function demoText(rows: readonly DemoRow[]): string {
    const delivered = rows.filter(({ status }) => status === "delivered").length;
    const refused = rows.filter(({ status }) => status === "refused").length;
    const lines = [
        table({ head: HEAD, rows: rows.map(cells) }),
        "",
        `${delivered} answered, each receipt rebuilt from the chain alone and verified; ${refused} refused when asked.`,
    ];
    for (const row of rows) {
        if (row.status !== "paid") continue;
        const price = `${Number(row.paidUnits) / UNITS_PER_USD} test dollars`;
        const { sequence, root } = row.batch;
        lines.push(
            `1 answered over HTTP for ${price}; receipt ${sequence} of the log's batch with root ${short(root)}.`,
        );
    }
    if (rows.some((row) => row.status === "delivered" && row.developmentSetup)) {
        lines.push(
            "DEV SETUP: the secrets of this proving key are public; anybody can forge its proofs. Never elsewhere.",
        );
    }
    if (rows.some((row) => row.status === "delivered" && row.simulated)) {
        lines.push(
            "SIMULATED: the enclave is attested under a public development root; anybody can make it. Never elsewhere.",
        );
    }
    return lines.join("\n");
}

function cells(row: DemoRow): string[] {
    const mark = row.asExpected ? "" : "! not as expected";
    const trueDigit = String(row.trueDigit);
    switch (row.status) {
        case "delivered": {
            const { requestId, policy, present, predictedDigit, gas, seconds, receipt } = row;
            const standIns = [row.developmentSetup ? "DEV SETUP" : [], row.simulated ? "SIMULATED" : []].flat();
            const verdict = receipt.accepted ? "verified" : receipt.code;
            const figures = [String(predictedDigit), trueDigit, String(gas), seconds.toFixed(1)];
            return [short(requestId), policy, present, ...figures, verdict, standIns.join(", "), mark];
        }
        case "paid": {
            const { requestId, policy, present, predictedDigit, seconds, receipt } = row;
            const verdict = receipt.accepted ? "verified" : receipt.code;
            return [
                short(requestId),
                policy,
                present,
                String(predictedDigit),
                trueDigit,
                "",
                seconds.toFixed(1),
                verdict,
                "",
                mark,
            ];
        }
        case "refused":
            return ["none", row.policy, `refused: ${row.error}`, "", trueDigit, "", "", "", "", mark];
        case "failed":
            return [short(row.requestId), row.policy, `ended ${row.ended}`, "", trueDigit, "", "", "", "", mark];
    }
}

function short(id: string): string {
    return `${id.slice(0, 10)}…`;
}
