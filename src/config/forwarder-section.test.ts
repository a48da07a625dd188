import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr } from '../wire/index.js';
import { ConfigError } from './errors.js';
import { parseConfig, parseWithPlaces } from './parse.js';

const parse = (text: string) => parseConfig(text, 'c.yaml').forwarder;

function problemsIn(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
  return [];
}

/** A section with one service, of which some lines are given. */
const withService = (...lines: string[]): string => `forwarder:
  interfaces: [eth0]
  localAddresses: [10.0.0.10]
  services:
    - name: web
      listen: 198.51.100.10:443
      backends: [{ address: 10.0.1.11:8443 }]
${lines.map((line) => `      ${line}\n`).join('')}`;

test('everything that is not said has its default', () => {
  assert.deepEqual(parse(withService()), {
    interfaces: ['eth0'],
    generic: false,
    localAddresses: ['10.0.0.10'],
    capacity: 1_000_000,
    services: [
      {
        name: 'web',
        listen: { address: '198.51.100.10', port: 443 },
        scheduler: 'maglev',
        toa: { kind4: 254, kind6: 254, on: ['syn', 'ack', 'data'], onMissing: 'forward' },
        trustUpstream: [],
        timestamps: 'keep',
        whenAllDown: 'reset',
        timeouts: { embryonic: 10_000, established: 900_000, closing: 120_000, closed: 60_000 },
        health: {
          type: 'tcp',
          interval: 2_000,
          timeout: 1_000,
          rise: 2,
          fall: 3,
          path: '/',
          expect: [[200, 399]],
        },
        backends: [{ endpoint: { address: '10.0.1.11', port: 8443 }, weight: 1 }],
      },
    ],
  });
});

test('everything can be said', () => {
  const settings = parse(`forwarder:
  interfaces: [eth0, eth1]
  generic: true
  localAddresses: [10.0.0.10, "2001:db8::10"]
  capacity: 10000000
  metrics: 9469
  services:
    - name: web
      listen: "[2001:db8:2::1]:443"
      scheduler: least-connections
      toa: { kinds: [200/8, 253/20], on: [ack], onMissing: reset }
      trustUpstream: [192.0.2.0/24]
      timestamps: yield
      whenAllDown: drop
      timeouts: { embryonic: 5s, established: 1h, closing: 30s, closed: 10s }
      health: { type: https, interval: 5s, timeout: 500ms, rise: 1, fall: 1, path: /up, host: a.example, expect: [204, 300-302] }
      backends: [{ address: 10.0.1.11:8443, weight: 0 }, { address: "[2001:db8:1::1]:80", weight: 65535 }]
`)!;
  const { services, ...others } = settings;
  assert.deepEqual(others, {
    interfaces: ['eth0', 'eth1'],
    generic: true,
    localAddresses: ['10.0.0.10', '2001:db8::10'],
    capacity: 10_000_000,
    metrics: { address: '127.0.0.1', port: 9469 },
  });
  const { trustUpstream, ...service } = services[0]!;
  assert.deepEqual(trustUpstream.map(formatCidr), ['192.0.2.0/24']);
  assert.deepEqual(service, {
    name: 'web',
    listen: { address: '2001:db8:2::1', port: 443 },
    scheduler: 'least-connections',
    toa: { kind4: 200, kind6: 253, on: ['ack'], onMissing: 'reset' },
    timestamps: 'yield',
    whenAllDown: 'drop',
    timeouts: { embryonic: 5_000, established: 3_600_000, closing: 30_000, closed: 10_000 },
    health: {
      type: 'https',
      interval: 5_000,
      timeout: 500,
      rise: 1,
      fall: 1,
      path: '/up',
      host: 'a.example',
      expect: [
        [204, 204],
        [300, 302],
      ],
    },
    backends: [
      { endpoint: { address: '10.0.1.11', port: 8443 }, weight: 0 },
      { endpoint: { address: '2001:db8:1::1', port: 80 }, weight: 65_535 },
    ],
  });
});

test('a profile comes to what its vendor sends, as far as that is an address and a port', () => {
  const kindsOf = (profile: string) => {
    const { kind4, kind6 } = parse(withService(`toa: { profile: ${profile} }`))!.services[0]!.toa;
    return [kind4, kind6];
  };
  assert.deepEqual(kindsOf('tencent'), [200, undefined]);
  assert.deepEqual(kindsOf('lvs'), [254, 253]);
  assert.deepEqual(kindsOf('dpvs'), [254, 254]);
  assert.deepEqual(kindsOf('huawei'), [254, undefined]);
  assert.deepEqual(kindsOf('ucloud'), [200, undefined]);
  assert.deepEqual(kindsOf('alibaba-slb'), [254, 253]);
  assert.deepEqual(kindsOf('bytedance'), [254, 254]);
  for (const profile of ['option28', 'alibaba-cdn'])
    assert.match(
      problemsIn(withService(`toa: { profile: ${profile} }`)).join(),
      /^8:12: profile .* no option of 8/,
    );
});

test('a section with nothing in it is none', () => {
  assert.deepEqual(parseConfig('forwarder:\n  # interfaces: [eth0]\n', 'c.yaml'), {});
  assert.deepEqual(parse(withService('toa:', 'timeouts:', 'health:')), parse(withService()));
});

test('mistakes are told with their place, and what would be right', () => {
  const text = `forwarder:
  interfaces: [eth0, "a b"]
  localAddresses: []
  capacity: 20000000
  generic: no
  services:
    - name: web
      listen: 198.51.100.10
      schedular: maglev
      scheduler: magleb
      toa: { kinds: [254/8, 200/8] }
      timeouts: { established: 15, closing: 2 m }
      health: { type: tcp, path: /x }
      backends: []
    - listen: 198.51.100.10:443
      toa: { kinds: [254/8], profile: dpvs }
      health: { type: http, interval: 1s, timeout: 5s }
      backends: 5
    - name: b b
      listen: 198.51.100.10:443
      toa: { kinds: [28/7] }
      health: { type: http, expect: [200, 99] }
      backends:
        - 10.0.0.1:80
        - { address: 10.0.0.1:80, weight: -1, wieght: 3 }
`;
  assert.deepEqual(problemsIn(text), [
    '2:22: "a b" is no interface\'s name: write one that `ip link` shows, such as eth0',
    '3:19: an empty list: write [10.0.0.10, "2001:db8::10"]',
    '4:13: 20000000: write a whole number from 1 to 10000000',
    '5:12: "no" is neither: write true or false',
    '8:15: "198.51.100.10": no port: write 198.51.100.10:PORT',
    '9:7: unknown key "schedular": did you mean scheduler?',
    '10:18: there is no "magleb": did you mean maglev?',
    '11:12: kinds 254/8 and 200/8 are for the same clients: give one of them',
    '12:32: 15 is not text: write a word like 2s, in quotes if need be',
    '12:45: "2 m" is no duration: write one like 500ms, 2s, 15m or 1h',
    '13:15: path means nothing to type tcp: write type: http or https, or leave it out',
    '14:17: an empty list: write [{ address: 10.0.1.11:8443 }]',
    '15:7: name is missing: write a word like web',
    '16:12: profile dpvs and kinds 254/8 both say which options to write: give one of them',
    '17:15: timeout 5000ms is longer than interval 1000ms: the next probe would start before this one ends',
    '18:17: 5 is not a list: write [{ address: 10.0.1.11:8443 }]',
    '19:13: "b b" is no name for a service: write up to 55 letters, digits, and . _ - between them',
    '21:12: cannot write kind 28/7: a forwarder writes kinds of length 8 and 20, such as 254/8',
    '22:43: "99" is no HTTP status: write one like 200, or a range like 200-399',
    '24:11: not a section: write address, weight as `key: value`',
    '25:43: -1: write a whole number from 0 to 65535',
    '25:47: unknown key "wieght": did you mean weight?',
  ]);
  assert.match(problemsIn('forwarder: 5')[0]!, /^1:12: not a section: write interfaces, generic, /);
});

test('a number that is none, or out of every range, is told once, as it was written', () => {
  for (const word of ['.inf', '-.inf', '.nan', '100000000000000000000'])
    assert.deepEqual(
      problemsIn(`forwarder:\n  capacity: ${word}\n`).filter((problem) => problem.startsWith('2:13')),
      [`2:13: ${word}: write a whole number from 1 to 10000000`],
    );
});

test('what is found wrong later has its place as well', () => {
  const { placeOf } = parseWithPlaces(withService(), 'c.yaml');
  assert.deepEqual(placeOf(['forwarder', 'services', 0, 'listen']), { line: 6, column: 15 });
  assert.deepEqual(placeOf(['forwarder', 'services', 0, 'backends', 0, 'address']), { line: 7, column: 29 });
  assert.deepEqual(placeOf(['forwarder', 'interfaces', 0]), { line: 2, column: 16 });
  // Left to its default: where it would stand.
  assert.deepEqual(placeOf(['forwarder', 'services', 0, 'toa', 'profile']), { line: 5, column: 7 });
});
