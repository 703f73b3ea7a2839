import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** Seconds: quotes take less than one millisecond, proofs minutes. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Figures of one gateway. */
export type Metrics = {
    /** One answered request; `route` is a pattern, never what a caller made up. */
    answered: (request: { route: string; status: number; seconds: number }) => void;
    /** How one inference ended over HTTP. */
    ended: (outcome: string) => void;
    text: () => Promise<string>;
    contentType: string;
};

/** Makes them in a registry of their own, so that several gateways in one process do not mix. */
export function createMetrics({ underWay, models }: { underWay: () => number; models: () => number }): Metrics {
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

    function addGauge(name: string, help: string, read: () => number): void {
        const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
    }
}
