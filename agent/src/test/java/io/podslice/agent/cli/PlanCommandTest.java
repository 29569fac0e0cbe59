package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.machine.MachineFile;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {
    private static final String DATABASE = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: db
              uid: 1-2
            spec:
              resources:
                limits: {cpu: 8, memory: 16Gi, hugepages-2Mi: 4Mi}
                requests: {cpu: 8, memory: 16Gi}
              initContainers:
              - name: exporter
                restartPolicy: Always
              containers:
              - name: main
                resources:
                  limits: {cpu: 6, memory: 12Gi}
              ephemeralContainers:
              - name: debug
            """;

    @TempDir
    Path folder;

    private Path machine = Path.of("");

    @BeforeEach
    void aMachine() throws IOException {
        machine = write(
                "m.json",
                MachineFile.text(Machine.regular(2, 1, 8, 2, 64L << 30).withHugepages(0, 2 << 20, 512)));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private CommandLineRun plan(String... args) {
        List<String> line = new ArrayList<>(List.of("plan", "--machine", machine.toString()));
        line.addAll(List.of(args));
        return CommandLineRun.of(line.toArray(String[]::new));
    }

    private CommandLineRun planFile(String manifest, String... more) throws IOException {
        List<String> args =
                new ArrayList<>(List.of("--pod", write("pod.yaml", manifest).toString()));
        args.addAll(List.of(more));
        return plan(args.toArray(String[]::new));
    }

    private static JsonNode json(CommandLineRun run) {
        assertThat(run.err()).isEmpty();
        return JsonMapper.shared().readTree(run.out());
    }

    @Test
    void jsonHasTheShapeThatProgramsRelyOn() throws IOException {
        JsonNode plan = json(planFile(DATABASE, "-o", "json"));
        assertThat(plan.propertyNames()).containsExactly("machine", "pods", "nodeSharedPool");
        assertThat(plan.get("nodeSharedPool").asString()).isEqualTo("4-15,20-31");
        assertThat(MachineFile.text(Machine.regular(2, 1, 8, 2, 64L << 30).withHugepages(0, 2 << 20, 512)))
                .satisfies(text -> assertThat(plan.get("machine"))
                        .isEqualTo(JsonMapper.shared().readTree(text)));
        JsonNode pod = plan.get("pods").get(0);
        assertThat(pod.propertyNames())
                .containsExactly(
                        "name",
                        "namespace",
                        "admitted",
                        "reason",
                        "message",
                        "numaNodes",
                        "cpus",
                        "mems",
                        "sharedPool",
                        "containers",
                        "cgroup");
        assertThat(pod.get("admitted").asBoolean()).isTrue();
        assertThat(pod.get("numaNodes").toString()).isEqualTo("[0]");
        assertThat(pod.get("cpus").asString()).isEqualTo("0-3,16-19");
        assertThat(pod.get("mems").asString()).isEqualTo("0");
        assertThat(pod.get("sharedPool").asString()).isEqualTo("3,19");
        assertThat(pod.get("containers").toString())
                .isEqualTo("[{\"name\":\"exporter\",\"kind\":\"sidecar\",\"isolation\":\"pod\",\"cpus\":\"3,19\","
                        + "\"mems\":\"0\",\"cfsQuota\":800000,\"oomScoreAdj\":-997},"
                        + "{\"name\":\"main\",\"kind\":\"app\",\"isolation\":\"container\",\"cpus\":\"0-2,16-18\","
                        + "\"mems\":\"0\",\"cfsQuota\":-1,\"oomScoreAdj\":-997},"
                        + "{\"name\":\"debug\",\"kind\":\"ephemeral\",\"isolation\":\"host\",\"cpus\":\"4-15,20-31\","
                        + "\"mems\":\"\",\"cfsQuota\":0,\"oomScoreAdj\":-997}]");
        assertThat(pod.get("cgroup").toString())
                .startsWith("{\"path\":\"/kubepods/pod1-2\",\"cpu.max\":\"800000 100000\",\"cpu.weight\":\"313\","
                        + "\"memory.max\":\"17179869184\",\"hugetlb.2MB.max\":\"4194304\",\"names\":{\"cgroupfs\":\"/kubepods/pod1-2\","
                        + "\"systemd\":\"/kubepods.slice/kubepods-pod1_2.slice\"},\"containers\":{\"exporter\":{"
                        + "\"cpuset.cpus\":\"3,19\",\"cpuset.mems\":\"0\",\"cpu.max\":\"800000 100000\"");
    }

    @Test
    void memoryProtectionIsShownAtEveryLevel() throws IOException {
        Path config = write("c.yaml", """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                memoryReservationPolicy: TieredReservation
                memoryThrottlingFactor: 0.9
                """);
        Path burstable = write("burstable.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: b, uid: 3-3}
                spec:
                  priorityClassName: system-node-critical
                  containers:
                  - name: app
                    resources: {requests: {memory: 256Mi}, limits: {memory: 512Mi}}
                """);

        JsonNode plan =
                json(planFile(DATABASE, "--pod", burstable.toString(), "--config", config.toString(), "-o", "json"));

        assertThat(plan.get("kubepods").toString())
                .isEqualTo("{\"path\":\"/kubepods\",\"memory.min\":\"17448304640\",\"memory.low\":\"268435456\"}");
        JsonNode guaranteed = plan.get("pods").get(0).get("cgroup");
        assertThat(guaranteed.get("memory.min").asString()).isEqualTo("17179869184");
        assertThat(guaranteed.get("containers").get("main").get("memory.min").asString())
                .isEqualTo("12884901888");
        assertThat(guaranteed.get("containers").get("debug").has("memory.high")).isFalse();
        JsonNode cgroup = plan.get("pods").get(1).get("cgroup");
        assertThat(cgroup.get("memory.low").asString()).isEqualTo("268435456");
        assertThat(cgroup.get("parent").get("memory.low").asString()).isEqualTo("268435456");
        assertThat(cgroup.get("containers").get("app").get("memory.high").asString())
                .isEqualTo("510025728");
        assertThat(plan.get("pods")
                        .get(1)
                        .get("containers")
                        .get(0)
                        .get("oomScoreAdj")
                        .asInt())
                .isEqualTo(-997);
        assertThat(planFile(DATABASE, "--pod", burstable.toString(), "--config", config.toString())
                        .out())
                .contains("memory.min", "memory.low", "memory.high", "486.4Mi")
                .contains("/kubepods         memory.min 16.3Gi, memory.low 256Mi");
        assertThat(planFile(DATABASE).out()).doesNotContain("memory.min");
    }

    @Test
    void podsComeInOrderAndARefusedOneLeavesNothingBehind() throws IOException {
        Path big = write(
                "big.yaml",
                DATABASE.replace("name: db\n  uid: 1-2", "generateName: db-").replace("cpu: 8", "cpu: 12"));
        Path small = write(
                "small.yaml",
                DATABASE.replace("1-2", "2-2")
                        .replace("hugepages-2Mi: 4Mi", "example.com/a: 1")
                        .replace(", example.com/a: 1", ""));
        Path config = write("c.yaml", """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                topologyManagerPolicy: single-numa-node
                """);
        String[] args = {
            "--config", config.toString(), "--pod", big.toString(), "--pod", big.toString(), "--pod", small.toString()
        };
        CommandLineRun run = plan(args);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("default/db-1: admitted", "default/db-2: refused", "default/db: admitted")
                .contains("  TopologyAffinityError: Pod Scope pod with pod-level resources failed admission under")
                .contains(
                        "  topologyManagerPolicy single-numa-node; asked 12 CPUs; free by NUMA node: 0 has 4 (6-7,22-23), 1 has 16 (8-15,24-31)")
                .endsWith("2 of 3 pods admitted\n");
        List<String> json = new ArrayList<>(List.of(args));
        json.addAll(List.of("-o", "json"));
        CommandLineRun forPrograms = plan(json.toArray(String[]::new));
        assertThat(forPrograms.status()).isEqualTo(1);
        JsonNode refused = json(forPrograms).get("pods").get(1);
        assertThat(refused.get("admitted").asBoolean()).isFalse();
        assertThat(refused.get("reason").asString()).isEqualTo("TopologyAffinityError");
        assertThat(refused.get("message").asString())
                .contains("topology manager\ntopologyManagerPolicy single-numa-node; asked 12 CPUs");
        assertThat(refused.get("cpus").asString()).isEmpty();
        assertThat(refused.get("containers").isEmpty()).isTrue();
    }

    @Test
    void readsStandardInput() throws IOException {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(DATABASE.getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(plan("--pod", "-").out()).contains("default/db: admitted");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void saysWhatTheClassesOfPodsAreKeptTo() throws IOException {
        String burstable =
                "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: c, resources:"
                        + " {requests: {cpu: 1}}}]}\n";
        String bestEffort = burstable.replace("name: b", "name: e").replace("requests: {cpu: 1}", "");
        JsonNode pods =
                json(planFile(DATABASE + burstable + bestEffort, "-o", "json")).get("pods");
        assertThat(pods.get(1).get("cgroup").get("parent").toString())
                .isEqualTo("{\"path\":\"/kubepods/burstable\",\"cpuset.cpus\":\"4-15,20-31\",\"cpu.weight\":\"39\"}");
        assertThat(pods.get(2).get("cgroup").get("parent").toString())
                .isEqualTo("{\"path\":\"/kubepods/besteffort\",\"cpuset.cpus\":\"4-15,20-31\",\"cpu.weight\":\"1\"}");
        JsonNode alone = json(planFile(burstable, "-o", "json")).get("pods").get(0);
        assertThat(alone.get("cgroup").get("parent").has("cpuset.cpus")).isFalse();
    }

    @Test
    void whereAClassHoldsAPodWithCpusOfItsOwnItsPodsAreKeptOneByOne() throws IOException {
        String burstable = """
                apiVersion: v1
                kind: Pod
                metadata: {name: NAME, annotations: {podslice.io/exclusive.c: "KNOB"}}
                spec: {containers: [{name: c, resources: {requests: {cpu: 2}}}]}
                ---
                """;
        JsonNode pods = json(planFile(
                        burstable.replace("NAME", "own").replace("KNOB", "true")
                                + burstable.replace("NAME", "shares").replace("KNOB", "false"),
                        "-o",
                        "json"))
                .get("pods");
        assertThat(pods.get(0).get("cpus").asString()).isEqualTo("0,16");
        assertThat(pods.get(0).get("cgroup").has("cpuset.cpus")).isFalse();
        assertThat(pods.get(0).get("cgroup").get("cpu.max").asString()).isEqualTo("max 100000");
        assertThat(pods.get(1).get("cgroup").get("cpuset.cpus").asString()).isEqualTo("1-15,17-31");
        assertThat(pods.get(1).get("cgroup").get("parent").has("cpuset.cpus")).isFalse();
    }

    @Test
    void nobodyGetsOfflineIsolatedOrReservedCpus() throws IOException {
        machine = write(
                "m.json",
                MachineFile.text(Machine.regular(1, 1, 8, 1, 64L << 30)
                        .withOffline(CpuSet.parse("0-1"))
                        .withIsolated(CpuSet.parse("2-3"))));
        Path config = write(
                "c.yaml", "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\nreservedSystemCPUs: \"4\"\n");
        String manifest =
                DATABASE.replace("cpu: 8", "cpu: 3").replace("cpu: 6", "cpu: 2").replace(", hugepages-2Mi: 4Mi", "");
        CommandLineRun run = planFile(manifest, "--config", config.toString(), "-o", "json");
        assertThat(json(run).get("pods").get(0).get("cpus").asString()).isEqualTo("5-7");
        assertThat(json(run).get("nodeSharedPool").asString()).isEqualTo("4");
    }

    @Test
    void plansOnABigMachineWithManyL3Caches() throws IOException {
        Machine plain = Machine.regular(2, 8, 16, 2, 64L << 30);
        List<Cpu> cpus = new ArrayList<>();
        plain.cpus()
                .forEach(cpu ->
                        cpus.add(new Cpu(cpu.id(), cpu.core(), cpu.socket(), cpu.numaNode(), cpu.core() / 8 * 8)));
        machine = write(
                "m.json",
                MachineFile.text(new Machine(
                        cpus, plain.memory(), new TreeMap<>(), plain.distances(), CpuSet.empty(), CpuSet.empty())));
        CommandLineRun run =
                planFile(DATABASE.replace("cpu: 8", "cpu: 100").replace(", hugepages-2Mi: 4Mi", ""), "--explain");
        assertThat(run.status()).isZero();
        assertThat(run.out())
                // The memory would fit on one node, so no set of four is preferred by every resource, as in the
                // kubelet.
                .contains("  hint              NUMA nodes 0-3, not preferred\n")
                .contains("    asked cpu 100; on an empty machine 4 nodes could do\n")
                .contains("    NUMA node 0         lost    cpu: 32 of 100 free\n")
                .contains("    any 2 NUMA nodes    lost    cpu: at most 64 of 100 free\n")
                .contains(
                        "    NUMA nodes 0-3      chosen  not preferred: memory would fit on 1 NUMA node of an empty machine\n")
                .contains("    and 1804 more sets of NUMA nodes, none of them better\n");
    }

    @Test
    void withoutMemoryInTheMachineFileMemoryIsNotPlaced() throws IOException {
        machine = write("m.json", "{\"cpus\": [[0,0,0,0,0], [1,1,0,0,0], [2,2,0,0,0]]}");
        String manifest =
                DATABASE.replace("cpu: 8", "cpu: 2").replace("cpu: 6", "cpu: 1").replace(", hugepages-2Mi: 4Mi", "");
        CommandLineRun run = planFile(manifest, "-o", "json");
        assertThat(json(run).get("pods").get(0).get("admitted").asBoolean()).isTrue();
        assertThat(json(run).get("pods").get(0).get("mems").asString()).isEmpty();
    }

    @Test
    void explainsWhyContainersHaveNoCpusOfTheirOwn() throws IOException {
        CommandLineRun fraction = planFile(DATABASE.replace("cpu: 8", "cpu: 8500m"), "--explain");
        assertThat(fraction.out())
                .contains("    main      guaranteed, with whole CPUs\n")
                .contains("    exporter  requests no CPU\n")
                .contains("    debug     an ephemeral container shares\n")
                .contains("  main      app        container  ");
        Path config = write(
                "c.yaml", "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\ncpuManagerPolicy: none\n");
        assertThat(planFile(DATABASE, "--explain", "--config", config.toString())
                        .out())
                .contains("    main      cpuManagerPolicy none gives no container exclusive CPUs\n");
        JsonNode explain = json(planFile(DATABASE, "--explain", "-o", "json"))
                .get("pods")
                .get(0)
                .get("explain");
        assertThat(explain.get("containers").get("main").asString()).isEqualTo("guaranteed, with whole CPUs");
        assertThat(explain.get("hints").get(0).get("affinity").toString()).isEqualTo("[0]");
        assertThat(explain.get("hints")
                        .get(0)
                        .get("candidates")
                        .get(1)
                        .get("why")
                        .asString())
                .isEqualTo("hugepages-2Mi: 0 of 4Mi free");
    }

    @Test
    void saysWhatWouldHaveToMoveForARefusedPodToFit() throws IOException {
        String pod = DATABASE.replace("name: db\n  uid: 1-2", "generateName: p-")
                .replace(", hugepages-2Mi: 4Mi", "")
                .replace("cpu: 6", "cpu: 1");
        Path config = write(
                "c.yaml",
                "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\ntopologyManagerPolicy: restricted\n");
        StringBuilder manifest = new StringBuilder();
        // NUMA node 0 gets 8 and 4 of its 16 CPUs, node 1 gets 12: 4 are left on each.
        for (int cpus : new int[] {8, 12, 4, 6}) {
            manifest.append("---\n").append(pod.replace("cpu: 8", "cpu: " + cpus));
        }
        CommandLineRun run = planFile(manifest.toString(), "--config", config.toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("default/p-4: refused")
                .contains("; it would fit if pod default/p-3 had CPUs 14-15,30-31 instead of 4-5,20-21\n");
    }

    @Test
    void notesGoToStandardError() throws IOException {
        CommandLineRun run = planFile(DATABASE + "  wobble: 1\n");
        assertThat(run.status()).isZero();
        assertThat(run.err())
                .isEqualTo("note: " + folder + "/pod.yaml:19:3: spec.wobble: is not a known field, and is ignored\n");
    }

    @Test
    void whatCannotBeUsedIsToldAndNothingIsPlanned() throws IOException {
        Path pod = write("pod.yaml", DATABASE);
        assertThat(plan("--pod", pod.toString(), "--pod", pod.toString()))
                .isEqualTo(new CommandLineRun(
                        2,
                        "",
                        pod + ":1: pods \"db\" already exists, from " + pod
                                + ":1; with generateName in place of name one manifest makes many\n"));
        Path renamed = write("renamed.yaml", DATABASE.replace("name: db", "name: db2"));
        assertThat(plan("--pod", pod.toString(), "--pod", renamed.toString()).err())
                .isEqualTo(renamed + ":1: metadata.uid \"1-2\": is that of the pod from " + pod + ":1\n");
        assertThat(plan("--pod", folder + "/none.yaml"))
                .isEqualTo(new CommandLineRun(2, "", folder + "/none.yaml: no such file\n"));
        assertThat(plan("--pod", folder.toString()).err()).isEqualTo(folder + ": is a directory, not a manifest\n");
        assertThat(planFile("").err()).isEqualTo(pod + ": holds no pod\n");
        Path config = write(
                "c.yaml",
                "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\nreservedSystemCPUs: \"0,77\"\n");
        CommandLineRun unfit = planFile(DATABASE, "--config", config.toString());
        assertThat(unfit.status()).isEqualTo(2);
        assertThat(unfit.err())
                .isEqualTo(config
                        + ": reservedSystemCPUs \"0,77\": reserved-cpus: 0,77 is not a subset of online-cpus: 0-31\n");
        write(
                "c.yaml",
                "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\ntopologyManagerPolicy: none-such\n");
        assertThat(planFile(DATABASE, "--config", config.toString()).err())
                .startsWith(config + ":3:24: topologyManagerPolicy: \"none-such\": must be one of");
        CommandLineRun unasked = plan();
        assertThat(unasked.status()).isEqualTo(2);
        assertThat(unasked.err()).startsWith("Missing required option: '--pod=FILE'");
    }
}
