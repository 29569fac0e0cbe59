package io.podslice.simulator.cluster;

import io.podslice.simulator.apiserver.ApiServerDouble;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Base64;

/**
 * The files with which a program on a node calls the API server: the kubelet's kubeconfig with the certificate beside
 * it, as kubeadm writes them, and a service account's folder, as the kubelet mounts it. Each file is replaced as a
 * whole.
 */
public final class NodeCredentials {
    private final Path folder;
    private final String nodeName;
    private final ApiServerDouble server;

    /** @param folder an existing folder */
    public NodeCredentials(Path folder, String nodeName, ApiServerDouble server) {
        this.folder = folder;
        this.nodeName = nodeName;
        this.server = server;
    }

    /** Returns the path of the kubelet's kubeconfig. */
    public Path kubeconfig() {
        return folder.resolve("kubelet.conf");
    }

    /** Returns the path of the service account's folder. */
    public Path serviceAccount() {
        return folder.resolve("serviceaccount");
    }

    /** Writes a kubeconfig, and a new certificate of the kubelet. */
    public void writeKubeconfig(Instant from, Instant until) {
        writeCertificate(from, until);
        Path certificate = certificate();
        replace(kubeconfig(), """
                apiVersion: v1
                kind: Config
                clusters:
                - cluster:
                    certificate-authority-data: %s
                    server: %s
                  name: default-cluster
                contexts:
                - context:
                    cluster: default-cluster
                    namespace: default
                    user: default-auth
                  name: default-context
                current-context: default-context
                preferences: {}
                users:
                - name: default-auth
                  user:
                    client-certificate: %s
                    client-key: %s
                """.formatted(
                Base64.getEncoder().encodeToString(server.authority().pem().getBytes(StandardCharsets.UTF_8)),
                server.uri(),
                certificate,
                certificate));
    }

    /** Writes a new certificate of the kubelet alone, as it does when the old one nears its end. */
    public void writeCertificate(Instant from, Instant until) {
        replace(certificate(), server.authority().kubelet(nodeName, from, until).pem());
    }

    private Path certificate() {
        return folder.resolve("kubelet-client-current.pem");
    }

    /** Writes a service account's folder with a token, which the server then takes. */
    public void writeServiceAccount(String token) {
        try {
            Files.createDirectories(serviceAccount());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.allow(token);
        replace(serviceAccount().resolve("token"), token);
        replace(serviceAccount().resolve("ca.crt"), server.authority().pem());
        replace(serviceAccount().resolve("namespace"), "kube-system");
    }

    private static void replace(Path file, String text) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
