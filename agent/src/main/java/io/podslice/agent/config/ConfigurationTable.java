package io.podslice.agent.config;

/** The configuration's rules as the table in docs/configuration.md. */
public final class ConfigurationTable {
    private ConfigurationTable() {}

    /** Returns the table in Markdown, with a line end after each row. */
    public static String text() {
        StringBuilder out = new StringBuilder();
        out.append("| key | values | default | changes at | |\n| --- | --- | --- | --- | --- |\n");
        for (Rule<?> rule : Rules.all()) {
            out.append("| `")
                    .append(rule.path())
                    .append("` | ")
                    .append(rule.shape() == Rule.Shape.LIST ? "a list: " : "")
                    .append(rule.kind().words())
                    .append(" | ")
                    .append(rule.byDefault().isEmpty() ? "none" : "`" + rule.byDefault() + "`")
                    .append(" | ")
                    .append(rule.change().word())
                    .append(" | ")
                    .append(rule.text())
                    .append(" |\n");
        }
        return out.toString();
    }
}
