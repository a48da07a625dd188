import koffi, { type LibraryHandle } from 'koffi';

/**
 * libbpf.so.1, declared. Nothing outside this folder calls these: a JavaScript number where a pointer is expected
 * kills the process, so every function here has one typed caller.
 *
 * The contract of each is in libbpf's bpf.h and libbpf.h. Since libbpf 1.0, functions that return int return a
 * negative errno, and those that return a pointer return NULL with errno set.
 */
export type NativePointer = unknown;

const LIBRARY = 'libbpf.so.1';

/** libbpf is not on this machine. */
export class LibbpfMissingError extends Error {
  override readonly name = 'LibbpfMissingError';

  constructor(cause: unknown) {
    super(`${LIBRARY} cannot be loaded: install libbpf 1.x (Debian: apt install libbpf1)`, { cause });
  }
}

function load(): LibraryHandle {
  try {
    return koffi.load(LIBRARY);
  } catch (error) {
    throw new LibbpfMissingError(error);
  }
}

let loaded: ReturnType<typeof declare> | undefined;

/**
 * The declared functions; loads the library on first use.
 *
 * @throws {LibbpfMissingError}
 */
export function libbpf(): ReturnType<typeof declare> {
  if (loaded === undefined) {
    loaded = declare(load());
    // libbpf would print to stderr; what matters of it is in the errors thrown here.
    loaded.setPrint(null);
  }
  return loaded;
}

/**
 * Its version, such as `1.5`.
 *
 * @throws {LibbpfMissingError}
 */
export function libbpfVersion(): string {
  return libbpf().versionString().replace(/^v/, '');
}

function declare(library: LibraryHandle) {
  const int = (name: string, ...parameters: string[]) => library.func(name, 'int', parameters);
  const pointer = (name: string, ...parameters: string[]) => library.func(name, 'void *', parameters);
  return {
    setPrint: pointer('libbpf_set_print', 'void *'),
    versionString: library.func('libbpf_version_string', 'str', []),
    probeMapType: int('libbpf_probe_bpf_map_type', 'int', 'void *'),
    probeProgramType: int('libbpf_probe_bpf_prog_type', 'int', 'void *'),
    findVmlinuxBtfId: int('libbpf_find_vmlinux_btf_id', 'str', 'int'),

    objectOpenFile: pointer('bpf_object__open_file', 'str', 'void *'),
    objectLoad: int('bpf_object__load', 'void *'),
    objectClose: library.func('bpf_object__close', 'void', ['void *']),
    objectFindProgram: pointer('bpf_object__find_program_by_name', 'void *', 'str'),
    objectFindMap: pointer('bpf_object__find_map_by_name', 'void *', 'str'),
    programFd: int('bpf_program__fd', 'void *'),
    programSetAutoload: int('bpf_program__set_autoload', 'void *', 'bool'),
    programAttachIter: pointer('bpf_program__attach_iter', 'void *', 'void *'),
    linkFd: int('bpf_link__fd', 'void *'),
    linkDestroy: int('bpf_link__destroy', 'void *'),
    mapFd: int('bpf_map__fd', 'void *'),
    mapReuseFd: int('bpf_map__reuse_fd', 'void *', 'int'),
    mapSetMaxEntries: int('bpf_map__set_max_entries', 'void *', 'uint32_t'),
    mapSetInitialValue: int('bpf_map__set_initial_value', 'void *', 'void *', 'size_t'),

    progLoad: int('bpf_prog_load', 'int', 'str', 'str', 'void *', 'size_t', 'void *'),
    linkCreate: int('bpf_link_create', 'int', 'int', 'int', 'void *'),
    linkUpdate: int('bpf_link_update', 'int', 'int', 'void *'),
    linkDetach: int('bpf_link_detach', 'int'),
    iterCreate: int('bpf_iter_create', 'int'),
    objPin: int('bpf_obj_pin', 'int', 'str'),
    objGet: int('bpf_obj_get', 'str'),
    objGetInfo: int('bpf_obj_get_info_by_fd', 'int', 'void *', 'void *'),
    progNextId: int('bpf_prog_get_next_id', 'uint32_t', 'void *'),
    progGetFdById: int('bpf_prog_get_fd_by_id', 'uint32_t'),
    mapGetFdById: int('bpf_map_get_fd_by_id', 'uint32_t'),
    progQuery: int('bpf_prog_query', 'int', 'int', 'uint32_t', 'void *', 'void *', 'void *'),
    progTestRun: int('bpf_prog_test_run_opts', 'int', 'void *'),
    enableStats: int('bpf_enable_stats', 'int'),

    mapCreate: int('bpf_map_create', 'int', 'str', 'uint32_t', 'uint32_t', 'uint32_t', 'void *'),
    mapLookup: int('bpf_map_lookup_elem', 'int', 'void *', 'void *'),
    mapUpdate: int('bpf_map_update_elem', 'int', 'void *', 'void *', 'uint64_t'),
    mapDelete: int('bpf_map_delete_elem', 'int', 'void *'),
    mapNextKey: int('bpf_map_get_next_key', 'int', 'void *', 'void *'),
    possibleCpus: int('libbpf_num_possible_cpus'),
  };
}
