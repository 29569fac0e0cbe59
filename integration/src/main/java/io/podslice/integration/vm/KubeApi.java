package io.podslice.integration.vm;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API server, as the cluster's administrator uses it: JSON over HTTPS, with a client certificate. */
final class KubeApi {
    private static final String PASSWORD = "podslice";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int NOT_FOUND = 404;
    private static final int FIRST_ERROR = 300;

    private final URI server;
    private final HttpClient http;

    /**
     * Opens no connection yet.
     *
     * @param server its address, https
     * @param pki the folder of ca.crt and admin.p12
     */
    KubeApi(URI server, Path pki) throws IOException, GeneralSecurityException {
        this.server = server;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .sslContext(tls(pki))
                .build();
    }

    private static SSLContext tls(Path pki) throws IOException, GeneralSecurityException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(pki.resolve("admin.p12"))) {
            own.load(file, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream file = Files.newInputStream(pki.resolve("ca.crt"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** Returns true once the server takes requests. */
    boolean isReady() throws IOException, InterruptedException {
        return send(request("/readyz").GET()).statusCode() < FIRST_ERROR;
    }

    /** Returns an object or a list, or nothing where there is none at that path. */
    Optional<JsonNode> find(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(request(path).GET());
        return response.statusCode() == NOT_FOUND ? Optional.empty() : Optional.of(json(response));
    }

    /** Makes an object of a manifest in YAML or JSON. */
    JsonNode create(String path, String manifest) throws IOException, InterruptedException {
        return json(
                send(request(path).header("Content-Type", "application/yaml").POST(BodyPublishers.ofString(manifest))));
    }

    /** Changes an object by a strategic merge patch. */
    JsonNode patch(String path, String patch) throws IOException, InterruptedException {
        return json(send(request(path)
                .header("Content-Type", "application/strategic-merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch))));
    }

    /** Deletes an object with the grace that it asks for; one that is not there is no error. */
    void delete(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(request(path).DELETE());
        if (response.statusCode() != NOT_FOUND) {
            var _ = json(response);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).timeout(TIMEOUT).header("Accept", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        if (response.statusCode() >= FIRST_ERROR) {
            throw new IOException(response.request().method() + " " + response.uri() + ": " + response.statusCode()
                    + " " + response.body());
        }
        return JsonMapper.shared().readTree(response.body());
    }
}
