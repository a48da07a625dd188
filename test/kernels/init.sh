#!/bin/sh
# The first process of a guest: puts the host's root, read-only, under a memory overlay, and runs the script in
# there that the kernel's command line names. Its exit status follows its output.
export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /host /new /memory
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order

argument() { sed -n "s/.* lab\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }

# Before any exit: an init that ends is a kernel panic.
give_up() { echo "$1"; poweroff -f; sleep 1000; }

mount -t virtiofs -o ro host /host || give_up "no host to see"
mount -t tmpfs none /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work none /new || give_up "no overlay"

cd /new
mount -t proc none proc
mount -t sysfs none sys
mount -t devtmpfs none dev
mkdir -p dev/shm dev/pts "lib/modules/$(uname -r)"
mount -t tmpfs none dev/shm
mount -t devpts none dev/pts
mount -t tmpfs none run
mount --bind "/host$(argument modules)" "lib/modules/$(uname -r)"
mount -t cgroup2 none sys/fs/cgroup
echo +memory > sys/fs/cgroup/cgroup.subtree_control
mount -t bpf none sys/fs/bpf
mount -t tracefs none sys/kernel/tracing
ifconfig lo 127.0.0.1 up

# The script writes to the second serial line, where the kernel does not write in between. The first process itself moves
# there, because the kernel looks for modprobe where that has its root; and it is no chroot, in which nobody would get a
# user namespace.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
script=$(argument script)
exec /bin/switch_root /new /bin/sh -c '
modprobe tun
{ sh "$1"; echo "@exit $?"; } > /dev/ttyS1 2>&1
echo o > /proc/sysrq-trigger
sleep 1000' sh "$script"
