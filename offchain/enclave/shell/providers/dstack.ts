import { z } from "zod";
import type { AttestationProvider, AttestationQuestion, GivenDocument } from "../../core/provider.ts";
import { ask } from "./_ask.ts";
import { request } from "./_request.ts";

const REPORT_DATA_BYTES = 64;
const hex = z.string().regex(/^(?:0x)?(?:[0-9a-fA-F]{2})+$/, "not hex");
const quoteAnswer = z.object({ quote: hex });

/** Intel TDX quotes by dstack's guest agent: POST GetQuote over its unix socket. */
export function createDstackProvider({
    socketPath,
    timeoutMs,
}: {
    /** Usually /var/run/dstack.sock. */
    socketPath: string;
    timeoutMs?: number | undefined;
}): AttestationProvider {
    const attest = async ({ userData, signal }: AttestationQuestion): Promise<GivenDocument> => {
        const reportData = Buffer.alloc(REPORT_DATA_BYTES);
        reportData.set(userData);
        const { status, body } = await request({
            url: new URL("http://dstack/GetQuote"),
            socketPath,
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ report_data: reportData.toString("hex") }),
            signal,
        });
        if (status !== 200) throw new Error(`GetQuote answered ${status}`);
        const { quote } = quoteAnswer.parse(JSON.parse(Buffer.from(body).toString("utf8")));
        const document = new Uint8Array(Buffer.from(quote.replace(/^0x/, ""), "hex"));
        return { document, collateral: new Uint8Array() };
    };
    return {
        name: "dstack",
        form: "tdx",
        nonceBytes: 0,
        bindsKey: false,
        simulated: false,
        attest: (question) =>
            ask({
                name: "dstack",
                signal: question.signal,
                timeoutMs,
                work: (signal) => attest({ ...question, signal }),
            }),
    };
}
