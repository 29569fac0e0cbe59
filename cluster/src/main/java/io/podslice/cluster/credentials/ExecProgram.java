package io.podslice.cluster.credentials;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The program that a kubeconfig's user names under {@code exec}, which prints credentials (client-go credential plugins,
 * {@code client.authentication.k8s.io}).
 *
 * @param apiVersion the version of ExecCredential that it prints
 * @param command the program and its arguments
 * @param environment further variables, by name
 * @param mayAsk true if it may read what a person types
 * @param tellsCluster true if it wants to know the cluster
 * @param hint what to do where the program is not there; may be empty
 */
record ExecProgram(
        String apiVersion,
        List<String> command,
        Map<String, String> environment,
        boolean mayAsk,
        boolean tellsCluster,
        String hint) {
    private static final String GROUP = "client.authentication.k8s.io/";
    private static final Set<String> VERSIONS = Set.of(GROUP + "v1", GROUP + "v1beta1");

    /**
     * Reads {@code user.exec}.
     *
     * @param folder the kubeconfig's, from which a relative path of a program counts; a name without a slash is looked for in PATH
     * @throws IOException with the field that cannot be used
     */
    static ExecProgram of(DocumentNode exec, Path folder) throws IOException {
        String apiVersion = exec.get("apiVersion").text();
        if (!VERSIONS.contains(apiVersion)) {
            throw new IOException("user.exec.apiVersion: \"" + Printable.of(apiVersion, 64) + "\" is none of "
                    + String.join(", ", VERSIONS.stream().sorted().toList()));
        }
        String program = exec.get("command").text();
        if (program.isEmpty()) {
            throw new IOException("user.exec.command: is missing");
        }
        List<String> command = new ArrayList<>();
        command.add(program.contains("/") ? resolved(folder, program) : program);
        for (DocumentNode argument : exec.get("args").items()) {
            command.add(argument.text());
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (DocumentNode variable : exec.get("env").items()) {
            String name = variable.get("name").text();
            if (name.isEmpty()
                    || name.contains("=")
                    || (name + variable.get("value").text()).indexOf('\0') >= 0) {
                throw new IOException("user.exec.env: \"" + Printable.of(name, 64) + "\" is not a variable");
            }
            environment.put(name, variable.get("value").text());
        }
        return new ExecProgram(
                apiVersion,
                List.copyOf(command),
                environment,
                !exec.get("interactiveMode").text().equals("Never"),
                exec.get("provideClusterInfo").text().equals("true"),
                exec.get("installHint").text().strip());
    }

    private static String resolved(Path folder, String program) throws IOException {
        try {
            return folder.resolve(program).toString();
        } catch (IllegalArgumentException e) {
            throw new IOException("user.exec.command: \"" + Printable.of(program, 64) + "\" is not a path", e);
        }
    }
}
