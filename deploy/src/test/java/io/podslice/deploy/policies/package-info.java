@NullMarked
package io.podslice.deploy.policies;

import org.jspecify.annotations.NullMarked;
