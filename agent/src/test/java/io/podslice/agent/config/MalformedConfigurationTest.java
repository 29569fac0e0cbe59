package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The message for each mistake that a configuration can have. */
final class MalformedConfigurationTest {
    private static final String HEADER = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";

    /**
     * Makes one case.
     *
     * @param lines the file's text after apiVersion and kind, so that it begins at line 3
     * @param errors the messages
     */
    private static Arguments mistake(String lines, String... errors) {
        return Arguments.of(HEADER + lines, List.of(errors));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                // keys
                mistake("reservedCpus: 0-1", "f:3:1: reservedCpus: no such key; did you mean reservedSystemCPUs?"),
                mistake(
                        "topologymanagerpolicy: none",
                        "f:3:1: topologymanagerpolicy: no such key; did you mean topologyManagerPolicy?"),
                mistake("listen: unix:///a", "f:3:1: listen: no such key; did you mean api.listen or shim.listen?"),
                mistake("shim:\n  listn: unix:///a", "f:4:3: shim.listn: no such key; did you mean listen?"),
                mistake("state:\n  journal: true", "f:4:3: state.journal: no such key; the keys here are dir"),
                mistake(
                        "nri: {enabled: yes please, socket: /x, name: \"a b\", index: 7}",
                        "f:3:16: nri.enabled: \"yes please\": must be true or false",
                        "f:3:36: nri.socket: \"/x\": "
                                + "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock",
                        "f:3:46: nri.name: \"a b\": must be letters, digits and _.+- only",
                        "f:3:60: nri.index: \"7\": must be two digits"),
                mistake(
                        "cpuManagerPolicyOptions:\n  full-pcpu-only: true",
                        "f:4:3: cpuManagerPolicyOptions.full-pcpu-only: unknown CPU Manager Policy option: "
                                + "\"full-pcpu-only\"; did you mean full-pcpus-only?"),
                mistake(
                        "cpuManagerPolicy: none\nmemoryManagerPolicy: None\ncpuManagerPolicy: static",
                        "f:5:1: cpuManagerPolicy: given twice; the first is in line 3"),
                // choices
                mistake(
                        "topologyManagerPolicy: strict",
                        "f:3:24: topologyManagerPolicy: \"strict\": "
                                + "must be one of none, best-effort, restricted, single-numa-node"),
                mistake(
                        "topologyManagerScope: Pod",
                        "f:3:23: topologyManagerScope: \"Pod\": must be one of container, pod"),
                mistake(
                        "cpuManagerPolicy: Static",
                        "f:3:19: cpuManagerPolicy: \"Static\": must be one of none, static"),
                mistake(
                        "memoryManagerPolicy: static",
                        "f:3:22: memoryManagerPolicy: \"static\": must be one of None, Static"),
                mistake(
                        "memoryReservationPolicy: Tiered",
                        "f:3:26: memoryReservationPolicy: \"Tiered\": must be one of None, TieredReservation"),
                mistake(
                        "cpuManagerPolicy:",
                        "f:3:18: cpuManagerPolicy: is empty; leave the key out to have its default"),
                mistake("cpuManagerPolicy: [static]", "f:3:19: cpuManagerPolicy: must be a single value, not a list"),
                mistake("cpuManagerPolicy: {}", "f:3:19: cpuManagerPolicy: must be a single value, not a mapping"),
                // options and what they exclude
                mistake(
                        "cpuManagerPolicyOptions:\n  full-pcpus-only: \"yes\"",
                        "f:4:20: cpuManagerPolicyOptions.full-pcpus-only: \"yes\": bad value for option "
                                + "\"full-pcpus-only\": strconv.ParseBool: parsing \"yes\": invalid syntax; must be"
                                + " true or false"),
                mistake(
                        "cpuManagerPolicyOptions:\n  full-pcpus-only: true\n  distribute-cpus-across-cores: true",
                        "f:5:3: cpuManagerPolicyOptions.distribute-cpus-across-cores: "
                                + "static policy options full-pcpus-only and distribute-cpus-across-cores can not be used at"
                                + " the same time"),
                mistake(
                        "cpuManagerPolicyOptions:\n"
                                + "  prefer-align-cpus-by-uncorecache: true\n  distribute-cpus-across-numa: true",
                        "f:5:3: cpuManagerPolicyOptions.distribute-cpus-across-numa: "
                                + "static policy options prefer-align-cpus-by-uncorecache and distribute-cpus-across-numa can"
                                + " not be used at the same time"),
                mistake(
                        "topologyManagerPolicy: single-numa-node\ncpuManagerPolicyOptions:\n  align-by-socket: true",
                        "f:5:3: cpuManagerPolicyOptions.align-by-socket: "
                                + "Topolgy manager single-numa-node policy is incompatible with CPUManager align-by-socket"
                                + " policy option"),
                mistake(
                        "cpuManagerPolicyOptions:\n  uncorecache-best-fit: true",
                        "f:4:3: cpuManagerPolicyOptions.uncorecache-best-fit: has no meaning without"
                                + " prefer-align-cpus-by-uncorecache"),
                mistake(
                        "topologyManagerPolicyOptions:\n  max-allowable-numa-nodes: 7",
                        "f:4:29: topologyManagerPolicyOptions.max-allowable-numa-nodes: \"7\": the minimum value of"
                                + " \"max-allowable-numa-nodes\" should not be less than 8"),
                mistake(
                        "topologyManagerPolicyOptions:\n  max-allowable-numa-node: 9",
                        "f:4:3: topologyManagerPolicyOptions.max-allowable-numa-node: unknown Topology Manager Policy"
                                + " option: \"max-allowable-numa-node\"; did you mean max-allowable-numa-nodes?"),
                mistake(
                        "cpuManagerPolicy: none\ncpuManagerPolicyOptions:\n  full-pcpus-only: true",
                        "f:5:3: cpuManagerPolicyOptions.full-pcpus-only: "
                                + "has no meaning with cpuManagerPolicy none; use static"),
                mistake(
                        "cpuManagerPolicyOptions: full-pcpus-only",
                        "f:3:26: cpuManagerPolicyOptions: must be a mapping, not a string (full-pcpus-only)"),
                // CPU lists
                mistake(
                        "reservedSystemCPUs: 0-1,x",
                        "f:3:21: reservedSystemCPUs: \"0-1,x\": CPU list \"0-1,x\": \"x\" is no number or range"),
                mistake(
                        "reservedSystemCPUs: 3-1",
                        "f:3:21: reservedSystemCPUs: \"3-1\": CPU list \"3-1\": range \"3-1\" runs backwards"),
                mistake("reservedSystemCPUs: [0, 1]", "f:3:21: reservedSystemCPUs: must be a single value, not a list"),
                // numbers and durations
                mistake(
                        "memoryThrottlingFactor: 0",
                        "f:3:25: memoryThrottlingFactor: \"0\": must be a number above 0, at most 1"),
                mistake(
                        "memoryThrottlingFactor: 90%",
                        "f:3:25: memoryThrottlingFactor: \"90%\": must be a number above 0, at most 1"),
                mistake(
                        "memoryThrottlingFactor: NaN",
                        "f:3:25: memoryThrottlingFactor: \"NaN\": must be a number above 0, at most 1"),
                mistake(
                        "memoryMinHeadroomPercent: 101",
                        "f:3:27: memoryMinHeadroomPercent: \"101\": must be a whole number of percent, 0 to 100"),
                mistake(
                        "memoryMinHeadroomPercent: 10%",
                        "f:3:27: memoryMinHeadroomPercent: \"10%\": must be a whole number of percent, 0 to 100"),
                mistake("memoryQoSVersion: 1.35", "f:3:19: memoryQoSVersion: \"1.35\": must be one of 1.36, 1.37"),
                mistake(
                        "cpuCFSQuotaPeriod: 100",
                        "f:3:20: cpuCFSQuotaPeriod: \"100\": must be a duration such as 100ms, 1.5s or 1m30s"),
                mistake("cpuCFSQuotaPeriod: 999us", "f:3:20: cpuCFSQuotaPeriod: \"999us\": must be 1ms to 1s"),
                mistake("cpuCFSQuotaPeriod: 1001ms", "f:3:20: cpuCFSQuotaPeriod: \"1001ms\": must be 1ms to 1s"),
                mistake("cpuCFSQuotaPeriod: -1s", "f:3:20: cpuCFSQuotaPeriod: \"-1s\": must be 1ms to 1s"),
                // reserved memory
                mistake(
                        "reservedMemory:\n- numaNode: x\n  limits: {memory: 1Gi}",
                        "f:4:13: reservedMemory[0].numaNode: \"x\": "
                                + "must be the number of a NUMA node, 0 to 2147483647"),
                mistake(
                        "reservedMemory:\n- {numaNode: 0, limits: {memory: 1Gx}}",
                        "f:4:34: reservedMemory[0].limits.memory: \"1Gx\": "
                                + "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
                mistake(
                        "reservedMemory:\n- {numaNode: 0, limits: {memory: 0}}",
                        "f:4:34: reservedMemory[0].limits.memory: \"0\": must be above 0"),
                mistake(
                        "reservedMemory:\n- limits: {memory: 1Gi}",
                        "f:4:3: reservedMemory[0].numaNode: is missing; must be the number of a NUMA node"),
                mistake(
                        "reservedMemory:\n- numaNode: 1",
                        "f:4:3: reservedMemory[0].limits: is missing; must say how much, e.g. {memory: 1Gi}"),
                mistake(
                        "reservedMemory:\n- {numaNode: 1, limits: {memory: 1Gi}}\n- {numaNode: 1, limits: {memory: 2Gi}}",
                        "f:5:26: reservedMemory[1].limits.memory: is given twice for NUMA node 1"),
                mistake(
                        "reservedMemory:\n- {numaNode: 1, limits: {cpu: 1}}",
                        "f:4:26: reservedMemory[0].limits.cpu: no such key; the keys here are memory"),
                mistake(
                        "reservedMemory:\n- {numaNode: 1, limits: {hugepages-2Mi: 1Gi}}\n"
                                + "- {numaNode: 1, limits: {hugepages-2Mi: 2Gi}}",
                        "f:5:26: reservedMemory[1].limits.hugepages-2Mi: is given twice for NUMA node 1"),
                mistake(
                        "reservedMemory:\n- {numaNode: 0, limits: {hugepages-2Mi: 3Mi}}",
                        "f:4:41: reservedMemory[0].limits.hugepages-2Mi: \"3Mi\": must be whole pages of 2Mi: 2Mi or 4Mi"),
                mistake(
                        "reservedMemory:\n- {numaNode: 0, limits: {hugepages-1Gi: 512Mi}}",
                        "f:4:41: reservedMemory[0].limits.hugepages-1Gi: \"512Mi\": must be whole pages of 1Gi: 0 or 1Gi"),
                mistake(
                        "reservedMemory:\n- {numaNode: 0, limits: {hugepages-huge: 1Gi}}",
                        "f:4:42: reservedMemory[0].limits.hugepages-huge: \"1Gi\": \"hugepages-huge\" must name a page size,"
                                + " such as hugepages-2Mi"),
                mistake("reservedMemory: {}", "f:3:17: reservedMemory: must be a list, not a mapping"),
                // bounds
                mistake(
                        "bounds: {namespaces: [Kube]}",
                        "f:3:23: bounds.namespaces[0]: \"Kube\": must be the name of a namespace: a lowercase RFC 1123 label"
                                + " must consist of lower case alphanumeric characters or '-', and must start and end with an"
                                + " alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
                                + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"),
                mistake(
                        "bounds: {exclusiveCPUsPerPod: -1}",
                        "f:3:31: bounds.exclusiveCPUsPerPod: \"-1\": must be a number of CPUs, 0 to 2147483647"),
                mistake(
                        "bounds: {exclusivePercent: 101}",
                        "f:3:28: bounds.exclusivePercent: \"101\": must be a whole number of percent, 0 to 100"),
                mistake(
                        "bounds: {sharedPoolCPUs: 0}",
                        "f:3:26: bounds.sharedPoolCPUs: \"0\": must be 1 or more: pods without CPUs of their own run there"),
                mistake(
                        "bounds: {guardedMemory: 1Gx}",
                        "f:3:25: bounds.guardedMemory: \"1Gx\": "
                                + "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
                mistake("bounds: {namespace: [a]}", "f:3:10: bounds.namespace: no such key; did you mean namespaces?"),
                // sources of pods' specs, refused pods
                mistake(
                        "podSpecs: {source: kubelet}",
                        "f:3:20: podSpecs.source: \"kubelet\": must be one of auto, podsAPI, apiServer, staticPods,"
                                + " annotation"),
                mistake(
                        "podSpecs: {source: apiServer}",
                        "f:3:12: podSpecs.source: \"apiServer\": needs podSpecs.apiServer.kubeconfig or"
                                + " podSpecs.apiServer.serviceAccount"),
                mistake(
                        "podSpecs: {source: staticPods, staticPods: \"\"}",
                        "f:3:12: podSpecs.source: \"staticPods\": needs a folder: podSpecs.staticPods is empty"),
                mistake("podSpecs: {timeout: 9ms}", "f:3:21: podSpecs.timeout: \"9ms\": must be 10ms to 10s"),
                mistake("podSpecs: {timeout: 11s}", "f:3:21: podSpecs.timeout: \"11s\": must be 10ms to 10s"),
                mistake(
                        "podSpecs: {timeout: 2s}\nshim: {decisionBudget: 2s}",
                        "f:3:21: podSpecs.timeout: \"2s\": must be below shim.decisionBudget, within which the sources"
                                + " are asked"),
                mistake(
                        "podSpecs: {podsAPI: /run/pods.sock}",
                        "f:3:21: podSpecs.podsAPI: \"/run/pods.sock\": "
                                + "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock"),
                mistake(
                        "podSpecs: {apiServer: {kubeconfig: kubelet.conf}}",
                        "f:3:36: podSpecs.apiServer.kubeconfig: \"kubelet.conf\": must be an absolute path"),
                mistake(
                        "podSpecs: {apiServer: {kubeconfig: /k, serviceAccount: /s, server: \"https://a\"}}",
                        "f:3:40: podSpecs.apiServer.serviceAccount: cannot be used beside kubeconfig: credentials come"
                                + " from one"),
                mistake(
                        "podSpecs: {apiServer: {serviceAccount: /s}}",
                        "f:3:24: podSpecs.apiServer.serviceAccount: needs the API server's address:"
                                + " podSpecs.apiServer.server"),
                mistake(
                        "podSpecs: {apiServer: {kubeconfig: /k, server: \"http://10.96.0.1\", nodeName: Node_1}}",
                        "f:3:48: podSpecs.apiServer.server: \"http://10.96.0.1\": "
                                + "must be https:// and a host, e.g. https://10.96.0.1:443",
                        "f:3:78: podSpecs.apiServer.nodeName: \"Node_1\": "
                                + "must be the name of a node: lower case letters, digits, '-' and '.'"),
                mistake(
                        "podSpecs: {apiServer: {kubeconfig: /k, server: \"https://rancher/k8s/clusters/c-1\"}}",
                        "f:3:48: podSpecs.apiServer.server: \"https://rancher/k8s/clusters/c-1\": "
                                + "must be https:// and a host, e.g. https://10.96.0.1:443"),
                mistake(
                        "podSpecs: {apiServer: {events: true}}",
                        "f:3:24: podSpecs.apiServer.events: true: needs access to the API server:"
                                + " podSpecs.apiServer.kubeconfig or podSpecs.apiServer.serviceAccount"),
                mistake(
                        "podSpecs: {apiServer: {kubeconfig: /k, events: all}}",
                        "f:3:48: podSpecs.apiServer.events: \"all\": must be true or false"),
                mistake(
                        "podSpecs: {staticPods: manifests}",
                        "f:3:24: podSpecs.staticPods: \"manifests\": must be an absolute path"),
                mistake(
                        "podResources: /run/kubelet.sock",
                        "f:3:15: podResources: \"/run/kubelet.sock\": "
                                + "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock"),
                mistake(
                        "admission: {refused: never}",
                        "f:3:22: admission.refused: \"never\": must be one of retry, fail"),
                mistake(
                        "admission: {refused: fail}",
                        "f:3:13: admission.refused: \"fail\": needs access to the API server:"
                                + " podSpecs.apiServer.kubeconfig or podSpecs.apiServer.serviceAccount"),
                mistake("admission: {refuse: fail}", "f:3:13: admission.refuse: no such key; did you mean refused?"),
                // sockets, uids, paths
                mistake(
                        "shim:\n  listen: tcp://0.0.0.0:80",
                        "f:4:11: shim.listen: \"tcp://0.0.0.0:80\": "
                                + "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock"),
                mistake(
                        "shim:\n  runtime: unix://run/x.sock",
                        "f:4:12: shim.runtime: \"unix://run/x.sock\": must be an absolute path"),
                mistake(
                        "shim:\n  listen: unix:///run/../x.sock",
                        "f:4:11: shim.listen: \"unix:///run/../x.sock\": must be a path without . and .."),
                mistake(
                        "shim:\n  listen: unix:///" + "x".repeat(106),
                        "f:4:11: shim.listen: \"unix:///" + "x".repeat(106)
                                + "\": must have a path of at most 106 bytes, the most that a Unix socket takes"),
                mistake(
                        "shim:\n  listen: unix:///run/containerd/containerd.sock",
                        "f:4:3: shim.listen: \"unix:///run/containerd/containerd.sock\": "
                                + "is the same socket as shim.runtime"),
                mistake(
                        "shim:\n  allowedUids: [1000, root, -1, 2147483648]",
                        "f:4:23: shim.allowedUids[1]: \"root\": must be a numeric user id, 0 to 2147483647",
                        "f:4:29: shim.allowedUids[2]: \"-1\": must be a numeric user id, 0 to 2147483647",
                        "f:4:33: shim.allowedUids[3]: \"2147483648\": must be a numeric user id, 0 to 2147483647"),
                mistake(
                        "api:\n  listen: /run/podslice.sock\n  allowedUids: [root]\n  metrics: localhost:9419",
                        "f:4:11: api.listen: \"/run/podslice.sock\": "
                                + "must be unix:// and an absolute path, e.g. unix:///run/containerd/containerd.sock",
                        "f:5:17: api.allowedUids[0]: \"root\": must be a numeric user id, 0 to 2147483647",
                        "f:6:12: api.metrics: \"localhost:9419\": "
                                + "must be a numeric address and a port, e.g. 127.0.0.1:9419"),
                mistake(
                        "api:\n  listen: unix:///run/podslice/cri.sock\n  metrics: 127.0.0.1:65536",
                        "f:4:3: api.listen: \"unix:///run/podslice/cri.sock\": is the same socket as shim.listen",
                        "f:5:12: api.metrics: \"127.0.0.1:65536\": "
                                + "must be a numeric address and a port, e.g. 127.0.0.1:9419"),
                mistake(
                        "api:\n  page: 10.0.0.7:9420",
                        "f:4:9: api.page: \"10.0.0.7:9420\": is no loopback address: the page asks for no password, and shows"
                                + " the pods of all tenants; must be 127.0.0.1 or [::1] and a port, or unix:// and an"
                                + " absolute path"),
                mistake(
                        "api:\n  page: localhost",
                        "f:4:9: api.page: \"localhost\": must be a loopback address and a port, e.g. 127.0.0.1:9420,"
                                + " or unix:// and an absolute path"),
                mistake(
                        "api:\n  page: unix:///run/podslice/podslice.sock",
                        "f:4:3: api.page: \"unix:///run/podslice/podslice.sock\": is the same address as api.listen"),
                mistake(
                        "api: {page: \"[::1]:9\", metrics: \"[::1]:9\"}",
                        "f:3:7: api.page: \"[0:0:0:0:0:0:0:1]:9\": is the same address as api.metrics"),
                mistake(
                        "api:\n  record: {dir: recording, maxBytes: 1Mi}",
                        "f:4:17: api.record.dir: \"recording\": must be an absolute path",
                        "f:4:38: api.record.maxBytes: \"1Mi\": must be 4Mi to 64Gi"),
                mistake(
                        "api: {record: {dir: /srv/a}}\nstate: {dir: /srv/a}",
                        "f:3:16: api.record.dir: \"/srv/a\": is the same folder as state.dir"),
                mistake("api: {record: /srv/a}", "f:3:15: api.record: must be a mapping, not a string (/srv/a)"),
                mistake(
                        "shim:\n  allowedUids: 1000",
                        "f:4:16: shim.allowedUids: must be a list, not an integer (1000)"),
                mistake("shim: unix:///a", "f:3:7: shim: must be a mapping, not a string (unix:///a)"),
                mistake("shim: [a]", "f:3:7: shim: must be a mapping, not a list"),
                mistake("shim:\n  decisionBudget: 1us", "f:4:19: shim.decisionBudget: \"1us\": must be 10ms to 2m"),
                mistake(
                        "cgroups:\n  root: sys/fs/cgroup",
                        "f:4:9: cgroups.root: \"sys/fs/cgroup\": must be an absolute path"),
                mistake(
                        "cgroups:\n  kubepods: kubepods",
                        "f:4:13: cgroups.kubepods: \"kubepods\": "
                                + "cgroup path \"kubepods\": must begin with a slash"),
                mistake(
                        "cgroups:\n  kubepods: /a/../..",
                        "f:4:13: cgroups.kubepods: \"/a/../..\": "
                                + "cgroup path \"/a/../..\": component \"..\" is not allowed"),
                mistake(
                        "cgroups:\n  kubepods: /",
                        "f:4:13: cgroups.kubepods: \"/\": must be a cgroup below the root, e.g. /kubepods"),
                mistake(
                        "cgroups:\n  kubepods: /a-kubepods.slice",
                        "f:4:13: cgroups.kubepods: \"/a-kubepods.slice\": "
                                + "systemd has the slice a-kubepods.slice at /a.slice/a-kubepods.slice"),
                mistake(
                        "cgroups:\n  driver: systemd\n  kubepods: /my_pods",
                        "f:5:13: cgroups.kubepods: \"/my_pods\": cgroup name component \"my_pods\": must not be empty,"
                                + " nor have an underscore or a slash, under the systemd driver"),
                mistake(
                        "cgroups:\n  driver: Systemd",
                        "f:4:11: cgroups.driver: \"Systemd\": must be auto, cgroupfs or systemd"),
                mistake("state:\n  dir: ./state", "f:4:8: state.dir: \"./state\": must be an absolute path"),
                // YAML itself
                mistake("shim: {", "f:3:8: not valid YAML: expected the node content, but found '<stream end>'"),
                mistake(
                        "\tshim: {}",
                        "f:3:1: not valid YAML: found character '\\t(TAB)' that cannot start any token. "
                                + "(Do not use \\t(TAB) for indentation)"),
                mistake("state: &a\n  dir: /x\ncgroups: *a", "f:5:10: cgroups: a YAML alias (*): write the value out"),
                mistake("---\nkind: x", "f:4:1: a second YAML document: a configuration is one"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeIsNamedWithItsPlaceFieldAndValue(String text, List<String> errors) {
        assertThat(errors(text)).isEqualTo(errors);
    }

    static Stream<Arguments> headers() {
        String version = "is missing; must be podslice.io/v1alpha1";
        String kind = "is missing; must be PodsliceConfiguration";
        return Stream.of(
                Arguments.of("", List.of("f:1:1: apiVersion: " + version, "f:1:1: kind: " + kind)),
                Arguments.of("# nothing\n", List.of("f:1:1: apiVersion: " + version, "f:1:1: kind: " + kind)),
                Arguments.of(
                        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
                        List.of(
                                "f:1:13: apiVersion: \"kubelet.config.k8s.io/v1beta1\": must be podslice.io/v1alpha1",
                                "f:2:7: kind: \"KubeletConfiguration\": must be PodsliceConfiguration")),
                Arguments.of(
                        "just text\n",
                        List.of(
                                "f:1:1: must be a mapping, not a string (just text)",
                                "f:1:1: apiVersion: " + version,
                                "f:1:1: kind: " + kind)));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aFileThatIsNoPodsliceConfigurationIsSaidToBeNone(String text, List<String> errors) {
        assertThat(errors(text)).isEqualTo(errors);
    }

    @Test
    void allMistakesOfAFileAreFoundAtOnceInItsOrder() {
        assertThat(errors("""
                        apiVersion: podslice.io/v1alpha1
                        kind: PodsliceConfiguration
                        shim:
                          runtime: /run/containerd/containerd.sock
                          port: 80
                        cpuManagerPolicy: dynamic
                        state:
                          dir: relative
                        """))
                .hasSize(4)
                .satisfiesExactly(
                        error -> assertThat(error).startsWith("f:4:12: shim.runtime"),
                        error -> assertThat(error).startsWith("f:5:3: shim.port"),
                        error -> assertThat(error).startsWith("f:6:19: cpuManagerPolicy"),
                        error -> assertThat(error).startsWith("f:8:8: state.dir"));
    }

    private static List<String> errors(String text) {
        return ConfigurationFile.parse(text).errors().stream()
                .map(error -> error.text("f"))
                .toList();
    }
}
