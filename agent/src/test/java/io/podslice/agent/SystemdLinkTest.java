package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.systemd.SystemdCgroupFiles;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemdLinkTest {
    @TempDir
    private Path root;

    private final ScriptedManager manager = new ScriptedManager();
    private final SystemdLink link = new SystemdLink();

    /** A manager that says what the test wants, and keeps its listeners. */
    private static final class ScriptedManager implements SystemdManager, AutoCloseable {
        final List<Listener> listeners = new ArrayList<>();
        final CountDownLatch called = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);
        boolean closed;
        boolean answers = true;

        @Override
        public int version() {
            if (!answers) {
                throw new SystemdException(SystemdException.NO_REPLY, "no answer for 2000 ms");
            }
            return 257;
        }

        @Override
        public boolean exists(UnitName unit) {
            called.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        }

        @Override
        public void setProperties(UnitName unit, List<UnitProperty> properties) {
            throw new AssertionError("no property is set here");
        }

        @Override
        public void startSlice(UnitName slice, List<UnitProperty> properties) {
            throw new AssertionError("no slice is started here");
        }

        @Override
        public void stop(UnitName unit) {
            throw new AssertionError("no unit is stopped here");
        }

        @Override
        public void revert(UnitName unit) {
            throw new AssertionError("no unit is reverted here");
        }

        @Override
        public Watch watch(Listener listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private CgroupFiles open(CgroupDriver driver, Optional<SystemdManager> systemd) {
        DriverFit fit = DriverFit.assumed(Configuration.DEFAULT.cgroups(), driver);
        return link.files(fit, new KernelCgroupFiles(root), () -> systemd);
    }

    @Test
    void withCgroupfsNoManagerIsAskedFor() {
        DriverFit fit = DriverFit.assumed(Configuration.DEFAULT.cgroups(), CgroupDriver.CGROUPFS);
        CgroupFiles files = link.files(fit, new KernelCgroupFiles(root), () -> {
            throw new AssertionError("systemd is asked for");
        });
        assertThat(files).isInstanceOf(KernelCgroupFiles.class);
        link.start(() -> {});
        assertThat(link.text()).isEqualTo("cgroupfs, /kubepods");
        assertThat(link.isSilent()).isFalse();
        link.close();
    }

    @Test
    void withoutSystemdAsTheFirstProcessTheFilesAreWritten() {
        assertThat(open(CgroupDriver.SYSTEMD, Optional.empty())).isInstanceOf(KernelCgroupFiles.class);
        assertThat(link.text()).isEqualTo("systemd, /kubepods.slice");
    }

    @Test
    void everyEventAsksForARecheckUntilTheLinkIsClosed() {
        assertThat(open(CgroupDriver.SYSTEMD, Optional.of(manager))).isInstanceOf(SystemdCgroupFiles.class);
        AtomicInteger rechecks = new AtomicInteger();
        link.start(rechecks::incrementAndGet);

        List.copyOf(manager.listeners).forEach(SystemdManager.Listener::reloaded);
        assertThat(rechecks).hasValue(1);
        List.copyOf(manager.listeners).forEach(SystemdManager.Listener::reconnected);
        assertThat(rechecks).hasValue(2);

        link.close();
        assertThat(manager.listeners).isEmpty();
        assertThat(manager.closed).isTrue();
    }

    @Test
    void theStatusNamesTheVersionOrTheReasonForNone() {
        open(CgroupDriver.SYSTEMD, Optional.of(manager));
        assertThat(link.text()).isEqualTo("systemd 257, /kubepods.slice");
        manager.answers = false;
        assertThat(link.text())
                .startsWith("systemd, /kubepods.slice; systemd cannot be asked: ")
                .endsWith("2000 ms");
    }

    @Test
    void aCallWithoutAnAnswerIsNoticed() throws InterruptedException {
        TimedManager timed = new TimedManager(manager);
        assertThat(timed.isSilent(Duration.ZERO)).isFalse();
        Thread caller = Thread.ofVirtual().start(() -> {
            boolean exists = timed.exists(new UnitName("kubepods.slice"));
            assertThat(exists).isTrue();
        });
        manager.called.await();
        Thread.sleep(50);
        assertThat(timed.isSilent(Duration.ofMillis(20))).isTrue();
        assertThat(timed.isSilent(Duration.ofHours(1))).isFalse();
        manager.answer.countDown();
        caller.join();
        assertThat(timed.isSilent(Duration.ZERO)).isFalse();
    }
}
