import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readTypes } from '../kernel/btf.test.helper.js';
import { assertEnum, assertStruct } from '../kernel/layout.test.helper.js';
import {
  ADDRESS_FLAGS,
  BACKEND,
  BACKEND_FLAGS,
  BUCKET,
  CONNECTION,
  CONNECTION_FLAGS,
  COUNTERS,
  DIRECTION,
  EGRESS,
  FORWARDER_COUNTERS,
  FORWARDER_SETTINGS,
  FORWARDER_TAG,
  LIMITS,
  LISTENER,
  POSITIONS,
  REFERENCE,
  SCHEDULER,
  SERVICE,
  SERVICE_FLAGS,
  STATE,
  STATION,
  SWEEP,
  UPSTREAM_KEY,
  WAY,
} from './layout.js';

const types = readTypes(fileURLToPath(new URL('../../test/bpf/forwarder-layouts.bpf.o', import.meta.url)));

const STRUCTS = {
  egress: EGRESS,
  reference: REFERENCE,
  bucket: BUCKET,
  way: WAY,
  connection: CONNECTION,
  service: SERVICE,
  backend: BACKEND,
  forwarder_settings: FORWARDER_SETTINGS,
  positions: POSITIONS,
  upstream_key: UPSTREAM_KEY,
  listener: LISTENER,
  station: STATION,
  forwarder_counters: FORWARDER_COUNTERS,
  sweep: SWEEP,
} as const;

for (const [name, layout] of Object.entries(STRUCTS))
  test(`struct ${name} is laid out as TypeScript believes`, () => assertStruct(types, name, layout));

const ENUMS = {
  limits: LIMITS,
  direction: DIRECTION,
  connection_flags: CONNECTION_FLAGS,
  connection_state: STATE,
  scheduler: SCHEDULER,
  service_flags: SERVICE_FLAGS,
  forwarder_tag: FORWARDER_TAG,
  backend_flags: BACKEND_FLAGS,
  address_flags: ADDRESS_FLAGS,
  forwarder_counter: Object.fromEntries(COUNTERS.map((name, number) => [name, number])),
} as const;

for (const [name, numbers] of Object.entries(ENUMS))
  test(`enum ${name} has the numbers that TypeScript believes`, () =>
    assertEnum(
      types,
      name,
      Object.entries(numbers),
      /^(STATE|SCHEDULER|SERVICE|TAG|BACKEND|ADDRESS|COUNT)_/,
    ));
