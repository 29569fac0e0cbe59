package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.Errno;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Weights and quotas: cpu.weight, cpu.weight.nice, cpu.idle, cpu.max, cpu.max.burst, and a cpu.stat that stays zero.
 */
final class CpuController implements Controller {
    /** The scheduler's weight of each nice level, -20 to 19. */
    private static final int[] NICE_WEIGHTS = {
        88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501,
        1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15
    };

    private static final int LOWEST_NICE = -20;
    private static final int NICE_0_WEIGHT = 1024;
    private static final int IDLE_WEIGHT = 3;
    /** The scheduler keeps bandwidth as a fraction of 20 bits in 64: the largest quota and burst, in microseconds. */
    private static final long MAX_RUNTIME_MICROS = (1L << 44) - 1;

    private static final BigInteger U64 = BigInteger.TWO.pow(64);
    private static final BigInteger NANOS_PER_MICRO = BigInteger.valueOf(1000);

    private static final List<String> FILES =
            List.of("cpu.idle", "cpu.max", "cpu.max.burst", "cpu.weight", "cpu.weight.nice");

    private static final class State {
        /** The weight in the scheduler's own unit; 1024 is cpu.weight 100. */
        int shares = NICE_0_WEIGHT;

        boolean idle;
        long quotaMicros = CpuMax.NO_QUOTA;
        long periodMicros = CpuMax.DEFAULT_PERIOD_MICROS;
        long burstMicros;
    }

    private final Map<Cgroup, State> states = new HashMap<>();

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public boolean isThreaded() {
        return true;
    }

    @Override
    public void enabled(Cgroup cgroup) {
        states.put(cgroup, new State());
    }

    @Override
    public void disabled(Cgroup cgroup) {
        states.remove(cgroup);
    }

    @Override
    public List<String> files(Cgroup cgroup) {
        return cgroup.isRoot() ? List.of() : FILES;
    }

    @Override
    public void checkAttach(Cgroup cgroup) {}

    @Override
    public String read(Cgroup cgroup, String file) {
        State state = state(cgroup);
        return switch (file) {
            case "cpu.idle" -> state.idle ? "1" : "0";
            case "cpu.max" -> (state.quotaMicros < 0 ? "max" : state.quotaMicros) + " " + state.periodMicros;
            case "cpu.max.burst" -> Long.toString(state.burstMicros);
            case "cpu.weight" ->
                Long.toString(Math.clamp(Math.round(state.shares * 100 / (double) NICE_0_WEIGHT), 1, 10_000));
            case "cpu.weight.nice" -> Integer.toString(nice(state.shares));
            default -> throw new KernelError(Errno.ENOENT);
        };
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        State state = state(cgroup);
        switch (file) {
            case "cpu.idle" -> writeIdle(state, KernelNumber.signed(text));
            case "cpu.max" -> writeMax(state, text);
            case "cpu.max.burst" -> setBandwidth(state, state.quotaMicros, state.periodMicros, burst(text));
            case "cpu.weight" -> {
                long weight = KernelNumber.unsigned(text);
                if (weight < 1 || weight > 10_000) {
                    throw new KernelError(Errno.ERANGE);
                }
                setShares(state, (int) Math.round(weight * (double) NICE_0_WEIGHT / 100));
            }
            case "cpu.weight.nice" -> {
                long nice = KernelNumber.signed(text);
                if (nice < LOWEST_NICE || nice >= LOWEST_NICE + NICE_WEIGHTS.length) {
                    throw new KernelError(Errno.ERANGE);
                }
                setShares(state, NICE_WEIGHTS[(int) nice - LOWEST_NICE]);
            }
            default -> throw new KernelError(Errno.EINVAL);
        }
        cgroup.changed = true;
    }

    private State state(Cgroup cgroup) {
        State state = states.get(cgroup);
        if (state == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return state;
    }

    private static void writeIdle(State state, long idle) {
        if (idle < 0 || idle > 1) {
            throw new KernelError(Errno.EINVAL);
        }
        if (state.idle != (idle == 1)) {
            state.idle = idle == 1;
            state.shares = state.idle ? IDLE_WEIGHT : NICE_0_WEIGHT;
        }
    }

    private static void setShares(State state, int shares) {
        if (state.idle) {
            throw new KernelError(Errno.EINVAL);
        }
        state.shares = shares;
    }

    /** Returns the nice level whose weight is nearest, the stronger of two. */
    private static int nice(int shares) {
        int best = 0;
        for (int i = 1; i < NICE_WEIGHTS.length; i++) {
            if (Math.abs(NICE_WEIGHTS[i] - shares) >= Math.abs(NICE_WEIGHTS[best] - shares)) {
                break;
            }
            best = i;
        }
        return LOWEST_NICE + best;
    }

    /**
     * Sets a quota or {@code max}, and perhaps a period, in microseconds. Text after a number in the same word, and
     * text after the second word, is ignored; a second word that is no number leaves the period unchanged.
     */
    private static void writeMax(State state, String text) {
        List<String> words = words(text);
        if (words.isEmpty()) {
            throw new KernelError(Errno.EINVAL);
        }
        @Nullable
        BigInteger period = words.size() > 1 ? Digits.decimal(words.get(1), 0).value() : null;
        long periodMicros = period == null ? state.periodMicros : micros(period);
        String first = words.getFirst();
        @Nullable BigInteger quota = Digits.decimal(first, 0).value();
        if (quota == null && !first.equals("max")) {
            throw new KernelError(Errno.EINVAL);
        }
        long quotaMicros = quota == null ? CpuMax.NO_QUOTA : micros(quota);
        setBandwidth(state, quotaMicros, periodMicros, state.burstMicros);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+", -1)));
        words.removeIf(String::isEmpty);
        return words;
    }

    /**
     * Returns the microseconds that the kernel keeps: it counts nanoseconds in 64 bits, in which a huge number wraps
     * around.
     */
    private static long micros(BigInteger micros) {
        BigInteger nanos = micros.multiply(NANOS_PER_MICRO).mod(U64);
        return nanos.divide(NANOS_PER_MICRO).longValue();
    }

    private static long burst(String text) {
        long burst = KernelNumber.unsigned(text);
        if (BigInteger.valueOf(burst).multiply(NANOS_PER_MICRO).compareTo(U64) >= 0) {
            throw new KernelError(Errno.EINVAL);
        }
        return burst;
    }

    private static void setBandwidth(State state, long quota, long period, long burst) {
        boolean limited = quota != CpuMax.NO_QUOTA;
        if ((limited && (quota < CpuMax.MIN_MICROS || quota > MAX_RUNTIME_MICROS))
                || period < CpuMax.MIN_MICROS
                || period > CpuMax.MAX_PERIOD_MICROS
                || (limited && (burst > quota || burst + quota > MAX_RUNTIME_MICROS))) {
            throw new KernelError(Errno.EINVAL);
        }
        state.quotaMicros = quota;
        state.periodMicros = period;
        state.burstMicros = burst;
    }
}
