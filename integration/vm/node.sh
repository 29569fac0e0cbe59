#!/bin/busybox sh
# Makes the VM a node and runs the script on it: as the first process, or as a service of systemd, which has mounted
# everything already. Speaks to the host over virtio ports: lines of progress, and a tar of the results.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb
# Many emulated CPUs share a few real ones: more threads of a Go program only get in each other's way.
export GOMAXPROCS=2

. /etc/vm.conf

# A port is known by its name, not by the order in which the kernel found it.
port() {
  for try in 1 2 3 4 5 6 7 8 9 10; do
    for name in /sys/class/virtio-ports/*/name; do
      if [ "$(cat "$name" 2>/dev/null)" = "$1" ]; then basename "$(dirname "$name")"; return; fi
    done
    sleep 0.2
  done
}
progress=/dev/$(port podslice.progress)
results=/dev/$(port podslice.results)
output=/dev/$(port podslice.output)

stage() { echo "$(cut -d' ' -f1 /proc/uptime) $*" >"$progress"; }

finish() {
  stage "sending results"
  # Services of systemd, and it itself, log to the kernel's buffer.
  [ "$VM_INIT" = systemd ] && dmesg >/results/systemd.log
  tar cf "$results" -C /results .
  stage "exit $1"
  sync
  echo o >/proc/sysrq-trigger
  sleep 60
}

fail() {
  echo "vm: $*" >"$output"
  finish 125
}

stage "user land is up"
ip link set lo up
mkdir -p /dev/hugepages
mount -t hugetlbfs hugetlbfs /dev/hugepages

if [ "$VM_INIT" = busybox ]; then
  hostname podslice-vm
  mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup 2>/dev/null ||
    mount -t cgroup2 cgroup2 /sys/fs/cgroup || fail "the kernel has no cgroup2"
  # As on a real node: services live in system.slice, and the root hands every controller down.
  mkdir /sys/fs/cgroup/system.slice
  for pid in $(cat /sys/fs/cgroup/cgroup.procs); do
    echo "$pid" >/sys/fs/cgroup/system.slice/cgroup.procs
  done 2>/dev/null # kernel threads stay
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
  done
fi

start_containerd() {
  if [ "$VM_INIT" = systemd ]; then
    systemctl start containerd.service || fail "containerd did not start: $(tail -n 3 /results/containerd.log)"
    return
  fi
  containerd --config /etc/containerd/config.toml >>/results/containerd.log 2>&1 &
  containerd=$!
  until grep -q 'containerd successfully booted' /results/containerd.log; do
    [ -d /proc/$containerd ] || fail "containerd ended at once: $(tail -n 3 /results/containerd.log)"
    sleep 0.1
  done
}

stop_containerd() {
  if [ "$VM_INIT" = systemd ]; then
    systemctl stop containerd.service
    return
  fi
  kill $containerd
  wait $containerd
}

if [ "$VM_CONTAINERD" = yes ]; then
  mkdir -p /run/containerd /etc/cni/net.d /opt/nri/plugins /etc/nri/conf.d
  # Importing takes as long as booting, so that the first VM hands its containerd's folder to the next ones.
  if [ ! -d /var/lib/containerd ]; then
    start_containerd
    ctr -n k8s.io images import --local --snapshotter native /images.tar >/dev/null || fail "the images could not be imported"
    # CRI hears of an image by an event, and then labels it.
    try=0
    until [ "$(ctr -n k8s.io images ls | grep -c io.cri-containerd.image=managed)" -ge 2 ]; do
      try=$((try + 1))
      [ "$try" -lt 50 ] || fail "CRI takes no notice of the images: $(grep 'failed to load plugin' /results/containerd.log | tail -n 3)"
      sleep 0.2
    done
    stop_containerd
    tar cf "/dev/$(port podslice.warm)" -C /var/lib containerd
    rm /results/containerd.log
    stage "images are in"
  fi
  start_containerd
  stage "containerd is up"
fi

stage "script starts"
mkdir -p /payload
cd /payload || fail "no payload"
/script >"$output" 2>&1 </dev/null
status=$?
stage "script ended with $status"
finish $status
