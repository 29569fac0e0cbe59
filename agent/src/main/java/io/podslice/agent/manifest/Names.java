package io.podslice.agent.manifest;

import io.podslice.managers.pod.DnsLabel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The API server's rules for names; all throw IllegalArgumentException with its words. */
final class Names {
    private static final String SUBDOMAIN = DnsLabel.PATTERN + "(\\." + DnsLabel.PATTERN + ")*";
    private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);
    private static final int LONGEST_SUBDOMAIN = 253;

    private Names() {}

    /** The name of a pod. */
    static String pod(String text) {
        return checked(
                text,
                SUBDOMAIN_PATTERN,
                LONGEST_SUBDOMAIN,
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                        + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation"
                        + " is '" + SUBDOMAIN + "')");
    }

    /** The name of a namespace or a container. */
    static String label(String text) {
        return DnsLabel.check(text);
    }

    /** What the name of a pod will begin with; it may end in a dash. */
    static String prefix(String text) {
        pod(text.endsWith("-") ? text.substring(0, text.length() - 1) : text);
        return text;
    }

    /** A uid; what must not be in the name of a cgroup must not be in it. */
    static String uid(String text) {
        if (!text.matches("[A-Za-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("must be a uid, of letters, digits and dashes");
        }
        return text;
    }

    private static String checked(String text, Pattern pattern, int longest, String message) {
        if (text.getBytes(StandardCharsets.UTF_8).length > longest) {
            throw new IllegalArgumentException("must be no more than " + longest + " bytes");
        }
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(message);
        }
        return text;
    }
}
