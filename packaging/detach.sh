# Attached by hand, or without systemd. Not from a chroot, where it would be the host's: there, the first process
# has another root.
detach_all() {
  [ -d /sys/fs/bpf/truepeer ] || return 0
  [ "$(stat -L -c %d:%i /proc/1/root/ 2> /dev/null)" = "$(stat -c %d:%i /)" ] || return 0
  for role in receiver tagger forwarder; do
    truepeer "$role" detach ||
      echo "truepeer: the $role may still be attached: \`rm -r /sys/fs/bpf/truepeer\` detaches everything" >&2
  done
}
