/** Tests of the Helm chart, by Helm and a real API server. */
@NullMarked
package dev.bridgehead.chart;

import org.jspecify.annotations.NullMarked;
