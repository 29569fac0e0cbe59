package io.podslice.agent.cli;

import io.podslice.agent.fleet.ShardArgument;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code I/N}. */
final class ShardConverter implements ITypeConverter<ShardArgument> {
    @Override
    public ShardArgument convert(String text) {
        try {
            return ShardArgument.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
