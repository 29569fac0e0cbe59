package io.podslice.nri;

import io.podslice.proto.nri.v1alpha1.ConfigureRequest;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of NRI, as the runtime tells it or as guessed from the runtime's own version. */
record NriVersion(int major, int minor, int patch) implements Comparable<NriVersion> {
    private static final Pattern NUMBERS = Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?.*");

    private static final Comparator<NriVersion> ORDER = Comparator.comparingInt(NriVersion::major)
            .thenComparingInt(NriVersion::minor)
            .thenComparingInt(NriVersion::patch);

    /** The oldest version in use; every later one understands its messages. */
    static final NriVersion OLDEST = new NriVersion(0, 3, 0);

    /** The version whose messages and calls podslice speaks. */
    static final NriVersion OURS = new NriVersion(0, 12, 0);

    /** The first version with updates of pod sandboxes and their three additional events. */
    static final NriVersion POD_UPDATES = new NriVersion(0, 10, 0);

    /**
     * Returns the runtime's version of NRI. From 0.12 on the runtime tells it; before, it tells only its own version,
     * from which containerd's NRI version follows. For any other runtime the oldest is assumed.
     */
    static NriVersion of(ConfigureRequest request) {
        if (!request.getNRIVersion().isEmpty()) {
            return parse(request.getNRIVersion());
        }
        return request.getRuntimeName().contains("containerd")
                ? ofContainerd(parse(request.getRuntimeVersion()))
                : OLDEST;
    }

    private static NriVersion ofContainerd(NriVersion containerd) {
        if (containerd.compareTo(new NriVersion(2, 3, 0)) >= 0) {
            return new NriVersion(0, 12, 0);
        }
        if (containerd.compareTo(new NriVersion(2, 2, 1)) >= 0) {
            return new NriVersion(0, 11, 0);
        }
        if (containerd.compareTo(new NriVersion(2, 2, 0)) >= 0) {
            return POD_UPDATES;
        }
        if (containerd.compareTo(new NriVersion(1, 7, 26)) >= 0) {
            return new NriVersion(0, 8, 0);
        }
        return containerd.compareTo(new NriVersion(1, 7, 16)) >= 0 ? new NriVersion(0, 6, 1) : OLDEST;
    }

    /**
     * Reads the version in front of the first character that belongs to no number; the oldest version if that is none.
     */
    private static NriVersion parse(String text) {
        Matcher matcher = NUMBERS.matcher(text);
        if (!matcher.matches()) {
            return OLDEST;
        }
        String patch = matcher.group(3);
        return new NriVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch));
    }

    boolean isAtLeast(NriVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(NriVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
