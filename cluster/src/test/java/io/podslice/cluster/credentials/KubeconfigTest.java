package io.podslice.cluster.credentials;

import static io.podslice.cluster.credentials.TestCertificates.pem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kubeconfigs, service accounts, and keys in every form that Kubernetes' tools write. */
class KubeconfigTest {
    private static TestCertificates rsa;
    private static TestCertificates ec;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCertificates(@TempDir Path made) throws Exception {
        rsa = TestCertificates.make(made, "RSA", "CN=system:node:worker-1,O=system:nodes");
        ec = TestCertificates.make(made, "EC", "O=system:nodes,CN=system:node:worker-2");
    }

    private Credentials read(String cluster, String user) throws IOException {
        return new Kubeconfig(write(cluster, user), Optional.empty()).read();
    }

    private Path write(String cluster, String user) throws IOException {
        return Files.writeString(folder.resolve("kubelet.conf"), """
                apiVersion: v1
                kind: Config
                preferences: {}
                current-context: default
                contexts:
                - name: other
                  context: {cluster: none, user: none}
                - name: default
                  context:
                    cluster: kubernetes
                    user: system:node
                clusters:
                - cluster:
                %s
                  name: kubernetes
                users:
                - name: system:node
                  user:
                %s
                """.formatted(
                        cluster.indent(4).stripTrailing(), user.indent(4).stripTrailing()));
    }

    @Test
    void the_kubelet_s_own_as_kubeadm_writes_it() throws Exception {
        Path current = Files.writeString(folder.resolve("kubelet-client-current.pem"), ec.certificatePem() + sec1(ec));

        Credentials read = read("""
                certificate-authority-data: %s
                server: https://10.0.0.1:6443
                """.formatted(base64(rsa.certificatePem())), """
                client-certificate: %s
                client-key: %s
                """.formatted(current, current));

        assertThat(read.server()).isEqualTo(URI.create("https://10.0.0.1:6443"));
        assertThat(read.nodeName()).contains("worker-2");
        assertThat(read.token()).isEmpty();
        assertThat(read.tls().trusted()).hasSize(1);
        assertThat(read.tls().identity()).isPresent();
        assertThat(read.tls().context()).isNotNull();
        assertThat(read).hasToString("credentials for https://10.0.0.1:6443");
    }

    @Test
    void data_in_the_file_and_relative_paths() throws Exception {
        Files.writeString(folder.resolve("ca.crt"), "# the authority\n" + rsa.certificatePem());

        Credentials read = read(
                "certificate-authority: ca.crt\nserver: https://api.example.com/",
                "client-certificate-data: %s\nclient-key-data: %s"
                        .formatted(base64(rsa.certificatePem()), base64(rsa.keyPem())));

        assertThat(read.server()).isEqualTo(URI.create("https://api.example.com"));
        assertThat(read.nodeName()).contains("worker-1");
    }

    @Test
    void a_token_and_a_token_s_file() throws Exception {
        Files.writeString(folder.resolve("token"), "from-file\n");

        assertThat(read("server: https://a", "token: from-text").token()).contains("from-text");
        assertThat(read("server: https://a", "token: from-text\ntokenFile: token")
                        .token())
                .contains("from-file");
    }

    @Test
    void a_kubeconfig_in_json() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                {"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
                 "clusters": [{"name": "c", "cluster": {"server": "https://a:6443"}}],
                 "users": [{"name": "u", "user": {"token": "t"}}]}
                """);

        assertThat(new Kubeconfig(file, Optional.of(URI.create("https://b"))).read())
                .returns(URI.create("https://b"), Credentials::server)
                .returns(Optional.of("t"), Credentials::token);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exec: {command: aws}                    | user.exec: is not supported: podslice runs no program
            username: admin                         | user.username: is not supported
            client-key-data: 'AAAA'                 | needs both
            client-certificate: a.pem, client-key: b.pem | a.pem: is not there
            token: 'a b'                            | user.token: is not a token
            tokenFile: nothing                      | nothing: is not there
            client-certificate-data: '%%%', client-key-data: '%' | has no certificate
            """)
    void a_user_that_cannot_be_used_says_why(String user, String message) {
        assertThatThrownBy(() -> read("server: https://a", user.replace(", ", "\n")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            server: http://a                         | must be https
            server: ftp://a                          | must be an address
            server: 'https://a b'                    | is not an address
            server: ''                               | must be an address
            proxy-url: http://p                      | cluster.proxy-url: is not supported
            insecure-skip-tls-verify: true           | insecure-skip-tls-verify: is not supported
            server: https://a, certificate-authority: none.crt | none.crt: is not there
            """)
    void a_cluster_that_cannot_be_used_says_why(String cluster, String message) {
        assertThatThrownBy(() -> read(cluster.replace(", ", "\n"), "token: t"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a: b", "[1, 2]", "current-context: x", "{", "a: *b", "\u0000", "- - - -"})
    void a_file_that_is_no_kubeconfig_names_itself(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("kubelet.conf"), text);

        assertThatThrownBy(() -> new Kubeconfig(file, Optional.empty()).read())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ");
    }

    @Test
    void a_key_that_is_another_certificate_s_is_refused() {
        assertThatThrownBy(() -> read(
                        "server: https://a",
                        "client-certificate-data: %s\nclient-key-data: %s"
                                .formatted(base64(rsa.certificatePem()), base64(ec.keyPem()))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not belong to the certificate");
    }

    @Test
    void keys_in_every_form_are_one_key() throws Exception {
        assertThat(PrivateKeys.of(Pem.read(rsa.keyPem())).getEncoded()).isEqualTo(rsa.key());
        assertThat(PrivateKeys.of(Pem.read(pkcs1(rsa))).getEncoded()).isEqualTo(rsa.key());
        TlsIdentity identity =
                new TlsIdentity(Certificates.of(Pem.read(ec.certificatePem())), PrivateKeys.of(Pem.read(sec1(ec))));
        identity.check("it");
        assertThat(PrivateKeys.of(Pem.read(ec.keyPem())).getAlgorithm()).isEqualTo("EC");
    }

    @Test
    void an_ed25519_key_is_read(@TempDir Path made) throws Exception {
        TestCertificates ed = TestCertificates.make(made, "Ed25519", "CN=x");

        new TlsIdentity(Certificates.of(Pem.read(ed.certificatePem())), PrivateKeys.of(Pem.read(ed.keyPem())))
                .check("it");
    }

    @ParameterizedTest
    @CsvSource({
        "ENCRYPTED PRIVATE KEY, MAA=, encrypted",
        "EC PRIVATE KEY, MAA=, ends within",
        "EC PRIVATE KEY, MAUCAQEEAA==, does not name its curve",
        "PRIVATE KEY, MA==, ends within",
        "PRIVATE KEY, MAwCAQAwBwYFAQEBAQE=, unknown kind",
        "RSA PRIVATE KEY, AAAA, cannot be used",
        "CERTIFICATE, AAAA, no private key"
    })
    void damaged_keys_say_what_is_wrong(String label, String body, String message) throws IOException {
        Pem pem = Pem.read(pem(label, Base64.getDecoder().decode(body)));

        assertThatThrownBy(() -> PrivateKeys.of(pem))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_service_account_has_a_token_and_an_authority() throws Exception {
        Files.writeString(folder.resolve("token"), "abc.def\n");
        Files.writeString(folder.resolve("ca.crt"), rsa.certificatePem());

        Credentials read = new ServiceAccount(folder, URI.create("https://10.96.0.1")).read();

        assertThat(read.token()).contains("abc.def");
        assertThat(read.nodeName()).isEmpty();
        assertThatThrownBy(() -> new ServiceAccount(folder, URI.create("http://10.96.0.1")).read())
                .hasMessageContaining("must be https");
    }

    @Test
    void a_change_of_any_file_is_seen() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "one");
        Kubeconfig config = new Kubeconfig(write("server: https://a", "tokenFile: token"), Optional.empty());
        config.read();
        assertThat(config.hasChanged()).isFalse();

        Files.writeString(token, "other");
        assertThat(config.hasChanged()).isTrue();
        assertThat(config.read().token()).contains("other");
        assertThat(config.hasChanged()).isFalse();

        Files.setLastModifiedTime(token, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(config.hasChanged()).isTrue();
        config.read();
        Files.delete(token);
        assertThat(config.hasChanged()).isTrue();
    }

    @Test
    void a_link_that_leads_elsewhere_is_a_change() throws Exception {
        Path first = Files.writeString(folder.resolve("first"), "one");
        Path second = Files.writeString(folder.resolve("second"), "two");
        Path token = Files.createSymbolicLink(folder.resolve("token"), first);
        Kubeconfig config = new Kubeconfig(write("server: https://a", "tokenFile: token"), Optional.empty());
        config.read();

        Files.delete(token);
        Files.createSymbolicLink(token, second);

        assertThat(config.hasChanged()).isTrue();
        assertThat(config.read().token()).contains("two");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The key of RFC 8017, which PKCS #8 holds as it is. */
    private static String pkcs1(TestCertificates rsa) throws Exception {
        return pem("RSA PRIVATE KEY", inner(rsa.key()));
    }

    /** The key of RFC 5915 with the curve's name, as Go's and OpenSSL's tools write it. */
    private static String sec1(TestCertificates ec) throws Exception {
        Der.Reader pkcs8 =
                new Der.Reader(new Der.Reader(ec.key()).next(Der.SEQUENCE).content());
        pkcs8.next(Der.INTEGER);
        Der.Reader algorithm = new Der.Reader(pkcs8.next(Der.SEQUENCE).content());
        algorithm.next(Der.OBJECT_IDENTIFIER);
        Der curve = algorithm.next(Der.OBJECT_IDENTIFIER);
        Der.Reader key = new Der.Reader(
                new Der.Reader(inner(ec.key())).next(Der.SEQUENCE).content());
        Der sec1 = Der.of(Der.SEQUENCE, key.next(Der.INTEGER), key.next(Der.OCTET_STRING), Der.of(0xa0, curve));
        return pem("EC PARAMETERS", curve.encoded()) + pem("EC PRIVATE KEY", sec1.encoded());
    }

    private static byte[] inner(byte[] pkcs8) throws IOException {
        Der.Reader key = new Der.Reader(new Der.Reader(pkcs8).next(Der.SEQUENCE).content());
        key.next(Der.INTEGER);
        key.next(Der.SEQUENCE);
        return key.next(Der.OCTET_STRING).content();
    }
}
