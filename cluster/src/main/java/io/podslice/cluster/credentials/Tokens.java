package io.podslice.cluster.credentials;

import java.io.IOException;

/** Bearer tokens (RFC 6750), which go into a header as they are. */
final class Tokens {
    private static final int MOST_CHARACTERS = 64 << 10;

    private Tokens() {}

    /**
     * Returns the token without the space around it.
     *
     * @param origin a path, or the name of a field
     * @throws IOException if it is empty, or has characters that no token has
     */
    static String checked(String text, Object origin) throws IOException {
        String token = text.strip();
        if (token.isEmpty()) {
            throw new IOException(origin + ": has no token");
        }
        if (token.length() > MOST_CHARACTERS || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IOException(origin + ": is not a token, which has at most " + MOST_CHARACTERS
                    + " characters, all of them visible ASCII");
        }
        return token;
    }
}
