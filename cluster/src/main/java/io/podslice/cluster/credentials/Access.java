package io.podslice.cluster.credentials;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the API server: a client of the JDK's with the newest good credentials. Files are looked at every 10 s and read
 * anew where one has changed, and at once after a failure; with a token they are read once a minute in any case, since its
 * file may be replaced within the resolution of its time. Where they cannot be used the last good credentials stay.
 */
public final class Access implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofMinutes(1);
    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final CredentialSource source;
    private @Nullable Way way;
    private String problem = "";
    private long lookedAt;
    private long readAt;
    private boolean isClosed;

    /** @param source the files; read with the first call */
    public Access(CredentialSource source) {
        this.source = source;
    }

    /**
     * Returns the way with the credentials of now.
     *
     * @throws IOException if there have been none yet that can be used
     */
    public synchronized Way way() throws IOException {
        long now = System.nanoTime();
        Way present = way;
        if (present == null || (present.credentials().token().isPresent() && now - readAt >= READ.toNanos())) {
            return read(now);
        }
        if (now - lookedAt >= LOOK.toNanos()) {
            lookedAt = now;
            if (source.hasChanged()) {
                return read(now);
            }
        }
        return present;
    }

    /**
     * Reads the credentials anew after the server has not taken those of a way, or the way not the server.
     *
     * @return true if there is another way now, which is worth a try
     * @throws IOException if there have been none yet that can be used
     */
    public synchronized boolean renew(Way failed) throws IOException {
        return !failed.equals(way) || !failed.equals(read(System.nanoTime()));
    }

    /** Returns the reason for which the present files cannot be used; empty if they can. */
    public synchronized Optional<String> problem() {
        return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
    }

    private Way read(long now) throws IOException {
        lookedAt = now;
        readAt = now;
        Way present = way;
        try {
            Credentials read = source.read();
            if (present == null || !present.credentials().equals(read)) {
                way = next(present, read);
            }
            if (!problem.isEmpty()) {
                LOG.info("credentials for the API server can be read again");
                problem = "";
            }
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(problem)) {
                problem = reason;
                LOG.warn(
                        "credentials for the API server cannot be used{}: {}",
                        present == null ? "" : ", those read before stay",
                        reason);
            }
            if (present == null) {
                throw e;
            }
        }
        Way newest = way;
        if (newest == null) {
            throw new IOException("has no credentials for the API server");
        }
        return newest;
    }

    /** A new token goes over the present connections; other certificates need new ones. */
    private Way next(@Nullable Way present, Credentials read) throws IOException {
        if (isClosed) {
            throw new IOException("is closed");
        }
        if (present != null && present.credentials().tls().equals(read.tls())) {
            return new Way(present.client(), read);
        }
        HttpClient client = HttpClient.newBuilder()
                // A stream for each connection: the kernel bounds what waits unread, and no window of HTTP/2's is held.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(read.tls().context())
                .build();
        if (present != null) {
            present.client().shutdown();
        }
        return new Way(client, read);
    }

    /** Ends every connection. */
    @Override
    public synchronized void close() {
        isClosed = true;
        if (way != null) {
            way.client().shutdownNow();
        }
    }
}
