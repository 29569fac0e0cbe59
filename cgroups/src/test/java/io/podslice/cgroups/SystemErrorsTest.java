package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SystemErrorsTest {

    @ParameterizedTest
    @EnumSource(Errno.class)
    void knowsEveryErrnoByItsText(Errno errno) {
        assertThat(SystemErrors.errno(new IOException(errno.text()))).isEqualTo(errno);
        assertThat(SystemErrors.errno(new FileSystemException("/x", null, errno.text())))
                .isEqualTo(errno);
    }

    @ParameterizedTest
    @EnumSource(Errno.class)
    void agreesWithTheCLibraryOnNumbers(Errno errno) {
        assertThat(SystemErrors.textOf(errno)).isNotBlank();
        assertThat(SystemErrors.localErrno(SystemErrors.textOf(errno))).isEqualTo(errno);
    }

    @Test
    void keepsTheTextOfAnyOther() {
        CgroupException thrown = SystemErrors.of(new IOException("Text file busy"), "/a/cpu.max", "1", "writing");
        assertThat(thrown.errno()).isEqualTo(Errno.EIO);
        assertThat(thrown).hasMessageContaining("Text file busy").hasRootCauseMessage("Text file busy");
    }
}
