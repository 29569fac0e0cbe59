package io.podslice.cluster.credentials;

import java.io.IOException;

/** Files that hold credentials for the API server. */
public abstract sealed class CredentialSource permits Kubeconfig, ServiceAccount {

    /**
     * Reads the files anew.
     *
     * @throws IOException with file and reason if they give no credentials
     */
    abstract Credentials read() throws IOException;

    /** Tells if a file has changed since {@link #read} was last called. */
    abstract boolean hasChanged();
}
