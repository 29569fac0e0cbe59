package io.podslice.simulator.apiserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A double of the API server on 127.0.0.1, with TLS or without: list, get, watch and status of pods, in JSON and protobuf; the
 * uids of nodes; list and server-side apply of NodeResourceTopology objects; events on pods; lists and watches of shards where it is told to
 * (facts: kubelet-apis 4, cluster 5). Its pods outlive {@link #goAway} and {@link #start}. Any thread may call it.
 */
public final class ApiServerDouble implements AutoCloseable {
    private static final Duration VALID = Duration.ofHours(1);

    private final boolean tls;
    private volatile ApiOptions options;
    private final PodStore store;
    private final TopologyStore topologies = new TopologyStore();
    private final EventStore events = new EventStore();
    private final ApiFaults faults = new ApiFaults();
    private volatile CertificateAuthority authority = new CertificateAuthority("kubernetes");
    private final Credentials credentials = new Credentials(authority);
    private final ServerKeys keys;
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile boolean silent;
    private int port;
    private @Nullable HttpServer server;
    private @Nullable ExecutorService workers;

    /** @param tls true for HTTPS with client certificates, false for plain HTTP, which knows tokens alone */
    public ApiServerDouble(boolean tls, ApiOptions options) {
        this.tls = tls;
        this.options = options;
        this.store = new PodStore(options.keptEvents());
        Instant now = Instant.now();
        this.keys = new ServerKeys(authority.server(now.minusSeconds(60), now.plus(VALID)));
    }

    /** Returns its pods. */
    public PodStore store() {
        return store;
    }

    /** Returns its NodeResourceTopology objects. */
    public TopologyStore topologies() {
        return topologies;
    }

    /** Returns the events on pods. */
    public EventStore events() {
        return events;
    }

    /** Returns the faults of requests to come. */
    public ApiFaults faults() {
        return faults;
    }

    /** Returns the authority of its own certificate and of its clients' certificates. */
    public CertificateAuthority authority() {
        return authority;
    }

    /** Lets a token be valid. */
    public void allow(String token) {
        credentials.allow(token);
    }

    /** Lets a token be no longer valid. */
    public void revoke(String token) {
        credentials.revoke(token);
    }

    /** Gets a new certificate from its authority, for handshakes to come. */
    public void renewCertificate(Instant from, Instant until) {
        keys.use(authority.server(from, until));
    }

    /** Takes another authority for its own certificate and for its clients': those issued before are no longer valid. */
    public void replaceAuthority(CertificateAuthority other) {
        authority = other;
        credentials.trust(other);
        Instant now = Instant.now();
        renewCertificate(now.minusSeconds(60), now.plus(VALID));
    }

    /** Behaves from now on as another server, after an upgrade or a downgrade; the number of kept changes stays. */
    public void become(ApiOptions other) {
        options = other;
    }

    /** Returns its address, which stays over {@link #goAway} and {@link #start}. */
    public synchronized URI uri() {
        return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port);
    }

    /** Starts to listen, at its first start on any free port. */
    public synchronized void start() {
        if (server != null) {
            throw new IllegalStateException("already listening on " + uri());
        }
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            HttpServer created = tls ? https(address) : HttpServer.create(address, 0);
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            created.setExecutor(threads);
            PodRequests pods =
                    new PodRequests(store, topologies, credentials, faults, () -> options, this::nextCut, () -> silent);
            created.createContext("/", pods);
            created.createContext(EventRequests.ROOT, new EventRequests(events, pods));
            created.start();
            port = created.getAddress().getPort();
            server = created;
            workers = threads;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + address, e);
        }
    }

    private HttpServer https(InetSocketAddress address) throws IOException {
        HttpsServer created = HttpsServer.create(address, 0);
        created.setHttpsConfigurator(new HttpsConfigurator(keys.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setWantClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        return created;
    }

    private BooleanSupplier nextCut() {
        int now = cuts.get();
        return () -> cuts.get() != now;
    }

    /** Breaks every watch, and every request that hangs. */
    public void cutWatches() {
        cuts.incrementAndGet();
    }

    /** Lets every watch be open and send nothing, or lets them go on. */
    public void silence(boolean quiet) {
        silent = quiet;
    }

    /** Stops as if its machine had gone: every connection breaks, and none is accepted. */
    public synchronized void goAway() {
        HttpServer gone = server;
        ExecutorService threads = workers;
        if (gone != null && threads != null) {
            server = null;
            workers = null;
            cutWatches();
            gone.stop(0);
            threads.shutdownNow();
        }
    }

    @Override
    public void close() {
        goAway();
    }
}
