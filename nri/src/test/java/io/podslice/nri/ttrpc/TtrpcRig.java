package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import io.podslice.nri.mux.Channels;
import io.podslice.nri.mux.Multiplexer;
import io.podslice.nri.mux.MuxOptions;
import io.podslice.nri.mux.RawPeer;
import io.podslice.nri.mux.SocketTrunk;
import io.podslice.proto.ttrpc.Request;
import io.podslice.proto.ttrpc.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;

/** A server on connection 1 and a client on connection 2 of one trunk, with a peer that the test drives. */
final class TtrpcRig implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final Channels channels = Channels.connected();
    final RawPeer peer = new RawPeer(channels.theirs());
    final Multiplexer mux;
    final TtrpcClient client;

    /** A service that answers on the thread that calls it. */
    interface Echo {
        ByteString call(String method, ByteString payload, CallContext context) throws TtrpcException;
    }

    TtrpcRig(Echo echo) {
        this(echo, PATIENCE);
    }

    TtrpcRig(Echo echo, Duration patience) {
        TtrpcService service = (method, payload, context, reply) -> reply.with(echo.call(method, payload, context));
        mux = new Multiplexer(SocketTrunk.of(channels.ours()), MuxOptions.DEFAULT);
        TtrpcServer server = new TtrpcServer(mux.open(1), Map.of("test.Echo", service), patience);
        client = new TtrpcClient(mux.open(2), patience);
        Thread.ofVirtual().start(server::serve);
        Thread.ofVirtual().start(client::receive);
        mux.start();
    }

    /** Sends a message of the peer on a connection, in one frame. */
    void send(int connection, int stream, int type, int flags, byte[] data) throws IOException {
        peer.writeFrame(
                connection,
                ByteBuffer.allocate(Message.HEADER + data.length)
                        .putInt(data.length)
                        .putInt(stream)
                        .put((byte) type)
                        .put((byte) flags)
                        .put(data)
                        .array());
    }

    void request(int stream, String service, String method, String payload) throws IOException {
        send(
                1,
                stream,
                Message.REQUEST,
                0,
                request(service, method, payload).build().toByteArray());
    }

    static Request.Builder request(String service, String method, String payload) {
        return Request.newBuilder().setService(service).setMethod(method).setPayload(ByteString.copyFromUtf8(payload));
    }

    /** A message that the peer received on a stream. */
    record Reply(int connection, int stream, int type, ByteString data, int frames, int firstFrame) {
        Response response() throws IOException {
            return Response.parseFrom(data);
        }

        int code() throws IOException {
            return response().getStatus().getCode();
        }

        String text() throws IOException {
            return response().getPayload().toStringUtf8();
        }
    }

    /** Waits for the next message to the peer. */
    Reply reply() throws IOException {
        RawPeer.Frame first = peer.readFrame();
        int firstLength = first.payload().remaining();
        ByteBuffer header = first.payload();
        ByteBuffer data = ByteBuffer.allocate(header.getInt());
        int stream = header.getInt();
        int type = header.get();
        header.get();
        data.put(header);
        int frames = 1;
        while (data.hasRemaining()) {
            RawPeer.Frame next = peer.readFrame();
            if (next.id() != first.id()) {
                throw new IOException("frame of connection " + next.id() + " amid a message of " + first.id());
            }
            data.put(next.payload());
            frames++;
        }
        return new Reply(first.id(), stream, type, ByteString.copyFrom(data.array()), frames, firstLength);
    }

    @Override
    public void close() throws IOException {
        mux.close();
        channels.close();
    }
}
