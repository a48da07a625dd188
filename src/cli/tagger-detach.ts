import type { Command } from 'commander';
import { detachTagger } from '../tagger/detach.js';
import { withCgroup } from './one-tagger.js';

export function define(command: Command): void {
  withCgroup(command, "only this cgroup's tagger (default: all taggers)")
    .addHelpText(
      'after',
      '\nOpen connections go on. Take the transparent bind out of the proxy first: without a tagger it means' +
        "\nwhat it says, and new connections would leave from the client's own address.",
    )
    .action(({ cgroup }: { cgroup?: string }) => {
      const where = cgroup === undefined ? '' : ` from ${cgroup}`;
      console.log(
        detachTagger(cgroup)
          ? `detached${where}: binds mean what they say again`
          : `nothing to detach: no tagger is attached${cgroup === undefined ? '' : ` to ${cgroup}`}`,
      );
    });
}
