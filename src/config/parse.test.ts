import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr } from '../wire/index.js';
import { ConfigError } from './errors.js';
import { parseConfig } from './parse.js';

/** What is wrong with a configuration, as `line:column: message`. */
function problemsIn(text: string): string[] {
  try {
    parseConfig(text, 'c.yaml');
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.file, 'c.yaml');
    const lines = error.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    assert.equal(error.message, lines.map((line) => `c.yaml:${line}`).join('\n'));
    return lines;
  }
  return [];
}

test('a whole section', () => {
  const { receiver } = parseConfig(
    `receiver:
  trust: [10.0.0.0/8, "2001:db8:1::/48", 192.0.2.1]
  profiles: [tencent, dpvs]
  kinds: [28/7]
  refuse: [loopback, private]
  cgroup: system.slice/nginx.service
  sockopt: false
`,
    'c.yaml',
  );
  const { trust, ...others } = receiver!;
  assert.deepEqual(trust === 'any' ? trust : trust!.map(formatCidr), [
    '10.0.0.0/8',
    '2001:db8:1::/48',
    '192.0.2.1/32',
  ]);
  assert.deepEqual(others, {
    profiles: ['tencent', 'dpvs'],
    kinds: ['28/7'],
    refuse: ['loopback', 'private'],
    cgroup: 'system.slice/nginx.service',
    sockopt: false,
  });
});

test('what is not said is absent', () => {
  assert.deepEqual(parseConfig('', 'c.yaml'), {});
  assert.deepEqual(parseConfig('# nothing\n', 'c.yaml'), {});
  assert.deepEqual(parseConfig('receiver:\n  # cgroup: /\n', 'c.yaml'), { receiver: {} });
});

test('`any` is a word of its own', () => {
  assert.deepEqual(parseConfig('receiver: { trust: any }', 'c.yaml'), { receiver: { trust: 'any' } });
  assert.deepEqual(problemsIn('receiver:\n  trust: [10.0.0.0/8, any]'), [
    '2:10: `any` believes every sender, so nothing can stand beside it: write only `any`, or only networks',
  ]);
});

test('the taggers, one a cgroup, are read', () => {
  const text = `tagger:
  - cgroup: system.slice/haproxy.service
  - { cgroup: system.slice/nginx.service, profile: dpvs, on: [ack, data] }
`;
  assert.deepEqual(parseConfig(text, 'c.yaml').tagger, [
    { cgroup: 'system.slice/haproxy.service' },
    { cgroup: 'system.slice/nginx.service', profile: 'dpvs', on: ['ack', 'data'] },
  ]);
});

test('mistakes in a tagger are told with their place', () => {
  const text = `tagger:
  - cgroup: a.service
    kidn: 254/8
  - { cgroup: b.service, kind: 254/8, profile: lvs }
  - { cgroup: c.service, on: [sny] }
  - kind: 252/20
`;
  assert.deepEqual(problemsIn(text), [
    '3:5: unknown key "kidn": did you mean kind?',
    '4:5: kind 254/8 and profile lvs both say which option to write: give one of them',
    '5:31: cannot write on "sny": did you mean syn?',
    '6:5: cgroup is missing: write a word like system.slice/haproxy.service',
  ]);
});

test('every problem is listed, where it stands', () => {
  const problems = problemsIn(`# mistakes
receiver:
  trsut: [10.0.0.0/8]
  trust: [10.0.0.1/8, nonsense]
  profiles: [dvps, tencent]
  kinds: []
  refuse: loopback
  cgroup: ""
  sockopt: no
forwrder: {}
`);
  assert.deepEqual(problems, [
    '3:3: unknown key "trsut": did you mean trust?',
    '4:11: "10.0.0.1/8" has host bits set: write 10.0.0.0/8',
    '4:23: "nonsense": not an IP address: write one like 203.0.113.7 or 2001:db8::7',
    '5:14: there is no profile "dvps": did you mean dpvs?',
    '6:10: an empty list: write [200/8], or leave the key out',
    '7:11: "loopback" is not a list: write [loopback, private]',
    '8:11: "" names no cgroup: write / for the whole host, or a path such as system.slice/nginx.service',
    '9:12: "no" is neither: write true or false',
    '10:1: unknown key "forwrder": did you mean forwarder?',
  ]);
});

test('words that YAML reads as something else', () => {
  const quotes = 'is not text: write a word like 10.0.0.0/8 or "2001:db8::/32", in quotes if need be';
  assert.deepEqual(problemsIn('receiver:\n  trust:\n    - 2001:db8::\n    - 10\n'), [
    `3:7: {"2001:db8:":null} ${quotes}`,
    `4:7: 10 ${quotes}`,
  ]);
});

test('what is no section', () => {
  assert.deepEqual(problemsIn('receiver: 5'), [
    '1:11: not a section: write trust, profiles, kinds, refuse, cgroup, sockopt as `key: value`',
  ]);
  assert.deepEqual(problemsIn('- receiver'), [
    '1:1: not a section: write receiver, tagger, forwarder as `key: value`',
  ]);
});

test('what is no YAML', () => {
  const cases: [string, RegExp][] = [
    ['receiver:\n  trust: [10.0.0.0/8\n', /^3:1: deficient indentation/],
    ['receiver:\n  trust: any\n  trust: any\n', /^3:3: duplicated mapping key/],
    ['receiver:\n  trust: !forwarders any\n', /^2:10: unknown scalar tag .*forwarders/],
    ['receiver:\n  trust: *forwarders\n', /^2:11: unidentified alias "forwarders"/],
    ['receiver: {}\n---\ntagger: []\n', /^1:1: more than one document: write one/],
    [bomb(), /^1:1: aliases that come to too many values/],
    ['receiver: &receiver\n  trust: [*receiver]\n', /^1:1: an alias within what it stands for: write out/],
  ];
  for (const [text, expected] of cases) {
    const [problem, ...more] = problemsIn(text);
    assert.match(problem ?? '', expected);
    assert.deepEqual(more, []);
  }
});

test('an alias says what it stands for', () => {
  const text = 'receiver: { trust: &forwarders [10.0.0.0/8], kinds: *forwarders }';
  assert.deepEqual(problemsIn(text), [
    '1:53: "10.0.0.0/8": write an option\'s kind and length in decimal, such as 200/8',
  ]);
});

/** Aliases of aliases: 9 to the power of 9 words. */
function bomb(): string {
  const nine = (word: string) => `[${new Array(9).fill(word)}]`;
  const names = [...'abcdefghi'];
  return names
    .map((name, at) => `${name}: &${name} ${nine(at === 0 ? 'x' : `*${names[at - 1]}`)}\n`)
    .join('');
}
