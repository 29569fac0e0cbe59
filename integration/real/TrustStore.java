import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** Makes a trust store for a JDK: {@code java TrustStore.java CERTIFICATES.pem STORE}. */
final class TrustStore {
    /** The password of the JDK's own store, which keeps nothing secret. */
    private static final char[] PASSWORD = "changeit".toCharArray();

    private TrustStore() {}

    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, PASSWORD);
        try (InputStream in = Files.newInputStream(Path.of(arguments[0]))) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("certificate-" + number++, certificate);
            }
        }
        try (OutputStream out = Files.newOutputStream(Path.of(arguments[1]))) {
            store.store(out, PASSWORD);
        }
    }
}
