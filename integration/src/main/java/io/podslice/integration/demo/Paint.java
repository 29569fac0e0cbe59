package io.podslice.integration.demo;

import io.podslice.agent.map.MapPaint;

/**
 * Colours for a terminal that has 256 of them, or none at all.
 *
 * @param on true to colour
 */
record Paint(boolean on) {
    private String with(String codes, String text) {
        return on ? "\u001b[" + codes + "m" + text + "\u001b[0m" : text;
    }

    String own(int pod, String text) {
        return on ? MapPaint.own(pod, text) : text;
    }

    String shared(int pod, String text) {
        return on ? MapPaint.shared(pod, text) : text;
    }

    String nobodys(String text) {
        return on ? MapPaint.nodeShared(text) : text;
    }

    String bold(String text) {
        return with("1", text);
    }

    String dim(String text) {
        return with("2", text);
    }

    String good(String text) {
        return with("32;1", text);
    }

    String bad(String text) {
        return with("31;1", text);
    }
}
