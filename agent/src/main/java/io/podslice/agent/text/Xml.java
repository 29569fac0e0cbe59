package io.podslice.agent.text;

import io.podslice.managers.pod.Printable;

/** Writes elements of XML, or of HTML, in ASCII. For one thread. */
public final class Xml {
    private final StringBuilder out = new StringBuilder();

    /**
     * Writes a start tag.
     *
     * @param attributes names and values in turn
     */
    public Xml open(String name, Object... attributes) {
        return tag(name, attributes).raw(">");
    }

    /** Writes an element without content. */
    public Xml empty(String name, Object... attributes) {
        return tag(name, attributes).raw("/>\n");
    }

    /** Writes an element with a text in it. */
    public Xml element(String name, String text, Object... attributes) {
        return open(name, attributes).text(text).close(name);
    }

    /** Writes an end tag. */
    public Xml close(String name) {
        return raw("</").raw(name).raw(">\n");
    }

    private Xml tag(String name, Object... attributes) {
        raw("<").raw(name);
        for (int i = 0; i < attributes.length; i += 2) {
            raw(" ").raw(attributes[i].toString()).raw("=\"");
            text(attributes[i + 1].toString()).raw("\"");
        }
        return this;
    }

    /** Writes markup as it is. */
    public Xml raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Writes a text, made printable: whatever it holds, it stays text. */
    public Xml text(String text) {
        Printable.of(text).codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> {
                    if (c < 0x7f) {
                        out.append((char) c);
                    } else {
                        out.append("&#").append(c).append(';');
                    }
                }
            }
        });
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
