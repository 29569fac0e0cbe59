package io.podslice.cluster.credentials;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** X.509 certificates from PEM. */
final class Certificates {
    private static final List<String> LABELS = List.of("CERTIFICATE", "X509 CERTIFICATE");

    private Certificates() {}

    /**
     * Reads every certificate of a PEM text.
     *
     * @throws IOException if there is none, or one cannot be read
     */
    static List<X509Certificate> of(Pem pem) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem.Block block : pem.labelled(LABELS)) {
            try {
                Certificate certificate = CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.der()));
                certificates.add((X509Certificate) certificate);
            } catch (GeneralSecurityException e) {
                throw new IOException("has a certificate that cannot be read: " + e.getMessage(), e);
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException("has no certificate in PEM");
        }
        return certificates;
    }
}
