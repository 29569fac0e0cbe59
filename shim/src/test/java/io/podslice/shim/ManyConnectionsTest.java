package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.grpc.Status;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bursts of connections, and connections that are held and idle. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ManyConnectionsTest {
    private static final String VERSION = CriRig.SERVICE + "Version";

    /** Each connection is four descriptors of this process, which has both ends of both. */
    private static final int BURST = (int) Math.min(2000, (descriptors() - 1000) / 4);

    private static final int FIRST = 100;

    private CriRig rig;
    private Crowd crowd;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
        rig.runtime.answer(VERSION, new byte[] {1});
        crowd = new Crowd(rig.shimSocket());
    }

    @AfterEach
    void stop() throws IOException {
        crowd.close();
        rig.close();
    }

    private static long descriptors() {
        return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getMaxFileDescriptorCount();
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void aBurstIsRefusedNowhereAndOthersAreServedMeanwhile() throws Exception {
        crowd.connect(BURST);
        assertThat(rig.client.unary(VERSION, new byte[0]).status()).isEqualTo(Status.OK);
        crowd.greet(0);
    }

    @Test
    void anIdleConnectionHasNoThreadsAndNoLargeBuffers() throws Exception {
        crowd.connect(FIRST);
        crowd.greet(0);
        int threads = threads();
        long direct = directBytes();
        crowd.connect(BURST / 2 - FIRST);
        crowd.greet(FIRST);
        assertThat(threads() - threads)
                .as("threads of %d more connections", BURST / 2 - FIRST)
                .isLessThan(50);
        assertThat(directBytes() - direct)
                .as("bytes of direct memory of them, the runtime's in this process too")
                .isLessThan(16L << 20);
        assertThat(rig.client.unary(VERSION, new byte[100_000]).status()).isEqualTo(Status.OK);
    }
}
