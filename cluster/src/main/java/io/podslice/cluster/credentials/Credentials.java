package io.podslice.cluster.credentials;

import java.net.URI;
import java.util.Optional;

/**
 * Credentials for the API server, as they were read at one time.
 *
 * @param server the API server's address, without a slash at its end; https, or http where nothing secret is sent
 * @param tls the authorities that are trusted, and the client's certificate
 * @param token bearer token; empty for none
 * @param nodeName the node in whose name the client's certificate is ({@code system:node:NAME}); empty if there is none
 */
record Credentials(URI server, Tls tls, Optional<String> token, Optional<String> nodeName) {

    /** Names the server, and nothing secret. */
    @Override
    public String toString() {
        return "credentials for " + server;
    }
}
