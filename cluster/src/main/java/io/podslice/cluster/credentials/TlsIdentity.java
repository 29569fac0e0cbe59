package io.podslice.cluster.credentials;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A client's certificate with its key.
 *
 * @param chain the certificate, then those of its issuers as far as they are given
 * @param key its private key
 */
record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
    private static final byte[] SIGNED = {1, 2, 3, 4};

    TlsIdentity {
        chain = List.copyOf(chain);
    }

    /**
     * Checks that the key is the certificate's; halfway through a rotation of two files it is not.
     *
     * @param origin the certificate's path or field
     * @throws IOException if it is not, or cannot be used
     */
    void check(String origin) throws IOException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(SIGNED);
            byte[] signed = signature.sign();
            signature.initVerify(chain.getFirst().getPublicKey());
            signature.update(SIGNED);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    origin + ": the private key does not belong to the certificate: " + e.getMessage(), e);
        }
        throw new IOException(origin + ": the private key does not belong to the certificate");
    }

    /** Names the certificate's owner, and nothing secret. */
    @Override
    public String toString() {
        return chain.getFirst().getSubjectX500Principal().getName();
    }
}
