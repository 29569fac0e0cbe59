package io.podslice.node.state;

import io.podslice.node.SpecSource;
import java.util.Optional;

/** A description by a source of the cluster as the state file has it. Of any other source the annotations tell. */
record DescriptionForm(SpecSource source, int priority, long generation, SpecForm spec) {

    static Optional<DescriptionForm> of(Description description) {
        return description
                .spec()
                .map(spec -> new DescriptionForm(
                        description.source(), description.priority(), description.generation(), SpecForm.of(spec)));
    }

    Description toDescription() {
        if (!source.isCluster()) {
            throw new IllegalArgumentException("source \"" + source.text() + "\" is none of the cluster's");
        }
        return new Description(source, priority, generation, Optional.of(spec.toSpec()));
    }
}
