package io.podslice.simulator.apiserver;

import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodCondition;
import io.podslice.proto.core.v1.PodStatus;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A patch of a pod's status, as JSON: merge or strategic merge, which differ in the list of conditions alone, as far as
 * this double has fields.
 *
 * @param uid the uid that the pod must have; empty for any
 * @param version the resource version that the pod must have; empty for any
 * @param status the object under {@code status}
 * @param strategic true if conditions are merged by their types, and not replaced
 */
record StatusPatch(String uid, String version, JsonNode status, boolean strategic) {
    private static final String MERGE = "application/merge-patch+json";
    private static final String STRATEGIC = "application/strategic-merge-patch+json";

    static StatusPatch of(String contentType, byte[] body) throws ApiError {
        boolean strategic = contentType.startsWith(STRATEGIC);
        if (!strategic && !contentType.startsWith(MERGE)) {
            throw new ApiError(
                    415,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: " + MERGE + ", "
                            + STRATEGIC);
        }
        try {
            JsonNode patch = JsonMapper.shared().readTree(body);
            JsonNode metadata = patch.path("metadata");
            return new StatusPatch(
                    metadata.path("uid").asString(""),
                    metadata.path("resourceVersion").asString(""),
                    patch.path("status"),
                    strategic);
        } catch (JacksonException e) {
            throw new ApiError(400, "BadRequest", "error decoding patch: " + e.getOriginalMessage());
        }
    }

    /** Checks that the patch is meant for this pod in its present state. */
    void check(Pod pod) throws ApiError {
        if (!uid.isEmpty() && !uid.equals(pod.getMetadata().getUid())) {
            throw conflict(
                    pod,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: "
                            + pod.getMetadata().getUid());
        }
        if (!version.isEmpty() && !version.equals(pod.getMetadata().getResourceVersion())) {
            throw conflict(pod, "the object has been modified; please apply your changes to the latest version");
        }
    }

    private static ApiError conflict(Pod pod, String why) {
        return new ApiError(
                409,
                "Conflict",
                "Operation cannot be fulfilled on pods \"" + pod.getMetadata().getName() + "\": " + why);
    }

    Pod apply(Pod pod) {
        PodStatus.Builder changed = pod.getStatus().toBuilder();
        if (status.has("phase")) {
            changed.setPhase(status.path("phase").asString(""));
        }
        if (status.has("reason")) {
            changed.setReason(status.path("reason").asString(""));
        }
        if (status.has("message")) {
            changed.setMessage(status.path("message").asString(""));
        }
        if (status.has("conditions")) {
            List<PodCondition> conditions = conditions(changed.getConditionsList());
            changed.clearConditions().addAllConditions(conditions);
        }
        return pod.toBuilder().setStatus(changed).build();
    }

    private List<PodCondition> conditions(List<PodCondition> before) {
        List<PodCondition> conditions = new ArrayList<>(strategic ? before : List.of());
        for (JsonNode one : status.path("conditions")) {
            PodCondition condition = PodCondition.newBuilder()
                    .setType(one.path("type").asString(""))
                    .setStatus(one.path("status").asString(""))
                    .setReason(one.path("reason").asString(""))
                    .setMessage(one.path("message").asString(""))
                    .build();
            conditions.removeIf(other -> other.getType().equals(condition.getType()));
            conditions.add(condition);
        }
        return conditions;
    }
}
