export * from '../../src/demo/chain.js';
