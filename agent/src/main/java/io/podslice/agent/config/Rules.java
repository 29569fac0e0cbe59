package io.podslice.agent.config;

import java.util.List;
import java.util.stream.Stream;

/** Every key of the configuration, in the order of the table in docs/configuration.md. */
final class Rules {
    private Rules() {}

    static List<Rule<?>> all() {
        return Stream.of(PolicyRules.all(), BoundsRules.all(), ClusterRules.all(), NodeRules.all())
                .flatMap(List::stream)
                .toList();
    }
}
