package io.podslice.cgroups.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The client's side of authentication by SASL EXTERNAL: the peer knows the process from the socket, and is told the
 * user's number in decimal digits, each digit in hexadecimal.
 */
final class Handshake {
    private static final int MOST_LINE = 4096;

    private Handshake() {}

    /**
     * Returns the client's first bytes: a zero byte and both lines. Messages may follow once the peer has accepted the first.
     * The second must not wait for that: sd-bus, and so systemd, leaves a message that it has read together with BEGIN where it
     * is until something else comes (bus_socket_auth_verify_server, sd_bus_get_timeout), and its call without an answer.
     */
    static ByteBuffer opening(int uid) {
        StringBuilder hex = new StringBuilder();
        for (char digit : Integer.toUnsignedString(uid).toCharArray()) {
            hex.append(Integer.toHexString(digit));
        }
        return ascii("\0AUTH EXTERNAL " + hex + "\r\nBEGIN\r\n");
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Takes the peer's answer from the buffer, and tells if it was there already.
     *
     * @param in what was received, ready to be read; its position goes behind the line
     * @throws DBusException if the peer refuses, or answers with something else
     */
    static boolean isAccepted(ByteBuffer in) throws DBusException {
        for (int i = in.position(); i + 1 < in.limit(); i++) {
            if (in.get(i) == '\r' && in.get(i + 1) == '\n') {
                byte[] line = new byte[i - in.position()];
                in.get(line);
                in.position(i + 2);
                check(new String(line, StandardCharsets.ISO_8859_1));
                return true;
            }
        }
        if (in.remaining() > MOST_LINE) {
            throw DBusException.inconsistent("no answer to AUTH within " + MOST_LINE + " bytes");
        }
        return false;
    }

    private static void check(String line) throws DBusException {
        if (line.equals("OK") || line.startsWith("OK ")) {
            return;
        }
        String shown = line.substring(0, Math.min(line.length(), 100)).replaceAll("[^ -~]", "?");
        throw new DBusException(DBusException.AUTH_FAILED, "AUTH EXTERNAL was answered with \"" + shown + "\"");
    }

    /** Returns the number of this process's effective user. */
    static int ownUid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
