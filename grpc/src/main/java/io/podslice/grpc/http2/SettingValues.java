package io.podslice.grpc.http2;

/**
 * The values of one setting in a SETTINGS frame, which may have it more than once: the last one holds. Each is 0 to 2^31-1,
 * which stands for larger ones too, or negative where the frame does not have the setting.
 */
public record SettingValues(int last, int least, int largest) {
    static final SettingValues NONE = new SettingValues(-1, -1, -1);

    /** Adds a value as it travels, 32 bits without a sign. */
    SettingValues and(int bits) {
        int value = bits < 0 ? Integer.MAX_VALUE : bits;
        return new SettingValues(value, least < 0 ? value : Math.min(least, value), Math.max(largest, value));
    }
}
