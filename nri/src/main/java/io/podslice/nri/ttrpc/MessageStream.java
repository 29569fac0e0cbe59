package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.podslice.nri.mux.MuxConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Messages on a multiplexed connection. Any thread may write, and each message is read by one thread. */
final class MessageStream {
    /**
     * The most bytes of a message's first frame. Go's end reads a frame into a buffer of this size and fails for good
     * on a longer one; it reads the bytes after the header into the message itself, so the rest may be one frame.
     */
    static final int FIRST_FRAME = 4096;

    private final MuxConnection connection;
    private final Duration patience;

    /** @param patience the longest silence of the other end in the middle of a message */
    MessageStream(MuxConnection connection, Duration patience) {
        this.connection = connection;
        this.patience = patience;
    }

    /** Returns the next message, or null if the trunk has ended between two messages. */
    @Nullable
    Message read() throws IOException, InterruptedException {
        if (!begin()) {
            return null;
        }
        try {
            return readBegun();
        } finally {
            end();
        }
    }

    /** Waits for a message and takes the right to read it; returns false if the trunk has ended between two messages. */
    boolean begin() throws InterruptedException {
        return connection.beginMessage();
    }

    /** Gives back the right to read; returns true if another thread waits for the next message. */
    boolean end() {
        return connection.endMessage();
    }

    /** Reads a message, after begin and before end. */
    Message readBegun() throws IOException, InterruptedException {
        ByteBuffer header = ByteBuffer.allocate(Message.HEADER);
        connection.readFully(header, patience);
        header.flip();
        long length = Integer.toUnsignedLong(header.getInt());
        int stream = header.getInt();
        int type = Byte.toUnsignedInt(header.get());
        int flags = Byte.toUnsignedInt(header.get());
        if (length > Message.MAX_DATA) {
            connection.skip(length, patience);
            return new Message(length, stream, type, flags, ByteString.EMPTY);
        }
        byte[] data = new byte[(int) length];
        connection.readFully(ByteBuffer.wrap(data), patience);
        return new Message(length, stream, type, flags, UnsafeByteOperations.unsafeWrap(data));
    }

    /**
     * Writes a message as at most two frames.
     *
     * @throws TtrpcException if the data is too long; nothing has been sent then
     */
    void write(int stream, int type, byte[] data) throws IOException, TtrpcException {
        if (data.length > Message.MAX_DATA) {
            throw new TtrpcException(
                    TtrpcStatus.RESOURCE_EXHAUSTED,
                    "message length " + data.length + " exceeds the maximum of " + Message.MAX_DATA + " bytes");
        }
        int first = Math.min(data.length, FIRST_FRAME - Message.HEADER);
        ByteBuffer start = ByteBuffer.allocate(Message.HEADER + first)
                .putInt(data.length)
                .putInt(stream)
                .put((byte) type)
                .put((byte) 0)
                .put(data, 0, first)
                .flip();
        if (first == data.length) {
            connection.write(start);
        } else {
            connection.write(start, ByteBuffer.wrap(data, first, data.length - first));
        }
    }

    /** Ends the trunk, because of damage on this connection. */
    void fail(IOException why) {
        connection.fail(why);
    }
}
