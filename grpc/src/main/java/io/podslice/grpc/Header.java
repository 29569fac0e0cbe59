package io.podslice.grpc;

/**
 * One HTTP/2 header field.
 *
 * @param name lower case; pseudo-header fields begin with a colon
 * @param value each char one byte (ISO 8859-1)
 */
public record Header(String name, String value) {}
