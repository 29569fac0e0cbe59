package io.podslice.shim.tap;

import io.podslice.shim.http2.FrameView;
import io.podslice.shim.http2.Frames;

/**
 * The settings of a SETTINGS frame that the tap follows; negative where the frame has none.
 *
 * @param window SETTINGS_INITIAL_WINDOW_SIZE, bytes
 * @param frame SETTINGS_MAX_FRAME_SIZE, bytes
 * @param leastTable smallest SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
 * @param lastTable last SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
 * @param largestTable largest SETTINGS_HEADER_TABLE_SIZE in the frame, bytes
 */
record Announced(int window, int frame, int leastTable, int lastTable, int largestTable) {
    /** Settings of which none is followed. */
    static final Announced NOTHING = new Announced(-1, -1, -1, -1, -1);

    private static final int SETTING_BYTES = 6;

    /** Writes another SETTINGS_INITIAL_WINDOW_SIZE, in bytes, into a SETTINGS frame that has one. */
    static void changeWindow(FrameView settings, int window) {
        for (int i = 0; i + SETTING_BYTES <= settings.length(); i += SETTING_BYTES) {
            if (settings.shortNumber(i) == Frames.SETTINGS_INITIAL_WINDOW_SIZE) {
                settings.number(i + Short.BYTES, window);
            }
        }
    }

    /** Reads a SETTINGS frame that is no acknowledgement. */
    static Announced in(FrameView settings) {
        int window = -1;
        int frame = -1;
        int least = -1;
        int last = -1;
        int largest = -1;
        for (int i = 0; i + SETTING_BYTES <= settings.length(); i += SETTING_BYTES) {
            int value = settings.number(i + Short.BYTES);
            switch (settings.shortNumber(i)) {
                case Frames.SETTINGS_HEADER_TABLE_SIZE -> {
                    last = value < 0 ? Integer.MAX_VALUE : value;
                    largest = Math.max(largest, last);
                    least = least < 0 ? last : Math.min(least, last);
                }
                case Frames.SETTINGS_INITIAL_WINDOW_SIZE -> window = value;
                case Frames.SETTINGS_MAX_FRAME_SIZE -> frame = value;
                default -> {
                    // Nothing that is followed here.
                }
            }
        }
        return new Announced(window, frame, least, last, largest);
    }
}
