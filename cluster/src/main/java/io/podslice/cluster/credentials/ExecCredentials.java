package io.podslice.cluster.credentials;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.DocumentReader;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Runs an {@link ExecProgram}, whose standard error is that of this process, so that a person sees what it asks. */
final class ExecCredentials {
    /** A person may have to log in with a browser. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int MOST_BYTES = 1 << 20;

    private final ExecProgram program;
    private final Duration patience;

    ExecCredentials(ExecProgram program) {
        this(program, PATIENCE);
    }

    /** @param patience the longest time for the program */
    ExecCredentials(ExecProgram program, Duration patience) {
        this.program = program;
        this.patience = patience;
    }

    /**
     * Runs the program once.
     *
     * @param server the API server's address, for a program that wants to know it
     * @param authorities the cluster's authorities in PEM, in Base64; may be empty
     * @param isInteractive true if a person can type
     * @return the status of the ExecCredential that it prints
     * @throws IOException if it cannot be run, fails, takes longer than two minutes, or prints something else
     */
    DocumentNode status(String server, String authorities, boolean isInteractive) throws IOException {
        boolean asks = program.mayAsk() && isInteractive;
        ProcessBuilder builder = new ProcessBuilder(program.command()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(program.environment());
        builder.environment().put("KUBERNETES_EXEC_INFO", info(server, authorities, asks));
        if (asks) {
            builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
        }
        return credential(output(builder)).get("status");
    }

    private String info(String server, String authorities, boolean isInteractive) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject()
                    .writeStringProperty("kind", "ExecCredential")
                    .writeStringProperty("apiVersion", program.apiVersion())
                    .writeObjectPropertyStart("spec");
            if (program.tellsCluster()) {
                json.writeObjectPropertyStart("cluster").writeStringProperty("server", server);
                if (!authorities.isEmpty()) {
                    json.writeStringProperty("certificate-authority-data", authorities);
                }
                json.writeEndObject();
            }
            json.writeBooleanProperty("interactive", isInteractive)
                    .writeEndObject()
                    .writeEndObject();
        }
        return text.toString();
    }

    private byte[] output(ProcessBuilder builder) throws IOException {
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IOException(failure("cannot be run: " + e.getMessage()), e);
        }
        try {
            if (!ProcessBuilder.Redirect.INHERIT.equals(builder.redirectInput())) {
                process.getOutputStream().close();
            }
            InputStream out = process.getInputStream();
            FutureTask<byte[]> reading = new FutureTask<>(() -> out.readNBytes(MOST_BYTES + 1));
            Thread.startVirtualThread(reading);
            byte[] bytes = reading.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (bytes.length > MOST_BYTES) {
                throw new IOException(failure("prints more than " + MOST_BYTES + " bytes"));
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TimeoutException();
            }
            if (process.exitValue() != 0) {
                throw new IOException(failure("ended with status " + process.exitValue()));
            }
            return bytes;
        } catch (TimeoutException e) {
            throw new IOException(failure("has not ended within " + patience.toSeconds() + " s"), e);
        } catch (ExecutionException e) {
            throw new IOException(failure("its output cannot be read: " + e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(failure("interrupted while it runs"));
        } finally {
            process.destroyForcibly();
        }
    }

    private DocumentNode credential(byte[] printed) throws IOException {
        DocumentNode credential;
        try {
            credential = DocumentReader.json(printed);
        } catch (IOException notJson) {
            // Without what it prints: that may be a token.
            throw new IOException(failure("prints no ExecCredential in JSON"));
        }
        String version = credential.get("apiVersion").text();
        if (!credential.get("kind").text().equals("ExecCredential") || !version.equals(program.apiVersion())) {
            throw new IOException(failure("prints kind \""
                    + Printable.of(credential.get("kind").text(), 64) + "\" of \"" + Printable.of(version, 64)
                    + "\", not ExecCredential of " + program.apiVersion()));
        }
        return credential;
    }

    private String failure(String what) {
        return "user.exec: " + Printable.of(program.command().getFirst(), 256) + ": " + what
                + (program.hint().isEmpty() ? "" : " (" + Printable.of(program.hint(), 512) + ")");
    }
}
