package io.podslice.agent.kubelet;

import static io.podslice.agent.host.NodeFolder.CONTAINERD;
import static io.podslice.agent.host.NodeFolder.DROP_IN;
import static io.podslice.agent.host.NodeFolder.EXTRA_ARGS;
import static io.podslice.agent.host.NodeFolder.FLAGS_ENV;
import static io.podslice.agent.host.NodeFolder.KUBELET_CONFIG;
import static io.podslice.agent.host.NodeFolder.PODSLICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.host.NodeFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kubelet of a node is pointed at podslice and back, wherever its endpoint is set. */
class EndpointSwitchTest {
    private static final List<String> UNDO = List.of("/opt/podslice/bin/podslice", "kubelet", "detach", "--if-unsound");
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @TempDir
    private Path root;

    private final StringWriter said = new StringWriter();
    private NodeFolder node = new NodeFolder(Path.of("/"));
    private NodeDouble machine = new NodeDouble(node);

    @BeforeEach
    void makeNode() {
        node = new NodeFolder(root).kubeadm().put("/run/podslice/cri.sock", "").put("/var/lib/podslice/lock", "");
        machine = new NodeDouble(node);
    }

    private EndpointSwitch endpoint() {
        return new EndpointSwitch(
                node.files(), machine, machine, machine, "/var/lib/podslice", new PrintWriter(said, true));
    }

    private static EndpointSwitch.Options options(boolean force) {
        return new EndpointSwitch.Options("/run/podslice/cri.sock", TIMEOUT, Duration.ofSeconds(10), UNDO, force);
    }

    private void attach() throws IOException, KubeletException {
        endpoint().attach(options(false));
    }

    private Setting running() throws IOException {
        return Kubelet.read(node.files()).running(KubeletKey.ENDPOINT);
    }

    /**
     * A way in which nodes set the endpoint.
     *
     * @param file the file that attach must change or make
     */
    record Layout(String what, String endpoint, String file, Consumer<NodeFolder> make) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static List<Layout> layouts() {
        String other = "unix:///var/run/containerd/containerd.sock";
        return List.of(
                new Layout("nowhere", CONTAINERD, EXTRA_ARGS, _ -> {}),
                new Layout(
                        "kubeadm's environment file",
                        other,
                        EXTRA_ARGS,
                        node -> node.put(
                                FLAGS_ENV,
                                "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=" + other + " --v=2\"\n")),
                new Layout(
                        "Debian's environment file",
                        other,
                        EXTRA_ARGS,
                        node -> node.put(
                                EXTRA_ARGS,
                                "# mine\nKUBELET_EXTRA_ARGS=\"--node-ip=10.0.0.1 --container-runtime-endpoint=" + other
                                        + "\"\n")),
                new Layout(
                        "Debian's environment file, other flags alone",
                        CONTAINERD,
                        EXTRA_ARGS,
                        node -> node.put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS='--node-ip=10.0.0.1'")),
                new Layout(
                        "an environment file without quotes",
                        CONTAINERD,
                        EXTRA_ARGS,
                        node -> node.put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS=--node-ip=10.0.0.1 --v=4\nOTHER=1\n")),
                new Layout(
                        "an rpm's environment file",
                        other,
                        "/etc/sysconfig/kubelet",
                        node -> node.replace(DROP_IN, "/etc/default/kubelet", "/etc/sysconfig/kubelet")
                                .put(
                                        "/etc/sysconfig/kubelet",
                                        "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + other + "\n")),
                new Layout(
                        "kubeadm's configuration file",
                        other,
                        EXTRA_ARGS,
                        node -> node.put(
                                KUBELET_CONFIG,
                                node.text(KUBELET_CONFIG) + "containerRuntimeEndpoint: " + other + "\n")),
                new Layout(
                        "a drop-in of --config-dir",
                        other,
                        "/etc/kubernetes/kubelet.conf.d/90-podslice.conf",
                        node -> node.replace(
                                        DROP_IN,
                                        "--config=/var/lib/kubelet/config.yaml",
                                        "--config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubernetes/kubelet.conf.d")
                                .put(
                                        "/etc/kubernetes/kubelet.conf.d/20-endpoint.conf",
                                        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                                                + "containerRuntimeEndpoint: " + other + "\n")),
                new Layout(
                        "a drop-in of --config-dir that sorts last",
                        other,
                        "/etc/kubernetes/kubelet.conf.d/zz-podslice.conf",
                        node -> node.replace(
                                        DROP_IN,
                                        "--config=/var/lib/kubelet/config.yaml",
                                        "--config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubernetes/kubelet.conf.d")
                                .put(
                                        "/etc/kubernetes/kubelet.conf.d/99-endpoint.conf",
                                        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                                                + "containerRuntimeEndpoint: " + other + "\n")),
                new Layout(
                        "a flag in the unit",
                        other,
                        "/etc/systemd/system/kubelet.service.d/90-podslice.conf",
                        node -> node.remove(DROP_IN)
                                .put(
                                        "/etc/systemd/system/kubelet.service",
                                        "[Service]\nExecStart=/usr/bin/kubelet \\\n  --config=/var/lib/kubelet/config.yaml \\\n"
                                                + "  --container-runtime-endpoint " + other + "\n")),
                new Layout(
                        "a variable of the unit",
                        other,
                        "/etc/systemd/system/kubelet.service.d/90-podslice.conf",
                        node -> node.replace(
                                DROP_IN,
                                "[Service]\n",
                                "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + other
                                        + "\"\n")));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void attachesWhereverTheEndpointIsSetAndDetachesByteForByte(Layout layout) throws Exception {
        layout.make().accept(node);
        machine.restart("kubelet.service");
        assertThat(running().value()).isEqualTo(layout.endpoint());
        Map<String, String> before = FolderContents.of(root);

        attach();

        assertThat(running().value()).as(said.toString()).isEqualTo(PODSLICE);
        assertThat(said.toString()).contains("wrote " + layout.file(), "and the node is sound");
        assertThat(machine.calls())
                .containsSubsequence(
                        "schedule " + EndpointSwitch.TIMER + " after 180",
                        "daemon-reload",
                        "restart kubelet.service",
                        "cancel " + EndpointSwitch.TIMER);
        assertThat(node.text("/etc/systemd/system/kubelet.service.d/50-podslice.conf"))
                .contains("[Unit]\nWants=podslice.service\nAfter=podslice.service\n");

        endpoint().detach(false, TIMEOUT);

        assertThat(running().value()).isEqualTo(layout.endpoint());
        assertThat(FolderContents.of(root)).isEqualTo(before);
    }

    @Test
    void otherFlagsStay() throws Exception {
        node.put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS='--node-ip=10.0.0.1'");
        attach();
        assertThat(node.text(EXTRA_ARGS))
                .isEqualTo("KUBELET_EXTRA_ARGS='--node-ip=10.0.0.1 --container-runtime-endpoint=" + PODSLICE + "'");
    }

    @Test
    void bytesThatAreNoTextArePutBackToo() throws Exception {
        byte[] bytes = "# \u00e4\u00f6\nKUBELET_EXTRA_ARGS=--v=2\r\n".getBytes(StandardCharsets.ISO_8859_1);
        Files.createDirectories(node.at("/etc/default"));
        Files.write(node.at(EXTRA_ARGS), bytes);
        node.mode(EXTRA_ARGS, "rw-r-----");
        attach();
        assertThat(Files.readAllBytes(node.at(EXTRA_ARGS))).isNotEqualTo(bytes);
        endpoint().detach(false, TIMEOUT);
        assertThat(Files.readAllBytes(node.at(EXTRA_ARGS))).isEqualTo(bytes);
        assertThat(FolderContents.of(root).get(EXTRA_ARGS)).startsWith("rw-r-----");
    }

    @Test
    void aNodeThatDoesNotComeBackIsPutBack() throws Exception {
        machine.restart("kubelet.service");
        machine.breakWith(PODSLICE);
        Map<String, String> before = FolderContents.of(root);
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("not attached: healthz: status 500 (after 120 s)")
                .hasMessageContaining("The kubelet has " + CONTAINERD + " again");
        assertThat(FolderContents.of(root)).isEqualTo(before);
        assertThat(running().value()).isEqualTo(CONTAINERD);
        assertThat(machine.scheduled()).isEmpty();
    }

    @Test
    void theTimerPutsANodeBackWhoseAttachHasEndedInTheMiddle() throws Exception {
        machine.restart("kubelet.service");
        Map<String, String> before = FolderContents.of(root);
        machine.dieAtRestart(true);
        assertThatThrownBy(this::attach).isInstanceOf(IllegalStateException.class);
        machine.dieAtRestart(false);
        assertThat(machine.scheduled()).contains(UNDO);
        assertThat(node.text(EXTRA_ARGS)).contains(PODSLICE);

        // Another attach is not begun on top of it, and the timer's command finds a kubelet without the endpoint.
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("an earlier attach has not been undone");
        endpoint().detach(true, TIMEOUT);

        assertThat(FolderContents.of(root)).isEqualTo(before);
        assertThat(running().value()).isEqualTo(CONTAINERD);
    }

    @Test
    void theTimerLeavesASoundNodeAttached() throws Exception {
        attach();
        endpoint().detach(true, TIMEOUT);
        assertThat(running().value()).isEqualTo(PODSLICE);
        assertThat(said.toString()).contains("the kubelet stays attached");
        attach();
        assertThat(said.toString()).contains("attached already");
        assertThat(endpoint().kept()).contains("attached by podslice kubelet attach; before: " + CONTAINERD);
    }

    @Test
    void aFileThatWasChangedSinceGetsItsEndpointBackAlone() throws Exception {
        node.put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + CONTAINERD + "\n");
        machine.restart("kubelet.service");
        attach();
        node.put(EXTRA_ARGS, node.text(EXTRA_ARGS) + "GOMAXPROCS=2\n");
        endpoint().detach(false, TIMEOUT);
        assertThat(node.text(EXTRA_ARGS))
                .isEqualTo("KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + CONTAINERD + "\nGOMAXPROCS=2\n");
        assertThat(said.toString()).contains(EXTRA_ARGS + ": was changed since; its endpoint alone was put back");
    }

    @Test
    void aFlagThatWinsOverTheChangeIsNamedAndNothingIsRestarted() throws Exception {
        node.put(
                "/etc/systemd/system/kubelet.service.d/99-mine.conf",
                "[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --container-runtime-endpoint=" + CONTAINERD + "\n");
        Map<String, String> before = FolderContents.of(root);
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("99-mine.conf still gives the kubelet the endpoint " + CONTAINERD);
        assertThat(FolderContents.of(root)).isEqualTo(before);
    }

    @Test
    void aKubeletWithManagersOfItsOwnIsAttachedByForceAlone() throws Exception {
        node.replace(KUBELET_CONFIG, "cpuManagerPolicy: none", "cpuManagerPolicy: static");
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("cpuManagerPolicy is static (configuration file " + KUBELET_CONFIG + ")");
        endpoint().attach(options(true));
        assertThat(running().value()).isEqualTo(PODSLICE);
    }

    @Test
    void aPodsliceThatIsInstalledIsStartedFirst() throws Exception {
        node.remove("/run/podslice/cri.sock");
        node.put("/usr/lib/systemd/system/podslice.service", "[Service]\n");
        attach();
        assertThat(machine.calls().getFirst()).isEqualTo("enable podslice.service");
        assertThat(running().value()).isEqualTo(PODSLICE);
    }

    @Test
    void nothingIsDoneWherePodsliceDoesNotListenOrThereIsNoKubelet() throws Exception {
        node.remove("/run/podslice/cri.sock");
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("/run/podslice/cri.sock: no such socket");
        node.put("/run/podslice/cri.sock", "").remove(DROP_IN).remove("/usr/lib/systemd/system/kubelet.service");
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("no unit of systemd starts a kubelet");
        assertThat(machine.calls()).isEmpty();
        endpoint().detach(false, TIMEOUT);
        assertThat(said.toString()).contains("not attached: the kubelet has " + CONTAINERD);
    }

    @Test
    void aKubeletThatAnotherHandAttachedIsLeftAlone() throws Exception {
        node.put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + PODSLICE + "\n");
        machine.restart("kubelet.service");
        assertThatThrownBy(this::attach)
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("flag in the environment file " + EXTRA_ARGS);
        assertThatThrownBy(() -> endpoint().detach(false, TIMEOUT))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("it was not attached by podslice kubelet attach");
    }

    @Test
    void aDamagedRecordIsSaidAndKept() throws IOException {
        node.put("/var/lib/podslice/kubelet.json", "{\"version\": \"1\", \"files\": 7");
        assertThatThrownBy(() -> endpoint().detach(false, TIMEOUT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/var/lib/podslice/kubelet.json: is damaged");
        node.put("/var/lib/podslice/kubelet.json", "{\"version\": \"9\"}");
        assertThatThrownBy(() -> endpoint().detach(false, TIMEOUT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another version of podslice");
        assertThat(node.text("/var/lib/podslice/kubelet.json")).contains("9");
    }

    @Test
    void k3sGetsADropInOfItsOwn() throws Exception {
        node.remove(DROP_IN)
                .remove("/usr/lib/systemd/system/kubelet.service")
                .put("/etc/systemd/system/k3s.service", "[Service]\nExecStart=/usr/local/bin/k3s server\n")
                .put("/etc/rancher/k3s/config.yaml", "kubelet-arg:\n  - \"max-pods=200\"\n")
                .put("/proc/700/cmdline", "/usr/local/bin/k3s server\0");
        Map<String, String> before = FolderContents.of(root);
        assertThat(running().value()).isEqualTo("unix:///run/k3s/containerd/containerd.sock");
        attach();
        assertThat(node.text("/etc/rancher/k3s/config.yaml.d/90-podslice.yaml"))
                .contains("kubelet-arg+:\n  - \"container-runtime-endpoint=" + PODSLICE + "\"\n");
        assertThat(running())
                .isEqualTo(new Setting(
                        PODSLICE, Setting.Place.DISTRIBUTION, "/etc/rancher/k3s/config.yaml.d/90-podslice.yaml"));
        assertThat(machine.calls()).contains("restart k3s.service");
        endpoint().detach(false, TIMEOUT);
        assertThat(FolderContents.of(root)).isEqualTo(before);
    }
}
