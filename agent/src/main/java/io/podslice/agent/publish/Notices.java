package io.podslice.agent.publish;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;

/** Says what is wrong once, and again only when it is something else. For one thread. */
final class Notices {
    private final PrintWriter err;
    private final Map<String, String> said = new HashMap<>();

    /** @param err takes a line for each change */
    Notices(PrintWriter err) {
        this.err = err;
    }

    /**
     * Notes how a matter stands.
     *
     * @param matter its name, which is not printed
     * @param text a sentence; empty while all is well
     */
    void say(String matter, String text) {
        String before = said.put(matter, text);
        if (!text.isEmpty() && !text.equals(before)) {
            err.println("podslice publish: " + text);
            err.flush();
        }
    }
}
