package io.podslice.agent.manifest;

import io.podslice.managers.pod.DnsLabel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Checks names by the API server's rules; every method throws IllegalArgumentException in the API server's words. */
final class Names {
    private static final String SUBDOMAIN = DnsLabel.PATTERN + "(\\." + DnsLabel.PATTERN + ")*";
    private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);
    private static final int LONGEST_SUBDOMAIN = 253;

    private Names() {}

    /** Checks the name of a pod. */
    static String pod(String text) {
        return checked(
                text,
                SUBDOMAIN_PATTERN,
                LONGEST_SUBDOMAIN,
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                        + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation"
                        + " is '" + SUBDOMAIN + "')");
    }

    /** Checks the name of a namespace or a container. */
    static String label(String text) {
        return DnsLabel.check(text);
    }

    /** Checks {@code generateName}, with which the pod's name begins; it may end in a dash. */
    static String prefix(String text) {
        pod(text.endsWith("-") ? text.substring(0, text.length() - 1) : text);
        return text;
    }

    /** Checks a uid; it becomes part of a cgroup's name, and may hold nothing that such a name must not hold. */
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
