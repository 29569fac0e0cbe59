package io.podslice.simulator.apiserver;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;

/**
 * A key and its certificate.
 *
 * @param keys a key of the curve P-256
 * @param certificate the certificate of its public half
 */
public record Identity(KeyPair keys, X509Certificate certificate) {

    /**
     * Returns both as PEM in one text, as the kubelet writes {@code kubelet-client-current.pem}: the certificate, then the
     * key as SEC 1 has it.
     */
    public String pem() {
        return certificatePem() + pem("EC PRIVATE KEY", sec1());
    }

    /** Returns the certificate as PEM. */
    public String certificatePem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    /** Returns the key as PEM in PKCS #8. */
    public String keyPem() {
        return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    private byte[] sec1() {
        ECPrivateKey secret = (ECPrivateKey) keys.getPrivate();
        ECPublicKey open = (ECPublicKey) keys.getPublic();
        byte[] point = new byte[65];
        point[0] = 4;
        System.arraycopy(bytes(open.getW().getAffineX()), 0, point, 1, 32);
        System.arraycopy(bytes(open.getW().getAffineY()), 0, point, 33, 32);
        return Der.sequence(
                Der.integer(1),
                Der.octets(bytes(secret.getS())),
                Der.explicit(0, Der.oid("1.2.840.10045.3.1.7")),
                Der.explicit(1, Der.bits(point)));
    }

    /** Returns a number of the curve's field in 32 bytes, the most significant first. */
    private static byte[] bytes(BigInteger number) {
        byte[] shortest = number.toByteArray();
        byte[] bytes = new byte[32];
        int length = Math.min(shortest.length, 32);
        System.arraycopy(shortest, shortest.length - length, bytes, 32 - length, length);
        return bytes;
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String kind, byte[] der) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }
}
