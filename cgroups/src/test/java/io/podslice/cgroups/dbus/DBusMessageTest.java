package io.podslice.cgroups.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DBusMessageTest {
    private static final String MANAGER = "org.freedesktop.systemd1.Manager";

    private static List<DBusValue> again(List<DBusValue> values) throws DBusException {
        ByteBuffer bytes = PeerMessage.reply(7, 3, values);
        assertThat(DBusMessage.length(bytes)).isEqualTo(bytes.remaining());
        return DBusMessage.decoded(bytes).arguments();
    }

    /** Counted by hand from the specification. */
    @Test
    void aCallIsTheSpecificationsBytes() {
        MethodCall call = new MethodCall(null, "/o", "i.f", "M", List.of(DBusValue.text("a")));

        String expected =
                "6c010001" + "06000000" + "05000000" + "37000000" // header: body of 6 bytes, serial 5, fields of 55
                        + "01016f00" + "02000000" + "2f6f00" + "0000000000" // path, padded to 8
                        + "02017300" + "03000000" + "692e6600" + "00000000"
                        + "03017300" + "01000000" + "4d00" + "000000000000"
                        + "08016700" + "017300" + "00" // signature "s"; its 7 bytes are padded to 8
                        + "01000000" + "6100";
        assertThat(HexFormat.of().formatHex(bytes(call.encoded(5)))).isEqualTo(expected);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Test
    void valuesComeBack() throws DBusException {
        List<DBusValue> values = List.of(
                new DBusValue.Octet(200),
                DBusValue.bool(true),
                new DBusValue.Int16('n', (short) -2),
                new DBusValue.Int32('u', -1),
                DBusValue.uint64(-1),
                new DBusValue.Real(0.5),
                DBusValue.text("käse"),
                new DBusValue.Text('o', "/a/b"),
                new DBusValue.Text('g', "a{sv}"),
                new DBusValue.Octets("\u0000\u00ff\u0001"),
                DBusValue.texts(List.of("a", "b")),
                new DBusValue.Array("(sv)", List.of()),
                new DBusValue.Array(
                        "(sv)",
                        List.of(DBusValue.struct(
                                DBusValue.text("CPUWeight"), new DBusValue.Variant(DBusValue.uint64(100))))),
                new DBusValue.Variant(new DBusValue.Variant(new DBusValue.Octet(1))));

        assertThat(again(values)).isEqualTo(values);
    }

    @Test
    void aBigEndianMessageIsRead() throws DBusException {
        ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.BIG_ENDIAN);
        out.put(new byte[] {'B', DBusMessage.METHOD_RETURN, 0, 1})
                .putInt(8)
                .putInt(9)
                .putInt(15);
        out.put(new byte[] {5, 1, 'u', 0}).putInt(77);
        out.put(new byte[] {8, 1, 'g', 0, 1, 't', 0, 0});
        out.putLong(1L << 40).flip();

        DBusMessage message = DBusMessage.decoded(out);

        assertThat(message.replySerial()).isEqualTo(77);
        assertThat(message.arguments()).containsExactly(DBusValue.uint64(1L << 40));
    }

    @Test
    void aDictionaryIsAnArrayOfStructs() throws DBusException {
        DBusValue entry = DBusValue.struct(DBusValue.text("k"), new DBusValue.Variant(DBusValue.bool(true)));
        DBusValue dictionary = new DBusValue.Array("{sv}", List.of(entry));

        assertThat(again(List.of(dictionary))).containsExactly(dictionary);
    }

    @Test
    void aSignalIsKnownByItsName() throws DBusException {
        DBusMessage signal = DBusMessage.decoded(
                PeerMessage.signal(1, ":1.2", "/o", MANAGER, "Reloading", List.of(DBusValue.bool(false))));

        assertThat(signal.isSignal(MANAGER, "Reloading")).isTrue();
        assertThat(signal.isSignal(MANAGER, "JobNew")).isFalse();
        assertThat(signal.isSignal("org.freedesktop.systemd1.Unit", "Reloading"))
                .isFalse();
        assertThat(signal.sender()).isEqualTo(":1.2");
        assertThat(signal.kept().arguments()).containsExactly(DBusValue.bool(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "(", "()", "(s", "s)", "a{s}", "a{vs}", "{sv}", "z", "a{sss}", "aa", "m"})
    void aWrongSignatureIsRefused(String signature) {
        assertThatThrownBy(() -> Signature.split(signature))
                .isInstanceOf(DBusException.class)
                .hasMessageContaining(signature);
    }

    @Test
    void nestingIsBounded() throws DBusException {
        assertThat(Signature.split("a".repeat(32) + "s")).hasSize(1);
        assertThatThrownBy(() -> Signature.split("a".repeat(33) + "s")).isInstanceOf(DBusException.class);
        assertThatThrownBy(() -> Signature.split("(".repeat(33) + "s" + ")".repeat(33)))
                .isInstanceOf(DBusException.class);
        assertThatThrownBy(() -> Signature.split("s".repeat(256))).isInstanceOf(DBusException.class);
        DBusValue deep = new DBusValue.Octet(1);
        for (int i = 0; i < 70; i++) {
            deep = new DBusValue.Variant(deep);
        }
        List<DBusValue> tooDeep = List.of(deep);
        assertThatThrownBy(() -> again(tooDeep)).hasMessageContaining("deeper");
    }

    @Test
    void manyValuesAreRefused() {
        List<DBusValue> many = Collections.nCopies(70_000, new DBusValue.Bool(true));

        assertThatThrownBy(() -> again(List.of(new DBusValue.Array("b", many)))).hasMessageContaining("65536 values");
    }

    @Test
    void aLongMessageIsRefusedBeforeItIsTaken() {
        ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[] {'l', 2, 0, 1})
                .putInt(Integer.MAX_VALUE)
                .putInt(1)
                .putInt(-8)
                .flip();

        assertThatThrownBy(() -> DBusMessage.length(header)).hasMessageContaining("more than 1048576");
    }

    @Test
    void whatIsNoMessageIsRefused() {
        for (String text : List.of("HTTP/1.1 400 Bad Request", "l\u0001\u0000\u0002aaaabbbbcccc")) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> DBusMessage.length(bytes)).isInstanceOf(DBusException.class);
        }
        ByteBuffer noSerial = PeerMessage.message(DBusMessage.METHOD_RETURN, 1, Map.of(), List.of());
        assertThatThrownBy(() -> DBusMessage.decoded(noSerial)).hasMessageContaining("lacks a field");
        ByteBuffer wrongType = PeerMessage.message(
                DBusMessage.METHOD_RETURN, 1, Map.of(DBusMessage.REPLY_SERIAL, DBusValue.text("1")), List.of());
        assertThatThrownBy(() -> DBusMessage.decoded(wrongType)).hasMessageContaining("has type s");
    }

    @Test
    void textsMustBeUtf8WithoutZeroBytes() {
        assertThatThrownBy(() -> new WireReader(ByteBuffer.wrap(new byte[] {1, (byte) 0xff, 0})).signature())
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> new WireReader(ByteBuffer.wrap(new byte[] {1, 0, 0})).signature())
                .hasMessageContaining("zero byte within");
        assertThatThrownBy(() -> new WireReader(ByteBuffer.wrap(new byte[] {1, 'a', 'b'})).signature())
                .hasMessageContaining("does not end");
    }

    @RepeatedTest(20)
    void randomValuesComeBack(RepetitionInfo repetition) throws DBusException {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 50; i++) {
            List<DBusValue> values = RandomValues.some(random);
            assertThat(again(values)).isEqualTo(values);
        }
    }
}
