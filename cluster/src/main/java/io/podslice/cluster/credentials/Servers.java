package io.podslice.cluster.credentials;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Addresses of API servers. */
final class Servers {
    private Servers() {}

    /**
     * Checks an address.
     *
     * @param hasSecret true if a token or a client certificate goes there
     * @return the address without a slash at its end
     * @throws IOException if it is not an address, or would have a secret sent in the open
     */
    static URI checked(URI server, boolean hasSecret) throws IOException {
        String scheme = String.valueOf(server.getScheme()).toLowerCase(Locale.ROOT);
        boolean isPlain = scheme.equals("http");
        if (server.getHost() == null || (!isPlain && !scheme.equals("https")) || server.getRawQuery() != null) {
            throw new IOException("server \"" + server + "\": must be an address such as https://10.0.0.1:6443");
        }
        if (isPlain && hasSecret) {
            throw new IOException("server \"" + server + "\": must be https, since credentials are sent there");
        }
        String text = server.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : server;
    }

    /** @throws IOException if the text is not an address */
    static URI parsed(String text) throws IOException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IOException("server: is not an address: " + e.getMessage(), e);
        }
    }
}
