package io.podslice.deploy.policies;

/**
 * The expression, in the API server's Common Expression Language (CEL), whose value is the annotation {@code
 * podslice.io/pod-spec} of a pod.
 *
 * <p>CEL has no functions of its own making and no writer of JSON, so the text is put together piece by piece, and each
 * piece is repeated where it is needed. Names of containers are DNS labels, names of resources are qualified names, and
 * amounts are the API server's canonical quantities: none of them has a character that JSON would escape. Keys are
 * sorted, since a map in the API server has another order each time, and the text must be the same for two policies.
 *
 * <p>The variable {@code object} is the pod with the API server's defaults.
 */
final class PodSpecText {

    private PodSpecText() {}

    /** Returns the expression of the whole text, over several lines. */
    static String expression() {
        return """
                '{"resources":{' + %s
                + '},"containers":[' + (
                (has(object.spec.initContainers) ? object.spec.initContainers : []).map(c,
                %s)
                + object.spec.containers.map(c,
                %s)
                ).join(',') + ']}'""".formatted(
                        resources("object.spec"),
                        container("(c.?restartPolicy.orValue('') == 'Always' ? 'sidecar' : 'init')"),
                        container("'app'"));
    }

    /** @param kind the expression of the container's kind */
    private static String container(String kind) {
        return """
                '{"name":"' + c.name + '","kind":"' + %s + '","resources":{' + %s + '}'
                + (c.?resizePolicy.orValue([]).exists(p, p.restartPolicy != 'NotRequired')
                ? ',"resizePolicy":[' + c.resizePolicy.map(p,
                '{"resourceName":"' + p.resourceName + '","restartPolicy":"' + p.restartPolicy + '"}').join(',') + ']' : '')
                + '}'""".formatted(kind, resources("c"));
    }

    /** @param owner the expression of the pod's spec or of a container, whose field {@code resources} is read */
    private static String resources(String owner) {
        return """
                ['requests','limits'].filter(k, has(OWNER.resources) && k in OWNER.resources).map(k,
                '"' + k + '":{' + OWNER.resources[k].map(q, q).sort().map(q,
                '"' + q + '":"' + string(OWNER.resources[k][q]) + '"').join(',') + '}').join(',')""".replace("OWNER", owner);
    }
}
