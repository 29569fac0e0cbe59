package io.podslice.cgroups.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.dbus.DBusValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BusManagerTest {
    private static final UnitName POD = new UnitName("kubepods-podx.slice");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final BusLimits PATIENT =
            new BusLimits(LONG, LONG, LONG, Duration.ofMillis(1), Duration.ofMillis(10));
    private static final BusLimits HASTY = new BusLimits(
            Duration.ofMillis(200), Duration.ofMillis(200), LONG, Duration.ofMillis(1), Duration.ofMillis(10));

    @TempDir
    private Path folder;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final SystemdManager.Listener listener = new SystemdManager.Listener() {
        @Override
        public void reloaded() {
            events.add("reloaded");
        }

        @Override
        public void reconnected() {
            events.add("reconnected");
        }
    };

    private Path socket() {
        return folder.resolve("private");
    }

    private FakeSystemdPeer systemd() throws IOException {
        return new FakeSystemdPeer(socket(), false);
    }

    private BusManager manager(BusLimits limits) {
        BusManager manager = new BusManager(List.of(new SystemdDoor(socket(), false)), limits);
        manager.watch(listener);
        return manager;
    }

    private String event() throws InterruptedException {
        return String.valueOf(events.poll(LONG.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Waits for a manager that waits for less than a busy machine may need to connect. */
    private static void awaitVersion(BusManager manager) {
        long end = System.nanoTime() + LONG.toNanos();
        while (true) {
            try {
                assertThat(manager.version()).isEqualTo(257);
                return;
            } catch (SystemdException e) {
                if (!e.isUnanswered() || System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    private static String error(ThrowingCallable call) {
        return catchThrowableOfType(SystemdException.class, call).errorName();
    }

    @Test
    void theVersionIsTheFirstNumber() throws Exception {
        try (FakeSystemdPeer systemd = systemd()) {
            for (String version : List.of("257.13-1~deb13u1", "v257-rc1", "systemd 257", "257")) {
                systemd.version = version;
                try (BusManager manager = manager(PATIENT)) {
                    assertThat(manager.version()).isEqualTo(257);
                }
            }
        }
    }

    @Test
    void aUnitExistsOrNot() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            assertThat(manager.exists(POD)).isFalse();
            systemd.units.add(POD.value());
            assertThat(manager.exists(POD)).isTrue();
        }
    }

    @Test
    void propertiesGoInOneCall() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            manager.setProperties(
                    POD,
                    List.of(
                            UnitProperty.number(UnitProperty.CPU_WEIGHT, 79),
                            UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.of(0, 9))));

            DBusValue weight =
                    DBusValue.struct(DBusValue.text("CPUWeight"), new DBusValue.Variant(DBusValue.uint64(79)));
            DBusValue cpus = DBusValue.struct(
                    DBusValue.text("AllowedCPUs"), new DBusValue.Variant(new DBusValue.Octets("\u0001\u0002")));
            assertThat(systemd.log)
                    .containsExactly(
                            "Get org.freedesktop.systemd1.Manager",
                            "SetUnitProperties " + POD,
                            DBusValue.bool(true) + " " + new DBusValue.Array("(sv)", List.of(weight, cpus)));
        }
    }

    @Test
    void aSliceIsStartedAndStopped() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            manager.startSlice(POD, List.of(UnitProperty.flag("MemoryAccounting", true)));
            assertThat(systemd.units).containsExactly(POD.value());
            systemd.hasty = true;
            manager.startSlice(POD, List.of());
            manager.stop(POD);
            manager.stop(POD);

            assertThat(systemd.units).isEmpty();
            assertThat(systemd.log)
                    .containsExactly(
                            "Get org.freedesktop.systemd1.Manager",
                            "StartTransientUnit " + POD,
                            "StartTransientUnit " + POD,
                            "StartUnit " + POD,
                            "StopUnit " + POD,
                            "StopUnit " + POD);
        }
    }

    @Test
    void aJobThatFailsIsAnError() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            systemd.jobResult = "failed";

            assertThatThrownBy(() -> manager.startSlice(POD, List.of()))
                    .isInstanceOf(SystemdException.class)
                    .hasMessageContaining(SystemdException.JOB_FAILED)
                    .hasMessageContaining("\"failed\"");
        }
    }

    @Test
    void aScopeIsNotStarted() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            assertThatThrownBy(() -> manager.startSlice(new UnitName("a.scope"), List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(systemd.log).doesNotContain("StartTransientUnit a.scope");
        }
    }

    @Test
    void propertiesOfAUnitAreReverted() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            manager.revert(POD);
            assertThat(systemd.log).endsWith("RevertUnitFiles");
        }
    }

    @Test
    void aReloadIsToldWhenItIsOver() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            assertThat(manager.version()).isEqualTo(257);
            systemd.reload("");
            assertThat(event()).isEqualTo("reloaded");
            systemd.signal("UnitNew", DBusValue.text("x.slice"), new DBusValue.Text('o', "/x"));
            systemd.reload("");
            assertThat(event()).isEqualTo("reloaded");
        }
    }

    @Test
    void afterAnExecutionAnewItConnectsAgainAndAsksForTheVersionAgain() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            assertThat(manager.version()).isEqualTo(257);
            systemd.version = "262";
            systemd.drop();

            assertThat(event()).isEqualTo("reconnected");
            assertThat(manager.version()).isEqualTo(262);
            assertThat(manager.exists(POD)).isFalse();
        }
    }

    @Test
    void aCallDuringAnExecutionAnewIsMadeAgain() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(PATIENT)) {
            assertThat(manager.version()).isEqualTo(257);
            systemd.hanging = new CountDownLatch(1);
            Thread drops = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(100);
                    systemd.drop();
                    systemd.hanging.countDown();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });

            assertThat(manager.exists(POD)).isFalse();
            drops.join();
            assertThat(event()).isEqualTo("reconnected");
        }
    }

    @Test
    void aSystemdThatHangsHoldsUpOneCallAndIsHeardOfWhenItAnswers() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(HASTY)) {
            awaitVersion(manager);
            systemd.hanging = new CountDownLatch(1);
            List<UnitProperty> weight = List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 79));

            assertThatThrownBy(() -> manager.setProperties(POD, weight))
                    .hasMessageContaining("no answer within 200 ms");
            long begun = System.nanoTime();
            for (int i = 0; i < 1000; i++) {
                assertThat(error(() -> manager.setProperties(POD, weight))).isEqualTo(SystemdException.NO_REPLY);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("1000 calls do not wait 200 ms each")
                    .isLessThan(Duration.ofSeconds(100));
            systemd.hanging.countDown();

            assertThat(event()).isEqualTo("reconnected");
            manager.setProperties(POD, weight);
            assertThat(systemd.log)
                    .filteredOn(call -> call.startsWith("SetUnit"))
                    .hasSize(2);
        }
    }

    @Test
    void aConnectionThatIsSilentForTooLongIsMadeAnew() throws Exception {
        BusLimits impatient = new BusLimits(
                Duration.ofMillis(50), LONG, Duration.ofMillis(100), Duration.ofMillis(1), Duration.ofMillis(10));
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = manager(impatient)) {
            while (systemd.log.isEmpty()) {
                Thread.sleep(5);
            }
            systemd.hanging = new CountDownLatch(1);
            assertThat(error(() -> manager.exists(POD))).isEqualTo(SystemdException.NO_REPLY);
            Thread.sleep(200);
            assertThat(error(() -> manager.exists(POD))).isEqualTo(SystemdException.NO_REPLY);
            systemd.hanging.countDown();

            assertThat(event()).isEqualTo("reconnected");
        }
    }

    @Test
    void aSystemdThatIsNotThereIsWaitedForBriefly() throws Exception {
        try (BusManager manager = manager(HASTY)) {
            SystemdException missing = catchThrowableOfType(SystemdException.class, manager::version);
            assertThat(missing.isUnanswered()).isTrue();
            assertThat(missing).hasMessageContaining(socket().toString());

            try (FakeSystemdPeer systemd = systemd()) {
                assertThat(event()).isEqualTo("reconnected");
                assertThat(manager.version()).isEqualTo(257);
                assertThat(systemd.log).hasSize(1);
            }
        }
    }

    @Test
    void theBusIsTheSecondDoor() throws Exception {
        Path bus = folder.resolve("bus");
        List<SystemdDoor> doors = List.of(new SystemdDoor(socket(), false), new SystemdDoor(bus, true));
        try (FakeSystemdPeer systemd = new FakeSystemdPeer(bus, true);
                BusManager manager = new BusManager(doors, PATIENT)) {
            manager.watch(listener);
            assertThat(manager.version()).isEqualTo(257);
            assertThat(systemd.log)
                    .satisfiesExactly(
                            call -> assertThat(call).isEqualTo("Hello"),
                            call -> assertThat(call).contains("AddMatch").contains("member='Reloading'"),
                            call -> assertThat(call).contains("AddMatch").contains("member='JobRemoved'"),
                            call -> assertThat(call).isEqualTo("GetNameOwner org.freedesktop.systemd1"),
                            call -> assertThat(call).isEqualTo("Subscribe"),
                            call -> assertThat(call).isEqualTo("Get org.freedesktop.systemd1.Manager"));

            manager.startSlice(POD, List.of());
            systemd.reload(FakeSystemdPeer.OWNER);
            assertThat(event()).isEqualTo("reloaded");
        }
    }

    @Test
    void onABusSignalsOfOtherProcessesAreNotHeard() throws Exception {
        try (FakeSystemdPeer systemd = new FakeSystemdPeer(socket(), true);
                BusManager manager = new BusManager(List.of(new SystemdDoor(socket(), true)), PATIENT)) {
            manager.watch(listener);
            assertThat(manager.version()).isEqualTo(257);
            systemd.reload(":1.99");
            assertThat(manager.exists(POD)).isFalse();
            systemd.reload(FakeSystemdPeer.OWNER);
            assertThat(event()).isEqualTo("reloaded");
            assertThat(events).isEmpty();
        }
    }

    @Test
    void aClosedManagerFailsCallsAndAClosedWatchIsNotTold() throws Exception {
        try (FakeSystemdPeer systemd = systemd()) {
            BusManager manager = manager(PATIENT);
            SystemdManager.Watch second = manager.watch(listener);
            assertThat(manager.version()).isEqualTo(257);
            second.close();
            systemd.reload("");
            assertThat(event()).isEqualTo("reloaded");
            manager.close();

            assertThat(error(manager::version)).isEqualTo(SystemdException.NO_REPLY);
            assertThat(events).isEmpty();
        }
    }

    @Test
    void aListenerMayCallTheManagerAndItsFailureHarmsNoOther() throws Exception {
        try (FakeSystemdPeer systemd = systemd();
                BusManager manager = new BusManager(List.of(new SystemdDoor(socket(), false)), PATIENT)) {
            manager.watch(new SystemdManager.Listener() {
                @Override
                public void reloaded() {
                    events.add("version " + manager.version());
                    throw new IllegalStateException("made to fail");
                }

                @Override
                public void reconnected() {
                    events.add("not expected");
                }
            });
            manager.watch(listener);
            assertThat(manager.version()).isEqualTo(257);
            systemd.reload("");

            assertThat(event()).isEqualTo("version 257");
            assertThat(event()).isEqualTo("reloaded");
        }
    }
}
