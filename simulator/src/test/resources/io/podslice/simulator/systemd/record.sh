#!/bin/busybox sh
# Runs in the VM, with this folder as the payload: every script's transcript goes to the results.
systemctl --version | head -n 1 >/results/version
cat /results/version
for script in /payload/*.script; do
  name=${script##*/}
  sh /payload/interpreter.sh "$script" >"/results/${name%.script}.transcript" || exit 1
  echo "$name: $(grep -c '^> ' "/results/${name%.script}.transcript") commands"
done
