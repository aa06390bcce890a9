/**
 * Manifests: multi-document YAML and JSON read as {@code kubectl} reads it, judged by the schemas
 * of our kinds as the API server judges them, and bound to records. No Kubernetes client lives here
 * and nothing is sent anywhere; any thread. May depend on {@code api} and {@code validation}.
 */
@NullMarked
package dev.bridgehead.manifest;

import org.jspecify.annotations.NullMarked;
