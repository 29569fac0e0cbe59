package io.podslice.agent.gather;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Leaves secrets out of the text of configuration files and logs: a value whose key or form says that it is one. Pure. */
final class Secrets {
    private static final String LEFT_OUT = "<left out>";

    private static final String NAMES = "password|passwd|passphrase|secret|token|credential|authorization|api[-_]?key"
            + "|private[-_]?key|client[-_]key|\\bauth|staticPodURLHeader";

    /** The cheap question that most lines answer with no. Repetitions are bounded, so that a long line costs no more than its length. */
    private static final Pattern SUSPICIOUS = Pattern.compile("(?i)" + NAMES + "|bearer|basic|://|eyJ|-----BEGIN ");

    /** A key, in YAML, TOML, JSON, an environment file or a command line, whose value may be a secret. */
    private static final Pattern NAMED =
            Pattern.compile("(?i)((?:" + NAMES + ")[\\w\"'-]{0,64}\\s{0,8}[:=]\\s{0,8})(\\S.*)");

    /** A key alone, whose value follows in more deeply indented lines. */
    private static final Pattern OPENED = Pattern.compile(
            "(?i)\\s{0,64}[\"']?[\\w.-]{0,64}?(?:" + NAMES + ")[\\w-]{0,64}[\"']?\\s{0,8}:\\s{0,8}[|>]?[-+]?\\s{0,8}");

    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic)\\s{1,8}[A-Za-z0-9._~+/=-]{8,4096}");
    private static final Pattern USER_INFO = Pattern.compile("(://)[^/\\s:@]{1,256}:[^/\\s@]{1,256}@");

    /** A JSON Web Token: a service account's, wherever it stands. */
    private static final Pattern WEB_TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{8,4096}\\.[A-Za-z0-9_-]{8,4096}\\.[A-Za-z0-9_-]{0,4096}");

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
            if (!SUSPICIOUS.matcher(line).find()) {
                lines.add(line);
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
