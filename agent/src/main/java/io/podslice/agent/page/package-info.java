/**
 * The page that shows the node to a browser. A {@link io.podslice.agent.page.Sight} is what is shown of one moment; the sections
 * write it as HTML in pieces, so that a {@link io.podslice.agent.page.Rendering} can say in which pieces it differs from an earlier one; an
 * {@link io.podslice.agent.page.Audience} sends these to the browsers that look. All texts of tenants go through {@link
 * io.podslice.agent.text.Xml#text}. Nothing here changes the node: "what if" plans on a copy of it. Without {@code api.page} no class of this package is
 * loaded.
 */
@NullMarked
package io.podslice.agent.page;

import org.jspecify.annotations.NullMarked;
