/** A podslice whose socket the service manager holds is restarted under load, and with a wrong configuration. */
@NullMarked
package io.podslice.integration.restart;

import org.jspecify.annotations.NullMarked;
