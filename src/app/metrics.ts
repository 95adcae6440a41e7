import { Counter, Gauge, Registry } from 'prom-client';

/** A number read at the moment somebody scrapes. */
export interface Reading {
  /** Without the prefix `parley_`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Prometheus text of all readings, taken anew at every scrape, so that no number is kept twice. */
export async function metricsText(readings: readonly Reading[]): Promise<string> {
  const registry = new Registry();
  const known = new Map<string, Gauge | Counter>();
  for (const { name, help, value, labels = {} } of readings) {
    const full = `parley_${name}`;
    const options = { name: full, help, labelNames: Object.keys(labels), registers: [registry] };
    const metric = known.get(full) ?? (name.endsWith('_total') ? new Counter(options) : new Gauge(options));
    known.set(full, metric);
    metric.inc(labels, value);
  }
  return registry.metrics();
}
