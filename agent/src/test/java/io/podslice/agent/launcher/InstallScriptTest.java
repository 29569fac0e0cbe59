package io.podslice.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that systemd/install puts below another root. */
final class InstallScriptTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    private Path folder;

    private Checkout checkout;
    private Path image;
    private Path root;
    private Path config;

    @BeforeEach
    void anImage() throws IOException {
        checkout = new Checkout(folder);
        root = folder.resolve("a root");
        config = root.resolve("etc/podslice/podslice.yaml");
        image = folder.resolve("an image");
        Checkout.program(image.resolve("bin/podslice"), "echo \"$*\"");
        Checkout.program(image.resolve("bin/podslice-nri"), "exit 0");
        Checkout.program(image.resolve("jvm/bin/java"), "exit 0");
        Files.createDirectories(image.resolve("lib"));
        Files.writeString(image.resolve("lib/podslice.aot"), "the cache");
        Files.setLastModifiedTime(image.resolve("lib/podslice.aot"), LONG_AGO);
    }

    private Checkout.Run install(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = Checkout.real("systemd/install").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return checkout.run(command);
    }

    @Test
    void everythingGoesToItsPlaceWithTheDefaultConfiguration() throws Exception {
        Checkout.Run run = install("--root", root.toString(), image.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).isEqualTo("config check " + config + "\n");
        assertThat(config).hasContent("config default");
        assertThat(root.resolve("opt/podslice/bin/podslice")).isExecutable();
        assertThat(Files.getLastModifiedTime(root.resolve("opt/podslice/lib/podslice.aot")))
                .isEqualTo(LONG_AGO);
        for (String unit : new String[] {"podslice.service", "podslice.socket"}) {
            assertThat(root.resolve("etc/systemd/system").resolve(unit))
                    .hasSameTextualContentAs(Checkout.real("systemd").resolve(unit));
        }
    }

    @Test
    void aNewerImageTakesTheOldOnesPlaceAndTheConfigurationStays() throws Exception {
        install("--root", root.toString(), image.toString());
        Files.writeString(config, "mine");
        Files.writeString(root.resolve("opt/podslice/lib/old.jar"), "");
        Files.writeString(image.resolve("lib/new.jar"), "");

        Checkout.Run run = install("--root", root.toString(), image.toString());

        assertThat(run.status()).isZero();
        assertThat(config).hasContent("mine");
        assertThat(root.resolve("opt/podslice/lib/new.jar")).exists();
        assertThat(root.resolve("opt/podslice/lib/old.jar")).doesNotExist();
        assertThat(root.resolve("opt")).isDirectoryNotContaining("glob:**/podslice.*");
    }

    @Test
    void whatIsNoImageChangesNothing() throws Exception {
        Files.delete(image.resolve("jvm/bin/java"));

        Checkout.Run run = install("--root", root.toString(), image.toString());

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("no jvm/bin/java in it").contains("bin/image");
        assertThat(root).doesNotExist();
        assertThat(install().status()).isEqualTo(2);
        assertThat(install("--help").err()).contains("usage: systemd/install");
    }

    private Checkout.Run slices(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 3];
        command[0] = Checkout.real("systemd/slices").toString();
        command[1] = "--root";
        command[2] = root.toString();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return checkout.run(command);
    }

    private void machineWith(String cpus, String configuration) throws IOException {
        Files.createDirectories(root.resolve("sys/devices/system/cpu"));
        Files.writeString(root.resolve("sys/devices/system/cpu/possible"), cpus + "\n");
        Files.createDirectories(config.getParent());
        Files.writeString(config, configuration);
    }

    @Test
    void theSlicesDropInNamesAllPossibleCpusAndGoesAgain() throws Exception {
        machineWith("0-255", "cgroups:\n  driver: systemd\n  kubepods: /kubepods  # the root\n");
        Path file = root.resolve("etc/systemd/system/kubepods-.slice.d/10-podslice.conf");

        assertThat(slices().err()).isEmpty();

        assertThat(file).content().contains("[Slice]\nAllowedCPUs=0-255\n");
        assertThat(slices("--remove").status()).isZero();
        assertThat(file.getParent()).doesNotExist();
        assertThat(slices("--remove").status()).isZero();
    }

    @Test
    void theSlicesDropInIsForTheConfiguredRootOfAllPods() throws Exception {
        for (String kubepods : new String[] {"/my-root/kubepods", "\"/my_root.slice/my_root-kubepods.slice\""}) {
            machineWith("0-7", "cgroups:\n    kubepods: " + kubepods + "\n");

            assertThat(slices().status()).isZero();

            Path file = root.resolve("etc/systemd/system/my_root-kubepods-.slice.d/10-podslice.conf");
            assertThat(file).content().contains("AllowedCPUs=0-7\n");
            assertThat(slices("--remove").status()).isZero();
        }
    }

    @Test
    void withoutTheMachinesCpusNoDropInIsWritten() throws Exception {
        Checkout.Run run = slices();

        assertThat(run.status()).isNotZero();
        assertThat(root.resolve("etc/systemd/system")).doesNotExist();
        assertThat(slices("--nonsense").status()).isEqualTo(2);
    }
}
