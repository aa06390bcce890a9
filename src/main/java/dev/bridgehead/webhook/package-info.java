/**
 * Admission over HTTPS: the rules of {@code validation}, asked by the API server before it stores a
 * connector. Each request runs on a virtual thread of the web server; one more thread keeps the
 * certificate, and what the API server is told to trust, right. Depends on {@code api}, {@code
 * validation} and {@code manifest}.
 */
@NullMarked
package dev.bridgehead.webhook;

import org.jspecify.annotations.NullMarked;
