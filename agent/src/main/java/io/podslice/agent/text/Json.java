package io.podslice.agent.text;

import java.io.PrintWriter;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes JSON for programs, indented so that people can read it too; in ASCII, so that no text of a tenant's can command the
 * terminal that shows it.
 */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .defaultPrettyPrinter(new DefaultPrettyPrinter()
                    .withSeparators(Separators.createDefaultInstance()
                            .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator("")))
            .build();

    private Json() {}

    /** Writes a document of maps, lists and plain values, with a line end after it. */
    public static String text(Object document) {
        return MAPPER.writeValueAsString(document) + "\n";
    }

    /**
     * Writes such a document, in which an iterator stands for a list, as it is made: no list of all its parts is needed.
     *
     * @param out stays open
     */
    public static void write(Object document, PrintWriter out) {
        MAPPER.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET).writeValue(out, document);
        out.write("\n");
    }
}
