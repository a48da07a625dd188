import { VERSION } from '../src/version.js';
import type { Figure } from './figure.js';
import { measureForwarder } from './forwarder.js';
import { measureForwarderPackets } from './forwarder-packets.js';
import { thisMachine } from './machine.js';
import { measureReceiver } from './receiver.js';
import type { Report } from './report.js';
import type { Scale } from './scale.js';
import { measureTagger } from './tagger.js';

/** What can be measured, by name, in the order of the report. */
export const PARTS = {
  receiver: measureReceiver,
  tagger: measureTagger,
  forwarder: async (scale: Scale, say: (what: string) => void): Promise<Figure[]> => [
    ...(await measureForwarderPackets(scale, say)),
    ...(await measureForwarder(scale, say)),
  ],
} as const;
export type Part = keyof typeof PARTS;

/** @param say told what is measured next. */
export async function measure(
  parts: readonly Part[],
  scale: Scale,
  say: (what: string) => void,
): Promise<Report> {
  const machine = thisMachine();
  const figures: Figure[] = [];
  for (const part of parts) figures.push(...(await PARTS[part](scale, say)));
  return { version: VERSION, date: new Date().toISOString().slice(0, 10), machine, figures };
}
