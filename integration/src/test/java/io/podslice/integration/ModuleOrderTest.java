package io.podslice.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Modules depend downward only, and decisions do no I/O. */
@AnalyzeClasses(packages = "io.podslice", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleOrderTest {

    @ArchTest
    static final ArchRule proto_uses_no_other_module = module("proto");

    @ArchTest
    static final ArchRule cgroups_uses_no_other_module = module("cgroups");

    @ArchTest
    static final ArchRule managers_use_only_cgroups = module("managers", "cgroups");

    @ArchTest
    static final ArchRule node_uses_only_managers_and_cgroups = module("node", "managers", "cgroups");

    @ArchTest
    static final ArchRule grpc_uses_no_other_module = module("grpc");

    @ArchTest
    static final ArchRule cluster_uses_only_node_managers_values_cgroups_values_proto_and_grpc =
            module("cluster", "node", "managers", "cgroups", "proto", "grpc");

    @ArchTest
    static final ArchRule shim_uses_only_node_managers_values_proto_and_grpc =
            module("shim", "node", "managers", "proto", "grpc");

    @ArchTest
    static final ArchRule nri_uses_only_node_managers_values_and_proto = module("nri", "node", "managers", "proto");

    /** Of nri/ only the multiplexer and ttrpc, the library of both ends of NRI, which holds no decision of podslice. */
    @ArchTest
    static final ArchRule simulator_uses_only_cgroups_proto_and_the_ttrpc_library =
            module("simulator", "cgroups", "proto", "nri.mux", "nri.ttrpc");

    @ArchTest
    static final ArchRule agent_uses_neither_simulator_nor_integration =
            module("agent", "nri", "shim", "cluster", "grpc", "node", "managers", "cgroups", "proto");

    @ArchTest
    static final ArchRule decisions_do_no_io = noClasses()
            .that(resideInAPackage("io.podslice.managers.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.nio..", "java.net..", "java.io..")
                    .and(DescribedPredicate.not(isSerialization())));

    @ArchTest
    static final ArchRule packages_form_no_cycles =
            slices().matching("io.podslice.(**)").should().beFreeOfCycles();

    private static ArchRule module(String module, String... below) {
        String[] allowed = new String[below.length + 1];
        allowed[0] = "io.podslice." + module + "..";
        for (int i = 0; i < below.length; i++) {
            allowed[i + 1] = "io.podslice." + below[i] + "..";
        }
        return classes()
                .that(resideInAPackage("io.podslice." + module + ".."))
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(allowed).or(DescribedPredicate.not(resideInAPackage("io.podslice.."))))
                .allowEmptyShould(true);
    }

    /** Exceptions are serializable by inheritance; text processing may use its exceptions and charsets. */
    private static DescribedPredicate<JavaClass> isSerialization() {
        return DescribedPredicate.describe(
                "serialization, charsets and stream exceptions",
                c -> c.getName().equals("java.io.Serializable")
                        || c.getName().equals("java.io.Serial")
                        || c.getName().equals("java.io.ObjectStreamException")
                        || c.getPackageName().equals("java.nio.charset"));
    }
}
