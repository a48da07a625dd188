import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { z } from 'zod';
import {
  classicShape,
  connectionsShape,
  decisionShape,
  demoShape,
  doctorShape,
  explainShape,
  forwarderCheckShape,
  forwarderConnectionsShape,
  forwarderCountsShape,
  forwarderDetachShape,
  forwarderStatsShape,
  forwarderStatusShape,
  probeShape,
  profilesShape,
  statsShape,
  statusShape,
  tagDecisionShape,
  taggerConnectionsShape,
  taggerExplainShape,
  taggerStatsShape,
  taggerStatusShape,
} from './index.js';

/** By the headings of docs/json.md. */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  'truepeer receiver status': statusShape,
  'truepeer receiver stats': statsShape,
  'truepeer receiver stats --watch': statsShape,
  'truepeer receiver stats --classic': classicShape,
  'truepeer receiver connections': connectionsShape,
  'truepeer receiver explain': explainShape,
  'truepeer receiver explain --follow': decisionShape,
  'truepeer receiver profiles': profilesShape,
  'truepeer tagger status': taggerStatusShape,
  'truepeer tagger stats': taggerStatsShape,
  'truepeer tagger connections': taggerConnectionsShape,
  'truepeer tagger explain': taggerExplainShape,
  'truepeer tagger explain --follow': tagDecisionShape,
  'truepeer forwarder check': forwarderCheckShape,
  'truepeer forwarder detach': forwarderDetachShape,
  'truepeer forwarder status': forwarderStatusShape,
  'truepeer forwarder stats': forwarderStatsShape,
  'truepeer forwarder connections': forwarderConnectionsShape,
  'truepeer forwarder connections --by client': forwarderCountsShape,
  'truepeer doctor': doctorShape,
  'truepeer probe': probeShape,
  'truepeer demo': demoShape,
};

test('every example of docs/json.md has the published shape, and every shape has an example', () => {
  const text = readFileSync(new URL('../../../../docs/json.md', import.meta.url), 'utf8');
  const examples = [...text.matchAll(/^## `(truepeer [^`]*)`$[^#]*?^```json\n(.*?)^```$/gms)];
  assert.deepEqual(examples.map(([, command]) => command).toSorted(), Object.keys(SHAPES).toSorted());
  for (const [, command, example] of examples) {
    const { error } = SHAPES[command!]!.safeParse(JSON.parse(example!));
    assert.equal(error, undefined, `${command}: ${error}`);
  }
});
