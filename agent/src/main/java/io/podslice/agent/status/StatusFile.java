package io.podslice.agent.status;

import io.podslice.agent.machine.MachineFile;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Remarks;
import io.podslice.agent.yaml.YamlNode;
import io.podslice.agent.yaml.YamlReader;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Device;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A saved status: what {@code podslice status -o json} wrote. Fields that it does not need are not looked at, so that a status of
 * another version can be read too.
 *
 * @param machine the node's; empty where the file does not tell it
 */
public record StatusFile(StatusResponse node, List<Pod> pods, Optional<Machine> machine) {
    public StatusFile {
        pods = List.copyOf(pods);
    }

    /**
     * Reads a saved status.
     *
     * @param name the file's, for messages
     * @throws DocumentException with line, field and value of everything that is wrong
     */
    public static StatusFile read(String name, String text) throws DocumentException {
        Remarks remarks = new Remarks();
        YamlNode document = YamlReader.one(text, remarks);
        Fields top = new Fields(document, "", remarks);
        boolean isStatus = top.has("pods") && top.has("sharedPool");
        StatusResponse node = StatusResponse.newBuilder()
                .setCpus(string(top, "cpus"))
                .setReservedCpus(string(top, "reservedCpus"))
                .setSharedPool(string(top, "sharedPool"))
                .setExclusiveCpus(string(top, "exclusiveCpus"))
                .build();
        YamlNode.Entry entry = top.take("machine");
        Optional<Machine> machine = entry == null ? Optional.empty() : MachineFile.read(entry.value(), remarks);
        List<Pod> pods = new ArrayList<>();
        for (Fields pod : top.sections("pods")) {
            pods.add(pod(pod));
        }
        if (remarks.hasErrors()) {
            throw new DocumentException(name, remarks.allErrors());
        }
        if (!isStatus) {
            throw new DocumentException(
                    name + ": is no status: has no \"pods\" and \"sharedPool\"; podslice status -o json writes one");
        }
        return new StatusFile(node, pods, machine);
    }

    private static String string(Fields fields, String key) {
        return fields.value(key, "", text -> text);
    }

    private static Pod pod(Fields fields) {
        Pod.Builder pod = Pod.newBuilder()
                .setNamespace(string(fields, "namespace"))
                .setName(string(fields, "name"))
                .setUid(string(fields, "uid"))
                .setPhase(phase(string(fields, "phase")))
                .setSpecSource(string(fields, "specSource"))
                .setCpus(string(fields, "cpus"))
                .setGoneCpus(string(fields, "goneCpus"))
                .setSharedPool(string(fields, "sharedPool"))
                .setNumaNodes(string(fields, "numaNodes"))
                .setDesired(resources(fields.section("desired")))
                .setAllocated(resources(fields.section("allocated")));
        for (Fields container : fields.sections("containers")) {
            pod.addContainers(Container.newBuilder()
                    .setName(string(container, "name"))
                    .setKind(string(container, "kind"))
                    .setIsolation(string(container, "isolation"))
                    .setCpus(string(container, "cpus")));
        }
        for (Fields device : fields.sections("devices")) {
            pod.addDevices(Device.newBuilder()
                    .setContainer(string(device, "container"))
                    .setResource(string(device, "resource"))
                    .setIds(string(device, "ids"))
                    .setNumaNodes(string(device, "numaNodes")));
        }
        for (Fields condition : fields.sections("conditions")) {
            pod.addConditions(
                    Condition.newBuilder().setType(string(condition, "type")).setReason(string(condition, "reason")));
        }
        return pod.build();
    }

    private static PodPhase phase(String name) {
        for (PodPhase phase : PodPhase.values()) {
            if (phase != PodPhase.UNRECOGNIZED
                    && phase.name()
                            .replace("POD_PHASE_", "")
                            .toLowerCase(Locale.ROOT)
                            .equals(name)) {
                return phase;
            }
        }
        return PodPhase.POD_PHASE_UNSPECIFIED;
    }

    private static Resources resources(Fields fields) {
        Resources.Builder resources = Resources.newBuilder();
        Fields requests = fields.map("requests");
        requests.keys().forEach(name -> resources.putRequests(name, string(requests, name)));
        Fields limits = fields.map("limits");
        limits.keys().forEach(name -> resources.putLimits(name, string(limits, name)));
        return resources.build();
    }
}
