#!/bin/sh
# In the VM: podslice as a process of its own, and the scenario as its client.
cd /payload || exit 125
mkdir -p /results
ctr -n k8s.io images tag podslice.io/test/busybox:1 docker.io/library/busybox:stable >/dev/null || exit 125

# Starts podslice again whenever it has ended, be it by a scenario's kill -9; from then on with podslice-then.yaml, if it exists.
serve() {
  config=podslice.yaml
  while [ ! -e /run/podslice.stop ]; do
    /payload/jre/bin/java $(cat serve.flags) -cp "$(cat serve.classpath)" io.podslice.agent.cli.Main \
      serve --config "/payload/$config" >>/results/podslice.log 2>&1 &
    echo $! >/run/podslice.pid
    wait $!
    echo "podslice ended with status $?"
    [ -f podslice-then.yaml ] && config=podslice-then.yaml
  done
}
serve &
server=$!

/payload/jre/bin/java $(cat tool.flags) -cp "$(cat tool.classpath)" "io.podslice.integration.vm.Scenario$(cat scenario)" \
  /run/podslice/cri.sock /payload/crictl /results/findings.jsonl
status=$?
touch /run/podslice.stop
kill "$(cat /run/podslice.pid)"
wait "$server"
[ "$status" = 0 ] || cat /results/podslice.log
exit "$status"
