package io.podslice.agent.cli;

import picocli.CommandLine.IVersionProvider;

/** The text of {@code podslice --version}: podslice's version, and that of the JVM that runs it. */
final class Version implements IVersionProvider {

    /** Returns podslice's version; empty where the program does not run from a jar. */
    static String number() {
        String ours = Version.class.getPackage().getImplementationVersion();
        return ours == null ? "" : ours;
    }

    @Override
    public String[] getVersion() {
        String ours = number();
        return new String[] {
            "podslice " + (ours.isEmpty() ? "(not from a jar)" : ours) + ", Java " + Runtime.version() + " ("
                    + System.getProperty("java.vendor") + ")"
        };
    }
}
