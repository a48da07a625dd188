#!/bin/sh
# Runs in the guest, from early on: takes commands from the second serial line, one a line in base64, and answers with
# status, standard output and standard error, the latter two in base64.
exec < /dev/ttyS1 > /dev/ttyS1
stty raw -echo
mkdir -p /run/lab
echo '@ready'
while read -r command; do
  echo "$command" | base64 -d > /run/lab/command
  sh /run/lab/command > /run/lab/stdout 2> /run/lab/stderr < /dev/null
  echo "@done $? $(base64 -w0 /run/lab/stdout).$(base64 -w0 /run/lab/stderr)"
done
