import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { newScratchCgroup, sweepScratchCgroups } from './cgroup.js';
import { IsolationError } from './errors.js';
import { MARKER, SCRATCH, SCRATCH_SOURCE, SCRATCH_TMP } from './isolation.js';

/**
 * `setpriv` ties the namespaces to our life: they end with us, even when we are killed with SIGKILL. The
 * shell after it checks that we did not end before that was arranged.
 */
const NAMESPACES = [
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...['sh', '-c', 'test "$PPID" = "$0" && exec unshare "$@"', String(process.pid)],
  ...['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc', '--'],
];

/**
 * The first process of the pid namespace. It stays, instead of becoming the command, because process 1
 * ignores SIGTERM by default and must reap orphans. What is in /run can be used, and what is changed there stays here;
 * where there is no overlay, or one too many, it is empty. Joining the cgroup is tried twice: a sweep of another
 * run may remove the new cgroup before anybody is in it.
 */
const INIT = `
cgroup=$1; shift
fail() { echo "truepeer: cannot isolate: $1" >&2; exit 125; }
join() { mkdir -p "$cgroup/main" && echo 0 > "$cgroup/main/cgroup.procs"; }
join 2> /dev/null || join || fail "no scratch cgroup (is cgroup v2 mounted read-only?)"
mount -t tmpfs -o mode=755 truepeer-run ${SCRATCH} && mkdir ${SCRATCH}/upper ${SCRATCH}/work || fail "no tmpfs"
mount -t overlay -o lowerdir=/run,upperdir=${SCRATCH}/upper,workdir=${SCRATCH}/work truepeer-run /run 2> /dev/null ||
mount -t tmpfs -o mode=755 truepeer-run /run || fail "no private /run"
mount -t tmpfs -o mode=1777,nosuid,nodev ${SCRATCH_SOURCE} ${SCRATCH} || fail "no private ${SCRATCH}"
mkdir -m 1777 ${SCRATCH_TMP} || fail "no temporary directory"
mount -t bpf -o mode=0700 bpf /sys/fs/bpf || fail "no private bpf file system"
ip link set lo up || fail "no loopback interface"
{ echo "$cgroup"; readlink /proc/self/ns/net; } > ${MARKER} || fail "no marker"
TMPDIR=${SCRATCH_TMP} "$@"
exit $?
`;

/**
 * Outlives us, if need be: waits until we close its input or die, then removes the scratch cgroup as soon as
 * the last process in it is gone. It gives up after half a minute.
 */
const JANITOR = `
read -r _
tries=0
while [ -d "$1" ] && ! find "$1" -depth -type d -exec rmdir {} +; do
  tries=$((tries + 1)); [ $tries -lt 300 ] || exit 1
  sleep 0.1
done 2> /dev/null
`;

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command in fresh mount, network, pid, IPC and UTS namespaces with a loopback interface, a private
 * `/dev/shm` (also `TMPDIR`), a private bpf file system on `/sys/fs/bpf`, a `/run` whose changes are private, and a scratch
 * cgroup. When it ends,
 * or this process does, all of that is gone, with everything that was started inside.
 *
 * SIGINT, SIGTERM and SIGHUP sent to this process kill the inside; standard streams are handed through.
 *
 * @returns the command's exit status; 128 + the signal's number when a signal ended it; 125 when the
 *   namespaces could not be set up (the reason is on standard error).
 * @throws {IsolationError} without root, without cgroup v2, without util-linux.
 */
export async function runIsolated(argv: readonly string[]): Promise<number> {
  if (process.geteuid?.() !== 0) {
    throw new IsolationError('network namespaces need root: run it with sudo');
  }
  await sweepScratchCgroups();
  const cgroup = newScratchCgroup();
  const janitor = spawn('sh', ['-c', JANITOR, 'sh', cgroup], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const cleaned = ending(janitor);
  try {
    return await runInside(cgroup, argv);
  } finally {
    janitor.stdin?.end();
    if ((await cleaned) !== 0) console.error(`truepeer: could not remove the scratch cgroup ${cgroup}`);
  }
}

async function runInside(cgroup: string, argv: readonly string[]): Promise<number> {
  const [file, ...args] = [...NAMESPACES, 'sh', '-c', INIT, 'sh', cgroup, ...argv];
  const inside = spawn(file!, args, { stdio: 'inherit' });
  let endedBy: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals): void => {
    endedBy = signal;
    inside.kill('SIGKILL');
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, end);
  try {
    const status = await ending(inside);
    return endedBy === undefined ? status : 128 + constants.signals[endedBy];
  } catch (error) {
    throw new IsolationError('cannot start setpriv and unshare: install util-linux', { cause: error });
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
  }
}

/** The exit status the way a shell gives it. Rejects when the program could not be started. */
async function ending(child: ChildProcess): Promise<number> {
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}
