import { objectPath } from '../kernel/artifacts.js';
import { kernelMemory } from '../kernel/features.js';
import { LoadedObject } from '../kernel/object.js';
import { requireRoot } from '../kernel/privilege.js';
import { type AttachResult, attachInCgroup } from '../lifecycle/cgroup-attach.js';
import { explainRefusal, requireSupport } from '../lifecycle/support.js';
import { requireNoClassicReceiver } from './classic.js';
import { SETTINGS } from './layout.js';
import { RECEIVER } from './plan.js';
import { encodeSettings } from './program-data.js';
import type { ReceiverSettings } from './settings.js';
import { fillTrust } from './trust.js';

/**
 * Attaches the receiver, or changes the settings and programs of the attached one in place. All or nothing: where it
 * throws, what was there before still is. What it attaches outlives this process: until {@link detachReceiver}, or the
 * end of the kernel. Connections that were tagged keep their client.
 *
 * @throws PrivilegeError, ClassicReceiverError, UnsupportedError, CgroupError, KernelError; AttachedOtherwiseError where a receiver of another layout or for
 *   another cgroup is attached; ProfileError, KindError, ConflictError for settings that cannot be.
 */
export function attachReceiver(settings: ReceiverSettings): AttachResult {
  const data = encodeSettings(settings);
  requireRoot('attaching a receiver');
  requireNoClassicReceiver();
  requireSupport('receiver');
  data[SETTINGS.readsKernel] = Number(kernelMemory().state === 'present');
  return attachInCgroup(RECEIVER, {
    cgroup: settings.cgroup,
    programs: RECEIVER.programs.filter(({ pin }) => settings.sockopt || pin !== 'getsockopt'),
    load: (reuse) => {
      const object = explainRefusal('receiver', () =>
        LoadedObject.load(objectPath('receiver'), {
          reuse,
          initial: { '.rodata.settings': data },
          without: settings.sockopt ? [] : ['receiver_getsockopt'],
        }),
      );
      fillTrust(object.map('trust'), settings.trust);
      return object;
    },
  });
}
