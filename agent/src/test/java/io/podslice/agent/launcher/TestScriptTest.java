package io.podslice.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/test: its counts, output and exit status. */
final class TestScriptTest {
    @TempDir
    private Path folder;

    private Checkout checkout;

    @BeforeEach
    void aBuiltCheckoutWithOneTestOfEachTag() throws Exception {
        checkout = new Checkout(folder);
        checkout.environment.put(
                "JAVA_HOME", Checkout.jdk(folder.resolve("jdk"), "25").toString());
        checkout.write("node/src/test/java/CrashTest.java", "@Tag(\"crash\")");
        checkout.write("node/src/test/java/AttackTest.java", "@Tag(\"attack\")");
        checkout.write("shim/src/test/java/FuzzTest.java", "@Tag(\"fuzz\")");
        checkout.write("integration/src/test/java/HostTest.java", "@Tag(\"host\")");
        checkout.write("integration/src/test/java/NriTest.java", "@Tag(\"nri\")");
        checkout.write("integration/src/test/java/VmTest.java", "@Tag(\"vm\")");
        checkout.write("integration/src/test/java/ClusterTest.java", "@Tag(\"cluster\")");
        checkout.maven();
        assertThat(checkout.run(checkout.script("podslice")).status()).isZero();
    }

    /** Makes a Maven whose test run leaves these counts in a report, and ends with that status. */
    private void tests(int tests, int failures, int errors, int skipped, int status) throws IOException {
        checkout.maven("""
                suite=$(printf '%%s\\n' "$@" | sed -n 's/^-Dpodslice.suite=//p')
                case "$*" in *spotless*) exit 0 ;; esac
                mkdir -p agent/target/test-reports/$suite
                cat > agent/target/test-reports/$suite/TEST-A.xml <<END
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="A" time="1" tests="%d" errors="%d" skipped="%d" failures="%d" flakes="0">
                <testsuite name="in a test's output" tests="100" errors="100" skipped="100" failures="100"/>
                END
                exit %d""".formatted(tests, errors, skipped, failures, status).replaceAll("(?m)^ *(END|<)", "$1"));
    }

    private Checkout.Run test(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = checkout.script("test");
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return checkout.run(command);
    }

    private static String lastLine(Checkout.Run run) {
        return run.out().lines().reduce((first, second) -> second).orElse("");
    }

    @Test
    void aSuiteThatPassesClosesWithItsCount() throws Exception {
        tests(7, 0, 0, 2, 0);
        Checkout.Run run = test("fuzz");
        assertThat(run.out()).isEqualTo("fuzz: 5 passed, 0 failed, 2 skipped\n");
        assertThat(run.status()).isZero();
        assertThat(checkout.mavenCalls().getLast())
                .contains("-Dincluded.groups=fuzz -Dexcluded.groups= -pl shim -am test")
                .contains("-Dpodslice.long=false");
    }

    @Test
    void failuresAndErrorsAreFailed() throws Exception {
        tests(7, 2, 1, 0, 1);
        Checkout.Run run = test("fuzz");
        assertThat(lastLine(run)).isEqualTo("fuzz: 4 passed, 3 failed, 0 skipped");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void aFailureOutsideTheTestsIsAFailure() throws Exception {
        tests(7, 0, 0, 0, 1);
        Checkout.Run run = test("unit");
        assertThat(run.out()).contains("unit: failed outside the tests");
        assertThat(lastLine(run)).isEqualTo("unit: 7 passed, 1 failed, 0 skipped");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void badFormattingFailsTheUnitSuiteButNotItsTests() throws Exception {
        tests(7, 0, 0, 0, 0);
        checkout.maven(Files.readString(checkout.tools.resolve("mvn"))
                .replaceFirst("(?s)^.*mvn-calls'\n", "")
                .replace("*spotless*) exit 0", "*spotless*) exit 1"));
        Checkout.Run run = test("unit");
        assertThat(lastLine(run)).isEqualTo("unit: 7 passed, 1 failed, 0 skipped");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void aSuiteWithoutTestsFails() throws Exception {
        tests(0, 0, 0, 0, 0);
        Checkout.Run run = test("host");
        assertThat(run.out()).isEqualTo("host: there was no test to run\nhost: 0 passed, 0 failed, 0 skipped\n");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void reportsOfAnEarlierRunDoNotCount() throws Exception {
        tests(7, 0, 0, 0, 0);
        assertThat(test("vm").status()).isZero();
        checkout.maven("exit 0");
        assertThat(lastLine(test("vm"))).isEqualTo("vm: 0 passed, 0 failed, 0 skipped");
    }

    @Test
    void aSuiteSaysWhyItsTestsWereSkipped() throws Exception {
        checkout.maven("""
                suite=$(printf '%s\\n' "$@" | sed -n 's/^-Dpodslice.suite=//p')
                mkdir -p agent/target/test-reports/$suite
                cat > agent/target/test-reports/$suite/TEST-A.xml <<END
                <testsuite name="A" time="1" tests="3" errors="0" skipped="3" failures="0" flakes="0">
                  <skipped message="too slow"/>
                  <skipped type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j.TestAbortedException: no program
                  <skipped type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j.TestAbortedException: no program
                END""".replaceAll("(?m)^ *END", "END").replaceAll("(?m)^ *<testsuite", "<testsuite"));
        Checkout.Run run = test("cluster");
        assertThat(run.out()).isEqualTo("""
                cluster: skipped: no program
                cluster: skipped: too slow
                cluster: 0 passed, 0 failed, 3 skipped
                """);
        assertThat(run.status()).isZero();
    }

    @Test
    void inCiASuiteOfRealPartsMaySkipNothing() throws Exception {
        tests(2, 0, 0, 1, 0);
        assertThat(test("host").status()).isZero();
        assertThat(test("fuzz").status()).isZero();
        checkout.environment.put("CI", "true");
        Checkout.Run run = test("host");
        assertThat(run.out()).contains("host: skips tests, which it may not");
        assertThat(lastLine(run)).isEqualTo("host: 1 passed, 0 failed, 1 skipped");
        assertThat(run.status()).isEqualTo(1);
        assertThat(test("fuzz").status()).isZero();
    }

    @Test
    void withoutANameAllSuitesRunAndEachClosesWithALine() throws Exception {
        tests(1, 0, 0, 0, 0);
        Checkout.Run run = test("--long");
        assertThat(run.out().lines())
                .containsExactly(
                        "unit: 1 passed, 0 failed, 0 skipped",
                        "crash: 1 passed, 0 failed, 0 skipped",
                        "fuzz: 1 passed, 0 failed, 0 skipped",
                        "attack: 1 passed, 0 failed, 0 skipped",
                        "host: 1 passed, 0 failed, 0 skipped",
                        "nri: 1 passed, 0 failed, 0 skipped",
                        "vm: 1 passed, 0 failed, 0 skipped",
                        "cluster: 1 passed, 0 failed, 0 skipped");
        assertThat(run.status()).isZero();
        assertThat(checkout.mavenCalls().getLast()).contains("-Dpodslice.long=true");
    }

    @Test
    void aSuiteThatDoesNotExistIsAMistake() throws Exception {
        Checkout.Run run = test("unit", "untit");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("there is no suite \"untit\"").contains("usage: bin/test");
        assertThat(run.out()).isEmpty();
    }
}
