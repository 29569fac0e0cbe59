/**
 * Pods as the cluster knows them: their specs from the kubelet's Pods API, from the API server or from static pods'
 * manifests, and their devices from the kubelet's PodResources. Reads, waits and retries; decides nothing about
 * resources.
 */
@NullMarked
package io.podslice.cluster;

import org.jspecify.annotations.NullMarked;
