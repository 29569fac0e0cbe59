package io.podslice.simulator.apiserver;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.podslice.proto.core.v1.ListMeta;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodList;
import io.podslice.proto.core.v1.RawExtension;
import io.podslice.proto.core.v1.ShardInfo;
import io.podslice.proto.core.v1.Status;
import io.podslice.proto.core.v1.TypeMeta;
import io.podslice.proto.core.v1.Unknown;
import io.podslice.proto.core.v1.WatchEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The two forms in which the API server writes objects (facts: kubelet-apis 4.2). */
enum Encoding {
    /** JSON; the events of a watch are separated by line feeds. */
    JSON("application/json", "application/json") {
        @Override
        byte[] pod(Pod pod) {
            return json(PodJson.pod(pod, true));
        }

        @Override
        byte[] list(long version, String next, String shard, List<Pod> pods) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("kind", "PodList");
            json.put("apiVersion", "v1");
            Map<String, Object> metadata = new LinkedHashMap<>();
            metadata.put("resourceVersion", Long.toString(version));
            if (!next.isEmpty()) {
                metadata.put("continue", next);
                metadata.put("remainingItemCount", 1);
            }
            if (!shard.isEmpty()) {
                metadata.put("shardInfo", Map.of("selector", shard));
            }
            json.put("metadata", metadata);
            json.put("items", pods.stream().map(pod -> PodJson.pod(pod, false)).toList());
            return json(json);
        }

        @Override
        byte[] status(int code, String reason, String message) {
            return json(statusMap(code, reason, message));
        }

        @Override
        byte[] event(String type, Pod pod) {
            return line(type, PodJson.pod(pod, true));
        }

        @Override
        byte[] error(int code, String reason, String message) {
            return line("ERROR", statusMap(code, reason, message));
        }
    },
    /** Protobuf in its envelope; each event of a watch is preceded by its length. */
    PROTOBUF("application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf;stream=watch") {
        @Override
        byte[] pod(Pod pod) {
            return envelope("Pod", pod).toByteArray();
        }

        @Override
        byte[] list(long version, String next, String shard, List<Pod> pods) {
            ListMeta.Builder metadata = ListMeta.newBuilder()
                    .setResourceVersion(Long.toString(version))
                    .setContinue(next);
            if (!shard.isEmpty()) {
                metadata.setShardInfo(ShardInfo.newBuilder().setSelector(shard));
            }
            return envelope(
                            "PodList",
                            PodList.newBuilder()
                                    .setMetadata(metadata)
                                    .addAllItems(pods)
                                    .build())
                    .toByteArray();
        }

        @Override
        byte[] status(int code, String reason, String message) {
            return envelope("Status", statusMessage(code, reason, message)).toByteArray();
        }

        @Override
        byte[] event(String type, Pod pod) {
            return frame(type, envelope("Pod", pod));
        }

        @Override
        byte[] error(int code, String reason, String message) {
            return frame("ERROR", envelope("Status", statusMessage(code, reason, message)));
        }
    };

    private static final ByteString MAGIC = ByteString.copyFrom(new byte[] {'k', '8', 's', 0});

    private final String type;
    private final String watchType;

    Encoding(String type, String watchType) {
        this.type = type;
        this.watchType = watchType;
    }

    /** Returns the content type of an object. */
    String type() {
        return type;
    }

    /** Returns the content type of a watch. */
    String watchType() {
        return watchType;
    }

    abstract byte[] pod(Pod pod);

    /**
     * Returns a page of a list.
     *
     * @param next the token that continues the list; empty at its end
     * @param shard the selector that the server has heeded; empty for none
     */
    abstract byte[] list(long version, String next, String shard, List<Pod> pods);

    abstract byte[] status(int code, String reason, String message);

    /** Returns an event of a watch, as a frame. */
    abstract byte[] event(String type, Pod pod);

    /** Returns an ERROR event of a watch, as a frame. */
    abstract byte[] error(int code, String reason, String message);

    private static byte[] json(Object tree) {
        return JsonMapper.shared().writeValueAsBytes(tree);
    }

    private static byte[] line(String type, Map<String, Object> object) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("object", object);
        return (JsonMapper.shared().writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> statusMap(int code, String reason, String message) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", "Status");
        json.put("apiVersion", "v1");
        json.put("metadata", Map.of());
        json.put("status", "Failure");
        json.put("message", message);
        json.put("reason", reason);
        json.put("code", code);
        return json;
    }

    private static Status statusMessage(int code, String reason, String message) {
        return Status.newBuilder()
                .setStatus("Failure")
                .setCode(code)
                .setReason(reason)
                .setMessage(message)
                .build();
    }

    private static ByteString envelope(String kind, MessageLite object) {
        return MAGIC.concat(Unknown.newBuilder()
                .setTypeMeta(TypeMeta.newBuilder().setApiVersion("v1").setKind(kind))
                .setRaw(object.toByteString())
                .build()
                .toByteString());
    }

    private static byte[] frame(String type, ByteString object) {
        byte[] event = WatchEvent.newBuilder()
                .setType(type)
                .setObject(RawExtension.newBuilder().setRaw(object))
                .build()
                .toByteArray();
        return ByteBuffer.allocate(4 + event.length)
                .putInt(event.length)
                .put(event)
                .array();
    }
}
