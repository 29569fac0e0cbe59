package io.podslice.node.state;

import io.podslice.node.state.StateFile.Container;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pod's change as the journal has it: those of its fields in the state file that are others than before, and of its
 * containers those that are new, have changed or have gone. So the journal's growth is that of what happens, however much
 * a pod's annotations say.
 */
final class PodDifference {
    private static final String UID = "uid";
    private static final String CONTAINERS = "containers";
    /** Containers that are new or have changed. */
    private static final String PUT = "containersPut";
    /** Serials of containers that have gone. */
    private static final String REMOVED = "containersRemoved";

    private PodDifference() {}

    /**
     * Returns the difference, as the fields of a JSON object and the forms that are their values; empty where only the
     * whole pod can be written, since it has become another one.
     */
    static Optional<Map<String, @Nullable Object>> between(PodState before, PodState after) {
        if (!before.identity().equals(after.identity())) {
            return Optional.empty();
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put(UID, after.uid());
        if (!before.spec().equals(after.spec())) {
            json.put("spec", after.spec().map(SpecForm::of).orElse(null));
        }
        if (!before.budget().equals(after.budget())) {
            json.put("budget", BudgetForm.of(after.budget()));
        }
        if (!before.placement().equals(after.placement())) {
            json.put("placement", StateFile.placed(after.placement()));
        }
        if (!before.life().equals(after.life())) {
            json.put("phase", after.phase().name());
            json.put("serial", after.life().serial());
            json.put("sandboxId", after.sandboxId());
            json.put("since", after.since().toString());
        }
        if (!before.resizing().equals(after.resizing())) {
            json.put("resize", ResizeForm.of(after.resizing()));
        }
        if (!before.description().equals(after.description())) {
            json.put(StateFile.DESCRIPTION, DescriptionForm.of(after.description()));
        }
        if (!before.containers().equals(after.containers())) {
            containers(StateFile.containers(before), StateFile.containers(after), json);
        }
        return Optional.of(json);
    }

    private static void containers(List<Container> before, List<Container> after, Map<String, @Nullable Object> json) {
        if (before.equals(after)) {
            return;
        }
        Map<Long, Container> known = bySerial(before);
        Map<Long, Container> present = bySerial(after);
        List<Container> put = after.stream()
                .filter(container -> !container.equals(known.get(container.serial())))
                .toList();
        List<Long> removed = before.stream()
                .map(Container::serial)
                .filter(serial -> !present.containsKey(serial))
                .toList();
        // A container that has changed is in its place, or at the end.
        List<Long> moved = new ArrayList<>(removed);
        put.stream().map(Container::serial).filter(known::containsKey).forEach(moved::add);
        for (List<Long> gone : List.of(removed, moved)) {
            if (merged(before, put, gone).equals(after)) {
                json.put(PUT, put);
                json.put(REMOVED, gone);
                return;
            }
        }
        json.put(CONTAINERS, after);
    }

    private static Map<Long, Container> bySerial(List<Container> containers) {
        Map<Long, Container> bySerial = new HashMap<>();
        containers.forEach(container -> bySerial.put(container.serial(), container));
        return bySerial;
    }

    /** Returns the containers without those removed, with changed ones in their places and new ones at the end. */
    private static List<Container> merged(List<Container> before, List<Container> put, List<Long> removed) {
        Map<Long, Container> changed = new HashMap<>(bySerial(put));
        List<Container> merged = new ArrayList<>();
        for (Container container : before) {
            if (!removed.contains(container.serial())) {
                Container its = changed.remove(container.serial());
                merged.add(its == null ? container : its);
            }
        }
        for (Container container : put) {
            if (changed.containsKey(container.serial())) {
                merged.add(container);
            }
        }
        return merged;
    }

    /**
     * Returns the pod after the change.
     *
     * @throws RuntimeException if the difference is none of such a pod
     */
    static PodState applied(NodeState state, JsonNode difference, JsonMapper mapper) {
        String uid = difference.required(UID).asString();
        PodState before = state.pod(uid)
                .orElseThrow(() -> new IllegalArgumentException("pod \"" + uid + "\" changes and is not there"));
        StateFile.Pod form = StateFile.pod(before);
        ObjectNode json = mapper.valueToTree(form);
        difference.forEachEntry((name, value) -> {
            if (!name.equals(PUT) && !name.equals(REMOVED)) {
                json.set(name, value);
            }
        });
        if (difference.has(PUT)) {
            List<Container> merged = merged(
                    form.containers(),
                    list(difference.required(PUT), Container.class, mapper),
                    list(difference.required(REMOVED), Long.class, mapper));
            json.set(CONTAINERS, mapper.<ArrayNode>valueToTree(merged));
        }
        return StateFile.state(json, mapper);
    }

    private static <T> List<T> list(JsonNode json, Class<T> of, JsonMapper mapper) {
        List<T> list = new ArrayList<>();
        for (JsonNode one : json) {
            list.add(mapper.treeToValue(one, of));
        }
        return list;
    }
}
