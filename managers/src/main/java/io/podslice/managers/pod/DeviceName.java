package io.podslice.managers.pod;

import java.util.regex.Pattern;

/**
 * The name of a device as an annotation gives it: a file below {@code /dev} or a PCI address. It is checked by its text
 * alone, so that a name leads nowhere but below {@code /dev}, and says nothing of what else the host has.
 */
public final class DeviceName {
    private static final Pattern PCI_ADDRESS = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    /** Files below /dev: no empty segment, none that is {@code .} or {@code ..}. */
    private static final Pattern FILE = Pattern.compile("/dev(?:/(?!\\.{1,2}(?:/|$))[A-Za-z0-9._:@+-]{1,64}){1,4}");

    private DeviceName() {}

    /** Tells if the text is a PCI address such as {@code 0000:3b:00.0}. */
    public static boolean isPciAddress(String text) {
        return PCI_ADDRESS.matcher(text).matches();
    }

    /** Tells if the text is a file below {@code /dev} in its shortest form, such as {@code /dev/dri/card1}. */
    public static boolean isFile(String text) {
        return text.startsWith("/dev/") && FILE.matcher(text).matches();
    }
}
