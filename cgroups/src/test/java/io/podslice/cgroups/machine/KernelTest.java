package io.podslice.cgroups.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelTest {
    @TempDir
    private Path proc;

    private void write(String release, long... auxv) throws IOException {
        Files.createDirectories(proc.resolve("sys/kernel"));
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(proc.resolve("sys/kernel/osrelease"), release + "\n");
        ByteBuffer words = ByteBuffer.allocate(auxv.length * Long.BYTES).order(ByteOrder.nativeOrder());
        for (long word : auxv) {
            words.putLong(word);
        }
        Files.write(proc.resolve("self/auxv"), words.array());
    }

    @Test
    void tellsVersionAndPageSize() throws IOException {
        write("6.12.43+deb13-cloud-amd64", 16, 99, 6, 65536, 0, 0);

        Kernel kernel = Kernel.read(proc);

        assertThat(kernel).isEqualTo(new Kernel("6.12.43+deb13-cloud-amd64", 6, 12, 65536));
        assertThat(kernel.isBefore(5, 9)).isFalse();
        assertThat(kernel.isBefore(6, 12)).isFalse();
        assertThat(kernel.isBefore(6, 13)).isTrue();
        assertThat(kernel.isBefore(7, 0)).isTrue();
    }

    @Test
    void thisKernelHasPagesOfPowersOfTwo() throws IOException {
        long page = Kernel.read(Path.of("/proc")).pageBytes();
        assertThat(Long.bitCount(page)).isEqualTo(1);
        assertThat(page).isGreaterThanOrEqualTo(4096);
    }

    @Test
    void whatCannotBeUnderstoodIsNamed() throws IOException {
        write("linux", 6, 4096);
        assertThatThrownBy(() -> Kernel.read(proc))
                .isInstanceOf(IOException.class)
                .hasMessage(proc.resolve("sys/kernel/osrelease") + ": \"linux\" does not begin with a version");
        write("5.8.0", 3, 4096, 6);
        assertThatThrownBy(() -> Kernel.read(proc))
                .isInstanceOf(IOException.class)
                .hasMessage(proc.resolve("self/auxv") + ": does not tell the page size");
    }
}
