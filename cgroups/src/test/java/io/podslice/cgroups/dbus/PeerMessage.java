package io.podslice.cgroups.dbus;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages that only a peer sends: answers, errors and signals. */
final class PeerMessage {
    private PeerMessage() {}

    static ByteBuffer reply(int serial, int to, List<DBusValue> values) {
        return message(
                DBusMessage.METHOD_RETURN,
                serial,
                Map.of(DBusMessage.REPLY_SERIAL, new DBusValue.Int32('u', to)),
                values);
    }

    static ByteBuffer error(int serial, int to, String name, String text) {
        Map<Integer, DBusValue> fields = new LinkedHashMap<>();
        fields.put(DBusMessage.ERROR_NAME, DBusValue.text(name));
        fields.put(DBusMessage.REPLY_SERIAL, new DBusValue.Int32('u', to));
        return message(DBusMessage.ERROR, serial, fields, List.of(DBusValue.text(text)));
    }

    static ByteBuffer signal(
            int serial, String sender, String path, String face, String member, List<DBusValue> values) {
        Map<Integer, DBusValue> fields = new LinkedHashMap<>();
        fields.put(DBusMessage.PATH, new DBusValue.Text('o', path));
        fields.put(DBusMessage.INTERFACE, DBusValue.text(face));
        fields.put(DBusMessage.MEMBER, DBusValue.text(member));
        if (!sender.isEmpty()) {
            fields.put(DBusMessage.SENDER, DBusValue.text(sender));
        }
        return message(DBusMessage.SIGNAL, serial, fields, values);
    }

    static ByteBuffer message(int type, int serial, Map<Integer, DBusValue> fields, List<DBusValue> values) {
        WireWriter out = new WireWriter();
        out.octet('l');
        out.octet(type);
        out.octet(1);
        out.octet(1);
        out.uint32(0);
        out.uint32(serial);
        out.uint32(0);
        int first = out.position();
        fields.forEach((code, value) -> field(out, code, value));
        if (!values.isEmpty()) {
            StringBuilder signature = new StringBuilder();
            values.forEach(value -> signature.append(value.signature()));
            field(out, DBusMessage.SIGNATURE, new DBusValue.Text('g', signature.toString()));
        }
        out.replace(first - 4, out.position() - first);
        out.align(8);
        int body = out.position();
        out.values(values);
        out.replace(4, out.position() - body);
        return out.finished();
    }

    private static void field(WireWriter out, int code, DBusValue value) {
        out.align(8);
        out.octet(code);
        out.value(new DBusValue.Variant(value));
    }
}
