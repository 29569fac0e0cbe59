package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Texts that are too long for a line of a script, or need a bigger machine than the recorded one. */
class KernelTextTest {

    @Test
    void numbersMayEndWithOneNewline() {
        assertThat(KernelNumber.unsigned("42\n")).isEqualTo(42);
        assertThatThrownBy(() -> KernelNumber.unsigned("42\n\n")).isInstanceOf(KernelError.class);
        assertThat(KernelNumber.signed("-0x10")).isEqualTo(-16);
        assertThat(KernelNumber.unsigned("18446744073709551615")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void sizesBeyondAnyMachineAreAllTheSame() {
        assertThat(KernelNumber.bytes("16E")).isEqualTo(Long.MAX_VALUE);
        assertThat(PageLimit.parse("16E")).isEqualTo(PageLimit.MAX);
    }

    @Test
    void listsMayNameEveryFewCpus() {
        assertThat(KernelList.parse("0-127:2/32,200", 256)).hasToString("0-1,32-33,64-65,96-97,200");
        assertThat(KernelList.parse("ALL", 256)).hasToString("0-255");
        assertThat(KernelList.parse("all:1/128", 256)).hasToString("0,128");
    }
}
