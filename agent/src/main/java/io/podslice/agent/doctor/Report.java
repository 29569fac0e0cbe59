package io.podslice.agent.doctor;

import io.podslice.agent.text.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The outcome of all checks of a node.
 *
 * @param findings one of each check, in the order of the checks
 */
public record Report(List<Finding> findings) {
    public Report {
        findings = List.copyOf(findings);
    }

    /** Judges a node. */
    public static Report of(NodeRecord node) {
        return new Report(
                Check.ALL.stream().map(check -> check.look().apply(node)).toList());
    }

    /** Returns the findings of a level, in their order. */
    public List<Finding> at(Finding.Level level) {
        return findings.stream().filter(finding -> finding.level() == level).toList();
    }

    /** Tells if no check has found a fault. */
    public boolean isSound() {
        return at(Finding.Level.FAULT).isEmpty();
    }

    /** Returns the report for people: faults first, each with its advice, then notes, then what is sound. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Finding.Level level : List.of(Finding.Level.FAULT, Finding.Level.NOTE, Finding.Level.OK)) {
            for (Finding finding : at(level)) {
                text.append(String.format("%-5s  %-24s  %s%n", level.text(), finding.check(), finding.text()));
                if (!finding.advice().isEmpty()) {
                    text.append(" ".repeat(33))
                            .append("-> ")
                            .append(finding.advice())
                            .append('\n');
                }
            }
        }
        int faults = at(Finding.Level.FAULT).size();
        return text.append('\n')
                .append(faults == 0 ? "sound" : faults == 1 ? "1 fault" : faults + " faults")
                .append(", ")
                .append(findings.size())
                .append(" checks\n")
                .toString();
    }

    /** Returns the report as JSON. */
    public String json() {
        List<Map<String, String>> all = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, String> one = new LinkedHashMap<>();
            one.put("check", finding.check());
            one.put("level", finding.level().name().toLowerCase(java.util.Locale.ROOT));
            one.put("text", finding.text());
            one.put("advice", finding.advice());
            all.add(one);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("sound", isSound());
        document.put("faults", at(Finding.Level.FAULT).size());
        document.put("findings", all);
        return Json.text(document);
    }
}
