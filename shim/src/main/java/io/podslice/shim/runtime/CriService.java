package io.podslice.shim.runtime;

/** CRI's RuntimeService by version. The versions do not differ in the messages that podslice reads. */
public enum CriService {
    /** The version that every runtime serves. */
    V1("/runtime.v1.RuntimeService/"),

    /** The version that containerd 1.7 still serves beside v1. It has no UpdatePodSandboxResources. */
    V1_ALPHA_2("/runtime.v1alpha2.RuntimeService/");

    private final String prefix;

    CriService(String prefix) {
        this.prefix = prefix;
    }

    /** Returns a method's path as HTTP/2 carries it: {@code /package.Service/Method}. */
    public String path(String method) {
        return prefix + method;
    }
}
