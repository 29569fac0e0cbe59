package io.podslice.shim.tap;

import io.podslice.grpc.http2.MessageReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One call of an intercepted method, from its HEADERS on. Every method is called with the connection's lock held, and
 * none blocks.
 */
abstract sealed class Call permits HeldRequest, ObservedCall {
    private static final byte[] ENCODING = "grpc-encoding".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STATUS = "grpc-status".getBytes(StandardCharsets.US_ASCII);

    final Connection connection;
    final Stream stream;
    final String path;
    final HeaderFields head;
    private final MessageReader request = new MessageReader();

    private final MessageReader response = new MessageReader();
    private String responseEncoding = "";
    private boolean statusOk;
    /** Bytes of large messages that are copied. */
    private long copied;

    Call(Connection connection, int id, HeaderFields head) {
        this.connection = connection;
        this.path = head.path();
        this.head = head;
        this.stream = new Stream(
                id, new Outflow(connection.toRuntime.newWindow()), new Outflow(connection.toClient.newWindow()), this);
    }

    /**
     * Takes a DATA frame of the client, or leaves it.
     *
     * @param from absolute index of its payload's first byte
     * @param to absolute index after its last
     * @param flow what it costs of the windows
     * @param end whether the client's side ends with it
     * @return true if the call has taken it; if not, it goes its way
     */
    abstract boolean requestData(ByteBuffer buffer, int from, int to, int flow, boolean end);

    /**
     * Takes a DATA frame of the client that is longer than the runtime allows, and resets the stream; or leaves it.
     *
     * @param flow what it costs of the windows
     * @return true if the frame has been dealt with; if not, the runtime refuses it
     */
    abstract boolean refusesFrame(int flow);

    /**
     * Called when the client sends headers once more, which go their way: trailers, or a block that no runtime takes.
     */
    abstract void requestTrailers();

    /** Called when the client resets the stream. */
    abstract void cancelled();

    /** Called when the client ends its half of the connection. */
    abstract void clientEnded();

    /** Called when one of the connections is gone, or the runtime says that it never saw the call. */
    abstract void gone();

    /**
     * Called when the runtime's last frame on the stream has come. If something must happen before the client may see
     * it, the stream's way to the client is held.
     */
    abstract void responseEnded();

    /** Called when all of the request that waited has gone on to the runtime. */
    abstract void requestSent();

    /** Tells whether the response has ended, and a handler is told before the client sees it. */
    abstract boolean finishing();

    /** Returns the bytes that are known to be lacking of a message that is being collected; 0 where none is. */
    abstract long lacks();

    /** Tells whether the call needs nothing more. */
    abstract boolean over();

    final void responseHeaders(HeaderFields fields) {
        String encoding = fields.value(ENCODING);
        if (!encoding.isEmpty()) {
            responseEncoding = encoding;
        }
        if (fields.value(STATUS).equals("0")) {
            statusOk = true;
        }
    }

    final void responseData(ByteBuffer buffer, int from, int to) {
        copy(buffer, from, to, response);
    }

    /** Copies a payload of a request that passes, as {@link #responseData} does of its response. */
    final void passingData(ByteBuffer buffer, int from, int to) {
        copy(buffer, from, to, request);
    }

    /**
     * Copies what passes. A message above the limit is not copied beyond its beginning, and a large one only as long as there
     * is memory for it: it is then taken for one that has not come.
     */
    private void copy(ByteBuffer buffer, int from, int to, MessageReader into) {
        if (into.begun() && into.declared() > connection.options.maxMessageBytes()) {
            return;
        }
        int taken = into.take(buffer, from, to) - from;
        if (into.begun() && !connection.held.isSmall(into.declared())) {
            if (connection.held.takeLoose(taken)) {
                copied += taken;
            } else {
                into.forget();
            }
        }
    }

    /** Called when the stream is followed no longer. */
    final void left() {
        connection.held.releaseLoose(copied);
        copied = 0;
    }

    /** Tells whether the response so far is a whole message and status OK. */
    final boolean responseOk() {
        return statusOk && response.whole();
    }

    /**
     * Takes what belongs to the request's message.
     *
     * @param from absolute index of the payload's first byte
     * @param to absolute index after its last
     * @return absolute index after the last byte taken
     */
    final int collect(ByteBuffer buffer, int from, int to) {
        return request.take(buffer, from, to);
    }

    /** Returns the length of the request's message in bytes, without gRPC's prefix; negative as long as it is not known. */
    final long requestLength() {
        return request.begun() ? request.declared() : -1;
    }

    /** Returns the bytes that are known to be lacking of the request's message, prefix included. */
    final long requestLacks() {
        return request.lacks();
    }

    /** Makes room for all of the request's message at once; its length must be known. */
    final void makeRoomForRequest() {
        request.makeRoom();
    }

    /** Returns what has come of the request's message, prefix included. */
    final ByteRange collected() {
        return new ByteRange(request.bytes(), 0, request.have());
    }

    /** Lets the bytes of the request's message go. */
    final void forgetRequest() {
        request.forget();
    }

    /** Tells whether the request's message has come to its end. */
    final boolean requestWhole() {
        return request.whole();
    }

    final Message requestMessage() {
        return new Message(request, head.value(ENCODING), connection.options.maxMessageBytes());
    }

    final Message responseMessage() {
        return new Message(response, responseEncoding, connection.options.maxMessageBytes());
    }
}
