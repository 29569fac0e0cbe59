/** A podslice whose socket the service manager holds is restarted under load. */
@NullMarked
package io.podslice.integration.restart;

import org.jspecify.annotations.NullMarked;
