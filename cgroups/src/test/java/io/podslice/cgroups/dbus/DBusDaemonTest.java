package io.podslice.cgroups.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against the reference implementation's bus, which checks every message and leaves senders of wrong ones. */
class DBusDaemonTest {
    private static final Path DAEMON = Path.of("/usr/bin/dbus-daemon");
    private static final Path MONITOR = Path.of("/usr/bin/dbus-monitor");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String BUS = "org.freedesktop.DBus";
    private static final String CONFIG = """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig><type>session</type><listen>unix:path=SOCKET</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
            </busconfig>
            """;

    @TempDir
    private Path folder;

    private final BlockingQueue<String> signals = new LinkedBlockingQueue<>();
    private final DBusEvents events = new DBusEvents() {
        @Override
        public void signal(DBusMessage signal) throws DBusException {
            signals.add(signal.member() + signal.arguments());
        }

        @Override
        public void lateReply() {
            signals.add("late");
        }
    };

    private @Nullable Process daemon;

    @BeforeEach
    void start() throws IOException {
        assumeThat(DAEMON).isExecutable();
        Path config = folder.resolve("bus.conf");
        Files.writeString(config, CONFIG.replace("SOCKET", socket().toString()));
        Process started = new ProcessBuilder(
                        DAEMON.toString(), "--nofork", "--nopidfile", "--print-address", "--config-file=" + config)
                .redirectErrorStream(true)
                .start();
        daemon = started;
        // The address is printed once the bus listens.
        assertThat(firstLine(started)).startsWith("unix:path=");
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        return String.valueOf(lines.readLine());
    }

    @AfterEach
    void stop() {
        if (daemon != null) {
            daemon.destroyForcibly();
        }
    }

    private Path socket() {
        return folder.resolve("bus");
    }

    private DBusConnection open() throws DBusException {
        DBusConnection connection = DBusConnection.open(socket(), LONG, events);
        connection.call(bus("Hello"), LONG);
        return connection;
    }

    private static MethodCall bus(String member, DBusValue... arguments) {
        return new MethodCall(BUS, "/org/freedesktop/DBus", BUS, member, List.of(arguments));
    }

    @Test
    void theBusAnswers() throws Exception {
        try (DBusConnection connection = open()) {
            DBusValue bus = DBusValue.text(BUS);
            assertThat(connection.call(bus("GetNameOwner", bus), LONG)).containsExactly(bus);
            assertThat(connection.call(bus("GetConnectionUnixUser", bus), LONG))
                    .containsExactly(new DBusValue.Int32('u', Handshake.ownUid()));
            assertThat(connection.call(bus("ListNames"), LONG).toString()).contains(BUS);
            assertThat(connection
                            .call(bus("GetConnectionCredentials", bus), LONG)
                            .getFirst()
                            .signature())
                    .isEqualTo("a{sv}");
            assertThatThrownBy(() -> connection.call(bus("GetNameOwner", DBusValue.text("not.there")), LONG))
                    .isInstanceOfSatisfying(
                            DBusException.class,
                            e -> assertThat(e.name()).isEqualTo("org.freedesktop.DBus.Error.NameHasNoOwner"));
            assertThatThrownBy(() -> connection.call(bus("GetId", DBusValue.uint64(1)), LONG))
                    .isInstanceOfSatisfying(
                            DBusException.class,
                            e -> assertThat(e.name()).isEqualTo("org.freedesktop.DBus.Error.InvalidArgs"));
        }
    }

    @Test
    void matchedSignalsCome() throws Exception {
        try (DBusConnection connection = open()) {
            connection.call(bus("AddMatch", DBusValue.text("type='signal',member='NameOwnerChanged'")), LONG);
            signals.clear();
            connection.call(bus("RequestName", DBusValue.text("io.podslice.Test"), new DBusValue.Int32('u', 0)), LONG);

            assertThat(List.of(next(), next()))
                    .anySatisfy(signal ->
                            assertThat(signal).startsWith("NameOwnerChanged").contains("io.podslice.Test"));
        }
    }

    private String next() throws InterruptedException {
        return String.valueOf(signals.poll(LONG.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** The bus leaves a client that sends a message with wrong bytes; an unknown callee is an error of its own. */
    @Test
    void theBusTakesValuesOfEveryType() throws Exception {
        try (DBusConnection connection = open()) {
            for (int seed = 0; seed < 200; seed++) {
                MethodCall call =
                        new MethodCall("not.there", "/o", "i.f", "M", RandomValues.sendable(new Random(seed)));
                assertThatThrownBy(() -> connection.call(call, LONG))
                        .as("seed %d", seed)
                        .isInstanceOfSatisfying(
                                DBusException.class,
                                e -> assertThat(e.name()).isEqualTo("org.freedesktop.DBus.Error.ServiceUnknown"));
            }
        }
    }

    @Test
    void anotherProgramReadsTheSameValues() throws Exception {
        assumeThat(MONITOR).isExecutable();
        Process monitor = new ProcessBuilder(
                        MONITOR.toString(),
                        "--address",
                        "unix:path=" + socket(),
                        "member='Last'",
                        "member='SetUnitProperties'")
                .redirectErrorStream(true)
                .start();
        try (DBusConnection connection = open()) {
            DBusValue weight =
                    DBusValue.struct(DBusValue.text("CPUWeight"), new DBusValue.Variant(DBusValue.uint64(79)));
            DBusValue cpus = DBusValue.struct(
                    DBusValue.text("AllowedCPUs"), new DBusValue.Variant(new DBusValue.Octets("\u000c\u0001")));
            MethodCall call = new MethodCall(
                    "not.there",
                    "/org/freedesktop/systemd1",
                    "org.freedesktop.systemd1.Manager",
                    "SetUnitProperties",
                    List.of(
                            DBusValue.text("kubepods-podx.slice"),
                            DBusValue.bool(true),
                            new DBusValue.Array("(sv)", List.of(weight, cpus))));
            StringBuilder seen = new StringBuilder();
            Thread sends = Thread.ofVirtual().start(() -> sendUntilInterrupted(connection, call));
            BufferedReader lines = monitor.inputReader(StandardCharsets.UTF_8);
            for (String line = lines.readLine();
                    line != null && !seen.toString().contains("0c 01");
                    line = lines.readLine()) {
                seen.append(line.strip().replaceAll(" +", " ")).append('\n');
            }
            sends.interrupt();
            sends.join();

            assertThat(seen.toString()).contains("""
                    string "kubepods-podx.slice"
                    boolean true
                    array [
                    struct {
                    string "CPUWeight"
                    variant uint64 79
                    }
                    struct {
                    string "AllowedCPUs"
                    variant array of bytes [
                    0c 01
                    """);
        } finally {
            monitor.destroyForcibly();
        }
    }

    /** The monitor sees calls only once it has told the bus so. */
    private static void sendUntilInterrupted(DBusConnection connection, MethodCall call) {
        while (true) {
            try {
                connection.call(call, LONG);
            } catch (DBusException e) {
                if (e.name().equals(DBusException.DISCONNECTED)) {
                    return;
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
