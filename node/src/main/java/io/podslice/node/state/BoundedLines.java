package io.podslice.node.state;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The lines of a file, read one after the other in bounded memory, whatever the file holds: what is above the limit of a
 * line is skipped, and what is above the limit of the file is not read.
 */
final class BoundedLines {
    private static final int PIECE_BYTES = 16 << 10;

    private final InputStream in;
    private final int mostOfLine;
    private final long mostOfFile;
    private final byte[] piece = new byte[PIECE_BYTES];
    private int at;
    private int end;
    private long read;

    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;
    private boolean whole;
    private int number;

    /**
     * @param mostOfLine bytes of a line that are kept, without its newline
     * @param mostOfFile bytes that are read
     */
    BoundedLines(InputStream in, int mostOfLine, long mostOfFile) {
        this.in = in;
        this.mostOfLine = mostOfLine;
        this.mostOfFile = mostOfFile;
    }

    /** Reads the next line; false at the end of the file, or of what is read of it. */
    boolean next() throws IOException {
        line.reset();
        tooLong = false;
        whole = false;
        number++;
        boolean any = false;
        while (at < end || fill()) {
            any = true;
            int from = at;
            while (at < end && piece[at] != '\n') {
                at++;
            }
            keep(from);
            if (at < end) {
                at++;
                whole = true;
                return true;
            }
        }
        return any;
    }

    private boolean fill() throws IOException {
        int most = (int) Math.min(piece.length, mostOfFile - read);
        int count = most == 0 ? -1 : in.read(piece, 0, most);
        at = 0;
        end = Math.max(0, count);
        read += end;
        return count > 0;
    }

    private void keep(int from) {
        if (tooLong || line.size() + at - from > mostOfLine) {
            tooLong = true;
            line = new ByteArrayOutputStream();
        } else {
            line.write(piece, from, at - from);
        }
    }

    /** Returns the line without its newline; empty for one that is too long. */
    byte[] text() {
        return line.toByteArray();
    }

    /** Tells if the line has more bytes than a line may have. */
    boolean isTooLong() {
        return tooLong;
    }

    /** Tells if the line ends with a newline. */
    boolean isWhole() {
        return whole;
    }

    /** Returns the number of the line, from 1 on. */
    int number() {
        return number;
    }

    /** Tells if the file has more bytes than are read of it. */
    boolean isCutOff() throws IOException {
        return read == mostOfFile && in.read() >= 0;
    }
}
