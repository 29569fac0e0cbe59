#!/bin/sh
# In the VM: podslice as a process of its own, and each scenario as its client, one after the other until one fails. What is
# left of a scenario is removed before the next one, which begins with a podslice without a state.
cd /payload || exit 125
. /etc/vm.conf
[ "$VM_CONTAINERD" = no ] || ctr -n k8s.io images tag podslice.io/test/busybox:1 docker.io/library/busybox:stable >/dev/null || exit 125

# serve NUMBER: starts podslice again whenever it has ended, be it by a scenario's kill -9; from then on with
# scenarioNUMBER-then.yaml, if it exists. Without a scenarioNUMBER.yaml podslice is the scenario's to start.
serve() {
  config=scenario$1.yaml
  while [ -f "$config" ] && [ ! -e /run/podslice.stop ]; do
    /payload/jre/bin/java $(cat serve.flags) -cp "$(cat classpath)" io.podslice.agent.cli.Main \
      serve --config "/payload/$config" >>"/results/scenario$1/podslice.log" 2>&1 &
    echo $! >/run/podslice.pid
    wait $!
    echo "podslice ended with status $?"
    [ -f "scenario$1-then.yaml" ] && config=scenario$1-then.yaml
  done
}

# clean: no pods, no state.
clean() {
  rm -rf /run/podslice.stop /run/podslice.pid /run/podslice /var/lib/podslice
  if [ "$VM_DRIVER" = systemd ]; then
    systemctl stop kubepods.slice
  elif [ -d /sys/fs/cgroup/kubepods ]; then
    find /sys/fs/cgroup/kubepods -depth -type d -exec rmdir {} +
  fi
}

seconds() { cut -d. -f1 /proc/uptime; }

began=
for number in $(cat scenarios); do
  # What is left by the last one goes with the VM.
  [ -z "$began" ] || clean
  began=$(seconds)
  mkdir -p "/results/scenario$number"
  serve "$number" &
  server=$!
  findings=/results/scenario$number/findings.jsonl
  arguments="/run/podslice/cri.sock /payload/crictl $findings"
  [ "$VM_CONTAINERD" = yes ] || arguments="$findings $(cat lives)"
  /payload/jre/bin/java $(cat tool.flags) -cp "$(cat classpath)" "io.podslice.integration.vm.Scenario$number" $arguments
  status=$?
  touch /run/podslice.stop
  [ ! -f /run/podslice.pid ] || kill "$(cat /run/podslice.pid)"
  wait "$server"
  echo "$(seconds) scenario $number: status $status after $(($(seconds) - began)) s"
  echo "$status" >"/results/scenario$number/status"
  if [ "$status" != 0 ]; then
    cat "/results/scenario$number"/podslice.log
    exit "$status"
  fi
done
