package io.podslice.cluster.credentials;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A service account as a pod has it: a folder with {@code token} and {@code ca.crt}. The kubelet replaces the token about
 * once an hour.
 */
public final class ServiceAccount extends CredentialSource {
    private final Path folder;
    private final URI server;
    private volatile CredentialFiles files = new CredentialFiles();

    /**
     * @param folder e.g. {@code /var/run/secrets/kubernetes.io/serviceaccount}
     * @param server the API server's address
     */
    public ServiceAccount(Path folder, URI server) {
        this.folder = folder;
        this.server = server;
    }

    @Override
    Credentials read() throws IOException {
        CredentialFiles reading = new CredentialFiles();
        try {
            Path tokenFile = folder.resolve("token");
            Path authority = folder.resolve("ca.crt");
            String token = Tokens.checked(reading.read(tokenFile), tokenFile);
            return new Credentials(
                    Servers.checked(server, true),
                    new Tls(PemFiles.certificates(reading.read(authority), authority), Optional.empty()),
                    Optional.of(token),
                    Optional.empty());
        } finally {
            files = reading;
        }
    }

    @Override
    boolean hasChanged() {
        return files.haveChanged();
    }
}
