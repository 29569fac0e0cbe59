package io.podslice.agent.kubelet;

/** The kubelet's settings that podslice looks at: each by its key in KubeletConfiguration, its flag, and its default. */
public enum KubeletKey {
    /** The CRI socket that the kubelet connects to. */
    ENDPOINT("containerRuntimeEndpoint", "container-runtime-endpoint", "unix:///run/containerd/containerd.sock"),
    CPU_MANAGER("cpuManagerPolicy", "cpu-manager-policy", "none"),
    MEMORY_MANAGER("memoryManagerPolicy", "memory-manager-policy", "None"),
    TOPOLOGY_MANAGER("topologyManagerPolicy", "topology-manager-policy", "none"),
    CGROUP_DRIVER("cgroupDriver", "cgroup-driver", "cgroupfs"),
    CGROUP_ROOT("cgroupRoot", "cgroup-root", ""),
    /** The time for which the kubelet waits for most CRI calls. */
    REQUEST_TIMEOUT("runtimeRequestTimeout", "runtime-request-timeout", "2m0s"),
    HEALTHZ_PORT("healthzPort", "healthz-port", "10248"),
    HEALTHZ_ADDRESS("healthzBindAddress", "healthz-bind-address", "127.0.0.1"),
    ROOT_DIR("", "root-dir", "/var/lib/kubelet");

    private final String key;
    private final String flag;
    private final String fallback;

    KubeletKey(String key, String flag, String fallback) {
        this.key = key;
        this.flag = flag;
        this.fallback = fallback;
    }

    /** Returns the key in KubeletConfiguration; empty for a setting that has a flag alone. */
    public String key() {
        return key;
    }

    /** Returns the flag's name without its hyphens. */
    public String flag() {
        return flag;
    }

    Setting fallback(Distribution distribution) {
        String value = this == ENDPOINT && distribution != Distribution.NONE
                ? "unix:///run/k3s/containerd/containerd.sock"
                : fallback;
        return new Setting(value, Setting.Place.DEFAULT, "");
    }
}
