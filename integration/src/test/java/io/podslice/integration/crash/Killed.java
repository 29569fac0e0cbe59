package io.podslice.integration.crash;

import java.io.Serial;

/** podslice is killed here: nothing that it would have done next happens, not even what it does about failures. */
final class Killed extends Error {
    @Serial
    private static final long serialVersionUID = 1L;

    Killed(String where) {
        super(where, null, false, false);
    }
}
