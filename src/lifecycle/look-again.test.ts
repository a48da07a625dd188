import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { KernelError } from '../kernel/errors.js';
import { lookAgain } from './look-again.js';

const { ENOENT, EPERM } = constants.errno;

/** A reading that fails so often, and how often it was tried. */
function failing(times: number, errno: number): { read(): string; looks: number } {
  return {
    looks: 0,
    read() {
      if (this.looks++ < times) throw new KernelError('open a program', errno);
      return 'read';
    },
  };
}

test('what was exchanged in the middle is read again', () => {
  const reading = failing(2, ENOENT);
  assert.equal(
    lookAgain(() => reading.read()),
    'read',
  );
  assert.equal(reading.looks, 3);
});

test('what is gone for good is told', () => {
  const reading = failing(Number.POSITIVE_INFINITY, ENOENT);
  assert.throws(() => lookAgain(() => reading.read()), { name: 'KernelError', code: 'ENOENT' });
});

test('any other failure is told at once', () => {
  const reading = failing(1, EPERM);
  assert.throws(() => lookAgain(() => reading.read()), { name: 'KernelError', code: 'EPERM' });
  assert.equal(reading.looks, 1);
});
