package io.podslice.agent.gather;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * The files of an archive, and their form: a gzip of a tar in the format ustar, in one folder. Bounded: a file keeps its last part, and once
 * the archive is full a file is left out, which its content then says. For one thread.
 */
final class Archive {
    /** The most bytes of one file. */
    static final int MOST_OF_FILE = 2 << 20;

    /** The most bytes of all files together. */
    static final int MOST = 16 << 20;

    private static final int BLOCK = 512;

    private final String folder;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private int size;

    /** @param folder the name of the folder that holds the files in the archive */
    Archive(String folder) {
        this.folder = folder;
    }

    /** Adds a file; of a long one the last part. */
    void add(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MOST_OF_FILE) {
            String head = "[the first " + (bytes.length - MOST_OF_FILE) + " bytes are left out]\n";
            String tail = new String(bytes, bytes.length - MOST_OF_FILE, MOST_OF_FILE, StandardCharsets.UTF_8);
            bytes = (head + tail).getBytes(StandardCharsets.UTF_8);
        }
        if (size + bytes.length > MOST) {
            bytes = "[left out: the archive is full]\n".getBytes(StandardCharsets.UTF_8);
        }
        size += bytes.length;
        files.put(name, bytes);
    }

    /** Returns the names of the files, in the order in which they were added. */
    java.util.List<String> names() {
        return java.util.List.copyOf(files.keySet());
    }

    /**
     * Writes the archive.
     *
     * @param seconds the files' time, since 1970
     * @throws IOException if the stream fails; it stays open
     */
    void write(OutputStream out, long seconds) throws IOException {
        GZIPOutputStream zipped = new GZIPOutputStream(out);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] bytes = file.getValue();
            zipped.write(header(folder + "/" + file.getKey(), bytes.length, seconds));
            zipped.write(bytes);
            zipped.write(new byte[(BLOCK - bytes.length % BLOCK) % BLOCK]);
        }
        zipped.write(new byte[2 * BLOCK]);
        zipped.finish();
    }

    private static byte[] header(String name, int size, long seconds) {
        byte[] header = new byte[BLOCK];
        put(header, 0, 100, name);
        put(header, 100, 8, "0000600\0");
        put(header, 108, 8, "0000000\0");
        put(header, 116, 8, "0000000\0");
        put(header, 124, 12, String.format(Locale.ROOT, "%011o\0", size));
        put(header, 136, 12, String.format(Locale.ROOT, "%011o\0", seconds));
        put(header, 148, 8, "        ");
        header[156] = '0';
        put(header, 257, 8, "ustar\00000");
        int sum = 0;
        for (byte one : header) {
            sum += one & 0xff;
        }
        put(header, 148, 8, String.format(Locale.ROOT, "%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, int room, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length > room) {
            throw new IllegalArgumentException(text + ": longer than " + room + " bytes");
        }
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
