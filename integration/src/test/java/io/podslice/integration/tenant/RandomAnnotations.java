package io.podslice.integration.tenant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random annotations for podslice, as a tenant may write them: specs of every shape, some of them well-formed and most
 * nearly so, all knobs, odd names and amounts, and sizes up to 256 KiB, which is what the API server takes.
 */
final class RandomAnnotations {
    private static final String PREFIX = "podslice.io/";
    private static final int LARGEST = 256 * 1024;
    private static final String[] NAMES = {
        "a",
        "b",
        "c",
        "db",
        "app",
        "log",
        "a-b",
        "x".repeat(63),
        "x".repeat(64),
        "A",
        "a_b",
        "-a",
        "a.b",
        "",
        " a",
        "\u00e9"
    };
    private static final String[] KINDS = {"app", "app", "app", "init", "sidecar", "ephemeral", "App", "job", ""};
    private static final String[] RESOURCES = {
        "cpu",
        "memory",
        "cpu",
        "memory",
        "hugepages-2Mi",
        "hugepages-1Gi",
        "hugepages-",
        "hugepages-3Ki",
        "ephemeral-storage",
        "example.com/fpga",
        "CPU",
        "cpu ",
        ""
    };
    private static final String[] DEVICES = {
        "/dev/null",
        "/dev/dri/card1",
        "/dev/../etc/shadow",
        "/dev//x",
        "/etc/shadow",
        "0000:3b:00.0",
        "3b:00.0",
        "",
        " /dev/x ",
        "/dev/\u0000",
        "/dev/" + "x".repeat(300)
    };

    private final Random random;
    private final RandomQuantity quantity;
    private final List<String> containers = new ArrayList<>();

    private RandomAnnotations(Random random) {
        this.random = random;
        this.quantity = new RandomQuantity(random);
    }

    /** Returns annotations that only that random source determines. */
    static Map<String, String> of(Random random) {
        return new RandomAnnotations(random).annotations();
    }

    private boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    private String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    private Map<String, String> annotations() {
        Map<String, String> annotations = new HashMap<>();
        if (!oneIn(8)) {
            String spec = spec();
            annotations.put(PREFIX + "pod-spec", oneIn(6) ? RandomText.damaged(random, spec) : spec);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            knob(annotations);
        }
        if (oneIn(40)) {
            annotations.put(
                    PREFIX + RandomText.of(random, random.nextInt(20)), RandomText.of(random, random.nextInt(20)));
        }
        if (oneIn(300)) {
            annotations.put(PREFIX + pick("pod-spec", "devices.a", "exclusive.a", "x"), big());
        }
        annotations.put("example.com/other", RandomText.of(random, random.nextInt(30)));
        return annotations;
    }

    private void knob(Map<String, String> annotations) {
        String container =
                containers.isEmpty() || oneIn(8) ? pick(NAMES) : containers.get(random.nextInt(containers.size()));
        if (oneIn(3)) {
            annotations.put(PREFIX + "devices." + container, devices());
        } else {
            annotations.put(
                    PREFIX + (oneIn(30) ? "exlusive." : "exclusive.") + container,
                    oneIn(12) ? pick("TRUE", "1", "", " true", "\u0000") : pick("true", "false"));
        }
    }

    private String devices() {
        StringBuilder devices = new StringBuilder(pick(DEVICES));
        for (int i = oneIn(40) ? 100 : random.nextInt(3); i > 0; i--) {
            devices.append(',').append(pick(DEVICES));
        }
        return devices.toString();
    }

    private String big() {
        int size = random.nextInt(LARGEST);
        return switch (random.nextInt(5)) {
            case 0 -> "[".repeat(size);
            case 1 -> "{\"containers\":[" + "{\"name\":\"a\"},".repeat(size / 13) + "{}]}";
            case 2 -> "{\"resources\":{\"limits\":{\"cpu\":\"" + "9".repeat(size) + "\"}}}";
            case 3 -> "{\"containers\":[{\"name\":\"" + "\\u202e".repeat(size / 6) + "\"}]}";
            default -> RandomText.of(random, size);
        };
    }

    private String spec() {
        StringBuilder json = new StringBuilder("{");
        if (!oneIn(3)) {
            json.append("\"resources\":").append(resources(true)).append(',');
        }
        if (oneIn(60)) {
            json.append(string(oneIn(2) ? "container" : RandomText.of(random, 5)))
                    .append(":1,");
        }
        json.append("\"containers\":[");
        int count = oneIn(60) ? 130 : 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            json.append(i == 0 ? "" : ",").append(container(i));
        }
        return json.append("]}").toString();
    }

    private String container(int index) {
        String name = oneIn(15) ? pick(NAMES) : "c" + index;
        containers.add(name);
        StringBuilder json = new StringBuilder("{\"name\":").append(string(name));
        if (oneIn(3)) {
            json.append(",\"kind\":").append(string(oneIn(4) ? pick(KINDS) : pick("app", "sidecar", "init")));
        }
        if (!oneIn(3)) {
            json.append(",\"resources\":").append(resources(false));
        }
        if (oneIn(12)) {
            json.append(",\"resizePolicy\":[{\"resourceName\":")
                    .append(string(pick("cpu", "memory", "disk")))
                    .append(",\"restartPolicy\":")
                    .append(string(pick("NotRequired", "RestartContainer", "Never")))
                    .append("}]");
        }
        if (oneIn(100)) {
            json.append(",\"name\":\"twice\"");
        }
        return json.append('}').toString();
    }

    /** Returns requests and limits; half of them as those of a Guaranteed pod, which may have CPUs of its own. */
    private String resources(boolean ofPod) {
        if (random.nextBoolean()) {
            String amounts = "{\"cpu\":\"" + (1 + random.nextInt(ofPod ? 8 : 3)) + "\",\"memory\":\""
                    + (1 + random.nextInt(ofPod ? 4 : 1)) + "Gi\"}";
            return "{\"requests\":" + amounts + ",\"limits\":" + amounts + "}";
        }
        StringBuilder json = new StringBuilder("{\"").append(oneIn(30) ? "claims\":[{\"name\":\"x\"}],\"" : "");
        return json.append("requests\":")
                .append(amounts())
                .append(",\"limits\":")
                .append(amounts())
                .append('}')
                .toString();
    }

    private String amounts() {
        StringBuilder json = new StringBuilder("{");
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = oneIn(6) ? pick(RESOURCES) : pick("cpu", "memory");
            json.append(json.length() == 1 ? "" : ",")
                    .append(string(name))
                    .append(':')
                    .append(amount());
        }
        return json.append('}').toString();
    }

    private String amount() {
        return switch (random.nextInt(12)) {
            case 0 -> string(quantity.any());
            case 1 -> pick("1", "0", "-1", "1.5", "1e400", "1E-400", "123456789012345678901234567890", "00", "+1");
            case 2 -> oneIn(5) ? pick("null", "true", "[]", "{}", "[[[[1]]]]", "{\"cpu\":{}}") : "2";
            default -> string(quantity.usual());
        };
    }

    /** Returns a JSON string, half of the odd characters in it escaped. */
    private String string(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean escapes = c == '"' || c == '\\' || c < ' ' || (c > '~' && random.nextBoolean());
            json.append(escapes ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return json.append('"').toString();
    }
}
