package io.podslice.cluster.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that kubeconfigs name for their credentials, as those of cloud providers do. */
class ExecCredentialsTest {
    private static final String V1 = "client.authentication.k8s.io/v1";

    @TempDir
    Path folder;

    private Path program;

    @BeforeEach
    void setUp() throws IOException {
        program = Files.createDirectories(folder.resolve("bin")).resolve("login");
    }

    private void prints(String script) throws IOException {
        Files.writeString(program, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private Kubeconfig kubeconfig(String exec, boolean runsPrograms, Optional<String> context) throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: one
                contexts:
                - {name: one, context: {cluster: c, user: cloud}}
                - {name: two, context: {cluster: d, user: plain}}
                clusters:
                - {name: c, cluster: {server: "https://c:6443"}}
                - {name: d, cluster: {server: "https://d:6443"}}
                users:
                - {name: plain, user: {token: written}}
                - name: cloud
                  user:
                    exec: %s
                """.formatted(exec));
        return new Kubeconfig(file, Optional.empty(), context, runsPrograms);
    }

    private Credentials read(String exec) throws IOException {
        return kubeconfig(exec, true, Optional.empty()).read();
    }

    private static String credential(String status) {
        return "{\"kind\": \"ExecCredential\", \"apiVersion\": \"" + V1 + "\", \"status\": " + status + "}";
    }

    @Test
    void a_token_is_printed_by_a_program_beside_the_kubeconfig() throws Exception {
        prints("""
                echo "log in, $USER_NAME" >&2
                test "$1 $2" = "--cluster a b" && test "$USER_NAME" = me || exit 3
                case $KUBERNETES_EXEC_INFO in
                  *'"server":"https://c:6443"'*'"interactive":false'*) echo '%s' ;;
                  *) echo "$KUBERNETES_EXEC_INFO" ;;
                esac
                """.formatted(credential("{\"token\": \"secret\"}")));

        Credentials read = read("{apiVersion: " + V1 + ", command: ./bin/login, args: [--cluster, a b],"
                + " env: [{name: USER_NAME, value: me}], provideClusterInfo: true, interactiveMode: IfAvailable}");

        assertThat(read.token()).contains("secret");
        assertThat(read.server()).isEqualTo(URI.create("https://c:6443"));
    }

    @Test
    void a_certificate_is_printed(@TempDir Path made) throws Exception {
        TestCertificates certificates = TestCertificates.make(made, "EC", "CN=me");
        Path printed = Files.writeString(
                folder.resolve("printed"),
                credential("{\"clientCertificateData\": \"" + line(certificates.certificatePem())
                        + "\", \"clientKeyData\": \""
                        + line(TestCertificates.pem("PRIVATE KEY", certificates.key()))
                        + "\"}"));
        prints("cat " + printed);

        Credentials read = read("{apiVersion: " + V1 + ", command: ./bin/login}");

        assertThat(read.tls().identity()).isPresent();
        assertThat(read.token()).isEmpty();
    }

    private static String line(String pem) {
        return pem.replace("\n", "\\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            exit 4                                                | ended with status 4 (install it with apt)
            echo secret-token                                     | prints no ExecCredential in JSON (install it with apt)
            echo '{"kind": "Secret", "apiVersion": "v1"}'         | prints kind "Secret" of "v1", not ExecCredential of client
            echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1"}' | neither a token nor a certificate
            head -c 2000000 /dev/zero                             | prints more than 1048576 bytes
            """)
    void what_cannot_be_used_says_why(String script, String message) throws Exception {
        prints(script);

        assertThatThrownBy(
                        () -> read("{apiVersion: " + V1 + ", command: ./bin/login, installHint: install it with apt}"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.resolve("config") + ": user.exec")
                .hasMessageContaining(message)
                .message()
                .doesNotContain("secret-token");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {command: login}                                                 | user.exec.apiVersion: "" is none of
            {apiVersion: client.authentication.k8s.io/v1}                    | user.exec.command: is missing
            {apiVersion: client.authentication.k8s.io/v1beta1, command: no-such-program-of-podslice} | no-such-program-of-podslice: cannot be run
            {apiVersion: client.authentication.k8s.io/v1, command: ./none}   | cannot be run
            {apiVersion: client.authentication.k8s.io/v1, command: a, env: [{name: A=B, value: c}]} | user.exec.env: "A=B" is not
            {apiVersion: client.authentication.k8s.io/v1, command: a, env: [{value: c}]} | user.exec.env: "" is not a variable
            """)
    void an_exec_that_cannot_be_run_says_why(String exec, String message) {
        assertThatThrownBy(() -> read(exec)).isInstanceOf(IOException.class).hasMessageContaining(message);
    }

    @Test
    void a_program_that_does_not_end_is_ended() throws Exception {
        prints("sleep 60");
        ExecProgram sleeps = new ExecProgram(V1, List.of(program.toString()), Map.of(), false, false, "");

        assertThatThrownBy(() -> new ExecCredentials(sleeps, Duration.ofMillis(300)).status("https://c", "", false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has not ended within");
    }

    @Test
    void a_service_runs_no_program() throws Exception {
        Path mark = folder.resolve("ran");
        prints("touch " + mark);

        assertThatThrownBy(() -> kubeconfig("{apiVersion: " + V1 + ", command: ./bin/login}", false, Optional.empty())
                        .read())
                .hasMessageContaining("user.exec: is not supported");
        assertThat(mark).doesNotExist();
    }

    @Test
    void another_context_than_the_current_one_is_taken_by_name() throws Exception {
        assertThat(kubeconfig("{}", true, Optional.of("two")).read().token()).contains("written");
        assertThatThrownBy(() -> kubeconfig("{}", true, Optional.of("three")).read())
                .hasMessageContaining("contexts: has no context \"three\"");
    }

    @Test
    void the_cluster_s_authorities_are_told_in_base64() throws Exception {
        Path told = folder.resolve("told");
        prints("printf %s \"$KUBERNETES_EXEC_INFO\" > " + told + "\necho '" + credential("{\"token\": \"t\"}") + "'");
        ExecProgram asks = new ExecProgram(V1, List.of(program.toString()), Map.of(), true, true, "");
        String authorities = Base64.getEncoder().encodeToString("PEM".getBytes(StandardCharsets.UTF_8));

        new ExecCredentials(asks).status("https://c", authorities, false);

        assertThat(told).content().contains("\"certificate-authority-data\":\"" + authorities + "\"");
    }
}
