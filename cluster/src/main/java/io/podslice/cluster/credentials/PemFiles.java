package io.podslice.cluster.credentials;

import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Reads texts in PEM whose origin is named in every error. */
final class PemFiles {
    private PemFiles() {}

    /** @param origin a path, or the name of a field */
    static List<X509Certificate> certificates(String text, Object origin) throws IOException {
        try {
            return Certificates.of(Pem.read(text));
        } catch (IOException e) {
            throw new IOException(origin + ": " + e.getMessage(), e);
        }
    }

    /** @param origin a path, or the name of a field */
    static PrivateKey key(String text, Object origin) throws IOException {
        try {
            return PrivateKeys.of(Pem.read(text));
        } catch (IOException e) {
            throw new IOException(origin + ": " + e.getMessage(), e);
        }
    }
}
