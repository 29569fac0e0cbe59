package io.podslice.cgroups.dbus;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A method to call.
 *
 * @param destination the bus name of the callee; null on a connection without a bus
 * @param path the object, e.g. {@code /org/freedesktop/systemd1}
 * @param face the interface, e.g. {@code org.freedesktop.systemd1.Manager}
 * @param member the method, e.g. {@code GetUnit}
 * @param arguments their types together are the signature
 */
public record MethodCall(
        @Nullable String destination, String path, String face, String member, List<DBusValue> arguments) {
    public MethodCall {
        arguments = List.copyOf(arguments);
    }

    /** Returns the message's bytes. */
    ByteBuffer encoded(int serial) {
        WireWriter out = new WireWriter();
        out.octet('l');
        out.octet(DBusMessage.METHOD_CALL);
        out.octet(0);
        out.octet(DBusMessage.VERSION);
        out.uint32(0); // the body's length, once it is known
        out.uint32(serial);
        out.uint32(0); // the length of the header's fields, likewise
        int fields = out.position();
        field(out, DBusMessage.PATH, new DBusValue.Text('o', path));
        field(out, DBusMessage.INTERFACE, DBusValue.text(face));
        field(out, DBusMessage.MEMBER, DBusValue.text(member));
        if (destination != null) {
            field(out, DBusMessage.DESTINATION, DBusValue.text(destination));
        }
        if (!arguments.isEmpty()) {
            StringBuilder signature = new StringBuilder();
            arguments.forEach(argument -> signature.append(argument.signature()));
            field(out, DBusMessage.SIGNATURE, new DBusValue.Text('g', signature.toString()));
        }
        out.replace(fields - 4, out.position() - fields);
        out.align(8);
        int body = out.position();
        out.values(arguments);
        out.replace(4, out.position() - body);
        return out.finished();
    }

    private static void field(WireWriter out, int code, DBusValue value) {
        out.align(8);
        out.octet(code);
        out.value(new DBusValue.Variant(value));
    }

    /** Returns interface and method, for messages. */
    @Override
    public String toString() {
        return face + "." + member;
    }
}
