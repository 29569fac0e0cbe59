package io.podslice.simulator.apiserver;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The parameters of a request for pods. */
final class Query {
    private static final String NODE = "spec.nodeName=";

    private final Map<String, String> values = new HashMap<>();

    Query(URI uri) {
        String raw = uri.getRawQuery();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            values.put(decoded(name), decoded(value));
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String get(String name) {
        return values.getOrDefault(name, "");
    }

    boolean isTrue(String name) {
        String value = get(name);
        return value.equals("true") || value.equals("1");
    }

    /** Returns the node of the field selector; empty if there is none. */
    String node() throws ApiError {
        String selector = get("fieldSelector");
        if (selector.isEmpty()) {
            return "";
        }
        if (!selector.startsWith(NODE) || selector.contains(",")) {
            throw new ApiError(400, "BadRequest", "field label not supported: " + selector);
        }
        return selector.substring(NODE.length());
    }

    /**
     * Returns a number.
     *
     * @param otherwise the number where the parameter is absent
     */
    long number(String name, long otherwise) throws ApiError {
        String value = get(name);
        if (value.isEmpty()) {
            return otherwise;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new ApiError(400, "BadRequest", name + ": Invalid value: \"" + value + "\"");
        }
    }
}
