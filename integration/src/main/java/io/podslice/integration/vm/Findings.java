package io.podslice.integration.vm;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The findings of a scenario: one JSON object a line, {@code {"check":…,"holds":…,"seen":…}}. */
final class Findings {
    private final Path file;
    private int failed;

    /** @param file the file for the findings; one that exists is replaced */
    Findings(Path file) throws IOException {
        this.file = file;
        Files.writeString(file, "");
    }

    /**
     * Notes one check.
     *
     * @param what the expectation, in words
     * @param holds true if the expectation is met
     * @param seen the value that was read
     */
    void check(String what, boolean holds, Object seen) {
        if (!holds) {
            failed++;
        }
        Struct line = Struct.newBuilder()
                .putFields("check", Value.newBuilder().setStringValue(what).build())
                .putFields("holds", Value.newBuilder().setBoolValue(holds).build())
                .putFields(
                        "seen",
                        Value.newBuilder().setStringValue(seen.toString()).build())
                .build();
        try {
            Files.writeString(
                    file,
                    JsonFormat.printer().omittingInsignificantWhitespace().print(line) + "\n",
                    StandardOpenOption.APPEND);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a flat object is always printable", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        System.out.println(Linux.uptime() + (holds ? " yes " : " NO  ") + what + ": " + seen);
    }

    /** Notes a check that compares two values. */
    void equal(String what, Object expected, Object seen) {
        check(what, expected.equals(seen), seen);
    }

    boolean allHold() {
        return failed == 0;
    }
}
