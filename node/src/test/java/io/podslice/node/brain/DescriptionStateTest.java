package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SpecSource;
import io.podslice.node.state.Description;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import io.podslice.node.state.StateChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state file and the journal keep pods' descriptions, and those of before, which have none, are read. */
final class DescriptionStateTest {
    private static final String SPEC =
            "{'containers':[{'name':'a','kind':'sidecar','resources':{'requests':{'cpu':'1'}},"
                    + "'resizePolicy':[{'resourceName':'memory','restartPolicy':'RestartContainer'}]},{'name':'b'}]}";

    @TempDir
    private Path folder;

    private final BrainFixture node = new BrainFixture();
    private final PodSandboxRequest request = node.pod("p", "/kubepods/burstable/podp", BrainFixture.spec(SPEC));

    private FileStateStore store() {
        return new FileStateStore(new FolderDisk(folder), node.clock, "boot");
    }

    private PodState annotated() {
        assertThat(node.run(request, "sb")).isNull();
        return node.store.saved.pod("uid-p").orElseThrow();
    }

    private Description described(long generation) {
        return Description.of(FakeSpecs.of(request, FakeSpecs.specOf(SPEC), generation));
    }

    private NodeState loaded() {
        return store().load().state();
    }

    @Test
    void theFileKeepsADescription() {
        NodeState state = NodeState.of(List.of(annotated().with(described(3))));
        FileStateStore store = store();
        store.load();
        store.checkpoint(state);

        assertThat(loaded()).isEqualTo(state);
        assertThat(loaded().pod("uid-p").orElseThrow().description().generation())
                .isEqualTo(3);
    }

    @Test
    void theJournalKeepsAChangeOfOne() {
        PodState before = annotated();
        FileStateStore store = store();
        store.load();
        store.checkpoint(NodeState.of(List.of(before)));
        NodeState was = NodeState.of(List.of(before));
        for (Description description : List.of(described(1), described(2), Description.ANNOTATION)) {
            NodeState next = NodeState.of(List.of(before.with(description)));
            store.record("it", StateChange.between(was, next));
            was = next;
            assertThat(loaded()).isEqualTo(next);
        }
    }

    @Test
    void aFileOfBeforeTellsByTheAnnotations() throws IOException {
        PodState inferred = new PodState(
                new PodIdentity("uid-q", "default", "q", new CgroupPath("/kubepods/podq"), false, Map.of()),
                annotated().allocation().withSpec(Optional.empty()),
                annotated().life(),
                List.of(),
                Resizing.NONE);
        NodeState state = NodeState.of(List.of(annotated(), inferred));
        FileStateStore store = store();
        store.load();
        store.checkpoint(state);
        assertThat(Files.readString(folder.resolve("state.json"))).doesNotContain("description");

        assertThat(loaded()).isEqualTo(state);
        assertThat(loaded().pod("uid-p").orElseThrow().description().source()).isEqualTo(SpecSource.ANNOTATION);
        assertThat(loaded().pod("uid-q").orElseThrow().description().source()).isEqualTo(SpecSource.CRI);
    }
}
