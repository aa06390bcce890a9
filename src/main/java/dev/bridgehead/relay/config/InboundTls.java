package dev.bridgehead.relay.config;

import dev.bridgehead.manifest.TlsKeyPair;
import org.jspecify.annotations.Nullable;

/**
 * TLS for clients.
 *
 * @param required without it, mail is not taken
 * @param implicitPort where TLS begins with the first octet; null for no such listener
 */
public record InboundTls(TlsKeyPair keyPair, boolean required, @Nullable Integer implicitPort) {}
