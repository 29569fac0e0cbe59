package io.podslice.agent.cli;

import picocli.CommandLine.TypeConversionException;

/** The form of a command's output. */
enum OutputFormat {
    TABLE,
    JSON;

    /** Returns the format of that name on the command line. */
    static OutputFormat of(String name) {
        return switch (name) {
            case "table" -> TABLE;
            case "json" -> JSON;
            default -> throw new TypeConversionException("\"" + name + "\": must be table or json");
        };
    }
}
