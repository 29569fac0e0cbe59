package io.podslice.agent.cli;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.Resources;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code NAME=cpu:AMOUNT,memory:AMOUNT} on a command line. An amount is a request and a limit: {@code 2} is both,
 * {@code 1/2} each, {@code 1/} and {@code /2} one of them.
 */
record ContainerArgument(String name, Resources resources) {

    static ContainerArgument read(String text) throws DocumentException {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw new DocumentException("--container \"" + text
                    + "\": must be NAME=cpu:AMOUNT,memory:AMOUNT, e.g. database=cpu:2,memory:1Gi");
        }
        String name = text.substring(0, equals);
        Resources.Builder resources = Resources.newBuilder();
        Set<String> seen = new HashSet<>();
        for (String part : text.substring(equals + 1).split(",", -1)) {
            int colon = part.indexOf(':');
            String resource = colon < 0 ? part : part.substring(0, colon);
            if (colon < 0 || !(resource.equals("cpu") || resource.equals("memory"))) {
                throw new DocumentException(
                        "--container " + name + " \"" + part + "\": must be cpu:AMOUNT or memory:AMOUNT");
            }
            if (!seen.add(resource)) {
                throw new DocumentException(
                        "--container " + name + " \"" + part + "\": " + resource + " is given twice");
            }
            put(name, resource, part.substring(colon + 1), resources);
        }
        return new ContainerArgument(name, resources.build());
    }

    private static void put(String name, String resource, String amount, Resources.Builder resources)
            throws DocumentException {
        String option = "--container " + name + " " + resource;
        int slash = amount.indexOf('/');
        String request = slash < 0 ? amount : amount.substring(0, slash);
        String limit = slash < 0 ? amount : amount.substring(slash + 1);
        if (request.isEmpty() && limit.isEmpty()) {
            throw new DocumentException(option + " \"" + amount + "\": must name a request, a limit, or both");
        }
        if (!request.isEmpty()) {
            resources.putRequests(resource, ResizeCommand.checked(option, request));
        }
        if (!limit.isEmpty()) {
            resources.putLimits(resource, ResizeCommand.checked(option, limit));
        }
    }
}
