package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;

/**
 * A message as received: its header, and its data unless that is too long.
 *
 * @param length the data's length in bytes by the header
 * @param stream id of the call
 * @param type {@link #REQUEST}, {@link #RESPONSE}, {@link #DATA}, or an unknown one
 * @param flags {@link #REMOTE_CLOSED}, {@link #REMOTE_OPEN}, {@link #NO_DATA}
 * @param data the data; empty if it was longer than {@link #MAX_DATA} and therefore skipped
 */
record Message(long length, int stream, int type, int flags, ByteString data) {
    /** The length of the header in bytes. */
    static final int HEADER = 10;

    /** The most bytes of data, in every implementation: 4 MiB. */
    static final int MAX_DATA = 4 << 20;

    static final int REQUEST = 1;
    static final int RESPONSE = 2;
    static final int DATA = 3;

    static final int REMOTE_CLOSED = 1;
    static final int REMOTE_OPEN = 2;
    static final int NO_DATA = 4;

    boolean isOversized() {
        return length > MAX_DATA;
    }
}
