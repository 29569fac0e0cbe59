package io.podslice.integration.crash;

import io.podslice.managers.pod.LinuxResources;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random life of a node: pods start, are resized and end. The seed alone decides the events. */
final class Script {
    private static final long GI = 1L << 30;

    private final Random random;
    private final List<Deed> deeds = new ArrayList<>();
    private final List<String> pods = new ArrayList<>();
    private int made;

    private Script(long seed) {
        this.random = new Random(seed);
    }

    static List<Deed> of(long seed) {
        Script script = new Script(seed);
        int scenes = 4 + script.random.nextInt(4);
        for (int i = 0; i < scenes; i++) {
            script.scene();
        }
        return List.copyOf(script.deeds);
    }

    /** Returns the life of that seed with events in between at which systemd writes attributes of its own accord. */
    static List<Deed> disturbed(long seed) {
        Random random = new Random(~seed);
        List<Deed> deeds = new ArrayList<>();
        for (Deed deed : of(seed)) {
            deeds.add(deed);
            if (random.nextInt(4) == 0) {
                Deed.Disturbance[] all = Deed.Disturbance.values();
                deeds.add(new Deed.Disturb(all[random.nextInt(all.length)]));
            }
        }
        return List.copyOf(deeds);
    }

    private void scene() {
        if (pods.isEmpty() || random.nextInt(3) == 0) {
            arrive();
            return;
        }
        String pod = pods.get(random.nextInt(pods.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> deeds.add(new Deed.Resize(pod, budget()));
            case 2, 3 ->
                deeds.add(
                        new Deed.ResizeSpec(pod, 3 + random.nextInt(12), 4 + random.nextInt(8), 1 + random.nextInt(4)));
            case 4 -> deeds.add(new Deed.End(pod, "b"));
            case 5 -> deeds.add(new Deed.Sweep(pod));
            default -> {
                deeds.add(new Deed.Stop(pod));
                deeds.add(new Deed.Remove(pod));
                pods.remove(pod);
            }
        }
    }

    private void arrive() {
        String pod = "p" + made++;
        String parent = switch (random.nextInt(4)) {
            case 0 -> "/kubepods/burstable/pod" + pod;
            case 1 -> "/elsewhere/" + pod;
            default -> "/kubepods/pod" + pod;
        };
        deeds.add(new Deed.Admit(pod, spec(), parent));
        if (random.nextInt(8) == 0) {
            deeds.add(new Deed.NotStarted(pod));
            return;
        }
        deeds.add(new Deed.Started(pod));
        pods.add(pod);
        for (String container : List.of("a", "b", "c")) {
            deeds.add(new Deed.Create(pod, container));
            deeds.add(random.nextInt(8) == 0 ? new Deed.NotCreated(pod, container) : new Deed.Created(pod, container));
        }
    }

    /**
     * Returns a random spec: with a budget of the pod or without; one or two exclusive slices, and a container that
     * shares.
     */
    private String spec() {
        int a = 1 + random.nextInt(3);
        int b = random.nextInt(3);
        String own = amounts(a + b + 1 + random.nextInt(2), 8);
        String whole = random.nextInt(4) > 0 ? "\"resources\":{\"requests\":" + own + ",\"limits\":" + own + "}," : "";
        return "{" + whole + "\"containers\":[" + container("a", a) + "," + container("b", b) + ",{\"name\":\"c\"}]}";
    }

    private static String container(String name, int cpus) {
        return cpus == 0
                ? "{\"name\":\"" + name + "\"}"
                : "{\"name\":\"" + name + "\",\"resources\":{\"requests\":" + amounts(cpus, 1) + ",\"limits\":"
                        + amounts(cpus, 1) + "}}";
    }

    private static String amounts(int cpus, int gi) {
        return "{\"cpu\":\"" + cpus + "\",\"memory\":\"" + gi + "Gi\"}";
    }

    private LinuxResources budget() {
        long milli = 1000L * (2 + random.nextInt(8));
        return LinuxResources.NONE
                .withCpuShares(milli * 1024 / 1000)
                .withCpuQuota(milli * 100, 100_000)
                .withMemoryLimit((4 + random.nextInt(8)) * GI);
    }
}
