package io.podslice.agent.cli;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.PodReference;

/** {@code NAMESPACE/POD} on a command line. */
final class PodArgument {
    private PodArgument() {}

    static PodReference read(String text) throws DocumentException {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            throw new DocumentException("\"" + text + "\": must be NAMESPACE/POD, e.g. default/database");
        }
        return PodReference.newBuilder()
                .setNamespace(text.substring(0, slash))
                .setName(text.substring(slash + 1))
                .build();
    }
}
