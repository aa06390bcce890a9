/**
 * Access tokens of OAuth 2.0 (RFC 6749) to log in at smart hosts with: asked for by HTTPS, kept in
 * memory until they expire. Delivery's threads ask and block for one. Depends on no other room.
 */
@NullMarked
package dev.bridgehead.relay.oauth;

import org.jspecify.annotations.NullMarked;
