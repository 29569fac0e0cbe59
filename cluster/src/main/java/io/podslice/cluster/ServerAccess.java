package io.podslice.cluster;

import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.apiserver.ApiServer;
import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.CredentialSource;
import io.podslice.cluster.credentials.Kubeconfig;
import io.podslice.cluster.credentials.ServiceAccount;

/**
 * The one way to the API server, for the source of pods' specs, for refused pods, for events and for what is published. Only where it is opened are classes of
 * HTTP and TLS loaded.
 */
public final class ServerAccess implements AutoCloseable {
    private final Access access;
    private final ApiServer server;

    /** Calls nothing yet; credentials are read with the first call. */
    public ServerAccess(ApiAccess options) {
        this.access = new Access(credentials(options));
        this.server = new ApiServer(access);
    }

    private static CredentialSource credentials(ApiAccess options) {
        return options.kubeconfig().isPresent()
                ? new Kubeconfig(
                        options.kubeconfig().get(), options.server(), options.context(), options.runsPrograms())
                : new ServiceAccount(
                        options.serviceAccount().orElseThrow(), options.server().orElseThrow());
    }

    /** Returns the calls. */
    public ApiServer server() {
        return server;
    }

    @Override
    public void close() {
        access.close();
    }
}
