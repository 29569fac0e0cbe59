/**
 * A tap on an HTTP/2 connection between a gRPC client and a gRPC server. Bytes flow straight through; calls of the
 * methods that it was given are held, rewritten, answered or observed. It knows nothing of any service.
 *
 * <p>{@link io.podslice.shim.tap.Tap} joins two sockets by two pumps. A pump reads bytes, walks over the frame headers,
 * and asks its side (client's or runtime's) for an action on each frame; frames that pass leave in one write. Four
 * things must be known before anything here is changed:
 *
 * <ul>
 *   <li><b>The lock.</b> The two pumps and the threads that decide share one connection's state, guarded by its lock.
 *       Nothing blocks while it is held: frames of the tap's own are put in line, and written after it is released.
 *   <li><b>Frame boundaries.</b> DATA of a stream that is not followed may be passed on in the middle of a frame, so a
 *       frame of the tap's own waits for the next boundary.
 *   <li><b>Credit.</b> A sender pays for DATA with a window that only the receiver can open. Whatever is held, dropped,
 *       lengthened or shortened here must be granted or swallowed by WINDOW_UPDATEs of the tap's own, for the stream
 *       and for the connection, so that no window shrinks for good.
 *   <li><b>Header tables.</b> HPACK blocks refer to earlier blocks. Blocks of the tap's own leave the receiver's table
 *       as it is; once a block that changed the table was delayed or dropped, all later ones of that direction are
 *       encoded as literals.
 * </ul>
 *
 * <p>A held call ends in exactly one of: passed on, answered, or gone (cancelled, or a peer has died); its outcome is
 * told exactly once. docs/tap.md shows the way of a call; the suite {@code fuzz} checks all of this on random sessions.
 */
@NullMarked
package io.podslice.shim.tap;

import org.jspecify.annotations.NullMarked;
