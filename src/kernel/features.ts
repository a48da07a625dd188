import { CgroupHook } from './cgroup-link.js';
import type { Feature } from './feature.js';
import {
  all,
  bpfFileSystem,
  cgroupLinks,
  cgroupV2,
  helpers,
  iterator,
  kernelBtf,
  mapFlags,
  mapType,
  probeBpf,
  programType,
  sockAddrHooks,
  sockOpsField,
  sockoptHook,
  unlessWithoutMptcp,
} from './probe.js';
import { type ProgramKind, ProgramType } from './program.js';

const SOCK_OPS: ProgramKind = { type: ProgramType.sockOps };
const BIND: ProgramKind = { type: ProgramType.sockAddr, attachType: CgroupHook.bind4 };
const GETPEERNAME: ProgramKind = { type: ProgramType.sockAddr, attachType: CgroupHook.getpeername4 };
const XDP: ProgramKind = { type: ProgramType.xdp };
const GETSOCKOPT: ProgramKind = { type: ProgramType.sockopt, attachType: CgroupHook.getsockopt };

/** enum bpf_map_type */
const ARRAY = 2;
const LPM_TRIE = 11;
const SK_STORAGE = 24;

/** Flag of a map: processes can have it in their memory. */
const BPF_F_MMAPABLE = 0x400;

/** enum bpf_func_id */
const FIB_LOOKUP = 69;
const SK_STORAGE_GET = 107;
const PROBE_READ_KERNEL = 113;
const KTIME_GET_BOOT_NS = 125;
const SKC_TO_TCP_SOCK = 137;
const STORE_HDR_OPT = 143;
const RESERVE_HDR_OPT = 144;
const KTIME_GET_COARSE_NS = 160;
const SKC_TO_UNIX_SOCK = 178;
const LOOP = 181;
const SET_RETVAL = 187;
const XDP_LOAD_BYTES = 189;
const XDP_STORE_BYTES = 190;
const SKC_TO_MPTCP_SOCK = 196;

/** offsetof(struct bpf_sock_ops, skb_data) */
const SKB_DATA = 192;

const NO_RECEIVER = 'the receiver cannot be attached';
const NO_TAGGER = 'the tagger cannot be attached';
const NO_FORWARDER = 'the forwarder cannot be attached';
const NEITHER = 'neither a receiver nor a tagger can be attached';
const NOTHING = 'nothing of TruePeer can be attached';
const NO_LOCKDOWN = 'boot without lockdown=confidentiality, which forbids it (lockdown=integrity does not)';

/** Whether programs on cgroup hooks for socket addresses may read the kernel's memory. */
export const kernelMemory = helpers(BIND, PROBE_READ_KERNEL);

/** All of them: what `doctor`, attach and the documentation go by. */
export const FEATURES: readonly Feature[] = [
  {
    id: 'bpf',
    name: 'bpf(), with the privilege to use it',
    since: '3.18',
    roles: ['receiver', 'tagger', 'forwarder'],
    required: true,
    without: NOTHING,
    config: 'CONFIG_BPF_SYSCALL',
    remedy:
      'run as root on the host; in a container, give it CAP_SYS_ADMIN and CAP_NET_ADMIN (`--privileged`)',
    probe: probeBpf,
  },
  {
    id: 'cgroup-v2',
    name: 'cgroup v2, mounted',
    since: '4.5',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_CGROUPS',
    remedy:
      'mount it: `mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified`, ' +
      'or boot with systemd.unified_cgroup_hierarchy=1',
    probe: cgroupV2,
  },
  {
    id: 'bpffs',
    name: 'bpf file system',
    since: '4.4',
    roles: ['receiver', 'tagger', 'forwarder'],
    required: true,
    without: NOTHING,
    config: 'CONFIG_BPF_SYSCALL',
    probe: bpfFileSystem,
  },
  {
    id: 'btf',
    name: 'type information of the kernel (BTF)',
    since: '5.4',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_DEBUG_INFO_BTF',
    probe: kernelBtf,
  },
  {
    id: 'cgroup-links',
    name: 'links between programs and cgroups',
    since: '5.7',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_CGROUP_BPF',
    probe: cgroupLinks,
  },
  {
    id: 'socket-storage',
    name: 'storage that lives with a socket',
    since: '5.3',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: all(mapType(SK_STORAGE), helpers(SOCK_OPS, SK_STORAGE_GET), helpers(GETPEERNAME, SK_STORAGE_GET)),
  },
  {
    id: 'tcp-header',
    name: 'TCP headers in sock_ops programs',
    since: '5.10',
    roles: ['receiver'],
    required: true,
    without: NO_RECEIVER,
    config: 'CONFIG_CGROUP_BPF',
    probe: sockOpsField(SKB_DATA),
  },
  {
    id: 'getpeername',
    name: 'getpeername() hooks',
    since: '5.8',
    roles: ['receiver'],
    required: true,
    without: NO_RECEIVER,
    config: 'CONFIG_CGROUP_BPF',
    probe: sockAddrHooks(CgroupHook.getpeername4, CgroupHook.getpeername6),
  },
  {
    id: 'prefix-tree',
    name: 'longest-prefix-match maps',
    since: '4.11',
    roles: ['receiver', 'forwarder'],
    required: true,
    without: 'neither a receiver nor a forwarder can be attached',
    config: 'CONFIG_BPF_SYSCALL',
    probe: mapType(LPM_TRIE),
  },
  {
    id: 'boot-clock',
    name: 'boot clock in programs',
    since: '5.8',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: helpers(SOCK_OPS, KTIME_GET_BOOT_NS),
  },
  {
    id: 'getsockopt',
    name: 'getsockopt() hook',
    since: '5.3',
    roles: ['receiver'],
    required: false,
    without:
      'no answers to getsockopt() (TRUEPEER_INFO, NAT64 4096, VTOA 1345-1347): attach with --no-sockopt',
    config: 'CONFIG_CGROUP_BPF',
    probe: sockoptHook(CgroupHook.getsockopt),
  },
  {
    id: 'getsockopt-errors',
    name: 'errors of our own from getsockopt()',
    since: '5.18',
    roles: ['receiver'],
    required: false,
    without:
      'getsockopt() for a connection without TOA fails with ENOPROTOOPT instead of the ABI’s own error',
    config: 'CONFIG_CGROUP_BPF',
    probe: helpers(GETSOCKOPT, SET_RETVAL),
  },
  {
    id: 'slots',
    name: 'getpeername() that holds the socket’s lock',
    since: '5.16',
    roles: ['receiver'],
    required: false,
    without: 'clients are kept in socket storage, which takes 0.3 µs more for each tagged connection',
    config: 'CONFIG_CGROUP_BPF',
    // A helper of the same version tells; and without a look into sockets nothing is kept elsewhere either.
    probe: all(helpers(SOCK_OPS, SKC_TO_UNIX_SOCK), kernelMemory),
  },
  {
    id: 'mptcp',
    name: 'the MPTCP socket behind a subflow',
    since: '5.19',
    roles: ['receiver'],
    required: false,
    without: 'an MPTCP listener sees the forwarder as the peer of clients that speak MPTCP',
    config: 'CONFIG_MPTCP',
    probe: unlessWithoutMptcp(helpers(SOCK_OPS, SKC_TO_MPTCP_SOCK)),
  },
  {
    id: 'saved-syn',
    name: 'saved SYNs in sock_ops programs',
    since: '5.10',
    roles: ['receiver'],
    required: false,
    without: 'profiles that read the SYN (alibaba-cdn) find nothing',
    config: 'CONFIG_CGROUP_BPF',
    // It came with the TCP headers, and only a connection could tell more.
    probe: sockOpsField(SKB_DATA),
  },
  {
    id: 'storage-iterator',
    name: 'iterators over socket storage and arrays',
    since: '5.9',
    roles: ['receiver', 'tagger'],
    required: false,
    without: 'no `truepeer receiver connections` and `truepeer tagger connections`',
    config: 'CONFIG_DEBUG_INFO_BTF',
    remedy: NO_LOCKDOWN,
    // It reads more of a socket than what programs are handed.
    probe: all(
      iterator('bpf_sk_storage_map'),
      iterator('bpf_map_elem'),
      helpers(SOCK_OPS, PROBE_READ_KERNEL),
    ),
  },
  {
    id: 'bind',
    name: 'bind() hooks',
    since: '4.17',
    roles: ['tagger'],
    required: true,
    without: NO_TAGGER,
    config: 'CONFIG_CGROUP_BPF',
    probe: sockAddrHooks(CgroupHook.bind4, CgroupHook.bind6),
  },
  {
    id: 'setsockopt',
    name: 'setsockopt() hook',
    since: '5.3',
    roles: ['tagger'],
    required: true,
    without: NO_TAGGER,
    config: 'CONFIG_CGROUP_BPF',
    probe: sockoptHook(CgroupHook.setsockopt),
  },
  {
    id: 'kernel-memory',
    name: 'reads of kernel memory in bind() hooks',
    since: '5.5',
    roles: ['tagger'],
    required: true,
    without: NO_TAGGER,
    config: 'CONFIG_BPF_SYSCALL',
    remedy: NO_LOCKDOWN,
    probe: kernelMemory,
  },
  {
    id: 'kernel-socket',
    name: 'the kernel’s socket behind a program’s',
    since: '5.10',
    roles: ['receiver', 'tagger'],
    required: true,
    without: NEITHER,
    config: 'CONFIG_DEBUG_INFO_BTF',
    probe: all(helpers(SOCK_OPS, SKC_TO_TCP_SOCK), helpers(BIND, SKC_TO_TCP_SOCK)),
  },
  {
    id: 'getsockname',
    name: 'getsockname() hooks',
    since: '5.8',
    roles: ['tagger'],
    required: true,
    without: NO_TAGGER,
    config: 'CONFIG_CGROUP_BPF',
    probe: sockAddrHooks(CgroupHook.getsockname4, CgroupHook.getsockname6),
  },
  {
    id: 'write-options',
    name: 'TCP options written by sock_ops programs',
    since: '5.10',
    roles: ['tagger'],
    required: true,
    without: NO_TAGGER,
    config: 'CONFIG_CGROUP_BPF',
    probe: helpers(SOCK_OPS, STORE_HDR_OPT, RESERVE_HDR_OPT),
  },
  {
    id: 'mapped-arrays',
    name: 'arrays of programs in the memory of processes',
    since: '5.5',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: mapFlags(ARRAY, BPF_F_MMAPABLE),
  },
  {
    id: 'routes',
    name: 'routes and neighbours in XDP programs',
    since: '4.18',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_NET',
    probe: helpers(XDP, FIB_LOOKUP),
  },
  {
    id: 'coarse-clock',
    name: 'coarse clock in programs',
    since: '5.11',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: helpers(XDP, KTIME_GET_COARSE_NS),
  },
  {
    id: 'syscall-programs',
    name: 'programs that a process calls',
    since: '5.14',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: programType(ProgramType.syscall),
  },
  {
    id: 'loops',
    name: 'loops of any length in programs',
    since: '5.17',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_BPF_SYSCALL',
    probe: helpers(XDP, LOOP),
  },
  {
    id: 'packet-bytes',
    name: 'bytes of a packet at any offset in XDP programs',
    since: '5.18',
    roles: ['forwarder'],
    required: true,
    without: NO_FORWARDER,
    config: 'CONFIG_NET',
    probe: helpers(XDP, XDP_LOAD_BYTES, XDP_STORE_BYTES),
  },
  {
    id: 'live-frames',
    name: 'frames handed to XDP programs as if they had come in',
    since: '5.18',
    roles: ['forwarder'],
    required: false,
    without: 'connections that nobody used for too long end without either end being told',
    config: 'CONFIG_NET',
    // They came with the bytes of a packet, and only an interface could tell more.
    probe: helpers(XDP, XDP_LOAD_BYTES),
  },
];
