package io.podslice.agent.page;

import io.podslice.agent.text.Xml;

/** Writes tables. For one thread. */
final class Grid {
    private static final String NONE = "-";

    private final Xml xml;

    Grid(Xml xml) {
        this.xml = xml;
    }

    /**
     * Writes the start of a table.
     *
     * @param name says what the table is of
     * @param columns their headings
     */
    Grid start(String name, String... columns) {
        xml.open("table").element("caption", name).open("thead").open("tr");
        for (String column : columns) {
            xml.element("th", column, "scope", "col");
        }
        xml.close("tr").close("thead");
        return this;
    }

    /** Writes a row of texts. */
    Grid row(String... cells) {
        xml.open("tr");
        for (String cell : cells) {
            cell(cell);
        }
        xml.close("tr");
        return this;
    }

    /** Writes a cell. */
    Grid cell(String text) {
        xml.element("td", text.isEmpty() ? NONE : text);
        return this;
    }

    Grid end() {
        xml.close("table");
        return this;
    }
}
