/** Kubernetes Pod manifests: what they say of resources, with the API server's defaults, checks and words. */
@NullMarked
package io.podslice.agent.manifest;

import org.jspecify.annotations.NullMarked;
