import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../receiver/explain.js';
import { PLAIN } from '../style.js';
import { showDecision, showExplanation, showMeaning } from './decisions.js';
import { statsWith } from './show.test.helper.js';

const REFUSAL: Decision = {
  at: new Date(2026, 10, 22, 18, 43, 2, 7),
  outcome: 'untrusted',
  peer: { address: '10.0.0.1', port: 40000 },
  local: { address: '10.0.0.2', port: 443 },
  options: '0101fe081092cb007107',
  described: ['NOP', 'NOP', '254/8 client 203.0.113.7:4242'],
  about: '254/8 client 203.0.113.7:4242',
  syn: false,
};
const SHOWN = [
  '2026-11-22 18:43:02.007  untrusted  from 10.0.0.1:40000 to 10.0.0.2:443',
  '    about    254/8 client 203.0.113.7:4242',
  '    options  0101fe081092cb007107',
  '             NOP, NOP, 254/8 client 203.0.113.7:4242',
];

test('one decision, with the bytes it was made on', () => {
  assert.deepEqual(showDecision(REFUSAL, PLAIN), SHOWN);
  assert.equal(
    showDecision({ ...REFUSAL, syn: true }, PLAIN)[2],
    '    options  0101fe081092cb007107 (of the SYN)',
  );
  const { about: _, ...bare } = REFUSAL;
  assert.deepEqual(
    showDecision({ ...bare, outcome: 'no-option', options: '', described: [] }, PLAIN).slice(1),
    ['    options  none'],
  );
});

test('what to do next, where something is to be done', () => {
  assert.deepEqual(showMeaning('untrusted', PLAIN), [
    'untrusted: TOA from an address that is not trusted',
    '    next: if it is your forwarder, attach again with its address in --trust',
  ]);
  assert.equal(showMeaning('subflow', PLAIN).length, 1);
});

test('refusals, each meaning once, and the sum of all', () => {
  const stats = statsWith({ tagged: 1_200n, 'no-option': 30n, untrusted: 2n });
  assert.deepEqual(showExplanation([REFUSAL, REFUSAL], stats, PLAIN), [
    ...SHOWN,
    ...SHOWN,
    '',
    ...showMeaning('no-option', PLAIN),
    ...showMeaning('untrusted', PLAIN),
    '',
    '1,232 connections established, 1,200 tagged, 30 no-option, 2 untrusted',
  ]);
});

test('nothing was refused', () => {
  assert.deepEqual(showExplanation([], statsWith({ tagged: 1n }), PLAIN), [
    'no refusal is on record',
    '',
    '1 connection established, 1 tagged',
  ]);
});
