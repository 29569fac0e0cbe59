package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupDriver;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a cgroup driver on the command line, spelled as in the kubelet's configuration. */
final class DriverConverter implements ITypeConverter<CgroupDriver> {
    @Override
    public CgroupDriver convert(String text) {
        return Arrays.stream(CgroupDriver.values())
                .filter(driver -> driver.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("\"" + text + "\": must be one of "
                        + Arrays.stream(CgroupDriver.values())
                                .map(CgroupDriver::text)
                                .toList()));
    }
}
