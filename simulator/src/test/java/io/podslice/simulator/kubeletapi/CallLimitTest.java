package io.podslice.simulator.kubeletapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CallLimitTest {
    private final AtomicLong nanos = new AtomicLong(5);
    private final CallLimit limit = new CallLimit(nanos::get);

    private long passing(int calls) {
        return IntStream.range(0, calls).filter(i -> limit.take()).count();
    }

    @Test
    void burstOfTenPassesAndThenAHundredASecond() {
        assertThat(passing(30)).isEqualTo(10);
        nanos.addAndGet(50_000_000);
        assertThat(passing(30)).isEqualTo(5);
        nanos.addAndGet(10_000_000_000L);
        assertThat(passing(30)).isEqualTo(10);
    }
}
