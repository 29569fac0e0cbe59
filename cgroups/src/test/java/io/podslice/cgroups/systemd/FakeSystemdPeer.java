package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusException;
import io.podslice.cgroups.dbus.DBusMessage;
import io.podslice.cgroups.dbus.DBusValue;
import io.podslice.cgroups.dbus.FakePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** systemd's manager on a socket of its own, as /run/systemd/private is, or on what passes for a bus with systemd on it. */
final class FakeSystemdPeer implements AutoCloseable {
    static final String OWNER = ":1.1";
    private static final String MANAGER = "org.freedesktop.systemd1.Manager";
    private static final String PATH = "/org/freedesktop/systemd1";
    private static final String JOB = PATH + "/job/7";

    private final FakePeer peer;
    private final boolean bus;
    private final List<FakePeer.Client> clients = new CopyOnWriteArrayList<>();

    final Set<String> units = ConcurrentHashMap.newKeySet();
    /** Every call, one a line. */
    final List<String> log = Collections.synchronizedList(new ArrayList<>());

    /** The properties of the last transient unit. */
    volatile DBusValue transientProperties = DBusValue.text("none");

    volatile String version = "257.13-1~deb13u1";
    volatile String jobResult = "done";
    /** Counted down to let PID 1 go on, where it hangs. */
    volatile CountDownLatch hanging = new CountDownLatch(0);
    /** Sends JobRemoved before the answer that names the job. */
    volatile boolean hasty;

    FakeSystemdPeer(Path socket, boolean bus) throws IOException {
        this.bus = bus;
        this.peer = new FakePeer(socket, this::converse);
    }

    private void converse(FakePeer.Client client) throws IOException, DBusException {
        clients.add(client);
        try {
            while (true) {
                FakePeer.Received received = client.next();
                hanging.await();
                answer(client, received.serial(), received.call());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clients.remove(client);
        }
    }

    private void answer(FakePeer.Client client, int serial, DBusMessage call) throws IOException, DBusException {
        List<DBusValue> arguments = call.arguments();
        String unit =
                !arguments.isEmpty() && arguments.getFirst() instanceof DBusValue.Text(char _, String text) ? text : "";
        log.add(call.member() + (unit.isEmpty() ? "" : " " + unit));
        switch (String.valueOf(call.member())) {
            case "Get" -> client.reply(serial, new DBusValue.Variant(DBusValue.text(version)));
            case "Hello", "GetNameOwner" -> client.reply(serial, DBusValue.text(OWNER));
            case "GetUnit" -> {
                if (units.contains(unit)) {
                    client.reply(serial, new DBusValue.Text('o', new UnitName(unit).objectPath()));
                } else {
                    client.error(serial, SystemdException.NO_SUCH_UNIT, "Unit " + unit + " not loaded.");
                }
            }
            case "StartTransientUnit" -> {
                if (units.add(unit)) {
                    transientProperties = arguments.get(2);
                    job(client, serial, unit);
                } else {
                    client.error(serial, SystemdException.UNIT_EXISTS, "Unit " + unit + " was already loaded.");
                }
            }
            case "StartUnit", "RestartUnit", "ReloadUnit" -> job(client, serial, unit);
            case "StopUnit" -> {
                if (units.remove(unit)) {
                    job(client, serial, unit);
                } else {
                    client.error(serial, SystemdException.NO_SUCH_UNIT, "Unit " + unit + " not loaded.");
                }
            }
            case "SetUnitProperties" -> {
                log.add(arguments.get(1) + " " + arguments.get(2));
                client.reply(serial);
            }
            default -> client.reply(serial);
        }
    }

    private void job(FakePeer.Client client, int serial, String unit) throws IOException {
        if (hasty) {
            removed(client, unit);
        }
        client.reply(serial, new DBusValue.Text('o', JOB));
        removed(client, "other.slice");
        if (!hasty) {
            removed(client, unit);
        }
    }

    private void removed(FakePeer.Client client, String unit) throws IOException {
        client.signal(
                bus ? OWNER : "",
                PATH,
                MANAGER,
                "JobRemoved",
                new DBusValue.Int32('u', 7),
                new DBusValue.Text('o', JOB),
                DBusValue.text(unit),
                DBusValue.text(jobResult));
    }

    /** Sends all clients the signals of a reload. */
    void reload(String sender) throws IOException {
        for (FakePeer.Client client : clients) {
            client.signal(sender, PATH, MANAGER, "Reloading", DBusValue.bool(true));
            client.signal(sender, PATH, MANAGER, "Reloading", DBusValue.bool(false));
        }
    }

    /** Sends all clients a signal. */
    void signal(String member, DBusValue... values) throws IOException {
        for (FakePeer.Client client : clients) {
            client.signal("", PATH, MANAGER, member, values);
        }
    }

    /** Closes all connections, as systemd does when it is executed anew. */
    void drop() throws IOException {
        peer.drop();
    }

    @Override
    public void close() throws IOException {
        hanging.countDown();
        peer.close();
    }
}
