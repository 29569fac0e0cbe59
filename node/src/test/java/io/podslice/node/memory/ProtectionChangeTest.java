package io.podslice.node.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.managers.pod.MemoryProtection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ProtectionChangeTest {
    private static final long PAGE = 4096;
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final CgroupPath PARENT = new CgroupPath("/kubepods");
    private static final CgroupPath POD = PARENT.child("podx");
    private static final CgroupPath CONTAINER = POD.child("c");
    private static final MemoryProtection NONE = MemoryProtection.NONE;

    private final SortedMap<CgroupPath, PresentMemory> present = new TreeMap<>();
    private final Map<CgroupPath, MemoryProtection> wanted = new TreeMap<>();
    private final Map<CgroupPath, MemoryProtection> before = new TreeMap<>();

    private static PresentMemory now(long min, long low, long high, long max) {
        return new PresentMemory(
                OptionalLong.of(min), OptionalLong.of(low), OptionalLong.of(high), OptionalLong.of(max));
    }

    private ProtectionChange change() {
        return ProtectionChange.between(present, wanted, before, PARENT::equals, PAGE);
    }

    private static List<String> lines(Plan plan) {
        return plan.describe().lines().toList();
    }

    @Test
    void protectionRisesFromTheTopAndInACgroupFromTheCeiling() {
        present.put(PARENT, now(0, 0, UNLIMITED, UNLIMITED));
        present.put(POD, now(0, 0, PAGE, UNLIMITED));
        present.put(CONTAINER, now(0, 0, PAGE, UNLIMITED));
        wanted.put(PARENT, NONE.withMin(2 * PAGE).withLow(2 * PAGE));
        wanted.put(POD, NONE.withLow(2 * PAGE).withHigh(3 * PAGE));
        wanted.put(CONTAINER, NONE.withMin(PAGE).withHigh(3 * PAGE));

        assertThat(lines(change().raises()))
                .containsExactly(
                        "write /kubepods/memory.low: 8192",
                        "write /kubepods/memory.min: 8192",
                        "write /kubepods/podx/memory.high: 12288",
                        "write /kubepods/podx/memory.low: 8192",
                        "write /kubepods/podx/c/memory.high: 12288",
                        "write /kubepods/podx/c/memory.min: 4096");
        assertThat(change().lowers().isEmpty()).isTrue();
        assertThat(change().written()).isEqualTo(wanted);
    }

    @Test
    void protectionFallsFromTheBottomAndInACgroupFromTheFloor() {
        present.put(PARENT, now(9 * PAGE, 0, UNLIMITED, UNLIMITED));
        present.put(CONTAINER, now(3 * PAGE, 4 * PAGE, 5 * PAGE, 6 * PAGE));
        before.put(PARENT, NONE.withMin(9 * PAGE));
        wanted.put(PARENT, NONE.withMin(0));
        wanted.put(CONTAINER, NONE.withMin(0).withLow(PAGE).withHigh(2 * PAGE));

        assertThat(lines(change().lowers()))
                .containsExactly(
                        "write /kubepods/podx/c/memory.min: 0",
                        "write /kubepods/podx/c/memory.low: 4096",
                        "write /kubepods/podx/c/memory.high: 8192",
                        "write /kubepods/memory.min: 0");
        assertThat(change().raises().isEmpty()).isTrue();
    }

    @Test
    void nothingIsEverAboveTheLimit() {
        present.put(CONTAINER, now(0, 0, UNLIMITED, 2 * PAGE));
        wanted.put(CONTAINER, NONE.withLow(3 * PAGE).withHigh(4 * PAGE));

        assertThat(lines(change().lowers())).containsExactly("write /kubepods/podx/c/memory.high: 8192");
        assertThat(lines(change().raises())).containsExactly("write /kubepods/podx/c/memory.low: 8192");
        assertThat(change().written())
                .containsEntry(CONTAINER, NONE.withLow(2 * PAGE).withHigh(2 * PAGE));
    }

    @Test
    void whatTheKernelHasRoundedIsNotWrittenAgain() {
        present.put(POD, now(0, 2 * PAGE, UNLIMITED, UNLIMITED));
        wanted.put(POD, NONE.withLow(2 * PAGE + 17));

        assertThat(change().lowers().isEmpty()).isTrue();
        assertThat(change().raises().isEmpty()).isTrue();
    }

    @Test
    void onlyWhatPodsliceWroteIsTakenBack() {
        present.put(POD, now(PAGE, 2 * PAGE, 3 * PAGE, UNLIMITED));
        present.put(CONTAINER, now(PAGE, 2 * PAGE, 3 * PAGE, UNLIMITED));
        before.put(POD, NONE.withMin(PAGE + 1).withLow(PAGE).withHigh(3 * PAGE));

        assertThat(lines(change().lowers())).containsExactly("write /kubepods/podx/memory.min: 0");
        assertThat(lines(change().raises())).containsExactly("write /kubepods/podx/memory.high: max");
        assertThat(change().written()).isEmpty();
    }

    @Test
    void whatOthersProtectBeyondThatAboveThePodsStays() {
        present.put(PARENT, now(9 * PAGE, PAGE, UNLIMITED, UNLIMITED));
        present.put(POD, now(9 * PAGE, 0, UNLIMITED, UNLIMITED));
        wanted.put(PARENT, NONE.withMin(PAGE).withLow(2 * PAGE));
        wanted.put(POD, NONE.withMin(PAGE));
        before.put(PARENT, NONE.withMin(3 * PAGE));

        assertThat(lines(change().lowers())).containsExactly("write /kubepods/podx/memory.min: 4096");
        assertThat(lines(change().raises())).containsExactly("write /kubepods/memory.low: 8192");
    }

    @Test
    void aCgroupThatIsNotThereIsLeftForLater() {
        OptionalLong none = OptionalLong.empty();
        present.put(CONTAINER, new PresentMemory(none, none, none, none));
        wanted.put(CONTAINER, NONE.withMin(PAGE));

        assertThat(change().raises().isEmpty()).isTrue();
        assertThat(change().written()).isEmpty();
    }

    @Test
    void aFileThatTheKernelDoesNotKnowIsLeftOut() {
        present.put(
                CONTAINER,
                new PresentMemory(
                        OptionalLong.empty(),
                        OptionalLong.of(0),
                        OptionalLong.of(UNLIMITED),
                        OptionalLong.of(UNLIMITED)));
        wanted.put(CONTAINER, NONE.withMin(PAGE).withLow(PAGE));

        assertThat(lines(change().raises())).containsExactly("write /kubepods/podx/c/memory.low: 4096");
    }
}
