package io.podslice.agent.gather;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Leaves secrets out of the text of configuration files and logs: a value whose key or form says that it is one. Pure. */
final class Secrets {
    private static final String LEFT_OUT = "<left out>";

    /** A key, in YAML, TOML, JSON, an environment file or a command line, whose value may be a secret. */
    private static final Pattern NAMED = Pattern.compile(
            "(?i)([\\w.\"'-]*(?:password|passwd|passphrase|secret|token|credential|authorization|apikey|api[-_]key|private[-_]?key"
                    + "|client[-_]key|\\bauth\\b|staticPodURLHeader)[\\w\"'-]*\\s*[:=]\\s*)(?!\\s*$)(.+)");

    /** A key alone, whose value follows in more deeply indented lines. */
    private static final Pattern OPENED = Pattern.compile(
            "(?i)(\\s*)[\"']?[\\w.-]*(?:password|passphrase|secret|token|credential|authorization|private[-_]?key|staticPodURLHeader)"
                    + "[\\w-]*[\"']?\\s*:\\s*[|>]?[-+]?\\s*");

    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}");
    private static final Pattern USER_INFO = Pattern.compile("(://)[^/\\s:@]+:[^/\\s@]+@");

    /** A JSON Web Token: a service account's, wherever it stands. */
    private static final Pattern WEB_TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*");

    private Secrets() {}

    /** Returns the text with {@value #LEFT_OUT} in place of each secret. */
    static String leftOut(String text) {
        List<String> lines = new ArrayList<>();
        boolean inKey = false;
        int below = -1;
        for (String line : text.lines().toList()) {
            int indent = line.length() - line.stripLeading().length();
            if (below >= 0
                    && (line.isBlank()
                            || indent > below
                            || (indent == below && line.strip().startsWith("- ")))) {
                continue; // A part of the value that was left out.
            }
            below = -1;
            if (line.contains("-----BEGIN ")) {
                inKey = true;
                lines.add(LEFT_OUT);
            }
            if (inKey) {
                inKey = !line.contains("-----END ");
                continue;
            }
            if (OPENED.matcher(line).matches()) {
                below = indent;
                lines.add(line.stripTrailing() + " " + LEFT_OUT);
                continue;
            }
            lines.add(ofLine(line));
        }
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private static String ofLine(String line) {
        String text = NAMED.matcher(line).replaceAll("$1" + LEFT_OUT);
        text = BEARER.matcher(text).replaceAll("$1 " + LEFT_OUT);
        text = WEB_TOKEN.matcher(text).replaceAll(LEFT_OUT);
        return USER_INFO.matcher(text).replaceAll("$1" + LEFT_OUT + "@");
    }
}
