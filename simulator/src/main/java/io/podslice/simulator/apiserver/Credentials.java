package io.podslice.simulator.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The tokens that are valid, and the authority of client certificates. Both may change at any time. */
final class Credentials {
    private static final Pattern NODE = Pattern.compile("CN=\"?system:node:([^,\"]+)\"?");
    private static final String BEARER = "Bearer ";

    private final Set<String> tokens = new CopyOnWriteArraySet<>();
    private volatile CertificateAuthority clients;

    Credentials(CertificateAuthority clients) {
        this.clients = clients;
    }

    void allow(String token) {
        tokens.add(token);
    }

    void revoke(String token) {
        tokens.remove(token);
    }

    void trust(CertificateAuthority authority) {
        clients = authority;
    }

    Caller caller(HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization != null) {
            boolean valid =
                    authorization.startsWith(BEARER) && tokens.contains(authorization.substring(BEARER.length()));
            return valid ? new Caller.ServiceAccount() : new Caller.Unknown();
        }
        return exchange instanceof HttpsExchange https ? byCertificate(https) : new Caller.Unknown();
    }

    /** A certificate that is expired, or of another authority, makes no identity, as Go's server has it: 401. */
    private Caller byCertificate(HttpsExchange exchange) {
        try {
            Certificate[] chain = exchange.getSSLSession().getPeerCertificates();
            X509Certificate certificate = (X509Certificate) chain[0];
            certificate.checkValidity();
            certificate.verify(clients.certificate().getPublicKey());
            Matcher node = NODE.matcher(certificate.getSubjectX500Principal().getName());
            return node.find() ? new Caller.Kubelet(node.group(1)) : new Caller.Unknown();
        } catch (SSLPeerUnverifiedException | GeneralSecurityException notValid) {
            return new Caller.Unknown();
        }
    }
}
