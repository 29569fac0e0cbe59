package io.podslice.integration.apiserver;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An etcd and a kube-apiserver on this machine, asked as the cluster's administrator. The programs come from the folder that the
 * environment variable {@link #ASSETS} names, as controllers' tests have it.
 */
public final class RealApiServer implements AutoCloseable {
    /** The environment variable that names the folder with the programs. */
    public static final String ASSETS = "KUBEBUILDER_ASSETS";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String TOKEN = "of-the-tests-administrator";

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final URI address;
    private final HttpClient http;

    private RealApiServer(Path folder, URI address, HttpClient http) {
        this.folder = folder;
        this.address = address;
        this.http = http;
    }

    /**
     * Starts both, and returns when the server is ready.
     *
     * @param assets the folder of the programs etcd and kube-apiserver
     * @param folder an empty folder for certificates, data and logs
     * @param more further flags of kube-apiserver
     */
    public static RealApiServer start(Path assets, Path folder, String... more)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path pki = Files.createDirectories(folder.resolve("pki"));
        Process certificates = new ProcessBuilder("../integration/vm/certificates", pki.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        if (certificates.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("openssl.log")));
        }
        Files.writeString(folder.resolve("tokens"), TOKEN + ",admin,1,system:masters\n");
        int etcd = freePort();
        int peers = freePort();
        int port = freePort();
        RealApiServer server =
                new RealApiServer(folder, URI.create("https://127.0.0.1:" + port), client(pki.resolve("ca.crt")));
        String etcdUrl = "http://127.0.0.1:" + etcd;
        String peersUrl = "http://127.0.0.1:" + peers;
        server.run(
                "etcd",
                List.of(
                        assets.resolve("etcd").toString(),
                        "--data-dir=" + folder.resolve("etcd"),
                        "--unsafe-no-fsync",
                        "--listen-client-urls=" + etcdUrl,
                        "--advertise-client-urls=" + etcdUrl,
                        "--listen-peer-urls=" + peersUrl,
                        "--initial-advertise-peer-urls=" + peersUrl,
                        "--initial-cluster=default=" + peersUrl));
        List<String> line = new ArrayList<>(List.of(
                assets.resolve("kube-apiserver").toString(),
                "--etcd-servers=" + etcdUrl,
                "--secure-port=" + port,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--token-auth-file=" + folder.resolve("tokens"),
                "--client-ca-file=" + pki.resolve("ca.crt"),
                "--tls-cert-file=" + pki.resolve("apiserver.crt"),
                "--tls-private-key-file=" + pki.resolve("apiserver.key"),
                "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=https://127.0.0.1",
                "--service-account-key-file=" + pki.resolve("sa.pub"),
                "--service-account-signing-key-file=" + pki.resolve("sa.key"),
                "--enable-priority-and-fairness=false",
                "--profiling=false"));
        line.addAll(List.of(more));
        server.run("kube-apiserver", line);
        try {
            server.awaitReady();
        } catch (IOException | InterruptedException e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** Returns the server's address. */
    public URI address() {
        return address;
    }

    /** Returns the administrator's token. */
    public String administrator() {
        return TOKEN;
    }

    /**
     * Writes a folder as a pod's service account has it.
     *
     * @param account the folder, which is made where it does not exist
     */
    public void writeServiceAccount(Path account, String token) throws IOException {
        Files.createDirectories(account);
        Files.copy(folder.resolve("pki").resolve("ca.crt"), account.resolve("ca.crt"), REPLACE_EXISTING);
        Files.writeString(account.resolve("token"), token);
    }

    /**
     * Writes a kubeconfig with a kubelet's certificate, of the node {@code podslice-vm}.
     *
     * @param file the file, which is replaced
     */
    public void writeKubeletConfig(Path file) throws IOException {
        Path pki = folder.resolve("pki").toAbsolutePath();
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                clusters:
                - {name: it, cluster: {server: "%1$s", certificate-authority: %2$s/ca.crt}}
                users:
                - name: kubelet
                  user:
                    client-certificate: %2$s/kubelet-client-current.pem
                    client-key: %2$s/kubelet-client-current.pem
                contexts:
                - {name: it, context: {cluster: it, user: kubelet}}
                current-context: it
                """.formatted(address, pki));
    }

    private void run(String name, List<String> line) throws IOException {
        processes.add(new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start());
    }

    private void awaitReady() throws IOException, InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                if (send("GET", "/readyz", "").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (Instant.now().isAfter(end)) {
                    throw e;
                }
            }
            if (Instant.now().isAfter(end) || !processes.getLast().isAlive()) {
                List<String> log = Files.readAllLines(folder.resolve("kube-apiserver.log"));
                throw new IOException("kube-apiserver is not ready: "
                        + String.join("\n", log.subList(Math.max(0, log.size() - 20), log.size())));
            }
            Thread.sleep(200);
        }
    }

    /**
     * Sends a request whose body is YAML or JSON, and returns the answer whatever its status.
     *
     * @param body empty for none
     */
    public HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        return send(method, path, method.equals("PATCH") ? "application/merge-patch+json" : "application/yaml", body);
    }

    /**
     * Sends a request with a body of that media type, and returns the answer whatever its status.
     *
     * @param body empty for none
     */
    public HttpResponse<String> send(String method, String path, String type, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(address.resolve(path))
                        .timeout(Duration.ofMinutes(1))
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Accept", "application/json")
                        .header("Content-Type", type)
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Override
    public void close() {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        http.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static HttpClient client(Path authority) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream file = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build();
    }
}
