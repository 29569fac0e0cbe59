package io.podslice.simulator.apiserver;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;

/** A certificate authority that lives in memory: it issues certificates for the API server and its clients. */
public final class CertificateAuthority {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final AtomicLong serial = new AtomicLong();
    private final X500Principal name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /** @param commonName its name, e.g. {@code kubernetes} */
    public CertificateAuthority(String commonName) {
        this.name = new X500Principal("CN=" + commonName);
        this.keys = newKeys();
        byte[] basicConstraints =
                Der.sequence(Der.oid("2.5.29.19"), Der.bool(true), Der.octets(Der.sequence(Der.bool(true))));
        Instant now = Instant.now();
        this.certificate = sign(name, keys, now.minusSeconds(3600), now.plusSeconds(86_400), basicConstraints);
    }

    /** Returns its own certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Returns its own certificate as PEM. */
    public String pem() {
        return Identity.pem("CERTIFICATE", Identity.encoded(certificate));
    }

    /** Issues the certificate of a server on this machine: 127.0.0.1 and localhost. */
    public Identity server(Instant from, Instant until) {
        byte[] names = Der.sequence(
                Der.oid("2.5.29.17"),
                Der.octets(Der.sequence(
                        Der.implicit(7, LOOPBACK), Der.implicit(2, "localhost".getBytes(StandardCharsets.US_ASCII)))));
        return issue(new X500Principal("CN=kube-apiserver"), from, until, names);
    }

    /** Issues the client certificate of a node's kubelet. */
    public Identity kubelet(String nodeName, Instant from, Instant until) {
        byte[] clientAuth = Der.sequence(Der.oid("2.5.29.37"), Der.octets(Der.sequence(Der.oid("1.3.6.1.5.5.7.3.2"))));
        return issue(new X500Principal("CN=system:node:" + nodeName + ",O=system:nodes"), from, until, clientAuth);
    }

    private Identity issue(X500Principal subject, Instant from, Instant until, byte[] extension) {
        KeyPair own = newKeys();
        return new Identity(own, sign(subject, own, from, until, extension));
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(X500Principal subject, KeyPair own, Instant from, Instant until, byte[] extension) {
        byte[] signed = Der.sequence(
                Der.explicit(0, Der.integer(2)),
                Der.integer(serial.incrementAndGet()),
                ECDSA_WITH_SHA256,
                name.getEncoded(),
                Der.sequence(Der.time(from), Der.time(until)),
                subject.getEncoded(),
                own.getPublic().getEncoded(),
                Der.explicit(3, Der.sequence(extension)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(signed);
            byte[] whole = Der.sequence(signed, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
