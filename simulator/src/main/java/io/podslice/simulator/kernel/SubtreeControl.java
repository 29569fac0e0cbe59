package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules of cgroup.subtree_control: {@code +cpu -memory} enables and disables controllers for the children. */
final class SubtreeControl {
    private SubtreeControl() {}

    static void write(CgroupTree tree, Cgroup cgroup, String value) {
        Map<Controller, Boolean> wanted = parse(tree, value);
        List<Controller> enable = new ArrayList<>();
        List<Controller> disable = new ArrayList<>();
        for (Controller controller : tree.inOrder(wanted.keySet())) {
            boolean present = cgroup.subtreeControl.contains(controller);
            if (Boolean.TRUE.equals(wanted.get(controller))) {
                if (!present && !tree.enabledIn(cgroup).contains(controller)) {
                    throw new KernelError(Errno.ENOENT);
                }
                addTo(enable, controller, !present);
            } else {
                if (present && usedByChild(cgroup, controller)) {
                    throw new KernelError(Errno.EBUSY);
                }
                addTo(disable, controller, present);
            }
        }
        checkEnable(cgroup, enable);
        tree.setSubtreeControl(cgroup, enable, disable);
    }

    private static void addTo(List<Controller> list, Controller controller, boolean changes) {
        if (changes) {
            list.add(controller);
        }
    }

    /** Reads a written text; of a controller named twice, the last sign counts. */
    private static Map<Controller, Boolean> parse(CgroupTree tree, String value) {
        Map<Controller, Boolean> wanted = new LinkedHashMap<>();
        for (String token : value.split(" ", -1)) {
            if (token.isEmpty()) {
                continue;
            }
            Controller controller = tree.controller(token.substring(1));
            char sign = token.charAt(0);
            if (controller == null || (sign != '+' && sign != '-')) {
                throw new KernelError(Errno.EINVAL);
            }
            wanted.put(controller, sign == '+');
        }
        return wanted;
    }

    private static boolean usedByChild(Cgroup cgroup, Controller controller) {
        return cgroup.children.values().stream().anyMatch(child -> child.subtreeControl.contains(controller));
    }

    /** Refuses controllers for the children of a cgroup with processes; only threaded controllers may have such. */
    private static void checkEnable(Cgroup cgroup, List<Controller> enable) {
        if (enable.isEmpty()) {
            return;
        }
        if (!cgroup.isValidDomain()) {
            throw new KernelError(Errno.ENOTSUP);
        }
        if (cgroup.isRoot()) {
            return;
        }
        if (enable.stream().allMatch(Controller::isThreaded)) {
            if (cgroup.canBeThreadRoot()) {
                return;
            }
        } else if (cgroup.isThreadRoot()) {
            throw new KernelError(Errno.ENOTSUP);
        }
        if (!cgroup.processes.isEmpty()) {
            throw new KernelError(Errno.EBUSY);
        }
    }
}
