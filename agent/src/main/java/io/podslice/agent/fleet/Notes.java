package io.podslice.agent.fleet;

import io.podslice.cluster.apiserver.ObjectList.ShardedBy;
import io.podslice.cluster.fleet.FleetCount;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tells how a collection has come, to people and to programs. */
final class Notes {
    private Notes() {}

    /** Returns the sentence on a shard, for a table; empty where the whole collection was read. */
    static String shard(Optional<ShardArgument> shard, FleetCount count) {
        return shard.map(part -> "shard " + part.text() + " by uid, chosen by the "
                        + (count.outcome().shardedBy() == ShardedBy.SERVER
                                ? "API server"
                                : "reader: the API server names no shard"))
                .orElse("");
    }

    /** Returns the sentence on objects that were left out; empty where there are none. */
    static String unreadable(String kind, FleetCount count) {
        return count.unreadable() == 0
                ? ""
                : count.unreadable() + " " + kind + " cannot be read, and are left out; the first: "
                        + count.firstProblem();
    }

    /** Returns the members of a JSON object. */
    static Map<String, Object> json(Optional<ShardArgument> shard, FleetCount count) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("objects", count.objects());
        json.put("others", count.others());
        json.put("unreadable", count.unreadable());
        json.put("resourceVersion", count.outcome().version());
        shard.ifPresent(part -> {
            json.put("shard", part.text());
            json.put("shardSelector", part.selector().text());
            json.put("chosenBy", count.outcome().shardedBy() == ShardedBy.SERVER ? "server" : "client");
        });
        return json;
    }
}
