package io.podslice.agent.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A checkout with the real scripts, whose Maven and JDK are scripts that record how they were called. */
final class Checkout {
    final Path top;
    final Path tools;
    final Map<String, String> environment = new HashMap<>();
    private final Path home;

    /** The output and exit status of a script. */
    record Run(int status, String out, String err) {}

    Checkout(Path folder) throws IOException {
        top = folder.resolve("a checkout");
        tools = folder.resolve("tools");
        home = folder.resolve("home");
        for (String script : List.of("bin/podslice", "bin/test", "bin/lib/jdk.sh", "bin/lib/build.sh")) {
            Files.createDirectories(top.resolve(script).getParent());
            Files.copy(real(script), top.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
        }
        write("pom.xml", "<project/>");
        write("agent/pom.xml", "<project/>");
        write("agent/src/main/java/A.java", "class A {}");
        write("agent/src/main/java/B.java", "class B {}");
        Files.createDirectories(top.resolve(".mvn"));
        Files.createDirectories(tools);
        Files.createDirectories(home);
        environment.put("HOME", home.toString());
        environment.put("PATH", tools + ":/usr/bin:/bin");
        environment.put("PODSLICE_JDK_FOLDERS", "");
    }

    /** Returns a file of the checkout that is tested. */
    static Path real(String file) {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return (Files.isDirectory(module.resolve("bin/lib")) ? module : module.getParent()).resolve(file);
    }

    Path write(String file, String text) throws IOException {
        Path path = top.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    /** Makes a program of these lines of bash. */
    static void program(Path path, String lines) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "#!/usr/bin/env bash\n" + lines + "\n");
        makeExecutable(path);
    }

    /** Makes a folder for PATH with these programs of the system and no others: no java, no mvn. */
    static Path only(Path folder, String... programs) throws IOException {
        Files.createDirectories(folder);
        for (String program : programs) {
            Path path = Files.writeString(folder.resolve(program), "#!/bin/sh\nexec /usr/bin/" + program + " \"$@\"\n");
            makeExecutable(path);
        }
        return folder;
    }

    private static void makeExecutable(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Makes a JDK whose java prints its arguments, one a line. */
    static Path jdk(Path home, String version) throws IOException {
        program(home.resolve("bin/java"), "printf '%s\\n' \"$@\"");
        program(home.resolve("bin/javac"), "exit 0");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    /** Makes a Maven of these lines; each call is recorded. */
    void maven(String lines) throws IOException {
        program(tools.resolve("mvn"), "echo \"$*\" >> '" + home + "/mvn-calls'\n" + lines);
    }

    /** Makes a Maven that builds. */
    void maven() throws IOException {
        maven("""
                echo '[INFO] Building podslice agent 1.0-SNAPSHOT   [1/1]'
                mkdir -p agent/target/lib integration/target/lib
                touch agent/target/agent.jar agent/target/lib/a.jar agent/target/lib/b.jar
                touch integration/target/integration.jar integration/target/lib/b.jar integration/target/lib/c.jar
                echo '[INFO] BUILD SUCCESS'""");
    }

    List<String> mavenCalls() throws IOException {
        Path calls = home.resolve("mvn-calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    Run run(String... command) throws IOException, InterruptedException {
        return start(home, command).end();
    }

    /** Starts a command in that folder, with only this checkout's variables in its environment. */
    Running start(Path directory, String... command) throws IOException {
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new Running(builder.start(), out, err);
    }

    /** A started command. */
    record Running(Process process, Path out, Path err) {

        Run end() throws IOException, InterruptedException {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("still runs after a minute: " + Files.readString(err));
            }
            return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
        }
    }

    String script(String name) {
        return top.resolve("bin").resolve(name).toString();
    }
}
