package io.podslice.agent.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HealthzUrlTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, http://127.0.0.1:10248/healthz",
        "::1, http://[0:0:0:0:0:0:0:1]:10248/healthz",
        "fd00::7, http://[fd00:0:0:0:0:0:0:7]:10248/healthz",
        "::, http://[0:0:0:0:0:0:0:1]:10248/healthz"
    })
    void asksWhereTheKubeletListens(String address, String url) {
        assertThat(HealthzUrl.of(address, "10248")).isEqualTo(url);
    }

    @Test
    void asksAKubeletOnAllAddressesOnLoopback() throws Exception {
        String all = InetAddress.getByAddress(new byte[4]).getHostAddress();

        assertThat(HealthzUrl.of(all, "10248")).isEqualTo("http://127.0.0.1:10248/healthz");
    }

    @Test
    void aNameIsNoAddress() {
        assertThatThrownBy(() -> HealthzUrl.of("localhost", "10248"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("localhost");
    }
}
