package io.podslice.agent.kubelet;

/**
 * A setting of the kubelet and the place where it is made.
 *
 * @param value as it is written there
 * @param place the kind of place
 * @param file the path of the file on the node; empty where no file makes the setting
 */
public record Setting(String value, Place place, String file) {

    /** The kinds of places, the strongest first. */
    public enum Place {
        /** A flag of the running kubelet that none of the unit's files explains. */
        COMMAND_LINE("a flag of the running process, which no known file sets"),
        /** A flag in the unit or one of its drop-ins. */
        UNIT("flag in the unit's"),
        /** A flag in a file of environment variables that the unit names. */
        ENVIRONMENT("flag in the environment file"),
        /** A flag for the kubelet in a configuration file of k3s or RKE2. */
        DISTRIBUTION("kubelet-arg in"),
        /** A drop-in of the folder that {@code --config-dir} names. */
        DROP_IN("drop-in"),
        /** The file that {@code --config} names. */
        CONFIG("configuration file"),
        /** Nothing sets it. */
        DEFAULT("the kubelet's default");

        private final String text;

        Place(String text) {
            this.text = text;
        }

        /** Tells if the place is one of flags, which win over files. */
        boolean isFlag() {
            return compareTo(DISTRIBUTION) <= 0;
        }
    }

    /** Returns the place in words, e.g. {@code flag in the environment file /etc/default/kubelet}. */
    public String where() {
        return file.isEmpty() ? place.text : place.text + " " + file;
    }
}
