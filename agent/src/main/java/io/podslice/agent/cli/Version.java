package io.podslice.agent.cli;

import picocli.CommandLine.IVersionProvider;

/** The text of {@code podslice --version}: podslice's version, and that of the JVM that runs it. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String ours = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "podslice " + (ours == null ? "(not from a jar)" : ours) + ", Java " + Runtime.version() + " ("
                    + System.getProperty("java.vendor") + ")"
        };
    }
}
