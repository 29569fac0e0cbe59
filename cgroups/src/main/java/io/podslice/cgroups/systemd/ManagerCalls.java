package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.dbus.DBusValue;
import io.podslice.cgroups.dbus.MethodCall;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls to systemd's manager, org.freedesktop.systemd1(5).
 *
 * @param destination systemd's name on the bus; null on a connection to systemd alone
 */
record ManagerCalls(@Nullable String destination) {
    static final String BUS_NAME = "org.freedesktop.systemd1";
    static final String FACE = "org.freedesktop.systemd1.Manager";
    private static final String PATH = "/org/freedesktop/systemd1";
    private static final String PROPERTIES = "org.freedesktop.DBus.Properties";
    private static final String BUS = "org.freedesktop.DBus";
    private static final String BUS_PATH = "/org/freedesktop/DBus";

    /** The mode of jobs: one that contradicts a job under way is refused. */
    private static final DBusValue FAIL = DBusValue.text("fail");

    MethodCall version() {
        return new MethodCall(
                destination, PATH, PROPERTIES, "Get", List.of(DBusValue.text(FACE), DBusValue.text("Version")));
    }

    MethodCall subscribe() {
        return manager("Subscribe");
    }

    MethodCall getUnit(UnitName unit) {
        return manager("GetUnit", text(unit));
    }

    MethodCall setProperties(UnitName unit, List<UnitProperty> properties) {
        return manager("SetUnitProperties", text(unit), DBusValue.bool(true), array(properties));
    }

    MethodCall startTransient(UnitName unit, List<UnitProperty> properties) {
        DBusValue none = new DBusValue.Array("(sa(sv))", List.of());
        return manager("StartTransientUnit", text(unit), FAIL, array(properties), none);
    }

    MethodCall start(UnitName unit) {
        return manager("StartUnit", text(unit), FAIL);
    }

    MethodCall stop(UnitName unit) {
        return manager("StopUnit", text(unit), FAIL);
    }

    MethodCall revert(UnitName unit) {
        return manager("RevertUnitFiles", DBusValue.texts(List.of(unit.value())));
    }

    MethodCall reload() {
        return manager("Reload");
    }

    /** Makes the links that the units' sections [Install] ask for, of these and of those that they name. */
    MethodCall enable(List<String> units) {
        return manager("EnableUnitFiles", DBusValue.texts(units), DBusValue.bool(false), DBusValue.bool(false));
    }

    MethodCall disable(List<String> units) {
        return manager("DisableUnitFiles", DBusValue.texts(units), DBusValue.bool(false));
    }

    /** A method that begins a job of a unit of any kind, such as {@code RestartUnit}; other jobs of it give way. */
    MethodCall job(String member, String unit) {
        return manager(member, DBusValue.text(unit), DBusValue.text("replace"));
    }

    MethodCall getUnit(String unit) {
        return manager("GetUnit", DBusValue.text(unit));
    }

    /** Asks for a unit's state, such as {@code active}; {@code path} is what GetUnit has answered. */
    MethodCall activeState(String path) {
        DBusValue face = DBusValue.text("org.freedesktop.systemd1.Unit");
        return new MethodCall(destination, path, PROPERTIES, "Get", List.of(face, DBusValue.text("ActiveState")));
    }

    /** Makes and starts a service that runs one program to its end and is forgotten then, however it ended. */
    MethodCall run(String unit, String description, List<String> command) {
        DBusValue program =
                DBusValue.struct(DBusValue.text(command.getFirst()), DBusValue.texts(command), DBusValue.bool(false));
        DBusValue properties = new DBusValue.Array(
                "(sv)",
                List.of(
                        property("Description", DBusValue.text(description)),
                        property("Type", DBusValue.text("oneshot")),
                        property("CollectMode", DBusValue.text("inactive-or-failed")),
                        property("ExecStart", new DBusValue.Array("(sasb)", List.of(program)))));
        DBusValue none = new DBusValue.Array("(sa(sv))", List.of());
        return manager("StartTransientUnit", DBusValue.text(unit), FAIL, properties, none);
    }

    private static DBusValue property(String name, DBusValue value) {
        return DBusValue.struct(DBusValue.text(name), new DBusValue.Variant(value));
    }

    private MethodCall manager(String member, DBusValue... arguments) {
        return new MethodCall(destination, PATH, FACE, member, List.of(arguments));
    }

    private static DBusValue text(UnitName unit) {
        return DBusValue.text(unit.value());
    }

    /** A bus's first call, without which it takes no other. */
    static MethodCall hello() {
        return bus("Hello");
    }

    /** The bus's question for the unique name behind systemd's. */
    static MethodCall owner() {
        return bus("GetNameOwner", DBusValue.text(BUS_NAME));
    }

    /** The bus's order to pass on the manager's signals of that name. */
    static MethodCall match(String signal) {
        String rule = "type='signal',sender='%s',path='%s',interface='%s',member='%s'"
                .formatted(BUS_NAME, PATH, FACE, signal);
        return bus("AddMatch", DBusValue.text(rule));
    }

    private static MethodCall bus(String member, DBusValue... arguments) {
        return new MethodCall(BUS, BUS_PATH, BUS, member, List.of(arguments));
    }

    private static DBusValue array(List<UnitProperty> properties) {
        return new DBusValue.Array(
                "(sv)", properties.stream().map(ManagerCalls::struct).toList());
    }

    private static DBusValue struct(UnitProperty property) {
        DBusValue value = switch (property.value()) {
            case UnitProperty.Value.Amount(long unsigned) -> DBusValue.uint64(unsigned);
            case UnitProperty.Value.Mask(CpuSet members) -> new DBusValue.Octets(octets(members));
            case UnitProperty.Value.Flag(boolean on) -> DBusValue.bool(on);
            case UnitProperty.Value.Text(String text) -> DBusValue.text(text);
            case UnitProperty.Value.Names(List<String> names) -> DBusValue.texts(names);
        };
        return DBusValue.struct(DBusValue.text(property.name()), new DBusValue.Variant(value));
    }

    /** Returns the mask's bytes, each as a character: byte 0 has the members 0 to 7, the lowest bit first. */
    static String octets(CpuSet members) {
        char[] octets = new char[(members.last() + 8) / 8];
        members.forEach(id -> octets[id / 8] |= (char) (1 << (id % 8)));
        return new String(octets);
    }
}
