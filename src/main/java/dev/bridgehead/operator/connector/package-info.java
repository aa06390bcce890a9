/**
 * The connector controller: judges an SmtpConnector and turns it into one Bridgehead per entry.
 * Entered by JOSDK's executor (virtual threads), at most one at a time for a connector; depends on
 * {@code validation}, {@code operator.model} and {@code operator.kube}.
 */
@NullMarked
package dev.bridgehead.operator.connector;

import org.jspecify.annotations.NullMarked;
