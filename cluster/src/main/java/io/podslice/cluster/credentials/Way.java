package io.podslice.cluster.credentials;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Optional;

/**
 * Connections to the API server with the credentials of one reading.
 *
 * @param client has the TLS half
 * @param credentials are sent along
 */
public record Way(HttpClient client, Credentials credentials) {

    /** Returns the server's address. */
    public URI server() {
        return credentials.server();
    }

    /** Returns the node in whose name the client's certificate is; empty if there is none. */
    public Optional<String> nodeName() {
        return credentials.nodeName();
    }

    /**
     * Begins a request.
     *
     * @param path the path with its query, both encoded; begins with a slash
     */
    public HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server() + path));
        credentials.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return request;
    }
}
