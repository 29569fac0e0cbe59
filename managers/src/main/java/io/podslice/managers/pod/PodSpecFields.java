package io.podslice.managers.pod;

/** The paths of a pod spec's parts in the text that it was read from, for messages. */
public interface PodSpecFields {

    /** The path of the pod's own resources. */
    String resources();

    /** The path of the list of app containers. */
    String containers();

    /** The path of a container, by its place in {@link PodSpec#containers}. */
    String container(int index);

    /** Returns the paths in the annotation of that name, which has all containers in one list. */
    static PodSpecFields inAnnotation(String annotation) {
        return new PodSpecFields() {
            @Override
            public String resources() {
                return annotation + ": resources";
            }

            @Override
            public String containers() {
                return annotation + ": containers";
            }

            @Override
            public String container(int index) {
                return annotation + ": containers[" + index + "]";
            }
        };
    }

    /**
     * Returns the paths in a manifest, which has a list for each kind of container; the pod has its containers in the
     * order of these lists.
     */
    static PodSpecFields inManifest(PodSpec pod, String spec) {
        return new PodSpecFields() {
            @Override
            public String resources() {
                return spec + ".resources";
            }

            @Override
            public String containers() {
                return spec + ".containers";
            }

            @Override
            public String container(int index) {
                String list = list(index);
                int first = 0;
                while (!list(first).equals(list)) {
                    first++;
                }
                return spec + "." + list + "[" + (index - first) + "]";
            }

            private String list(int index) {
                return switch (pod.containers().get(index).kind()) {
                    case INIT, SIDECAR -> "initContainers";
                    case APP -> "containers";
                    case EPHEMERAL -> "ephemeralContainers";
                };
            }
        };
    }
}
