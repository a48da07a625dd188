/*
 * What `--json` prints, one shape for each command; docs/json.md explains them. They are published: keys are added,
 * and never renamed, removed or given another type.
 */

export * from './forwarder.js';
export * from './host.js';
export * from './receiver.js';
export * from './tagger.js';
