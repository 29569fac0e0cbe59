package io.podslice.simulator.kubeletapi;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A way for a call of the kubelet's APIs to go wrong. */
public sealed interface KubeletFault {

    /** Answers with a status and nothing else. */
    record Refuse(Status status) implements KubeletFault {}

    /** Never answers. */
    record Hang() implements KubeletFault {}

    /** Answers as ever, but late. */
    record Late(Duration by) implements KubeletFault {}

    /** Answers with other bytes in place of each pod's message. */
    record Alter(UnaryOperator<ByteString> bytes) implements KubeletFault {}

    /** Breaks a watch with a status after so many events. */
    record CutAfter(int events, Status status) implements KubeletFault {}

    /** Keeps a watch open after so many events, and sends nothing more. */
    record SilentAfter(int events) implements KubeletFault {}
}
