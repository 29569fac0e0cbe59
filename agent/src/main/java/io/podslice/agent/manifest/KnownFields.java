package io.podslice.agent.manifest;

import io.podslice.agent.yaml.Fields;
import io.podslice.managers.pod.Spelling;
import java.util.Set;

/**
 * The fields that Kubernetes 1.37 has in the parts of a manifest that podslice reads, so that a misspelt field is
 * found. A name close to one of these is an error; any other unknown name is a note, since later Kubernetes releases
 * may have it.
 */
enum KnownFields {
    OBJECT("apiVersion kind metadata spec status items"),
    METADATA(
            "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation"
                    + " labels managedFields name namespace ownerReferences resourceVersion selfLink uid"),
    SPEC("activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks"
            + " ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride"
            + " imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority"
            + " priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName schedulerName"
            + " schedulingGates schedulingGroup securityContext serviceAccount serviceAccountName setHostnameAsFQDN"
            + " shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints"
            + " volumes workloadRef"),
    CONTAINER(
            "args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy"
                    + " resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce targetContainerName"
                    + " terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"),
    RESOURCES("claims limits requests");

    /** The names of the fields, separated by single spaces. */
    private final String names;

    KnownFields(String names) {
        this.names = names;
    }

    /** Reports the keys that have not been taken. */
    void check(Fields fields) {
        Set<String> known = Set.of(names.split(" ", -1));
        for (String key : fields.keys()) {
            if (known.contains(key)) {
                continue;
            }
            Spelling.closest(key, known)
                    .ifPresentOrElse(
                            name -> fields.error(fields.mark(key), key, "no such field; did you mean " + name + "?"),
                            () -> fields.note(fields.mark(key), key, "is not a known field, and is ignored"));
        }
    }
}
