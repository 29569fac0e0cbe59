/**
 * The admission policies of {@code deploy/policies}: the API server writes each pod's spec into podslice's annotation, and
 * refuses a pod whose annotations say something else.
 */
@NullMarked
package io.podslice.deploy.policies;

import org.jspecify.annotations.NullMarked;
