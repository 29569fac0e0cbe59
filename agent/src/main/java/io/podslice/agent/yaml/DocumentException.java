package io.podslice.agent.yaml;

import io.podslice.managers.pod.Printable;
import java.io.Serial;
import java.util.List;

/** A document cannot be used; the message has a line for each reason. */
public final class DocumentException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param problem one line, which is made printable: it may quote what was given */
    public DocumentException(String problem) {
        super(Printable.of(problem));
    }

    /** @param problems at least one, a line each */
    public DocumentException(List<String> problems) {
        super(String.join("\n", problems.stream().map(Printable::of).toList()));
    }

    /**
     * Makes the exception for a file with errors.
     *
     * @param file its name, as it was given
     * @param errors at least one
     */
    public DocumentException(String file, List<Remark> errors) {
        super(String.join("\n", errors.stream().map(error -> error.text(file)).toList()));
    }
}
