package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.grpc.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's cgroup driver, by the cgroups of all pods that exist in a folder in place of the cgroup mount. */
final class DriverFitTest {
    @TempDir
    private Path root;

    private CgroupFiles files;

    @BeforeEach
    void aTree() {
        files = new KernelCgroupFiles(root);
    }

    private Configuration.Cgroups cgroups(Optional<CgroupDriver> driver, String kubepods) {
        Configuration.Cgroups defaults = Configuration.DEFAULT.cgroups();
        return new Configuration.Cgroups(root, driver, CgroupName.parse(kubepods), defaults.sysfs(), defaults.procfs());
    }

    private Configuration.Cgroups auto() {
        return cgroups(Optional.empty(), "/kubepods");
    }

    private void exists(String cgroup, boolean populated) throws IOException {
        Path folder = Files.createDirectories(root.resolve(cgroup));
        Files.writeString(folder.resolve("cgroup.events"), "populated " + (populated ? 1 : 0) + "\nfrozen 0\n");
    }

    @Test
    void theConfigurationWins() throws IOException {
        exists("kubepods", true);
        DriverFit fit = DriverFit.of(cgroups(Optional.of(CgroupDriver.SYSTEMD), "/a/kubepods"), files);
        assertThat(fit.driver()).isEqualTo(CgroupDriver.SYSTEMD);
        assertThat(fit.kubepods()).isEqualTo(new CgroupPath("/a.slice/a-kubepods.slice"));
        assertThat(fit.certain()).isTrue();
    }

    @Test
    void theCgroupOfAllPodsThatExistsTells() throws IOException {
        exists("kubepods.slice", false);
        DriverFit fit = DriverFit.of(auto(), files);
        assertThat(fit.driver()).isEqualTo(CgroupDriver.SYSTEMD);
        assertThat(fit.reason()).isEqualTo("/kubepods.slice exists");
        assertThat(fit.certain()).isTrue();
    }

    /** After a change of the driver without a reboot the old cgroup is still there, without processes. */
    @Test
    void ofTwoTheOneWithProcessesTells() throws IOException {
        exists("kubepods.slice", false);
        exists("kubepods", true);
        assertThat(DriverFit.of(auto(), files).driver()).isEqualTo(CgroupDriver.CGROUPFS);
        exists("kubepods.slice", true);
        assertThat(DriverFit.of(auto(), files).driver()).isEqualTo(CgroupDriver.SYSTEMD);
    }

    @Test
    void aNameThatSystemdCannotHaveIsThatOfADirectory() throws IOException {
        Configuration.Cgroups underscore = cgroups(Optional.empty(), "/my_pods");
        assertThat(DriverFit.standing(underscore, files)).isEmpty();
        exists("my_pods", false);
        assertThat(DriverFit.of(underscore, files).kubepods()).isEqualTo(new CgroupPath("/my_pods"));
    }

    @Test
    void whereNothingTellsTheDriverIsAssumedUntilTheKubeletStarts() throws IOException {
        UnixSocket runtime = new UnixSocket("the runtime", root.resolve("none.sock"), Duration.ofSeconds(1));
        DriverFit fit = new DriverSearch(auto(), files, runtime).find(Duration.ZERO, CgroupDriver.SYSTEMD);
        assertThat(fit.driver()).isEqualTo(CgroupDriver.SYSTEMD);
        assertThat(fit.certain()).isFalse();
        AtomicInteger anew = new AtomicInteger();
        AssumedDriver assumed = new AssumedDriver(auto(), files, fit, anew::incrementAndGet);

        assumed.check();
        assertThat(anew).hasValue(0);
        exists("kubepods", false);
        assumed.check();
        assumed.check();
        assertThat(anew).hasValue(1);
    }

    @Test
    void anAssumptionThatWasRightNeedsNoNewStart() throws IOException {
        DriverFit fit = DriverFit.assumed(auto(), CgroupDriver.SYSTEMD);
        AtomicInteger anew = new AtomicInteger();
        AssumedDriver assumed = new AssumedDriver(auto(), files, fit, anew::incrementAndGet);
        exists("kubepods.slice", false);
        assumed.check();
        exists("kubepods", true);
        assumed.check();
        assertThat(anew).hasValue(0);
    }
}
