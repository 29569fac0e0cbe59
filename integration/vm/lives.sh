#!/bin/sh
# In the VM: random lives of pods on the kernel itself, without containerd.
cd /payload || exit 125
mkdir -p /results
exec /payload/jre/bin/java $(cat tool.flags) -cp "$(cat tool.classpath)" io.podslice.integration.vm.Scenario8 \
  /results/findings.jsonl "$(cat lives)"
