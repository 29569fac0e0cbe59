package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.idOf;
import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Limits of memory that fall below what is used. */
final class MemoryShrinkTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/pods");
    private static final Map<String, String> SHARED = spec("""
            {'resources':{'requests':{'cpu':'1500m','memory':'4Gi'},'limits':{'cpu':'1500m','memory':'4Gi'}},
             'containers':[{'name':'a'},
               {'name':'b','resources':{'requests':{'cpu':'500m','memory':'1Gi'},'limits':{'cpu':'500m','memory':'1Gi'}}}]}""");

    private final BrainFixture node = new BrainFixture();
    private final List<String> squeezed = new ArrayList<>();

    /** Bytes of page cache in the pod, which the kernel can take back, and of other memory, which it cannot. */
    private long cache;

    private long anonymous;

    MemoryShrinkTest() {
        PodSandboxRequest pod = node.pod("s", POD.value(), SHARED);
        node.run(pod, "sb1");
        node.create(pod, "sb1", "a");
        node.create(pod, "sb1", "b");
        node.steps.clear();
        node.files.beforeWrite = this::reclaim;
    }

    private void use(long anonymous, long cache) {
        this.anonymous = anonymous;
        this.cache = cache;
        node.files.set(POD, "memory.current", Long.toString(anonymous + cache));
    }

    /** Reclaims as the kernel does when memory.high falls or memory.reclaim is written. */
    private void reclaim(String file, String value) {
        if (file.equals(POD + "/memory.high") && !value.equals("max")) {
            squeezed.add("high " + value);
            cache = Math.max(0, Math.min(cache, Long.parseLong(value) - anonymous));
        }
        if (file.equals(POD + "/memory.reclaim")) {
            long wanted = Long.parseLong(value);
            squeezed.add("reclaim");
            boolean enough = cache >= wanted;
            cache = Math.max(0, cache - wanted);
            node.files.set(POD, "memory.current", Long.toString(anonymous + cache));
            if (!enough) {
                throw new CgroupException(Errno.EAGAIN, file, value, "writing");
            }
        }
        if (node.files.exists(POD)) {
            node.files.set(POD, "memory.current", Long.toString(anonymous + cache));
        }
        if (file.equals(POD + "/memory.max")) {
            assertThat(anonymous + cache).as("used when memory.max is written").isLessThan(Long.parseLong(value));
        }
    }

    private @Nullable Refusal shrinkByCri(long bytes) {
        LinuxResources to = LinuxResources.NONE.withMemoryLimit(bytes);
        return switch (node.decide(new NodeRequest.UpdatePodSandbox("sb1", Map.of(), LinuxResources.NONE, to))) {
            case Verdict.Refuse(Refusal refusal) -> refusal;
            case Verdict.Proceed proceed -> BrainFixture.complete(proceed, "sb1");
        };
    }

    private ResizeAnswer shrinkByApi(String memory) {
        ResourceList amounts = ResourceList.of("1500m", memory);
        return node.brain.resize(new ResizeRequest(
                "default", "s", Optional.of(new ResourceRequirements(amounts, amounts)), new TreeMap<>(), 0, false));
    }

    @Test
    void pageCacheIsReclaimedFirst() {
        use(GI, 2 * GI);

        assertThat(shrinkByCri(2 * GI)).isNull();

        assertThat(squeezed).first().isEqualTo("high " + (2 * GI - (64 << 10)));
        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(2 * GI));
        assertThat(node.files.get(POD.value(), "memory.high")).isEqualTo("max");
        assertThat(node.store.saved.pod("uid-s").orElseThrow().inProgress()).isEmpty();
    }

    @Test
    void theNodeApiReclaimsToo() {
        use(GI, 2 * GI);
        node.files.set(POD, "memory.reclaim", "");

        assertThat(shrinkByApi("2Gi")).isInstanceOf(ResizeAnswer.Done.class);

        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(2 * GI));
        assertThat(node.files.get(POD.value(), "memory.high")).isEqualTo("max");
    }

    @Test
    void whatCannotBeReclaimedIsRefusedWithTheNumbers() {
        use(3 * GI, 0);
        node.files.set(POD, "memory.reclaim", "");

        assertThat(shrinkByCri(2 * GI))
                .isNotNull()
                .extracting(Refusal::text)
                .isEqualTo("Deferred: cannot decrease memory limits: attempting to set pod memory limit (2147483648)"
                        + " below current usage (3221225472)");

        assertThat(squeezed).contains("reclaim");
        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(4 * GI));
        assertThat(node.files.get(POD.value(), "memory.high")).isEqualTo("max");
        assertThat(node.store.saved.pod("uid-s").orElseThrow().pending()).isPresent();
    }

    @Test
    void whatTheNodeApiCannotHaveIsTriedAgainWithoutReclaiming() {
        use(3 * GI, 0);

        assertThat(shrinkByApi("2Gi")).isInstanceOf(ResizeAnswer.Deferred.class);
        squeezed.clear();
        node.brain.sweep();
        assertThat(squeezed).isEmpty();
        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(4 * GI));

        use(GI, 0);
        node.brain.sweep();
        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(2 * GI));
        assertThat(node.store.saved.pod("uid-s").orElseThrow().pending()).isEmpty();
    }

    @Test
    void aRuntimeThatFailsLeavesNothingLowered() {
        use(GI, 2 * GI);

        Verdict.Proceed proceed = (Verdict.Proceed) node.decide(new NodeRequest.UpdatePodSandbox(
                "sb1", Map.of(), LinuxResources.NONE, LinuxResources.NONE.withMemoryLimit(2 * GI)));
        assertThat(node.files.get(POD.value(), "memory.high")).isNotEqualTo("max");
        assertThat(node.decide(new NodeRequest.UpdatePodSandbox(
                        "sb1", Map.of(), LinuxResources.NONE, LinuxResources.NONE.withMemoryLimit(3 * GI))))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().message())
                                .startsWith("pod default/s: another resize is under way: memory is being reclaimed"));
        assertThat(shrinkByApi("3Gi")).isInstanceOf(ResizeAnswer.Deferred.class);
        proceed.completion().failed();

        assertThat(node.files.get(POD.value(), "memory.high")).isEqualTo("max");
        assertThat(node.files.get(POD.value(), "memory.max")).isEqualTo(Long.toString(4 * GI));
    }

    @Test
    void whoDiesInBetweenPutsItBackAtTheNextStart() {
        use(GI, 2 * GI);
        var _ = node.decide(new NodeRequest.UpdatePodSandbox(
                "sb1", Map.of(), LinuxResources.NONE, LinuxResources.NONE.withMemoryLimit(2 * GI)));
        assertThat(node.files.get(POD.value(), "memory.high")).isNotEqualTo("max");

        node.start();

        assertThat(node.files.get(POD.value(), "memory.high")).isEqualTo("max");
        assertThat(node.store.saved.pod("uid-s").orElseThrow().inProgress()).isEmpty();
        assertThat(shrinkByCri(2 * GI)).isNull();
    }

    @Test
    void aContainersUpdateIsHeldToTheSame() {
        CgroupPath b = POD.child(idOf("sb1", "b"));
        node.files.set(b, "memory.current", Long.toString(900L << 20));
        LinuxResources to = LinuxResources.NONE
                .withCpuShares(512)
                .withCpuQuota(50_000, 100_000)
                .withMemoryLimit(512L << 20);

        assertThat(node.decide(new NodeRequest.UpdateContainer(idOf("sb1", "b"), Map.of(), to)))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refuse -> assertThat(refuse.refusal().message())
                                .contains(
                                        "attempting to set container \"b\" memory limit (536870912) below current usage"));
        assertThat(node.files.get(b.value(), "memory.high")).isEqualTo("max");

        node.files.set(b, "memory.current", Long.toString(100L << 20));
        assertThat(node.decide(new NodeRequest.UpdateContainer(idOf("sb1", "b"), Map.of(), to)))
                .isInstanceOf(Verdict.Proceed.class);
    }
}
