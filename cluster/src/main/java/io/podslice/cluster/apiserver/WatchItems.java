package io.podslice.cluster.apiserver;

import java.nio.ByteBuffer;

/** Takes the changes of pods one by one. For one thread. */
public interface WatchItems {

    /** Takes a pod that is new or has changed, encoded. */
    void changed(ByteBuffer pod);

    /** Takes a pod that is gone, as it was last, encoded. */
    void deleted(ByteBuffer pod);

    /** Hears why the watch has failed, which is tried again. */
    void failed(String why);
}
