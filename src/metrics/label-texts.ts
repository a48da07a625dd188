import { Gauge, Registry } from 'prom-client';

/** Labels by their names. */
export type Labels = Readonly<Record<string, string>>;

/** How the library writes labels: `{service="web",backend="10.0.1.11:8443"}`. They have the same names, and all differ. */
export async function labelTexts(labels: readonly Labels[]): Promise<string[]> {
  const [first] = labels;
  if (first === undefined) return [];
  const registry = new Registry();
  const labelNames = Object.keys(first);
  const gauge = new Gauge({ name: 'x', help: 'x', labelNames, registers: [registry] });
  for (const one of labels) gauge.set(one, 0);
  const [, , ...lines] = (await registry.metrics()).trimEnd().split('\n');
  return lines.map((line) => line.slice('x'.length, -' 0'.length));
}
