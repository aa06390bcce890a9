package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.auth.Authenticator;
import dev.bridgehead.relay.auth.FailedLogins;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Clock;
import java.util.function.Consumer;

/**
 * What all sessions share.
 *
 * @param tls the certificate in force, if any
 * @param authenticator runs AUTH
 * @param failures of AUTH, by address
 * @param rates messages, by address
 * @param accepted is handed every message once it is on disk
 */
record Surroundings(
    CurrentConfig config,
    Spool spool,
    Consumer<StoredMessage> accepted,
    Clock clock,
    SmtpMetrics metrics,
    ServerTls tls,
    Authenticator authenticator,
    FailedLogins failures,
    ClientRates rates,
    SessionLimits limits) {}
