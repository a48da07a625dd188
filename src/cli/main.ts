#!/usr/bin/env node
import { CommanderError } from 'commander';
import { reportFailure } from './failure.js';
import { createProgram } from './program.js';

// `truepeer receiver connections | head`: whoever reads no more has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  console.error(`truepeer: cannot write to standard output: ${error.code ?? error.message}`);
  process.exit(1);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has written what there is to say; --help and --version come this way too.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = reportFailure(error);
}
