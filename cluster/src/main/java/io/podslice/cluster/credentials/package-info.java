/** Credentials for the API server: kubeconfigs, service accounts, PEM files, and their rotation. */
@NullMarked
package io.podslice.cluster.credentials;

import org.jspecify.annotations.NullMarked;
