package io.podslice.cgroups.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The peer's end of D-Bus on a Unix socket: lets each client in as a server does, and hands it to a conversation on a
 * thread of its own.
 */
public final class FakePeer implements AutoCloseable {

    /** What the peer does with one client that it has let in; the connection is closed when it returns. */
    @FunctionalInterface
    public interface Conversation {
        void with(Client client) throws IOException, DBusException;
    }

    private final ServerSocketChannel server;
    private final Path socket;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** Listens; each client is let in with {@code OK}. */
    public FakePeer(Path socket, Conversation conversation) throws IOException {
        this(socket, "OK 0123456789abcdef0123456789abcdef\r\n", conversation);
    }

    /** Listens; each client's AUTH is answered with that line. */
    public FakePeer(Path socket, String answer, Conversation conversation) throws IOException {
        Files.deleteIfExists(socket);
        this.socket = socket;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> accept(answer, conversation));
    }

    private void accept(String answer, Conversation conversation) {
        while (true) {
            try {
                SocketChannel channel = server.accept();
                open.add(channel);
                Thread.ofVirtual().start(() -> serve(channel, answer, conversation));
            } catch (IOException e) {
                return; // closed by the test
            }
        }
    }

    private void serve(SocketChannel channel, String answer, Conversation conversation) {
        try (channel) {
            Client client = new Client(channel);
            client.letIn(answer);
            conversation.with(client);
        } catch (IOException | DBusException e) {
            // The client has gone, which is what many tests are about.
        } finally {
            open.remove(channel);
        }
    }

    /** Closes the connections, as systemd does when it is executed anew; goes on listening. */
    public void drop() throws IOException {
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        drop();
        Files.deleteIfExists(socket);
    }

    /** One method call of a client's. */
    public record Received(int serial, DBusMessage call) {}

    /** The peer's end of one connection. */
    public static final class Client {
        private final SocketChannel channel;
        private ByteBuffer in = ByteBuffer.allocate(4096).limit(0);
        private int lastSerial;

        private Client(SocketChannel channel) {
            this.channel = channel;
        }

        /** Answers lines until BEGIN, as far as clients of several kinds send them; none sends file descriptors. */
        private void letIn(String answer) throws IOException {
            if (readByte() != 0) {
                throw new IOException("no zero byte first");
            }
            for (String line = line(); !line.equals("BEGIN"); line = line()) {
                boolean named = line.matches("AUTH EXTERNAL ([0-9a-f]{2})+");
                if (named || line.equals("DATA")) {
                    send(ascii(answer));
                } else {
                    send(ascii(line.equals("AUTH EXTERNAL") ? "DATA\r\n" : "AGREE_UNIX_FD\r\n"));
                }
                if (!answer.startsWith("OK")) {
                    return;
                }
            }
        }

        private static ByteBuffer ascii(String text) {
            return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        }

        private int readByte() throws IOException {
            need(1);
            return in.get() & 255;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            while (line.isEmpty() || line.charAt(line.length() - 1) != '\n') {
                line.append((char) readByte());
            }
            return line.toString().strip();
        }

        private void need(int bytes) throws IOException {
            if (in.remaining() >= bytes) {
                return;
            }
            in = ByteBuffer.allocate(Math.max(4096, bytes)).put(in);
            while (in.position() < bytes) {
                if (channel.read(in) < 0) {
                    throw new EOFException();
                }
            }
            in.flip();
        }

        /** Waits for the client's next call. */
        public Received next() throws IOException, DBusException {
            need(DBusMessage.FIXED_BYTES);
            int length = DBusMessage.length(in);
            need(length);
            ByteBuffer message = in.slice(in.position(), length);
            in.position(in.position() + length);
            int serial = message.order(ByteOrder.LITTLE_ENDIAN).getInt(8);
            return new Received(serial, DBusMessage.decoded(message).kept());
        }

        /** Answers a call. */
        public void reply(int serial, DBusValue... values) throws IOException {
            send(PeerMessage.reply(++lastSerial, serial, List.of(values)));
        }

        /** Answers a call with an error. */
        public void error(int serial, String name, String text) throws IOException {
            send(PeerMessage.error(++lastSerial, serial, name, text));
        }

        /** Sends a signal; {@code sender} is the empty text where there is no bus. */
        public void signal(String sender, String path, String face, String member, DBusValue... values)
                throws IOException {
            send(PeerMessage.signal(++lastSerial, sender, path, face, member, List.of(values)));
        }

        /** Sends bytes as they are. */
        public synchronized void send(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
