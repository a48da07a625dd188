import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addToaModule } from './toa-module.js';

const SHELL = fileURLToPath(new URL('../../../test/boot/lab-shell.sh', import.meta.url));
const EARLY_CLIENT = fileURLToPath(new URL('./early-client.js', import.meta.url));

/** Who the early client claims to be. */
export const EARLY_ADDRESS = '203.0.113.7';

/*
 * The instruments of the tests. The machine that runs them is seen below /host, read-only, so that its own Node and this
 * checkout run in there, whatever release the guest is of.
 */
const FILES = {
  'lab-shell.service': `[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service
[Service]
ExecStart=/bin/sh /usr/local/lib/lab-shell.sh
`,
  'lab-host.service': `[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/mount -t virtiofs -o ro host /host
ExecStart=/bin/mount --bind /proc /host/proc
ExecStart=/bin/mount --rbind /sys /host/sys
`,
  'lab-early-client.service': `[Unit]
DefaultDependencies=no
Requires=lab-host.service
After=lab-host.service
[Service]
Type=exec
ExecStart=/sbin/chroot /host ${process.execPath} ${EARLY_CLIENT} ${EARLY_ADDRESS} 80
[Install]
WantedBy=sysinit.target
`,
  // Emulated, on a busy machine, nothing is done in the time that is enough elsewhere.
  'truepeer-.service.d/patience.conf': `[Service]
TimeoutSec=900
`,
  '../system.conf.d/patience.conf': `[Manager]
DefaultTimeoutStartSec=900
DefaultTimeoutStopSec=900
`,
} as const;
const ENABLED = ['lab-shell.service', 'lab-host.service'];
/** What keeps an emulated processor busy and has nothing to do with us. */
const OFF = ['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_reap.service'];
/** As after a first boot: by these systemd tells that caches of /usr are to be made anew. */
const UP_TO_DATE = ['etc/.updated', 'var/.updated'];

/** Puts the instruments of the tests into a system. */
export async function furnish(root: string): Promise<void> {
  const system = join(root, 'etc/systemd/system');
  const wants = join(system, 'sysinit.target.wants');
  await mkdir(wants, { recursive: true });
  await mkdir(join(root, 'host'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(system, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  for (const name of OFF) await symlink('/dev/null', join(system, name)).catch(ifNotThere);
  for (const name of ENABLED) await symlink(`../${name}`, join(wants, name)).catch(ifNotThere);
  const shell = join(root, 'usr/local/lib/lab-shell.sh');
  await mkdir(dirname(shell), { recursive: true });
  await copyFile(SHELL, shell);
  await writeFile(join(root, 'etc/hostname'), 'debian\n');
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 debian\n');
  // Where the operator is asked, the answer is yes.
  await writeFile(join(root, 'etc/apt/apt.conf.d/lab'), 'APT::Get::Assume-Yes "true";\n');
  await addToaModule(root);
  for (const name of UP_TO_DATE) await writeFile(join(root, name), '');
}

function ifNotThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
