package io.podslice.agent.yaml;

import io.podslice.managers.pod.Printable;

/**
 * An error or a note about one place of a document.
 *
 * @param mark where
 * @param field the field's path, e.g. {@code shim.allowedUids[1]}; empty for the document itself
 * @param message what is wrong, with the value and what is allowed
 */
public record Remark(Mark mark, String field, String message) {

    /**
     * Writes the remark in the form that editors and terminals make a link of: {@code FILE:LINE:COLUMN: FIELD:
     * MESSAGE}, in one line and printable whatever the document holds.
     */
    public String text(String file) {
        String place = file + ":" + mark.line() + ":" + mark.column() + ": ";
        return Printable.of(field.isEmpty() ? place + message : place + field + ": " + message);
    }
}
