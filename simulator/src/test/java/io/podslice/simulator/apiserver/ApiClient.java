package io.podslice.simulator.apiserver;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A client of the API server's double. */
final class ApiClient {
    static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final char[] NO_PASSWORD = {};

    private final URI server;
    private final HttpClient http;
    private final @Nullable String token;

    private ApiClient(URI server, HttpClient http, @Nullable String token) {
        this.server = server;
        this.http = http;
        this.token = token;
    }

    static ApiClient plain(ApiServerDouble server, String token) {
        return new ApiClient(server.uri(), HttpClient.newHttpClient(), token);
    }

    static ApiClient withToken(ApiServerDouble server, String token) throws GeneralSecurityException, IOException {
        return new ApiClient(server.uri(), tls(server.authority().certificate(), null), token);
    }

    static ApiClient withCertificate(ApiServerDouble server, Identity identity)
            throws GeneralSecurityException, IOException {
        return new ApiClient(server.uri(), tls(server.authority().certificate(), identity), null);
    }

    private static HttpClient tls(X509Certificate authority, @Nullable Identity own)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        if (own != null) {
            keys.setKeyEntry("own", own.keys().getPrivate(), NO_PASSWORD, new X509Certificate[] {own.certificate()});
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path, "application/json").build(), BodyHandlers.ofString());
    }

    HttpResponse<byte[]> bytes(String path) throws IOException, InterruptedException {
        return http.send(request(path, PROTOBUF).build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<InputStream> stream(String path, String accept) throws IOException, InterruptedException {
        return http.send(request(path, accept).build(), BodyHandlers.ofInputStream());
    }

    HttpResponse<String> patch(String path, String type, String body) throws IOException, InterruptedException {
        return http.send(
                request(path, "application/json")
                        .header("Content-Type", type)
                        .method("PATCH", BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String type, String body) throws IOException, InterruptedException {
        return http.send(
                request(path, "application/json")
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String accept) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .header("Accept", accept);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    static X509Certificate parsed(String pem) throws GeneralSecurityException {
        return (X509Certificate) java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}
