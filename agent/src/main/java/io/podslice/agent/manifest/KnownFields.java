package io.podslice.agent.manifest;

import io.podslice.agent.yaml.Fields;
import io.podslice.managers.pod.Spelling;
import java.util.Set;

/**
 * The fields that Kubernetes 1.37 knows where podslice looks, so that a misspelt one is not taken for one that says
 * nothing. Almost one of these is an error; any other is a note, since Kubernetes will have more.
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

    /** With a blank between each. */
    private final String names;

    KnownFields(String names) {
        this.names = names;
    }

    /** Says what there is to say about the keys that nobody has asked for. */
    void check(Fields fields) {
        Set<String> known = Set.of(names.split(" ", -1));
        for (String key : fields.keys()) {
            if (known.contains(key)) {
                continue;
            }
            Spelling.closest(key, known)
                    .ifPresentOrElse(
                            name -> fields.error(fields.mark(key), key, "no such field; did you mean " + name + "?"),
                            () -> fields.note(fields.mark(key), key, "no field that is known; it is not looked at"));
        }
    }
}
