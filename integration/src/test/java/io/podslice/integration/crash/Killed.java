package io.podslice.integration.crash;

import java.io.Serial;

/** The end of podslice at this point: nothing that it would do next happens, not even its handling of failures. */
final class Killed extends Error {
    @Serial
    private static final long serialVersionUID = 1L;

    Killed(String where) {
        super(where, null, false, false);
    }
}
