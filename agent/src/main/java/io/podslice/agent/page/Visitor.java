package io.podslice.agent.page;

import io.podslice.agent.http.HttpRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks that a request is one of a browser that was pointed at this page. A page of another site can make a browser of this node
 * send requests, and by a name of its own that leads to 127.0.0.1 it could read the answers (DNS rebinding): such a request names
 * another host.
 */
final class Visitor {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]+]|[^:]*)(?::\\d{1,5})?");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String OTHER_SITE =
            "the page answers no request that another site's page has made a browser send\n";

    private Visitor() {}

    /** Returns what is wrong with a request; empty for one that may be answered. */
    static Optional<String> problem(HttpRequest request) {
        String host = request.field("Host").orElse("");
        Matcher name = HOST.matcher(host.toLowerCase(Locale.ROOT));
        if (!name.matches() || !isLoopback(name.group(1))) {
            return Optional.of(
                    "the page is there for browsers on this node: the request must be for localhost, 127.0.0.1 or [::1]\n");
        }
        Optional<String> origin = request.field("Origin");
        if (origin.isPresent() && !origin.get().equalsIgnoreCase("http://" + host)) {
            return Optional.of(OTHER_SITE);
        }
        boolean isLink = request.method().equals("GET") && request.path().equals("/");
        Optional<String> site = request.field("Sec-Fetch-Site");
        boolean isOwn =
                site.isEmpty() || site.get().equals("same-origin") || site.get().equals("none");
        return isLink || isOwn ? Optional.empty() : Optional.of(OTHER_SITE);
    }

    private static boolean isLoopback(String host) {
        return LOOPBACK.contains(host) || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}
