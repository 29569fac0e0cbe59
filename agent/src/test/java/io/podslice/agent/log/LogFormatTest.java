package io.podslice.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.TimeZone;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Log records in the forms for journald and for people. */
final class LogFormatTest {
    private static final InstantSource NOON = InstantSource.fixed(Instant.parse("2026-01-02T12:00:00.5Z"));

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private Logger logger(LogFormat format, Level threshold) {
        return new StderrLogger(
                "io.podslice.shim.CriShim", new PrintStream(written, true, StandardCharsets.UTF_8), format, threshold);
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void journaldGetsEachRecordWithItsPriority() {
        Logger logger = logger(new LogFormat.Journal(), Level.TRACE);
        logger.error("one {}", 1);
        logger.warn("w");
        logger.info("i");
        logger.debug("d");
        assertThat(written()).isEqualTo("<3>one 1\n<4>w\n<6>i\n<7>d\n");
    }

    @Test
    void everyLineOfAStackTraceHasAPriority() {
        logger(new LogFormat.Journal(), Level.INFO).error("failed", new IllegalStateException("why"));
        assertThat(written().lines())
                .startsWith("<3>failed", "<3>java.lang.IllegalStateException: why")
                .allSatisfy(line -> assertThat(line).startsWith("<3>"));
    }

    @Test
    void nothingThatATenantWroteCanPassForAnotherRecord() {
        Logger logger = logger(new LogFormat.Journal(), Level.INFO);
        Consumer<String> lines = logger::info;
        lines.accept("pod a\n<3>\u001b[2Jb");
        logger.error("pod {}", "c\nd", new IllegalStateException("e\nf", new IllegalArgumentException("g\rh")));
        assertThat(written().lines())
                .startsWith("<6>pod a\\n<3>\\x1b[2Jb", "<3>pod c\\nd", "<3>java.lang.IllegalStateException: e\\nf")
                .contains("<3>Caused by: java.lang.IllegalArgumentException: g\\rh")
                .allSatisfy(line -> assertThat(line).startsWith("<"));
    }

    @Test
    void aTraceIsThatOfTheJdk() {
        Exception failure = new IllegalStateException("outer", nested());
        failure.addSuppressed(new IllegalArgumentException("aside"));
        StringWriter expected = new StringWriter();
        failure.printStackTrace(new PrintWriter(expected));

        logger(new LogFormat.Plain(NOON, TimeZone.getTimeZone("Europe/Rome")), Level.INFO)
                .error("failed", failure);

        assertThat(written()).isEqualTo("13:00:00.500 ERROR CriShim: failed\n" + expected);
    }

    private static Exception nested() {
        return new IllegalArgumentException("inner");
    }

    @Test
    void aPersonGetsTimeLevelAndSource() {
        Logger logger = logger(new LogFormat.Plain(NOON, TimeZone.getTimeZone("Europe/Rome")), Level.INFO);
        logger.info("listens on {}", "/run/x");
        logger.error("failed");
        assertThat(written())
                .isEqualTo("13:00:00.500 INFO  CriShim: listens on /run/x\n13:00:00.500 ERROR CriShim: failed\n");
    }

    @Test
    void whatIsBelowTheThresholdIsNotWritten() {
        Logger logger = logger(new LogFormat.Journal(), Level.WARN);
        logger.info("i");
        logger.warn("w");
        assertThat(written()).isEqualTo("<4>w\n");
    }

    @Test
    void theProgramLogsThroughThisBackend() {
        assertThat(LoggerFactory.getLogger("x")).isInstanceOf(StderrLogger.class);
    }

    @Test
    void theLevelIsReadBlindToCaseAndFallsBackToInfo() {
        assertThat(LogProvider.level("Debug")).isEqualTo(Level.DEBUG);
        assertThat(LogProvider.level("loud")).isEqualTo(Level.INFO);
        assertThat(LogProvider.level(null)).isEqualTo(Level.INFO);
    }
}
