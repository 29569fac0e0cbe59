package io.podslice.managers.pod;

import java.util.regex.Pattern;

/** The API server's rule for the name of a container or a namespace: a lowercase RFC 1123 label. */
public final class DnsLabel {
    /** The regular expression of a label without its length, as the API server's messages have it. */
    public static final String PATTERN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

    /** The most characters of a label. */
    public static final int LONGEST = 63;

    private static final Pattern COMPILED = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");

    private DnsLabel() {}

    /**
     * Returns the text if it is a label.
     *
     * @throws IllegalArgumentException with the API server's reason if it is none
     */
    public static String check(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("must be no more than " + LONGEST + " bytes");
        }
        if (!COMPILED.matcher(text).matches()) {
            throw new IllegalArgumentException("a lowercase RFC 1123 label must consist of lower case alphanumeric"
                    + " characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                    + " '123-abc', regex used for validation is '" + PATTERN + "')");
        }
        return text;
    }
}
