import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Operations } from "../operations.ts";

const MICROSECONDS_PER_SECOND = 1_000_000;
/** Seconds: a quote, a signed answer, a long one, an enclave's, a proof. */
const BUCKETS = [0.01, 0.1, 0.5, 2.5, 30, 300];

/** Figures of one gateway. */
export type Metrics = {
    /** One answered request; `route` is a pattern, never what a caller made up. */
    answered: (request: { route: string; status: number; seconds: number }) => void;
    /** How one inference ended over HTTP. */
    ended: (outcome: string) => void;
    text: () => Promise<string>;
    contentType: string;
};

/** What is looked at whenever somebody asks. */
type Watched = { underWay: () => number; models: () => number; operations: Omit<Operations, "isJournalling"> };

/** Makes them in a registry of their own, so that several gateways in one process do not mix. */
export function createMetrics({ underWay, models, operations }: Watched): Metrics {
    const registry = new Registry();
    const registers = [registry];
    const requests = new Counter({
        name: "assay_gateway_requests_total",
        help: "Requests by route and status.",
        labelNames: ["route", "status"],
        registers,
    });
    const seconds = new Histogram({
        name: "assay_gateway_request_seconds",
        help: "Seconds until a request was answered; of a stream, until it began.",
        labelNames: ["route"],
        buckets: BUCKETS,
        registers,
    });
    const inferences = new Counter({
        name: "assay_gateway_inferences_total",
        help: "Inferences by what was answered: unpaid (a quote), served, pending, refunding, refused.",
        labelNames: ["outcome"],
        registers,
    });
    addGauge("assay_gateway_inferences_under_way", "Inferences between order and end.", underWay);
    addGauge("assay_gateway_models", "Models that are served.", models);
    const { receiptsWaiting, refundsOpen, relayerBalance } = operations;
    addGauge("assay_gateway_receipts_waiting", "Signed receipts that are in no batch of the log yet.", receiptsWaiting);
    addGauge("assay_gateway_refunds_open", "Paid inferences that are still to be paid back.", refundsOpen);
    addGauge("assay_gateway_relayer_native_tokens", "What pays the gas of the relayer's transactions.", relayerBalance);
    const cpu: Counter = new Counter({
        name: "process_cpu_seconds_total",
        help: "Seconds of processors that the process has used.",
        registers,
        collect: () => {
            cpu.reset();
            cpu.inc(cpuSeconds());
        },
    });
    addGauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
    return {
        answered: ({ route, status, seconds: taken }) => {
            requests.inc({ route, status });
            seconds.observe({ route }, taken);
        },
        ended: (outcome) => inferences.inc({ outcome }),
        text: () => registry.metrics(),
        contentType: registry.contentType,
    };

    function addGauge(name: string, help: string, read: () => number | Promise<number>): void {
        const gauge: Gauge = new Gauge({ name, help, registers, collect: async () => gauge.set(await read()) });
    }
}

function cpuSeconds(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS_PER_SECOND;
}
