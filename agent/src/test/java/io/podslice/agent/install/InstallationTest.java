package io.podslice.agent.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.host.NodeFolder;
import io.podslice.agent.kubelet.FolderContents;
import io.podslice.cgroups.systemd.SystemdException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node gets podslice, gets a newer one, and is as before when it is taken off. */
class InstallationTest {
    private static final InstallLayout LAYOUT = new InstallLayout("/opt/podslice");
    private static final String CONFIG = "/etc/podslice/podslice.yaml";
    private static final String SERVICE = "/etc/systemd/system/podslice.service";
    private static final String ENABLE = "enable podslice.socket podslice.service";
    private static final String SLICES = "run /opt/podslice/bin/podslice-slices";
    private static final String FIRST = "0.1.0-aaaaaaaaaaaa";
    private static final String SECOND = "0.2.0-bbbbbbbbbbbb";
    private static final FileTime BUILT = FileTime.fromMillis(1_700_000_000_000L);

    @TempDir
    private Path root;

    @TempDir
    private Path images;

    private final StringWriter said = new StringWriter();
    private NodeFolder node = new NodeFolder(Path.of("/"));
    private HostDouble host = new HostDouble(node);

    @BeforeEach
    void makeNode() {
        node = new NodeFolder(root)
                .kubeadm()
                .put("/opt/other/README", "")
                .put("/run/other.sock", "")
                .put("/etc/systemd/system/other.service", "[Service]\n")
                .put("/etc/systemd/system/multi-user.target.wants/other.service", "");
        host = new HostDouble(node);
    }

    /** Makes what the container image has in its folder. */
    private Release image(String id) throws IOException, InstallException {
        NodeFolder image = new NodeFolder(images.resolve(id))
                .put("/release", id + "\n")
                .put("/bin/podslice", "#!/bin/sh\necho " + id + "\n")
                .mode("/bin/podslice", "rwxr-xr-x")
                .put("/bin/podslice-slices", "#!/bin/sh\n")
                .put("/lib/podslice.jar", id)
                .put("/lib/serve.args", "-XX:AOTCache=/opt/podslice/lib/podslice.aot\n")
                .put("/jvm/legal/java.base/LICENSE", "GPL\n")
                .put("/units/podslice.socket", "[Socket]\nListenStream=/run/podslice/cri.sock\n")
                .put(
                        "/units/podslice.service",
                        "# " + id + "\n[Service]\nExecStart=/opt/podslice/bin/podslice serve\n");
        if (!Files.exists(image.at("/jvm/legal/java.xml"))) {
            image.link("/jvm/legal/java.xml", "java.base");
        }
        Files.setLastModifiedTime(image.at("/lib/podslice.jar"), BUILT);
        return Release.in(images.resolve(id));
    }

    private void install(Release release, String config, boolean attach) throws IOException, InstallException {
        new Installation(node.files(), host, LAYOUT, new PrintWriter(said, true))
                .run(new Installation.Wanted(release, config, attach));
    }

    private void install(String id) throws IOException, InstallException {
        install(image(id), ConfigurationFile.defaults(), false);
    }

    private void uninstall() throws IOException, InstallException {
        new Removal(node.files(), host, LAYOUT, new PrintWriter(said, true)).run();
    }

    private Map<String, String> contents() throws IOException {
        return FolderContents.of(root);
    }

    @Test
    void theFirstStartsTheSocketAndThenTheService() throws Exception {
        install(FIRST);

        assertThat(host.calls())
                .containsExactly("daemon-reload", SLICES, ENABLE, "start podslice.socket", "start podslice.service");
        assertThat(host.started()).isEqualTo(FIRST);
        assertThat(node.text("/opt/podslice/bin/podslice")).contains("echo " + FIRST);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(node.at("/opt/podslice/bin/podslice"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(Files.getLastModifiedTime(node.at("/opt/podslice/current/lib/podslice.jar")))
                .as("the cache is checked against it")
                .isEqualTo(BUILT);
        assertThat(Files.readSymbolicLink(node.at("/opt/podslice/current/jvm/legal/java.xml")))
                .isEqualTo(Path.of("java.base"));
        assertThat(node.at("/opt/podslice/current/lib/serve.args")).doesNotExist();
        assertThat(node.text(CONFIG)).isEqualTo(ConfigurationFile.defaults());
        assertThat(node.text(SERVICE)).contains("ExecStart=/opt/podslice/bin/podslice serve");
    }

    @Test
    void theUnitsNameTheFolderThatWasChosen() {
        InstallLayout elsewhere = new InstallLayout("/var/opt/podslice");
        assertThat(elsewhere.placed("ExecStart=/opt/podslice/bin/podslice serve"))
                .isEqualTo("ExecStart=/var/opt/podslice/bin/podslice serve");
        for (String wrong : List.of("opt", "/", "/opt/../etc", "/opt/a b", "/opt/$HOME", "/opt/")) {
            assertThatThrownBy(() -> new InstallLayout(wrong)).as(wrong).hasMessageContaining("absolute path");
        }
    }

    @Test
    void thereIsNothingToDoForTheSameRelease() throws Exception {
        install(FIRST);
        Map<String, String> before = contents();
        FileTime written = Files.getLastModifiedTime(node.at("/opt/podslice/installed.json"));
        host.calls();

        install(FIRST);

        assertThat(host.calls()).containsExactly(ENABLE);
        assertThat(contents()).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(node.at("/opt/podslice/installed.json")))
                .isEqualTo(written);
    }

    @Test
    void anUpgradeRestartsTheServiceAndNeverTheSocket() throws Exception {
        install(FIRST);
        host.calls();

        install(SECOND);

        assertThat(host.calls())
                .containsExactly("daemon-reload", SLICES, ENABLE, "start podslice.socket", "restart podslice.service");
        assertThat(host.started()).isEqualTo(SECOND);
        assertThat(node.text(SERVICE)).contains(SECOND);
        assertThat(node.files().names("/opt/podslice/releases")).containsExactly(SECOND);
        assertThat(Installation.isDone(node.files(), LAYOUT, image(SECOND))).isTrue();
        assertThat(Installation.isDone(node.files(), LAYOUT, image(FIRST))).isFalse();
    }

    @Test
    void aReleaseThatDoesNotStartGivesWayToTheOneBefore() throws Exception {
        install(FIRST);
        host.fail("restart podslice.service");
        assertThatThrownBy(() -> install(SECOND))
                .isInstanceOf(InstallException.class)
                .hasMessageContaining(SECOND + " does not start")
                .hasMessageContaining("journalctl -u podslice")
                .hasMessageNotContaining("runs again");
        host.heal();

        // The first restart fails, that of the release before does not.
        HostDouble once = new HostDouble(node) {
            private boolean failed;

            @Override
            public void restart(String unit) {
                if (!failed) {
                    failed = true;
                    throw new SystemdException(SystemdException.JOB_FAILED, unit);
                }
                super.restart(unit);
            }

            @Override
            public boolean isActive(String unit) {
                return true;
            }
        };
        node.remove("/opt/podslice/current").link("/opt/podslice/current", "releases/" + FIRST);
        host = once;
        assertThatThrownBy(() -> install(SECOND)).hasMessageEndingWith(FIRST + " runs again");
        assertThat(once.started()).isEqualTo(FIRST);
        assertThat(node.text(SERVICE)).contains(FIRST);
        assertThat(Installation.isDone(node.files(), LAYOUT, image(SECOND))).isFalse();

        install(SECOND); // as the pod's next start does
        assertThat(once.started()).isEqualTo(SECOND);
    }

    @Test
    void aChangedConfigurationIsReloadedAndOneThatIsNotTakenOverIsSaid() throws Exception {
        install(FIRST);
        host.calls();
        String other = ConfigurationFile.defaults() + "# other\n";

        install(image(FIRST), other, false);
        assertThat(host.calls()).contains("reload podslice.service").doesNotContain("restart podslice.service");
        assertThat(node.text(CONFIG)).isEqualTo(other);

        host.fail("reload podslice.service");
        String third = other + "# third\n";
        assertThatThrownBy(() -> install(image(FIRST), third, false))
                .hasMessageContaining("goes on with the last good one");
        host.heal();
        host.calls();
        install(image(FIRST), third, false);
        assertThat(host.calls()).as("what was not done is done the next time").contains("reload podslice.service");
    }

    @Test
    void aFileThatTheAdministratorHasChangedStays() throws Exception {
        install(FIRST);
        node.put(CONFIG, "mine\n");
        String other = ConfigurationFile.defaults() + "# other\n";

        install(image(SECOND), other, false);
        assertThat(node.text(CONFIG)).isEqualTo("mine\n");
        assertThat(node.text(CONFIG + ".podslice-new")).isEqualTo(other);
        assertThat(said.toString()).contains(CONFIG + ".podslice-new");

        install(image(SECOND), other, false);
        uninstall();
        assertThat(node.text(CONFIG)).isEqualTo("mine\n");
        assertThat(node.at(CONFIG + ".podslice-new")).doesNotExist();
        assertThat(node.at(SERVICE)).doesNotExist();
    }

    @Test
    void aConfigurationThatWasThereBeforeStaysAfterwards() throws Exception {
        node.put(CONFIG, "before\n");
        Map<String, String> before = contents();
        install(FIRST);
        uninstall();
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void theKubeletIsAttachedLastAndOnTheNodeItself() throws Exception {
        install(image(FIRST), ConfigurationFile.defaults(), true);
        assertThat(host.calls())
                .endsWith("run /opt/podslice/bin/podslice kubelet attach --program /opt/podslice/bin/podslice");
    }

    /** A refusal is one that changes nothing, and is repeated; a kubelet that was restarted in vain is let be. */
    @Test
    void aNodeThatWasPutBackIsNotAttachedAgainAndAgain() throws Exception {
        String attach = "run /opt/podslice/bin/podslice kubelet attach --program /opt/podslice/bin/podslice";
        String config = ConfigurationFile.defaults();
        host.fail(attach);
        host.print("cpuManagerPolicy is static");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> install(image(FIRST), config, true)).hasMessageContaining("is static");
            assertThat(host.calls()).contains(attach);
        }
        host.print("not attached: healthz: status 500; putting everything back");
        assertThatThrownBy(() -> install(image(FIRST), config, true)).hasMessageContaining("status 500");
        host.heal();
        host.calls();
        assertThatThrownBy(() -> install(image(FIRST), config, true)).hasMessageContaining("it is not tried again");
        assertThat(host.calls()).doesNotContain(attach);

        node.put("/var/lib/podslice/kubelet.json", "{}"); // attached by hand
        install(image(FIRST), config, true);
        assertThat(host.calls()).contains(attach);
        node.remove("/var/lib/podslice/kubelet.json");
        install(image(SECOND), config, true);
        assertThat(host.calls()).contains(attach);
    }

    @Test
    void anotherInstallationIsLeftAlone() throws Exception {
        for (Map.Entry<String, String> other : Map.of(
                        "/usr/lib/systemd/system/podslice.service",
                        "a package of podslice is installed",
                        "/opt/podslice/jvm/bin/java",
                        "systemd/install",
                        SERVICE,
                        "was not put there by podslice install")
                .entrySet()) {
            makeNode();
            node.put(other.getKey(), "");
            Map<String, String> before = contents();
            assertThatThrownBy(() -> install(FIRST)).hasMessageContaining(other.getValue());
            assertThat(contents()).isEqualTo(before);
            assertThat(host.calls()).isEmpty();
            uninstall();
            assertThat(contents()).isEqualTo(before);
            node.remove(other.getKey());
        }
    }

    @Test
    void aNodeIsAsBeforeByteForByte() throws Exception {
        Map<String, String> before = contents();
        install(FIRST);
        install(SECOND);
        host.calls();
        assertThat(Removal.isDone(node.files(), LAYOUT)).isFalse();

        uninstall();

        assertThat(contents()).isEqualTo(before);
        assertThat(host.calls())
                .containsExactly(
                        "run /opt/podslice/bin/podslice kubelet detach",
                        "stop podslice.service",
                        "stop podslice.socket",
                        "run /opt/podslice/bin/podslice release",
                        "run /opt/podslice/bin/podslice-slices --remove",
                        "disable podslice.socket",
                        "disable podslice.service",
                        "daemon-reload");
        assertThat(Removal.isDone(node.files(), LAYOUT)).isTrue();
        uninstall();
        assertThat(host.calls()).isEmpty();
    }

    /** A pod can be killed at any call; the next one ends where an undisturbed one does. */
    @Test
    void whatWasKilledIsFinishedByTheNext() throws Exception {
        Map<String, String> before = contents();
        install(FIRST);
        install(SECOND);
        Map<String, String> after = contents();
        uninstall();
        int kills = 0;
        for (int number = 0; number < 100; number++) {
            boolean killed = attempt(number, () -> install(FIRST));
            install(FIRST);
            killed |= attempt(number, () -> install(SECOND));
            install(SECOND);
            assertThat(host.started()).isEqualTo(SECOND);
            assertThat(contents()).as("killed at " + number).isEqualTo(after);
            killed |= attempt(number, this::uninstall);
            uninstall();
            assertThat(contents()).as("killed at " + number).isEqualTo(before);
            if (!killed) {
                break;
            }
            kills++;
        }
        assertThat(kills).isBetween(5, 20);
    }

    private interface Step {
        void run() throws Exception;
    }

    private boolean attempt(int number, Step step) throws Exception {
        host.killAt(number);
        try {
            step.run();
            return false;
        } catch (HostDouble.Killed e) {
            return true;
        } finally {
            host.killNoMore();
        }
    }

    @Test
    void aCopyThatWasBrokenOffIsMadeAnew() throws Exception {
        node.put("/opt/podslice/releases/" + FIRST + ".new/lib/podslice.jar", "half");
        install(FIRST);
        assertThat(node.files().names("/opt/podslice/releases")).containsExactly(FIRST);

        Files.delete(node.at("/opt/podslice/current/lib/podslice.jar"));
        install(FIRST);
        assertThat(node.text("/opt/podslice/current/lib/podslice.jar")).isEqualTo(FIRST);
        assertThat(node.files().names("/opt/podslice/releases")).containsExactly(FIRST);
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        node.put("/opt/podslice/releases", "a file");
        assertThatThrownBy(() -> install(FIRST))
                .hasMessageContaining("/opt/podslice/releases/" + FIRST)
                .hasMessageContaining("host.install");
        assertThat(host.calls()).isEmpty();
    }

    @Test
    void aDamagedRecordIsNoReasonToGuess() throws Exception {
        install(FIRST);
        for (String text : List.of("", "{", "{\"version\": \"2\"}", "{\"version\": \"1\", \"files\": {\"/a\": []}}")) {
            node.put("/opt/podslice/installed.json", text);
            assertThatThrownBy(() -> install(FIRST)).as(text).hasMessageContaining("is damaged");
            assertThatThrownBy(this::uninstall).as(text).hasMessageContaining("is damaged");
        }
    }

    @Test
    void aKubeletThatIsNotDetachedKeepsItsRuntime() throws Exception {
        install(FIRST);
        Map<String, String> before = contents();
        host.calls();
        host.fail("run /opt/podslice/bin/podslice kubelet detach");
        assertThatThrownBy(this::uninstall).hasMessageContaining("kubelet detach: it said so");
        assertThat(host.calls()).hasSize(1);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void aConfigurationThatTheUnitsCannotServeIsRefused() {
        String head = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";
        assertThat(Installation.problems(ConfigurationFile.defaults())).isEmpty();
        assertThat(Installation.problems(head + "cpuManagerPolicy: dynamic\n"))
                .singleElement()
                .asString()
                .startsWith("podslice.yaml:3:19: cpuManagerPolicy: ");
        assertThat(Installation.problems(head + "shim: {listen: \"unix:///run/other.sock\"}\n"))
                .singleElement()
                .asString()
                .contains("shim.listen", "podslice.socket");
        assertThat(Installation.problems(head + "state: {dir: /srv}\n"))
                .singleElement()
                .asString()
                .contains("state.dir");
    }

    @Test
    void aFolderThatIsNoReleaseIsSaidToBeNone() {
        assertThatThrownBy(() -> Release.in(images)).hasMessageContaining("deploy/image/oci");
        new NodeFolder(images).put("/release", "../../etc\n");
        assertThatThrownBy(() -> Release.in(images)).hasMessageContaining("is damaged");
    }
}
