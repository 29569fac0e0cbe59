package io.podslice.agent.cli;

import picocli.CommandLine.TypeConversionException;

/** How a command says what it has to say. */
enum OutputFormat {
    TABLE,
    JSON;

    /** By its name on the command line. */
    static OutputFormat of(String name) {
        return switch (name) {
            case "table" -> TABLE;
            case "json" -> JSON;
            default -> throw new TypeConversionException("\"" + name + "\": must be table or json");
        };
    }
}
