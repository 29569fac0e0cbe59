package io.podslice.shim.tap;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The few streams of a connection that do not simply pass, by id. Guarded by the connection's lock. */
final class StreamTable {
    private @Nullable Stream[] sorted = new Stream[8];
    private int count;

    /** Streams are opened with rising ids, so one that is not here is most often above the last or below the first. */
    @Nullable
    Stream get(int id) {
        if (count == 0) {
            return null;
        }
        int at = indexOf(id);
        return at < 0 ? null : sorted[at];
    }

    private int indexOf(int id) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = at(middle).id;
            if (found == id) {
                return middle;
            }
            if (found < id) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    int size() {
        return count;
    }

    Stream at(int index) {
        Stream stream = sorted[index];
        if (stream == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return stream;
    }

    /** Puts in a stream whose id is not there yet. */
    void add(Stream stream) {
        int at = -indexOf(stream.id) - 1;
        if (count == sorted.length) {
            sorted = Arrays.copyOf(sorted, 2 * count);
        }
        System.arraycopy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = stream;
        count++;
    }

    /** Takes out a stream; one that is not there is no matter. */
    void remove(Stream stream) {
        int at = indexOf(stream.id);
        if (at >= 0 && at(at) == stream) {
            System.arraycopy(sorted, at + 1, sorted, at, count - at - 1);
            count--;
            sorted[count] = null;
            if (stream.call != null) {
                stream.call.left();
            }
        }
    }
}
