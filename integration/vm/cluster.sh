#!/bin/sh
# In the VM: etcd, kube-apiserver, the kubelet and podslice as processes of their own, and the scenario as the API's client.
cd /payload || exit 125
export PATH="/payload/bin:$PATH"
pki=/etc/kubernetes/pki
mkdir -p /results $pki /etc/kubernetes/manifests /var/lib/kubelet /var/lib/etcd /run/keep
cp pki/* $pki/
# The kubelet asks the file system of its folder for its size, which an initramfs does not have.
mount -t tmpfs tmpfs /var/lib/kubelet
mount -t tmpfs tmpfs /var/lib/etcd
mkdir -p /var/lib/kubelet/pki /var/log/pods /var/log/containers
cp pki/kubelet-client-current.pem /var/lib/kubelet/pki/
# An address that is not of the loopback range, which a node may not have; nothing leaves the VM. Of TEST-NET-1 (RFC 5737).
ip addr add 192.0.2.1/32 dev lo
# Pods use the host's network; without a network of its own the node would not be ready.
echo '{"cniVersion": "0.4.0", "name": "none", "plugins": [{"type": "none"}]}' >/etc/cni/net.d/10-none.conflist

cat >/etc/kubernetes/kubelet.conf <<CONFIG
apiVersion: v1
kind: Config
clusters:
- name: vm
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority: $pki/ca.crt
users:
- name: system:node:podslice-vm
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
contexts:
- name: vm
  context: {cluster: vm, user: "system:node:podslice-vm"}
current-context: vm
CONFIG

# keep NAME: runs a program for as long as there is a file /run/keep/NAME, and starts it again when it has ended. Its
# process id is in /run/NAME.pid, its output in the results.
keep() {
  name=$1
  until [ -e /run/keep/none ]; do
    if [ -e "/run/keep/$name" ]; then
      "$name" >>"/results/$name.log" 2>&1 &
      echo $! >"/run/$name.pid"
      wait $!
      echo "$name ended with status $?" | tee -a "/results/$name.log"
      rm -f "/run/$name.pid"
    fi
    sleep 0.5
  done
}

etcd() {
  exec /payload/bin/etcd --data-dir /var/lib/etcd/data --unsafe-no-fsync --logger zap --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380 --heartbeat-interval 1000 --election-timeout 10000
}

# As kubeadm starts it, but for the service accounts' tokens, which nothing here hands out.
apiserver() {
  exec kube-apiserver --etcd-servers http://127.0.0.1:2379 --secure-port 6443 --bind-address 127.0.0.1 \
    --advertise-address 127.0.0.1 --endpoint-reconciler-type none --service-cluster-ip-range 10.96.0.0/24 \
    --client-ca-file $pki/ca.crt --tls-cert-file $pki/apiserver.crt --tls-private-key-file $pki/apiserver.key \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --disable-admission-plugins ServiceAccount \
    --service-account-issuer https://127.0.0.1:6443 --service-account-key-file $pki/sa.pub \
    --service-account-signing-key-file $pki/sa.key --allow-privileged --enable-priority-and-fairness=false --profiling=false
}

# With the configuration that the scenario has written.
kubelet() {
  exec /payload/bin/kubelet --config /run/kubelet.yaml --kubeconfig /etc/kubernetes/kubelet.conf \
    --hostname-override podslice-vm --node-ip 192.0.2.1 --v 2
}

podslice() {
  exec /payload/jre/bin/java $(cat serve.flags) -cp "$(cat classpath)" io.podslice.agent.cli.Main \
    serve --config /run/podslice.yaml
}

# The scenario starts the other two.
touch /run/keep/etcd /run/keep/apiserver
for name in etcd apiserver kubelet podslice; do keep $name & done

# shellcheck disable=SC2046 # a list of rounds
/payload/jre/bin/java $(cat tool.flags) -cp "$(cat classpath)" io.podslice.integration.vm.ClusterScenario \
  /results/findings.jsonl $(cat rounds)
status=$?
touch /run/keep/none
for name in kubelet podslice apiserver etcd; do
  rm -f "/run/keep/$name"
  [ -e "/run/$name.pid" ] && kill "$(cat "/run/$name.pid")" 2>/dev/null
done
exit "$status"
