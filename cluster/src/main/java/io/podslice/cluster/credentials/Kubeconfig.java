package io.podslice.cluster.credentials;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.DocumentReader;
import io.podslice.managers.pod.Printable;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kubeconfig, such as the kubelet's own {@code /etc/kubernetes/kubelet.conf}: a context's cluster and user. Of a user it takes a
 * client certificate and key, in files or within, a token, or a token's file; a program that prints credentials ({@code exec}) is
 * run for a person alone, and refused otherwise.
 */
public final class Kubeconfig extends CredentialSource {
    private static final Pattern NODE = Pattern.compile("(?:^|[,+])\\s*CN=system:node:([^,+\\s]+)");

    private static final List<String> UNSUPPORTED_USER = List.of("auth-provider", "username", "password");
    private static final List<String> UNSUPPORTED_CLUSTER = List.of("proxy-url", "tls-server-name");

    private final Path file;
    private final Optional<URI> server;
    private final Optional<String> context;
    private final boolean runsPrograms;
    private volatile CredentialFiles files = new CredentialFiles();

    /**
     * @param file the kubeconfig; relative paths in it count from its folder
     * @param server the API server's address in place of the file's
     * @param context the name of the context; empty: the current one
     * @param runsPrograms true if a program that the user names is run, with the rights of this process
     */
    public Kubeconfig(Path file, Optional<URI> server, Optional<String> context, boolean runsPrograms) {
        this.file = file;
        this.server = server;
        this.context = context;
        this.runsPrograms = runsPrograms;
    }

    /** The file's current context, without programs. */
    public Kubeconfig(Path file, Optional<URI> server) {
        this(file, server, Optional.empty(), false);
    }

    @Override
    Credentials read() throws IOException {
        CredentialFiles reading = new CredentialFiles();
        try {
            String text = reading.read(file);
            try {
                return new Reading(reading, DocumentReader.either(text)).credentials();
            } catch (IOException e) {
                String problem = String.valueOf(e.getMessage());
                throw problem.startsWith("/") ? e : new IOException(file + ": " + problem, e);
            }
        } finally {
            files = reading;
        }
    }

    @Override
    boolean hasChanged() {
        return files.haveChanged();
    }

    /** One reading of the file and of those that it names. */
    private final class Reading {
        private final CredentialFiles files;
        private final DocumentNode config;

        Reading(CredentialFiles files, DocumentNode config) {
            this.files = files;
            this.config = config;
        }

        Credentials credentials() throws IOException {
            DocumentNode context = context();
            DocumentNode cluster = named("clusters", context.get("cluster").text(), "cluster");
            DocumentNode user = named("users", context.get("user").text(), "user");
            refuse(cluster, UNSUPPORTED_CLUSTER, "cluster");
            refuse(user, UNSUPPORTED_USER, "user");
            if (cluster.get("insecure-skip-tls-verify").text().equals("true")) {
                throw new IOException("cluster.insecure-skip-tls-verify: is not supported: podslice sends credentials"
                        + " to servers alone that it can verify");
            }
            URI address = server.isPresent()
                    ? server.get()
                    : Servers.parsed(cluster.get("server").text());
            Part authority = part(cluster, "certificate-authority");
            boolean isPrinted = user.has("exec");
            DocumentNode status = isPrinted ? printed(user.get("exec"), address, authority) : user;
            Optional<TlsIdentity> identity = isPrinted ? printedIdentity(status) : identity(user);
            Optional<String> token = isPrinted ? printedToken(status) : token(user);
            if (isPrinted && identity.isEmpty() && token.isEmpty()) {
                throw new IOException("user.exec: what the program prints has neither a token nor a certificate");
            }
            return new Credentials(
                    Servers.checked(address, identity.isPresent() || token.isPresent()),
                    new Tls(authorities(authority), identity),
                    token,
                    identity.flatMap(Kubeconfig::nodeName));
        }

        /** Returns the context that was asked for, else the current one; the only one where none is current. */
        private DocumentNode context() throws IOException {
            String current = context.orElse(config.get("current-context").text());
            List<DocumentNode> contexts = config.get("contexts").items();
            return current.isEmpty() && contexts.size() == 1
                    ? contexts.getFirst().get("context")
                    : named("contexts", current, "context");
        }

        private DocumentNode named(String list, String name, String key) throws IOException {
            for (DocumentNode item : config.get(list).items()) {
                if (item.get("name").text().equals(name)) {
                    return item.get(key);
                }
            }
            throw new IOException(list + ": has no " + key + " \"" + Printable.of(name, 64) + "\"");
        }

        private void refuse(DocumentNode part, List<String> keys, String where) throws IOException {
            for (String key : keys) {
                if (part.has(key)) {
                    throw new IOException(where + "." + key + ": is not supported; podslice takes a client certificate,"
                            + " a token or a tokenFile, or the folder of a service account");
                }
            }
        }

        private DocumentNode printed(DocumentNode exec, URI address, @Nullable Part authority) throws IOException {
            if (!runsPrograms) {
                throw new IOException(
                        "user.exec: is not supported: podslice runs no program for credentials; it takes a client"
                                + " certificate, a token or a tokenFile, or the folder of a service account");
            }
            String authorities = authority == null
                    ? ""
                    : Base64.getEncoder().encodeToString(authority.text().getBytes(StandardCharsets.UTF_8));
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            return new ExecCredentials(ExecProgram.of(exec, folder))
                    .status(address.toString(), authorities, isTerminal());
        }

        private Optional<TlsIdentity> printedIdentity(DocumentNode status) throws IOException {
            String certificate = status.get("clientCertificateData").text();
            String key = status.get("clientKeyData").text();
            if (certificate.isEmpty() != key.isEmpty()) {
                throw new IOException(
                        "user.exec: what the program prints has one of clientCertificateData and clientKeyData");
            }
            if (certificate.isEmpty()) {
                return Optional.empty();
            }
            TlsIdentity identity = new TlsIdentity(
                    PemFiles.certificates(certificate, "clientCertificateData"), PemFiles.key(key, "clientKeyData"));
            identity.check("clientCertificateData");
            return Optional.of(identity);
        }

        private static Optional<String> printedToken(DocumentNode status) throws IOException {
            String token = status.get("token").text();
            return token.isEmpty() ? Optional.empty() : Optional.of(Tokens.checked(token, "user.exec: status.token"));
        }

        private static List<X509Certificate> authorities(@Nullable Part authority) throws IOException {
            return authority == null ? List.of() : PemFiles.certificates(authority.text(), authority.origin());
        }

        private Optional<TlsIdentity> identity(DocumentNode user) throws IOException {
            Part certificate = part(user, "client-certificate");
            Part key = part(user, "client-key");
            if (certificate == null && key == null) {
                return Optional.empty();
            }
            if (certificate == null || key == null) {
                throw new IOException("user: has one of client-certificate and client-key, and needs both");
            }
            TlsIdentity identity = new TlsIdentity(
                    PemFiles.certificates(certificate.text(), certificate.origin()),
                    PemFiles.key(key.text(), key.origin()));
            identity.check(certificate.origin());
            return Optional.of(identity);
        }

        private Optional<String> token(DocumentNode user) throws IOException {
            // The file wins over the text, as in client-go.
            if (user.has("tokenFile")) {
                Path path = path(user.get("tokenFile").text());
                return Optional.of(Tokens.checked(files.read(path), path));
            }
            return user.has("token")
                    ? Optional.of(Tokens.checked(user.get("token").text(), "user.token"))
                    : Optional.empty();
        }

        /** Reads a text that stands in the kubeconfig in Base64 ({@code KEY-data}, which wins) or in a file of its own. */
        private @Nullable Part part(DocumentNode of, String key) throws IOException {
            String data = key + "-data";
            if (!of.get(data).text().isEmpty()) {
                try {
                    byte[] bytes = Base64.getMimeDecoder().decode(of.get(data).text());
                    return new Part(new String(bytes, StandardCharsets.UTF_8), data);
                } catch (IllegalArgumentException e) {
                    throw new IOException(data + ": is not Base64: " + e.getMessage(), e);
                }
            }
            if (!of.get(key).text().isEmpty()) {
                Path path = path(of.get(key).text());
                return new Part(files.read(path), path.toString());
            }
            return null;
        }

        private Path path(String text) throws IOException {
            try {
                return file.toAbsolutePath().resolveSibling(text);
            } catch (IllegalArgumentException e) {
                throw new IOException("\"" + Printable.of(text, 64) + "\": is not a path", e);
            }
        }
    }

    /** Tells if a person can be asked: both standard input and output are a terminal. */
    @SuppressWarnings(
            "SystemConsoleNull") // it is null where the terminal is no console: JDK 22 and 23 alone gave one always
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** A text in PEM, and the path or the field that it came from. */
    private record Part(String text, String origin) {}

    private static Optional<String> nodeName(TlsIdentity identity) {
        Matcher node = NODE.matcher(
                identity.chain().getFirst().getSubjectX500Principal().getName());
        return node.find() ? Optional.of(node.group(1)) : Optional.empty();
    }
}
