package io.podslice.simulator.apiserver;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The body of an answer, which a fault may alter or cut short. */
final class Body {
    private final OutputStream out;
    private final @Nullable ApiFault fault;
    private long written;

    Body(OutputStream out, @Nullable ApiFault fault) {
        this.out = out;
        this.fault = fault;
    }

    /**
     * Writes a part of the body, at once.
     *
     * @throws IOException if the client has gone, or the fault ends the body here
     */
    void write(byte[] part) throws IOException {
        byte[] bytes = fault instanceof ApiFault.Alter(var alteration) ? alteration.apply(part) : part;
        if (fault instanceof ApiFault.Truncate(int most) && written + bytes.length > most) {
            out.write(bytes, 0, (int) Math.max(0, most - written));
            out.flush();
            throw new IOException("the body is cut off after " + most + " bytes");
        }
        out.write(bytes);
        out.flush();
        written += bytes.length;
    }

    /** Ends a body in good order; one that is shorter than its fault allows is cut off at its end. */
    void end() throws IOException {
        if (fault instanceof ApiFault.Truncate) {
            throw new IOException("the body is not ended");
        }
        out.close();
    }
}
