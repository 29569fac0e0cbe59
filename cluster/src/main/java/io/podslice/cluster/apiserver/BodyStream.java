package io.podslice.cluster.apiserver;

import java.io.IOException;
import java.io.InputStream;

/** The body of an answer as a stream with one deadline for all of it. For one thread. */
final class BodyStream extends InputStream {
    private final Body body;
    private final Deadline deadline;

    BodyStream(Body body, Deadline deadline) {
        this.body = body;
        this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
        return body.read(deadline);
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        byte[] read = body.read(count, deadline);
        System.arraycopy(read, 0, into, from, read.length);
        return read.length == 0 ? -1 : read.length;
    }

    /**
     * Reads the end of the body, after which its connection can be used again.
     *
     * @throws IOException if more comes than blanks
     */
    void end() throws IOException {
        for (int next = read(); next >= 0; next = read()) {
            if (!Character.isWhitespace(next)) {
                throw new IOException("the API server sends more after the end of a list");
            }
        }
    }
}
