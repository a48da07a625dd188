import { objectPath } from '../kernel/artifacts.js';
import { LoadedObject } from '../kernel/object.js';
import { requireRoot } from '../kernel/privilege.js';
import { type AttachResult, attachInCgroup } from '../lifecycle/cgroup-attach.js';
import { explainRefusal, requireSupport } from '../lifecycle/support.js';
import { removeOrphans } from './orphans.js';
import { TAGGER_PROGRAMS, taggerPlan } from './plan.js';
import { encodeTaggerSettings, type TaggerSettings } from './settings.js';

/**
 * Attaches a tagger to a cgroup, or changes the settings and programs of the one attached there in place; with the
 * same promises as the receiver's attach. From then on, what binds in the cgroup to an address that is not the host's
 * own says by it who the client is.
 *
 * @param cgroup as an operator writes it.
 * @throws PrivilegeError, UnsupportedError, CgroupError, KernelError; AttachedOtherwiseError where one of another layout is attached;
 *   KindError, TaggerKindError for settings that cannot be.
 */
export function attachTagger(cgroup: string, settings: TaggerSettings): AttachResult {
  const data = encodeTaggerSettings(settings, cgroup);
  requireRoot('attaching a tagger');
  requireSupport('tagger');
  const result = attachInCgroup(taggerPlan(cgroup), {
    cgroup,
    programs: TAGGER_PROGRAMS,
    load: (reuse) =>
      explainRefusal('tagger', () =>
        LoadedObject.load(objectPath('tagger'), { reuse, initial: { '.rodata.settings': data } }),
      ),
  });
  removeOrphans(cgroup);
  return result;
}
