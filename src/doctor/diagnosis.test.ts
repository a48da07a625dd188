import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../kernel/feature.js';
import { FEATURES } from '../kernel/features.js';
import { toFinding } from '../kernel/finding.js';
import type { Probed } from '../kernel/probe.js';
import { conclude, type Facts } from './diagnosis.js';

const RELEASE = '6.1.0-28-amd64';

/** A host where everything is there but for some features. */
function hostWith(states: Readonly<Record<string, Probed['state']>>, others: Partial<Facts> = {}): Facts {
  return {
    kernel: { release: RELEASE, architecture: 'x64' },
    libbpf: '1.5',
    findings: FEATURES.map((feature) =>
      toFinding(feature, { state: states[feature.id] ?? 'present' }, RELEASE),
    ),
    mounts: {
      cgroup: { point: '/sys/fs/cgroup', layout: 'unified' },
      bpffs: { point: '/sys/fs/bpf', mounted: true },
    },
    settings: {
      lockdown: 'none',
      unprivilegedBpfDisabled: 2,
      bpfJit: 1,
      mptcp: 0,
      tcpFastOpen: 1,
      ipForward: 1,
      ipv6Forwarding: 1,
      hostCgroups: true,
    },
    conflicts: [],
    ...others,
  };
}

test('all is well where everything is there, and then there is nothing to say', () => {
  const { ok, roles, notes } = conclude(hostWith({}));
  assert.deepEqual(
    { ok, roles, notes },
    {
      ok: true,
      roles: { receiver: true, tagger: true, forwarder: true },
      notes: [],
    },
  );
});

test('only what is required can prevent, and only the roles that require it', () => {
  for (const { id, required, roles } of FEATURES)
    for (const state of ['missing', 'unknown'] as const) {
      const diagnosis = conclude(hostWith({ [id]: state }));
      const works = (role: Role) => !(required && roles.includes(role));
      const [receiver, tagger, forwarder] = [works('receiver'), works('tagger'), works('forwarder')];
      assert.deepEqual(diagnosis.roles, { receiver, tagger, forwarder }, id);
      assert.equal(diagnosis.ok, receiver && tagger, id);
    }
});

test('without libbpf nothing works', () => {
  const { roles } = conclude(hostWith({}, { libbpf: null }));
  assert.deepEqual(roles, { receiver: false, tagger: false, forwarder: false });
});

test('a conflict prevents the roles it says', () => {
  const conflict = { kind: 'program' as const, what: 'x', effect: 'x', remedy: 'x' };
  const beside = conclude(hostWith({}, { conflicts: [{ ...conflict, prevents: [] }] }));
  assert.equal(beside.ok, true);
  const instead = conclude(hostWith({}, { conflicts: [{ ...conflict, prevents: ['receiver'] }] }));
  assert.deepEqual(instead.roles, { receiver: false, tagger: true, forwarder: true });
});

test('each setting that may surprise has its note', () => {
  const notesWith = (settings: Partial<Facts['settings']>): string[] =>
    conclude(hostWith({}, { settings: { ...hostWith({}).settings, ...settings } })).notes.map(({ id }) => id);
  assert.deepEqual(notesWith({ lockdown: 'confidentiality' }), ['lockdown']);
  assert.deepEqual(notesWith({ lockdown: 'integrity' }), []);
  assert.deepEqual(notesWith({ unprivilegedBpfDisabled: 0 }), ['unprivileged-bpf']);
  assert.deepEqual(notesWith({ bpfJit: 0 }), ['no-jit']);
  assert.deepEqual(notesWith({ mptcp: 1 }), ['mptcp']);
  assert.deepEqual(notesWith({ tcpFastOpen: 3 }), ['tcp-fast-open']);
  assert.deepEqual(notesWith({ ipForward: 0 }), ['forwarding']);
  assert.deepEqual(notesWith({ ipv6Forwarding: 0 }), ['forwarding']);
  assert.deepEqual(notesWith({ hostCgroups: false }), ['container-cgroups']);
  const absent = {
    lockdown: null,
    unprivilegedBpfDisabled: null,
    bpfJit: null,
    mptcp: null,
    tcpFastOpen: null,
    ipForward: null,
    ipv6Forwarding: null,
  };
  assert.deepEqual(notesWith(absent), []);
});
