/** YAML and JSON documents as trees that remember lines and columns, and the remarks about their mistakes. */
@NullMarked
package io.podslice.agent.yaml;

import org.jspecify.annotations.NullMarked;
