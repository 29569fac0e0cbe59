package io.podslice.cgroups.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.dbus.DBusValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls that an installation makes, as systemd gets them. */
class ServiceUnitsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SERVICE = "podslice.service";

    @TempDir
    private Path folder;

    private FakeSystemdPeer systemd() throws IOException {
        return new FakeSystemdPeer(folder.resolve("private"), false);
    }

    private ServiceUnits units() {
        return ServiceUnits.open(folder.resolve("private"));
    }

    @Test
    void eachMethodIsOneCallAndJobsAreAwaited() throws IOException {
        try (FakeSystemdPeer systemd = systemd();
                ServiceUnits units = units()) {
            assertThat(units.version()).isEqualTo(257);
            systemd.log.clear();
            units.reload();
            units.enable(List.of(SERVICE));
            units.start(SERVICE, LIMIT);
            units.restart(SERVICE, LIMIT);
            units.reload(SERVICE, LIMIT);
            units.stop(SERVICE, LIMIT);
            units.disable(List.of(SERVICE));
            assertThat(units.state(SERVICE)).isEqualTo("inactive");

            assertThat(systemd.log)
                    .containsExactly(
                            "Reload",
                            "EnableUnitFiles",
                            "StartUnit podslice.service",
                            "RestartUnit podslice.service",
                            "ReloadUnit podslice.service",
                            "StopUnit podslice.service",
                            "DisableUnitFiles",
                            "GetUnit podslice.service");
        }
    }

    /** The types are org.freedesktop.systemd1(5)'s: a service's programs are a(sasb). */
    @Test
    void aProgramIsRunAsAServiceThatIsForgotten() throws IOException {
        try (FakeSystemdPeer systemd = systemd();
                ServiceUnits units = units()) {
            units.run("one.service", "says one", List.of("/bin/echo", "one"), LIMIT);

            assertThat(systemd.log).last().asString().startsWith("StartTransientUnit one.service");
            DBusValue properties = systemd.transientProperties;
            assertThat(properties.signature()).isEqualTo("a(sv)");
            assertThat(properties.toString())
                    .contains("oneshot", "inactive-or-failed", "says one", "(sasb)", "/bin/echo");

            assertThatThrownBy(() -> units.run("one.service", "says one", List.of("/bin/echo"), LIMIT))
                    .isInstanceOfSatisfying(
                            SystemdException.class,
                            e -> assertThat(e.errorName()).isEqualTo(SystemdException.UNIT_EXISTS));
            systemd.jobResult = "failed";
            assertThatThrownBy(() -> units.run("two.service", "fails", List.of("/bin/false"), LIMIT))
                    .isInstanceOfSatisfying(
                            SystemdException.class,
                            e -> assertThat(e.errorName()).isEqualTo(SystemdException.JOB_FAILED));
        }
    }

    @Test
    void aNodeWithoutSystemdIsSaidToBeOne() {
        assertThatThrownBy(this::units)
                .isInstanceOfSatisfying(
                        SystemdException.class,
                        e -> assertThat(e.isUnanswered()).isTrue())
                .hasMessageContaining("private");
    }
}
