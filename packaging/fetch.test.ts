import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IntegrityError } from './errors.js';
import { checkIntegrity } from './fetch.js';

// From NIST's examples for SHA-512: the message "abc".
const ABC = 'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';

test('an archive is taken only with the digest on record', () => {
  const pinned = { name: 'thing', version: '1.0.0', integrity: ABC };
  checkIntegrity(pinned, Buffer.from('abc'));
  assert.throws(() => checkIntegrity(pinned, Buffer.from('abd')), IntegrityError);
});
