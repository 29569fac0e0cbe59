package io.podslice.integration.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.pods.PodIntake;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A million annotations and quantities: each is read, or refused in time with a message that names field and value, and
 * nothing else happens. A failure names its seed: {@code -Dpodslice.fuzz.seed=N} runs that one alone.
 */
@Tag("fuzz")
final class AnnotationFuzzTest {
    private static final int SHORT_RUN = 40_000;
    private static final int LONG_RUN = 1_000_000;

    /** Processor time for one, far above what any takes; the usual ones take less than a thousandth of it. */
    private static final Duration MOST = Duration.ofSeconds(2);

    private static final int LONGEST_MESSAGE = 2_000;

    /** A refusal begins with the field, and then says what its value is or that there must be one. */
    private static final Pattern CLEAR = Pattern.compile(
            "(podslice\\.io/|linux\\.cgroup_parent \"|metadata\\.uid: ).*"
                    + "(: Invalid value: \".*\": .|: Required value: .|: Forbidden: .|resources make the pod .*\".*\"|device \".*\": .).*");

    private static final DeviceLocality DEVICES = device -> {
        if (device.length() > 20) {
            throw new IOException("device \"" + device.substring(0, 20) + "\": no such file");
        }
        return CpuSet.of(device.length() % 2);
    };

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final PodIntake intake = new PodIntake(NodeConfig.DEFAULT, DEVICES);
    private final PodPlacer placer = new PodPlacer(Machine.regular(2, 1, 8, 2, 32L << 30), PlacementPolicy.DEFAULT);
    private int admitted;
    private int refused;
    private long slowestNanos;

    private void fuzz(String what, LongConsumer one) {
        Long only = Long.getLong("podslice.fuzz.seed");
        int count =
                Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN);
        long first = only == null ? System.nanoTime() : only;
        for (int i = 0; i < (only == null ? count : 1); i++) {
            long seed = first + i;
            long before = threads.getCurrentThreadCpuTime();
            try {
                one.accept(seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("podslice.fuzz.seed=" + seed + ": " + e, e);
            }
            long took = threads.getCurrentThreadCpuTime() - before;
            slowestNanos = Math.max(slowestNanos, took);
            assertThat(took).as("ns of podslice.fuzz.seed=%d", seed).isLessThan(MOST.toNanos());
        }
        System.out.printf(
                "%s: %d read, %d refused, the slowest %.1f ms of a processor, from seed %d%n",
                what, admitted, refused, slowestNanos / 1e6, first);
        if (only == null) {
            assertThat(admitted).as("the generator makes usable ones too").isGreaterThan(count / 50);
            assertThat(refused).as("the generator makes unusable ones too").isGreaterThan(count / 50);
        }
    }

    // ---- Annotations

    @Test
    void annotations() {
        fuzz("annotations", this::annotation);
    }

    private void annotation(long seed) {
        Random random = new Random(~seed);
        Map<String, String> annotations = RandomAnnotations.of(random);
        String parent = switch (random.nextInt(4)) {
            case 0 -> "/kubepods/burstable/podx";
            case 1 -> "/kubepods/besteffort/podx";
            default -> "/kubepods/podx";
        };
        LinuxResources resources = random.nextInt(4) > 0
                ? LinuxResources.NONE
                : LinuxResources.NONE
                        .withCpuShares(random.nextInt(9000))
                        .withCpuQuota(random.nextInt(9) * 100_000L, 100_000)
                        .withMemoryLimit(random.nextLong(8L << 30));
        PodSandboxRequest request = new PodSandboxRequest(
                "uid", "ns", "x", 0, parent, Map.of(), annotations, resources, LinuxResources.NONE);
        switch (intake.read(request)) {
            case PodIntake.Intake.PassThrough() -> admitted++;
            case PodIntake.Intake.Refused(Refusal refusal) -> {
                refused++;
                clear(refusal);
            }
            case PodIntake.Intake.Asks(PodAsk ask) -> {
                admitted++;
                ask.excess().ifPresent(AnnotationFuzzTest::clear);
                ask.devices().missing().ifPresent(AnnotationFuzzTest::clear);
                usable(ask);
            }
        }
    }

    private static void clear(Refusal refusal) {
        String text = refusal.text();
        assertThat(text).isEqualTo(Printable.of(text)).hasSizeLessThan(LONGEST_MESSAGE);
        assertThat(refusal.reason()).isEqualTo("InvalidPodSpec");
        assertThat(refusal.message()).matches(CLEAR);
    }

    /** Checks that what follows can be computed from the spec, and that nothing in it is out of all range. */
    private void usable(PodAsk ask) {
        assertThat(ask.spec().containers().size()).isLessThanOrEqualTo(128);
        assertThat(ask.budget().cgroup().cpuShares()).isBetween(2L, 262_144L);
        assertThat(ask.budget().cgroup().memoryMaxBytes()).isNotNegative();
        if (placer.place(
                        NodePlacements.EMPTY,
                        "uid",
                        ask.spec(),
                        ask.exclusive(),
                        ask.devices().byContainer())
                instanceof Placement.Placed(var placement)) {
            assertThat(placement.cpus().size()).isLessThan(32);
        }
    }

    // ---- Quantities

    @Test
    void quantities() {
        fuzz("quantities", this::quantity);
    }

    private void quantity(long seed) {
        Random random = new Random(~seed);
        RandomQuantity source = new RandomQuantity(random);
        String text = random.nextInt(4) == 0 ? RandomText.damaged(random, source.any()) : source.any();
        Quantity quantity;
        try {
            quantity = Quantity.parse(text);
        } catch (IllegalArgumentException e) {
            refused++;
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(LONGEST_MESSAGE);
            return;
        }
        admitted++;
        assertThat(quantity.toString()).hasSizeLessThan(128);
        assertThat(quantity.compareTo(Quantity.ZERO)).isEqualTo(quantity.signum());
        assertThat(Long.signum(quantity.value())).isEqualTo(quantity.signum());
        assertThat(Long.signum(quantity.milliValue())).isEqualTo(quantity.signum());
        amount(text, quantity);
    }

    /** An amount of a resource fits into 64 bits in thousandths, so that sums and quotas of it are exact. */
    private static void amount(String text, Quantity quantity) {
        Quantity amount;
        try {
            amount = ResourceName.CPU.amount(text);
        } catch (IllegalArgumentException e) {
            assertThat(quantity.milliValue())
                    .as("%s is refused", text)
                    .matches(milli -> milli == Long.MAX_VALUE
                            || milli == Long.MIN_VALUE
                            || Math.abs(milli) > 9_223_372_036_854_775_000L);
            return;
        }
        assertThat(amount.milliValue()).isStrictlyBetween(Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(ResourceName.CPU.amount(amount.toString())).isEqualTo(amount).hasSameHashCodeAs(amount);
        assertThat(amount.minus(amount)).isEqualTo(Quantity.ZERO);
        if (amount.signum() >= 0) {
            assertThat(amount.plus(amount).minus(amount)).isEqualTo(amount);
        }
    }
}
